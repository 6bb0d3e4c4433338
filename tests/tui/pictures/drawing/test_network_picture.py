"""The drawing: its size, the worked example's figures in their boxes, and never a wrong number."""

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from views import (
    HUGE,
    NAMED,
    SIZES,
    all_spots,
    exact,
    forms,
    numbers_in,
    some_networks,
    view_of,
    views,
    words,
    worked,
)

from backprop_tui.engine.quantities import Parameter
from backprop_tui.network.files.build import build
from backprop_tui.network.files.library import find
from backprop_tui.tui.pictures.drawing.network import active_unit, geometry, margins, network_picture
from backprop_tui.tui.pictures.rows import Tone, plain
from backprop_tui.tui.view import Node

_TOP = re.compile(r"[╭┏╔][─━═] (\S+) [─━═]*[╮┓╗]")


def boxes(rows):
    """Name and lines of every box in a drawing, read off its frames."""
    found = {}
    for y, row in enumerate(rows):
        for top in _TOP.finditer(row):
            lines = []
            for below in rows[y + 1 :]:
                if below[top.start()] in "╰┗╚":
                    break
                lines.append(words(below[top.start() + 1 : top.end() - 1]))
            found[top[1]] = lines
    return found


def drawing(view, width=78, height=14):
    return plain(network_picture(view, width, height))


@given(views(), SIZES)
def test_the_drawing_has_the_size_of_its_pane(view, size):
    assert exact(network_picture(view, *size), *size)


@given(views(), SIZES)
def test_the_unit_in_question_is_drawn(view, size):
    layer, unit = active_unit(view)
    assert geometry(view, *size).box(layer, unit) is not None
    if view.cursor is None and view.spot is not None:
        assert (layer, unit) == view.spot[:2]


@given(views(), st.integers(30, 130), st.integers(4, 40))
def test_units_that_are_not_drawn_are_counted_in_words(view, width, height):
    drawn = geometry(view, width, height)
    text = "\n".join(plain(network_picture(view, width, height)))
    for column in drawn.columns:
        for count in filter(None, (column.hidden_above, column.hidden_below)):
            assert f"⋮ {count}" in text


DIGITS_ASKED = st.sampled_from([4, 6, 9, None])


@given(
    st.sampled_from(["1-1-1", "1-1-1-1-1", "1-1-1-1-1-1-1-1", "2-4-1", "1-20-3"]).map(find)
    | st.just(HUGE).map(build),
    st.sampled_from([0.0, 0.3, 0.5, 0.8, 1.0, 1.2, 2.0]),
    st.integers(36, 130),
    st.integers(1, 30),
    DIGITS_ASKED,
)
@example(find(), 1.0, 40, 9, 4)
@example(find(), 0.8, 40, 4, 4)
@example(build(HUGE), 1.0, 78, 14, 4)
def test_no_number_is_ever_cut_or_overwritten(network, epochs, width, height, digits):
    view = view_of(network, 0, digits=digits)
    view.session.jump(int(epochs * view.session.program.statements))
    view = view.but(time=view.session.time)
    rows = plain(network_picture(view, width, height))
    assert set(numbers_in(rows)) <= forms(view), "\n".join(rows)


def test_before_anything_is_computed():
    rows = drawing(worked(0))
    assert boxes(rows) == {
        "x": ["0.5000"],
        "h": ["z –", "a –", "δ –"],
        "o": ["z –", "a –", "δ –", "y 1.0000"],
    }
    for label in ("w1 0.3000", "w2 0.7000", "b1 0.1000", "b2 0.2000"):
        assert label in "\n".join(rows)
    assert "dL/d" not in "\n".join(rows)


@pytest.mark.parametrize(
    ("step", "h", "o"),
    [
        (1, ["z 0.2500", "a –", "δ –"], ["z –", "a –", "δ –", "y 1.0000"]),
        (2, ["z 0.2500", "a 0.5622", "δ –"], ["z –", "a –", "δ –", "y 1.0000"]),
        (3, ["z 0.2500", "a 0.5622", "δ –"], ["z 0.5935", "a –", "δ –", "y 1.0000"]),
        (5, ["z 0.2500", "a 0.5622", "δ –"], ["z 0.5935", "a 0.6442", "δ –", "y 1.0000"]),
        (8, ["z 0.2500", "a 0.5622", "δ –"], ["z 0.5935", "a 0.6442", "δ −0.0816", "y 1.0000"]),
        (13, ["z 0.2500", "a 0.5622", "δ −0.0141"], ["z 0.5935", "a 0.6442", "δ −0.0816", "y 1.0000"]),
        (
            20,
            ["z 0.2588", "a (0.5622)", "δ(−0.0141)"],
            ["z (0.5935)", "a (0.6442)", "δ(−0.0816)", "y 1.0000"],
        ),
    ],
)
def test_the_published_figures_stand_in_their_boxes(step, h, o):
    rows = drawing(worked(step))
    assert boxes(rows) == {"x": ["0.5000"], "h": h, "o": o}


def test_gradients_appear_when_they_are_computed_and_parameters_change_in_the_update():
    rows = "\n".join(drawing(worked(9)))
    assert "dL/dw2" in rows
    assert "−0.0459" in rows
    assert "dL/db2" not in rows
    assert "dL/dw1" not in rows
    rows = "\n".join(drawing(worked(15)))
    for figure in ("dL/dw1", "−0.0070", "dL/db1 −0.0141", "dL/dw2", "−0.0459", "dL/db2 −0.0816"):
        assert figure in rows
    rows = "\n".join(drawing(worked(19)))
    for label in ("w1 0.3035", "w2 0.7229", "b1 0.1070", "b2 0.2408"):
        assert label in rows


@pytest.mark.parametrize(("width", "height"), [(40, 9), (58, 12)])
def test_all_figures_on_paper_are_whole_in_the_panes_of_both_sizes(width, height):
    rows = drawing(worked(19), width, height)
    assert {"0.2500", "0.5622", "0.5935", "0.6442", "−0.0816", "−0.0141", "0.3035", "0.7229"} <= set(
        numbers_in(rows)
    )


@given(st.integers(24, 90), st.integers(8, 16), st.sampled_from([4, 6, 9]))
@example(40, 10, 4)
def test_the_gradients_of_biases_are_named_all_or_none(width, height, digits):
    rows = "\n".join(drawing(worked(15, digits=digits), width, height))
    assert ("dL/db1" in rows) == ("dL/db2" in rows)


def test_in_the_smallest_screen_the_gradients_of_both_biases_are_named():
    rows = "\n".join(drawing(worked(15), 40, 10))
    assert "dL/db1 −0.0141 dL/db2 −0.0816" in rows


def test_the_gradients_of_two_biases_do_not_run_into_one_another():
    rows = drawing(worked(15), 40, 9)
    assert "−0.014d" not in "".join(rows)
    assert "−0.014" not in numbers_in(rows), "four digits were asked for, and there is room"


def test_the_flow_is_drawn_forwards_and_backwards():
    def arrows(step):
        return [set(row) & {"▶", "◀"} for row in drawing(worked(step)) if set(row) & {"▶", "◀"}]

    assert arrows(1) == [{"▶"}]
    assert arrows(9) == [{"▶", "◀"}]
    assert "◀━" in "\n".join(drawing(worked(9))), "lit: the weight whose gradient was computed"
    assert "◀" not in "\n".join(drawing(worked(18)))


def frame(view, name):
    """The corner of a unit's box."""
    (corner,) = {m[0][0] for row in drawing(view) for m in _TOP.finditer(row) if m[1] == name}
    return corner


def test_frames_tell_what_is_lit_and_what_is_pointed_at():
    assert [frame(worked(2), name) for name in "xho"] == ["╭", "┏", "╭"]
    assert [frame(worked(2, spot=Node(2, 0)), name) for name in "xho"] == ["╭", "╭", "╔"]
    assert frame(worked(0), "h") == "╭"


def toned(view, text):
    """The tones in which a text is written."""
    return {tone for row in network_picture(view, 78, 14) for span, tone in row if text in span}


def test_a_label_looks_lit_pointed_at_and_updated():
    assert toned(worked(9), "w2 0.7000") == {Tone.NOW}
    assert toned(worked(9), "w1 0.3000") == {Tone.TEXT}
    assert toned(worked(0, spot=Parameter(2, 0, 0)), "w2 0.7000") <= {Tone.CURSOR, Tone.NOW}
    assert toned(worked(17), "w2 0.7229") == {Tone.UPDATE}


def test_a_small_weight_does_not_read_as_zero():
    raw = {
        "network": {
            "inputs": 2,
            "layers": [{"units": 1, "activation": "identity", "weights": [[0.0012, -0.5]], "biases": [0.0]}],
        },
        "data": {"inputs": [[1.0, 1.0]], "targets": [[1.0]]},
    }
    text = "\n".join(drawing(view_of(build(raw))))
    assert "−0.50" in text
    assert "+0.00" not in text


def test_units_with_given_names_are_found_by_them():
    network = build(NAMED)
    names = ("longest_of_units", "a")
    for width, height in ((100, 30), (58, 12), (40, 9)):
        text = "\n".join(drawing(view_of(network, 3), width, height))
        assert all(name in text for name in names), (width, height)


@given(some_networks(), st.integers(40, 130), st.integers(6, 40))
def test_the_margins_leave_room_for_the_boxes(network, width, height):
    view = view_of(network)
    above, below = margins(view, height)
    for column in geometry(view, width, height).columns:
        for box in column.boxes:
            assert above + box.y + box.height + below <= height


@pytest.mark.parametrize("shape", ["1-1-1", "2-4-1", "1-20-3"])
def test_every_spot_can_be_drawn_as_selected(shape):
    network = find(shape)
    for spot in all_spots(network.widths):
        view = view_of(network, spot=spot)
        assert exact(network_picture(view, 58, 12), 58, 12)
        if isinstance(spot, Node):
            text = "".join(drawing(view, 58, 12))
            assert re.search(r"[╔◆]", text), spot
