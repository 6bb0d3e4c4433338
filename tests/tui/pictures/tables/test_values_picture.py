"""The table of values: a line for every unit and parameter, and the worked example's figures in it."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from views import SIZES, all_spots, exact, some_networks, view_of, views, words, worked

from backprop_tui.engine.quantities import Parameter
from backprop_tui.network.files.library import find
from backprop_tui.program.number_text import DIGITS
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


def test_a_narrow_pane_has_whole_names_the_chosen_digits_and_blanks_between():
    """In the forward pass of the last example, z = 0.6·2 + 0.5; of the one before, in brackets, the rest."""
    rows = [words(row) for row in plain(values_picture(view_of(find("dead-relu"), 73), 37, 14))]
    assert rows[0] == "unit z a δ dL/dz …"
    assert rows[2:5] == [
        "h1 1.7000 1.7000 (−0.2250)",
        "h2 −0.4000 0.0000 (0.0000)",
        "o (0.5500) (0.5500) (−0.4500)",
    ]
    assert rows[6] == "parameter value gradient new …"
    assert [row.split()[0] for row in rows[7:]] == [
        "w_o_h1",
        "w_o_h2",
        "b_o",
        "w_h1_x",
        "b_h1",
        "w_h2_x",
        "b_h2",
    ]


@pytest.mark.parametrize(
    ("step", "units", "parameters"),
    [(5, "z a", "value gradient"), (15, "a δ dL/dz", "value gradient"), (19, "a δ dL/dz", "value new")],
)
def test_a_pane_for_two_columns_shows_those_of_the_phase(step, units, parameters):
    rows = table(step, 27)
    assert rows[0] == f"unit {units} …"
    assert rows[5].replace(" …", "…") == f"parameter {parameters}…"


@given(some_networks(), st.integers(24, 80), st.data())
def test_no_number_touches_the_next(network, width, data):
    time = data.draw(st.integers(0, 200))
    view = view_of(network, time, digits=data.draw(st.sampled_from(DIGITS)))
    picture = plain(values_picture(view, width, values_length(view)))
    shown = len(re.findall(r"\bz|\ba\b|da/dz|δ", picture[0]))
    for line, row in enumerate(picture):
        spot = spot_at(view, line)
        if spot is None or (isinstance(spot, Node) and spot.layer == 0):
            continue
        number = r"(?:\(\S+\)|[^\s()]+)"
        assert re.fullmatch(rf" \S.*?(?: +{number}){{{shown}}} *", row), row


def tones(view):
    """The tone of every line's name."""
    return {row[0][0].strip(): row[0][1] for row in values_picture(view, 58, 10)}


def test_the_line_of_what_just_ran_is_lit_and_that_of_the_selection_marked():
    assert [name for name, tone in tones(worked(9)).items() if tone is Tone.NOW] == ["w2"]
    assert [name for name, tone in tones(worked(8)).items() if tone is Tone.NOW] == ["o"]
    assert tones(worked(9, spot=Node(0, 0)))["x"] is Tone.CURSOR
