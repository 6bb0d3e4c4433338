"""Conditions that name another run: exactly what looking at every statement of both runs finds."""

import copy

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from naive import Listed, Lists, stops
from strategies import documents

from backprop_tui.network.files.build import build
from backprop_tui.network.files.library import find
from backprop_tui.session.session import Session
from backprop_tui.stops import search as module
from backprop_tui.stops.breakpoints import Breakpoint
from backprop_tui.stops.condition_values import past_values, value_at
from backprop_tui.stops.conditions import ConditionError, parse, parse_expression
from backprop_tui.stops.search import searching

LETTER = "b."


def drained(generator):
    while True:
        try:
            assert isinstance(next(generator), int)
        except StopIteration as end:
            return end.value


@st.composite
def pairs(draw):
    """Two networks of one program, and what differs between them as a person says it."""
    raw = draw(documents(layers=2, units=2, examples=3))
    other = copy.deepcopy(raw)
    if draw(st.booleans()):
        other["training"]["seed"] = 5
        return build(raw), build(other), "seed=5"
    other["training"]["optimizer"]["learning_rate"] = 2.0
    return build(raw), build(other), "learning_rate=2.0"


def both(network, other):
    """Everything in both runs, the other one's names with its letter before them."""
    lists, beside = Lists(network), Lists(other)
    for mine, its in ((lists.numbers, beside.numbers), (lists.truths, beside.truths)):
        mine.update(
            {LETTER + name: Listed(LETTER + name, one.values, one.events) for name, one in its.items()}
        )
    return lists


@given(pairs(), st.data())
@settings(max_examples=80, deadline=None)
def test_stops_are_where_looking_at_every_statement_finds_them(case, data):
    network, other, words = case
    session = Session(network)
    session.comparing.add(words)
    lists = both(network, other)
    listed = lists.truth(data, 3)
    runs, networks = session.comparing.runs, session.comparing.networks
    condition = parse(listed.text, network, networks)
    assert parse(str(condition), network, networks).root == condition.root
    for time in data.draw(st.lists(st.integers(0, lists.end), max_size=6)):
        assert value_at(session.run, condition, time, runs) == listed.values[time], (listed.text, time)
    if not condition.sources:
        return
    expected = stops(listed)
    middle = data.draw(st.integers(0, lists.end))
    point = [Breakpoint.parse(listed.text, network, beside=networks)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "FIRST_BLOCK", data.draw(st.sampled_from([1, 2, 8])))
        after = drained(searching(session.run, middle, point, 1, 3, runs))
        before = drained(searching(session.run, middle, point, -1, 3, runs))
    assert (after.time if after else None) == next((t for t in expected if t > middle), None)
    assert (before.time if before else None) == next((t for t in expected[::-1] if t < middle), None)


@given(pairs(), st.data())
@settings(max_examples=30, deadline=None)
def test_numbers_and_their_history_are_those_of_both_lists(case, data):
    network, other, words = case
    session = Session(network)
    session.comparing.add(words)
    lists = both(network, other)
    listed = lists.number(data, 3)
    expression = parse_expression(listed.text, network, session.comparing.networks)
    now, count = data.draw(st.integers(0, lists.end)), data.draw(st.integers(0, 6))
    times = sorted(time for time in listed.events if time <= now)[-count:] if count else []
    got = past_values(session.run, expression, now, count, session.comparing.runs)
    assert [time for time, _ in got] == times
    assert all(
        value == listed.values[time] or (value != value and listed.values[time] != listed.values[time])
        for time, value in got
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("loss < c.loss", "column 8: no run is called c (there are a, b)"),
        ("c.dL/dw1 > 0", "column 1: no run is called c (there are a, b)"),
        ("dead(h) and c.dead(h)", "column 13: no run is called c (there are a, b)"),
        ("b.losss < 1", "column 3: nothing is called losss (did you mean loss?)"),
        ("b.sqrt(2) > 1", "column 3: sqrt is a function: the run is named inside it (as in sqrt(b.loss))"),
        (
            "b.loss",
            "column 1: b.loss is a number of another run: compare it with something (as in loss > b.loss)",
        ),
        ("b. loss < 1", "column 2: '.' means nothing here"),
        ("a_h.real > 0", "column 4: '.' means nothing here"),
    ],
)
def test_what_is_wrong_is_said_with_its_column(text, message):
    session = Session(find())
    session.comparing.add("learning_rate=5")
    with pytest.raises(ConditionError) as error:
        session.stopping.add(text)
    assert str(error.value) == message


def test_without_a_run_beside_none_can_be_named():
    with pytest.raises(ConditionError) as error:
        Session(find()).stopping.add("loss < b.loss")
    assert str(error.value) == "column 8: no run is called b (compare opens one beside)"


def test_the_reason_names_the_run():
    session = Session(find())
    session.comparing.add("learning_rate=5")
    session.stopping.add("b.loss < 0.01")
    stop = drained(session.stopping.searching(session.run, 0, 1))
    assert stop.reason.startswith("b.loss < 0.01: b.loss is 0.00")
    losses = session.comparing.runs["b"].timeline.losses
    assert session.program.position(stop.time)[0] == next(n for n, loss in enumerate(losses) if loss < 0.01)
    session.comparing.swap()
    assert drained(session.stopping.searching(session.run, 0, 1)).time == stop.time
