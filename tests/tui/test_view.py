"""What all panes show: the statement just run, or the one that computed what a person points at."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import networks

from backprop_tui.engine.quantities import Parameter
from backprop_tui.history.readings import Freshness, Reading
from backprop_tui.network.files.library import find
from backprop_tui.session.session import Session
from backprop_tui.tui.pictures.rows import Tone
from backprop_tui.tui.pictures.status_and_keys import status_row
from backprop_tui.tui.view import Node, View


def view(time, **looks):
    session = Session(find())
    session.jump(time)
    return View(session, time, **looks)


def step(time, **looks):
    """The step of the subject at a time; the next epoch's counts on."""
    subject = view(time, **looks).subject
    return None if subject is None else subject.time


def test_without_a_selection_it_is_the_statement_just_run():
    assert step(0) is None
    assert [step(time) for time in range(1, 25)] == list(range(1, 25))


@pytest.mark.parametrize(
    ("time", "spot", "subject"),
    [
        (0, Node(1, 0), 1),  # nothing is known of h yet: its z comes next
        (0, Node(2, 0), 3),
        (1, Node(1, 0), 1),
        (5, Node(1, 0), 2),  # a_h is the latest of h
        (5, Node(2, 0), 4),
        (8, Node(2, 0), 8),  # δ of o
        (15, Node(1, 0), 13),
        (19, Node(2, 0), 8),
        (20, Node(2, 0), 22),  # what is left from the epoch before is not shown as its value
        (5, Parameter(2, 0, 0), 9),  # a weight: its gradient, and in the update its new value
        (12, Parameter(2, 0, 0), 9),
        (16, Parameter(2, 0, 0), 16),
        (19, Parameter(1, 0, None), 19),
        (5, Parameter(1, 0, None), 15),
        (20, Parameter(1, 0, None), 34),
        (5, Node(0, 0), None),  # an input is given
    ],
)
def test_of_a_selection_it_is_what_computed_it(time, spot, subject):
    assert step(time, spot=spot) == subject
    assert view(time, spot=spot).exploring


def test_a_line_of_the_listing_is_its_own_subject():
    cursor = view(5).session.program.statement(13)
    assert step(5, cursor=cursor) == 14


@given(networks(layers=2, units=3, examples=3), st.data())
def test_the_subject_of_a_unit_or_parameter_is_one_of_its_own_statements_in_this_epoch(network, data):
    session = Session(network)
    session.jump(data.draw(st.integers(0, 2 * session.program.statements)))
    layer = data.draw(st.integers(1, len(network.layers)))
    unit = data.draw(st.integers(0, network.widths[layer] - 1))
    below = data.draw(st.none() | st.integers(0, network.widths[layer - 1] - 1))
    subject = View(session, session.time, spot=Node(layer, unit)).subject
    assert subject.quantity[1:] == (layer, unit, None)
    assert subject.epoch in (session.epoch, session.epoch + 1)
    subject = View(session, session.time, spot=Parameter(layer, unit, below)).subject
    assert subject.quantity[1:] == (layer, unit, below)


def test_a_stale_number_stands_in_brackets_and_an_unknown_one_is_a_dash():
    shown = view(0)
    assert shown.cell(Reading(0.5622, Freshness.CURRENT), 9) == ("  0.5622 ", Tone.TEXT)
    assert shown.cell(Reading(0.5622, Freshness.STALE), 9) == (" (0.5622)", Tone.STALE)
    assert shown.cell(Reading(None, Freshness.ABSENT), 9) == ("       – ", Tone.MUTED)


@given(st.floats(allow_nan=True, allow_infinity=True), st.sampled_from([4, 6, 9, None]))
def test_a_cell_with_room_shows_the_number_as_it_is_written(value, digits):
    shown = view(0, digits=digits)
    text, _ = shown.cell(Reading(value, Freshness.STALE), 40)
    assert len(text) == 40
    assert text.strip() == f"({shown.text(value)})"


def test_numbers_and_marks_stay_where_others_read_the_same_run_meanwhile():
    """As a picture does that is computed in a thread: the state at hand is then one of long ago."""
    session = Session(find("vanishing"))
    time = session.time_of("299:72")
    for reached in (time + 1, time):
        session.jump(reached)
    fresh = View(session, time)
    marks, status = dict(fresh.marks), status_row(fresh, 120)
    assert marks[1, 0] == "vanishing"
    assert any(text.startswith("  L ") for text, _ in status)
    for iteration in range(5, 9):
        session.run.timeline.iteration(iteration)
    assert not session.run.timeline.at_hand(299)
    later = View(session, time)
    assert status_row(later, 120) == status
    assert later.marks == marks
