"""The table of values: a line for every unit and parameter, and the worked example's figures in it."""

import pytest
from hypothesis import given
from views import SIZES, all_spots, exact, some_networks, view_of, views, words, worked

from backprop_tui.engine.quantities import Parameter
from backprop_tui.tui.pictures.rows import Tone, plain
from backprop_tui.tui.pictures.tables.values import line_of, spot_at, values_length, values_picture
from backprop_tui.tui.view import Node


@given(views(), SIZES)
def test_the_table_has_the_size_of_its_pane(view, size):
    length = values_length(view)
    for top in (0, length // 2, length - 1, length + 4):
        assert exact(values_picture(view, size[0], size[1], top), *size)


@given(some_networks())
def test_every_unit_and_parameter_has_one_line(network):
    view = view_of(network)
    found = [spot_at(view, line) for line in range(-2, values_length(view) + 3)]
    assert sorted(filter(None, found), key=repr) == sorted(all_spots(network.widths), key=repr)
    headings_and_targets = 2 + network.widths[-1]
    assert found.count(None) == headings_and_targets + 5, "nothing above and below the table"
    for spot in all_spots(network.widths):
        assert spot_at(view, line_of(view.but(spot=spot))) == spot


@given(views())
def test_the_line_of_the_subject_is_that_of_its_unit_or_parameter(view):
    line = line_of(view)
    if view.cursor is None and view.spot is not None:
        assert spot_at(view, line) == view.spot
        return
    subject = view.subject
    if subject is None or subject.quantity.layer is None:
        assert line is None
        return
    _, layer, unit, below = subject.quantity
    name = subject.kind.value
    of_parameter = name.startswith(("weight_", "bias_")) and name != "weighted_sum"
    expected = Parameter(layer, unit, below) if of_parameter else Node(layer, unit)
    assert spot_at(view, line) == expected


def table(time, width=58, **looks):
    return [words(row) for row in plain(values_picture(worked(time, **looks), width, 10))]


START = """\
unit z a da/dz δ dL/dz
x 0.5000
h – – – –
o – – – –
y 1.0000
parameter value gradient change new
w2 0.7000 – – –
b2 0.2000 – – –
w1 0.3000 – – –
b1 0.1000 – – –""".splitlines()


def test_the_worked_example_before_anything_is_computed():
    assert table(0) == START


def test_the_worked_example_after_the_forward_pass():
    assert table(5) == [*START[:2], "h 0.2500 0.5622 – –", "o 0.5935 0.6442 – –", *START[4:]]


@pytest.mark.parametrize("width", [40, 58, 100])
def test_the_worked_example_after_the_backward_pass(width):
    rows = table(15, width)
    assert [row for row in rows if not row.startswith(("unit", "para"))] == [
        START[1],
        "h 0.2500 0.5622 0.2461 −0.0141",
        "o 0.5935 0.6442 0.2292 −0.0816",
        START[4],
        "w2 0.7000 −0.0459 – –",
        "b2 0.2000 −0.0816 – –",
        "w1 0.3000 −0.0070 – –",
        "b1 0.1000 −0.0141 – –",
    ]


def test_the_worked_example_after_the_update():
    assert table(19)[6:] == [
        "w2 0.7000 −0.0459 0.0229 0.7229",
        "b2 0.2000 −0.0816 0.0408 0.2408",
        "w1 0.3000 −0.0070 0.0035 0.3035",
        "b1 0.1000 −0.0141 0.0070 0.1070",
    ]


def test_in_the_next_epoch_what_is_left_stands_in_brackets():
    assert table(21) == [
        *START[:2],
        "h 0.2588 0.5643 (0.2461) (−0.0141)",
        "o (0.5935) (0.6442) (0.2292) (−0.0816)",
        *START[4:6],
        "w2 0.7229 (−0.0459) – –",
        "b2 0.2408 (−0.0816) – –",
        "w1 0.3035 (−0.0070) – –",
        "b1 0.1070 (−0.0141) – –",
    ]


def tones(view):
    """The tone of every line's name."""
    return {row[0][0].strip(): row[0][1] for row in values_picture(view, 58, 10)}


def test_the_line_of_what_just_ran_is_lit_and_that_of_the_selection_marked():
    assert [name for name, tone in tones(worked(9)).items() if tone is Tone.NOW] == ["w2"]
    assert [name for name, tone in tones(worked(8)).items() if tone is Tone.NOW] == ["o"]
    assert tones(worked(9, spot=Node(0, 0)))["x"] is Tone.CURSOR
