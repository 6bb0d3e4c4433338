"""What pictures say: of what lies ahead as ahead, of which examples, with the chosen digits, and whole."""

import re

import pytest

from backprop_tui.engine.quantities import Parameter
from backprop_tui.network.files.library import find
from backprop_tui.session.session import Session
from backprop_tui.tui.pictures.charts.layer_rows import LogScale
from backprop_tui.tui.pictures.charts.loss import loss_chart, loss_picture
from backprop_tui.tui.pictures.registry import FIGURES, NAMES
from backprop_tui.tui.pictures.rows import Tone, plain
from backprop_tui.tui.view import Node, View

STATEMENTS = 19
"""Of the worked example."""


def words(time, name, picture, size=(58, 11), **looks):
    """All rows of a picture as one text, blanks made one."""
    session = Session(find(name))
    session.jump(time)
    view = View(session, time, **looks)
    (chosen,) = [one for one in FIGURES if one.name == picture]
    drawn = chosen.draw(view, *size)
    if drawn is None:
        *_, drawn = chosen.paint(view, *size)
    return " ".join(" ".join(plain(drawn)).split())


@pytest.mark.parametrize(
    ("time", "told"),
    [
        (1, "z 0.2500, a will be 0.5622: slope 0.25, 25 % of the error will get through"),
        (2, "z 0.2500, a 0.5622: slope 0.25, 25 % of the error will get through"),
        (12, "z 0.2500, a 0.5622: slope 0.25, 25 % of this error gets through"),
    ],
)
def test_the_activation_tells_what_lies_ahead_as_such(time, told):
    assert f"sigmoid of h, {told}" in words(time, None, "activation", (78, 14), spot=Node(1, 0))


@pytest.mark.parametrize(("time", "told"), [(5, "slope will be −0.3558"), (6, "slope −0.3558")])
def test_the_slope_of_the_loss_lies_ahead_until_the_backward_pass_begins(time, told):
    assert f"L over the prediction a_o: {told}, so up" in words(time, None, "activation", (78, 14))


@pytest.mark.parametrize(
    ("time", "told"), [(0, "slope will be −0.0070"), (13, "slope will be"), (14, "slope −0.0070")]
)
def test_the_slope_of_a_slice_lies_ahead_until_the_gradient_is_there(time, told):
    assert f"L over w1: {told}" in words(time, None, "slice", spot=Parameter(1, 0, 0))


def test_of_a_batch_the_slope_lies_ahead_until_its_last_example():
    """XOR has four examples in a batch of 25 statements each; dL/dw_h1_x1 is the 17th of a block."""
    spot = Parameter(1, 0, 0)
    assert "mean over the batch: slope will be" in words(17, "xor", "slice", (78, 14), spot=spot)
    assert "mean over the batch: slope will be" in words(3 * 25 + 16, "xor", "slice", (78, 14), spot=spot)
    assert re.search(
        r"mean over the batch: slope [−0]", words(3 * 25 + 17, "xor", "slice", (78, 14), spot=spot)
    )
    assert ", mean over the batch; ○ start" in words(17, "xor", "surface", (78, 14))
    assert "over the batch" not in words(17, None, "slice") + words(17, None, "surface")


@pytest.mark.parametrize(
    ("name", "told"), [(None, "lowers the loss by"), ("xor", "raises this example's loss by")]
)
def test_a_sentence_says_whose_loss_it_means(name, told):
    session = Session(find(name))
    session.jump(STATEMENTS - 4 if name is None else 11)
    assert told in session.explain().sentence


@pytest.mark.parametrize(("digits", "told"), [(4, "0.0070"), (6, "0.007026"), (9, "0.007026188")])
def test_sentences_have_the_chosen_digits(digits, told):
    """The published gradient is −0.007026187862560153."""
    session = Session(find())
    session.jump(14)
    view = View(session, 14, digits=digits)
    assert f"lowers the loss by {told} times that" in view.explanation.sentence
    assert f"slope −{told}" in words(14, None, "slice", digits=digits)


def test_the_update_says_how_far_with_the_chosen_digits():
    session = Session(find())
    session.jump(18)
    assert "It went up by 0.003513." in View(session, 18, digits=6).explanation.sentence


def test_a_surface_tells_its_lowest_and_highest_loss_apart():
    low, high = re.search(r"goes from ([\d.]+) to ([\d.]+) here", words(57, "vanishing", "surface")).groups()
    assert 0.0581 <= float(low) < float(high) <= 0.0582


def test_the_boundary_explains_shades_strokes_and_targets():
    told = words(17, "xor", "boundary")
    assert "shaded above 0.5, striped below; targets ● above it, ○ below" in told
    assert "● the examples" in words(17, "xor", "boundary", spot=Node(1, 0))


def test_a_line_that_looks_level_is_told_as_level():
    assert "nearly the same everywhere" in words(57, "vanishing", "boundary")
    assert "the answer is a curve" in words(0, None, "boundary")


@pytest.mark.parametrize("picture", NAMES)
@pytest.mark.parametrize("name", [None, "vanishing", "dead-relu"])
def test_in_the_smallest_screen_no_words_above_a_picture_are_cut(name, picture):
    program = Session(find(name)).program
    for time in range(program.statements + 1):
        assert "…" not in words(time, name, picture, (40, 9)).replace("h1…2", ""), time


@pytest.mark.parametrize("picture", ["activation", "slice", "flow", "weights"])
@pytest.mark.parametrize("name", ["exploding", "saturated-sigmoid", "mazur", "straight-line"])
def test_beside_a_lesson_they_are_whole_too_with_more_digits(name, picture):
    for time in range(0, 130, 7):
        drawn = words(time, name, picture, (36, 9), digits=6)
        assert not re.search(r"[a-z] ?…", drawn.replace("h1…", "")), (time, drawn)


def test_the_ends_of_a_scale_do_not_touch():
    assert LogScale(-1, 1, 12).ends().split() == ["1e−1", "1e1"]
    assert LogScale(-1, 1, 7).ends().split() == ["0.1", "10"]
    assert LogScale(-12, 11, 7).ends() == " " * 7
    for columns in range(1, 30):
        assert len(LogScale(-2, 3, columns).ends()) == columns


def compared(epochs, time):
    session = Session(find())
    session.comparing.add("learning_rate=5")
    session.jump(epochs * STATEMENTS)
    session.jump(time)
    return View(session, time)


@pytest.mark.parametrize("epochs", [2, 3, 4, 7, 20])
def test_runs_side_by_side_count_whole_epochs(epochs):
    last = plain(loss_picture(compared(epochs, epochs * STATEMENTS), 58, 11))[-1].split()
    assert [str(int(text)) for text in last] == last
    assert last[0] == "0"


@pytest.mark.parametrize("alone", [True, False])
@pytest.mark.parametrize("time", [0, 7])
def test_before_the_end_of_the_first_epoch_the_axis_is_marked(alone, time):
    view = compared(3, time)
    if alone:
        view.session.comparing.clear()
    chart = loss_chart(view, 58, 11)
    rows = [
        row
        for row in loss_picture(view, 58, 11)
        if any(text[:1] in "┃┫" and tone is Tone.STRONG for text, tone in row)
    ]
    assert len(rows) >= 8, "from top to bottom"
    assert all("".join(text for text, _ in row)[chart.left - 1] in "┃┫" for row in rows)
