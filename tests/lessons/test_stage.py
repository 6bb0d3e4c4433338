"""The numbers of a page: those of a fresh session at its position, whatever a person does beside it."""

import pytest
from lesson_files import written

from backprop_tui.lessons.checking import staged
from backprop_tui.lessons.lesson_files import read_lesson
from backprop_tui.network.files.library import find

HEAD = 'title = "t"\nnetwork = "worked-example"\n'
# The worked example's published figures: forward pass, loss and gradients of the first epoch.
PUBLISHED = {"z_h": 0.25, "a_h": 0.5622, "z_o": 0.5935, "a_o": 0.6442, "L": 0.0633, "delta_o": -0.0816}
PUBLISHED |= {"da_dz_o": 0.2292, "dL_dw2": -0.0459, "dL_dw1": -0.0070, "da_dz_h": 0.2461}


def stage(tmp_path, page):
    lesson = read_lesson(written(tmp_path, f"{HEAD}[[pages]]\n{page}"))
    found = staged(lesson, 0)
    for _ in found.preparing():
        pass
    return found


def test_the_published_figures_are_on_a_page_at_the_end_of_the_backward_pass(tmp_path):
    text = " ".join(f"{{{name}}}" for name in PUBLISHED)
    values = stage(tmp_path, f'text = "{text}"\nposition = "0:15"').values()
    assert {name: round(value, 4) for name, value in values.items()} == PUBLISHED


def test_the_loss_after_a_thousand_epochs_is_the_published_one(tmp_path):
    found = stage(tmp_path, 'text = "{a_o} {loss}"\nposition = "999:5"').values()
    assert round(found["a_o"], 6) == pytest.approx(0.974146, abs=2e-6)


def test_runs_beside_are_read_by_their_names(tmp_path):
    page = 'text = "{loss} {b.loss} {c.loss}"\nposition = "200:19"\ncompare = ["learning_rate=0.05,5"]'
    found = stage(tmp_path, page).values()
    # As `compare --with learning_rate=0.05,5` of the README has them.
    assert [round(value, 6) for value in found.values()] == [0.001997, 0.021812, 0.000156]


def test_what_is_asked_for_may_be_computed_only_later(tmp_path):
    question = '[pages.question]\nanswer = "dL_dw1"\nchoices = ["dL_dw1", "w1", "loss"]'
    page = f'text = "a"\nposition = "0:5"\n{question}'
    asked = stage(tmp_path, page).asked()
    assert {name: round(value, 4) for name, value in asked.items()} == {
        "dL_dw1": -0.0070,
        "w1": 0.3,
        "loss": 0.0633,
    }


def test_what_is_asked_for_in_a_later_epoch_is_that_epochs(tmp_path):
    page = 'text = "{w1}"\nposition = "3:5"\n[pages.question]\nanswer = "dL_dw1"'
    found = stage(tmp_path, page)
    at_end = stage(tmp_path, 'text = "{dL_dw1} {w1}"\nposition = "3:15"').values()
    assert found.asked()["dL_dw1"] == at_end["dL_dw1"]
    assert found.values()["w1"] == at_end["w1"]
    assert (
        found.asked()["dL_dw1"] != stage(tmp_path, 'text = "{dL_dw1}"\nposition = "2:15"').values()["dL_dw1"]
    )


@pytest.mark.parametrize(
    ("word", "means"),
    [
        ("h", (1, 0)),
        ("x", (0, 0)),
        ("w2", "w2"),
        ("b1", "b1"),
        ("dL_dw1", "dL_dw1"),
        ("da_dz_o", "da_o_dz_o"),
    ],
)
def test_a_page_points_at_units_parameters_and_quantities(tmp_path, word, means):
    found = stage(tmp_path, f'text = "a"\nselect = "{word}"').selection
    session = stage(tmp_path, 'text = "a"').session
    if isinstance(means, tuple):
        assert found == means
    elif means in ("w2", "b1"):
        assert session.names.parameter(*found) == means
    else:
        assert session.run.symbol(found) == means


def test_short_names_of_error_signals_and_slopes_mean_the_long_ones(tmp_path):
    network = find("vanishing")
    lesson = read_lesson(
        written(
            tmp_path,
            'title = "t"\nnetwork = "vanishing"\n[[pages]]\nposition = "0:73"\n'
            'text = "{delta_h7_1 - dL_dz_h7_1} {da_dz_h7_1 - da_h7_1_dz_h7_1}"',
        )
    )
    found = staged(lesson, 0)
    for _ in found.preparing():
        pass
    assert set(found.values().values()) == {0.0}
    assert network.widths[-2] == 1
