"""The search finds exactly the stops that looking at every single statement finds, both ways."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from naive import EPOCHS, Lists, stops
from strategies import networks

from backprop_tui.engine.quantities import Parameter
from backprop_tui.history.edits import Settable, Target
from backprop_tui.network.files.build import build
from backprop_tui.session.session import Session
from backprop_tui.stops import search as module
from backprop_tui.stops.condition_values import past_values, value_at
from backprop_tui.stops.conditions import parse, parse_expression
from tests.stops.walking import found, one_weight, walk


def same(one, other):
    return one == other or (one != one and other != other)


@given(networks(layers=2, units=2, examples=3), st.data())
@settings(max_examples=150)
def test_conditions_stop_where_looking_at_every_statement_finds_them_to_become_true(network, data):
    session = Session(network)
    lists = Lists(network)
    listed = lists.truth(data, 3)
    condition = parse(listed.text, network)
    for time in data.draw(st.lists(st.integers(0, lists.end), max_size=8)):
        assert value_at(session.run, condition, time) == listed.values[time], (listed.text, time)
    expected = stops(listed)
    if not condition.sources:
        return
    assert walk(session, 1, listed.text, most=12) == expected[:12]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "FIRST_BLOCK", data.draw(st.sampled_from([1, 2, 8])))
        assert walk(session, -1, listed.text, start=lists.end + 1, most=12) == expected[::-1][:12]
        middle = data.draw(st.integers(0, lists.end))
        session.jump(middle)
        after, before = found(session, 1, listed.text), found(session, -1, listed.text)
    assert (after.time if after else None) == next((t for t in expected if t > middle), None)
    assert (before.time if before else None) == next((t for t in expected[::-1] if t < middle), None)


@given(networks(layers=2, units=2, examples=3), st.data())
@settings(max_examples=60)
def test_numbers_and_their_history_are_those_of_the_lists(network, data):
    session = Session(network)
    lists = Lists(network)
    listed = lists.number(data, 3)
    expression = parse_expression(listed.text, network)
    for time in data.draw(st.lists(st.integers(0, lists.end), max_size=8)):
        assert same(value_at(session.run, expression, time), listed.values[time])
    now, count = data.draw(st.integers(0, lists.end)), data.draw(st.integers(0, 6))
    times = sorted(time for time in listed.events if time <= now)[-count:] if count else []
    got = past_values(session.run, expression, now, count)
    assert [time for time, _ in got] == times
    assert all(same(value, listed.values[time]) for time, value in got)


@given(networks(layers=2, units=3, examples=3), st.data())
@settings(max_examples=40)
def test_several_breakpoints_stop_at_the_nearest_of_them(network, data):
    session = Session(network)
    lists = Lists(network)
    symbols = {session.run.symbol(statement.quantity) for statement in lists.statements}
    words = [f"phase {statement.phase}" for statement in lists.statements]
    names = [session.names.unit(layer, 0) for layer in range(1, len(network.widths))]
    texts = data.draw(st.lists(st.sampled_from(sorted({*symbols, *words})), max_size=2))
    texts += data.draw(st.lists(st.sampled_from([f"unit {name}" for name in names]), max_size=1))
    expected = set()
    for text in texts:
        for before, now in zip([None, *lists.statements], lists.statements, strict=False):
            word, _, name = text.partition(" ")
            fresh = before is None or (before.phase, before.slot, before.iteration) != (
                *(now.phase, now.slot),
                now.iteration,
            )
            if word == "phase":
                stops_here = now.phase == name and fresh
            elif word == "unit":
                layer, unit = now.quantity.layer, now.quantity.unit
                mine = layer is not None and session.names.unit(layer, unit) == name
                earlier = [
                    one
                    for one in lists.statements
                    if (one.iteration, one.slot, one.phase) == (now.iteration, now.slot, now.phase)
                    and one.time < now.time
                    and one.quantity[1:3] == (layer, unit)
                ]
                stops_here = mine and not earlier
            else:
                stops_here = session.run.symbol(now.quantity) == text
            if stops_here:
                expected.add(now.time)
    condition = lists.truth(data, 1)
    if parse(condition.text, network).sources:
        texts.append(condition.text)
        expected |= set(stops(condition))
    order = sorted(expected)
    assert walk(session, 1, *texts, most=15) == order[:15]
    assert walk(session, -1, *texts, start=lists.end + 1, most=15) == order[::-1][:15]


# Edits


@given(st.integers(0, 60), st.integers(0, 60))
def test_an_edit_that_makes_a_condition_true_is_a_stop_as_well(time, other):
    session = Session(one_weight(0.5))
    session.jump(time)
    session.edit(Settable(Target.PARAMETER, Parameter(1, 0, 0)), 3.0)
    session.edit(Settable(Target.LEARNING_RATE), 0.25)
    w1 = parse_expression("w1", session.network)
    end = session.program.time(EPOCHS * 4, 0)
    values = [value_at(session.run, w1, t) for t in range(end + 1)]
    for t in range(end + 1):
        session.jump(t)
        assert session.now.parameter(Parameter(1, 0, 0)).value == values[t]
    expected = [t for t in range(1, end + 1) if values[t] > 2 and not values[t - 1] > 2]
    assert walk(session, 1, "w1 > 2", until=12) == expected
    assert walk(session, -1, "w1 > 2", start=end + 1) == expected[::-1]
    rates = [
        value_at(session.run, parse_expression("learning_rate", session.network), t) for t in (time, 10**6)
    ]
    assert rates == [0.25, 0.25]
    if time:
        assert walk(session, 1, "learning_rate > 0.2 and step > 0", until=12)[0] == time


# Runs that go wrong


def violent(size, rate, batch, activation):
    """A network whose numbers grow without bound or saturate, in a few iterations."""
    numbers = [[size, -size / 2], [size / 3, size], [-size, size]]
    layers = [
        {"units": 3, "activation": activation, "weights": numbers, "biases": [0.5, 0.0, -0.5]},
        {"units": 2, "activation": "tanh", "weights": [[1.0, -1.0, 0.5], [0.2, 0.3, size]]},
        {"units": 1, "activation": "identity", "weights": [[size, 1.0]], "biases": [0.0]},
    ]
    layers[1]["biases"] = [0.0, 0.1]
    data = {"inputs": [[0, 1], [1, 0], [0.1, 0.1], [1, 1], [0, 0.02]], "targets": [[0], [1], [0.5], [3], [1]]}
    optimizer = {"name": "sgd", "learning_rate": rate}
    training = {"batch_size": batch, "shuffle": True, "optimizer": optimizer}
    return build({"network": {"inputs": 2, "layers": layers}, "training": training, "data": data})


@pytest.mark.parametrize("batch", [1, 2, 5])
@pytest.mark.parametrize("activation", ["relu", "softmax", "identity"])
@pytest.mark.parametrize(
    ("size", "rate"), [(3.0, 0.3), (8.0, 0.01), (1e60, 1e40), (1e155, 0.1), (2.0, 1e200)]
)
def test_tests_turn_where_the_lists_turn_when_numbers_go_wild(batch, activation, size, rate):
    network = violent(size, rate, batch, activation)
    lists, session = Lists(network, 4), Session(network)
    for text, listed in lists.truths.items():
        expected = stops(listed)
        assert walk(session, 1, text, until=4, most=8) == expected[:8], text
        assert walk(session, -1, text, start=lists.end + 1, most=8) == expected[::-1][:8], text
    combined = "not_finite and not dead or saturated and step > 20"
    truths = [lists.truths[name].values for name in ("not_finite", "dead", "saturated")]
    step = lists.numbers["step"].values
    rows = [(w and not d) or (s and k > 20) for w, d, s, k in zip(*truths, step, strict=True)]
    expected = [t for t in range(1, lists.end + 1) if rows[t] and not rows[t - 1]]
    assert walk(session, 1, combined, until=4) == expected[:30]


@pytest.mark.parametrize("size", [1e-200, 1e-100, 1.0, 1e100, 1e200])
def test_the_length_of_the_gradient_neither_overflows_nor_vanishes(size):
    session = Session(one_weight(weight=size, x=3.0))  # dL/dw = 9·size; the bias is frozen
    norm = parse_expression("grad_norm", session.network)
    end = session.program.layout.block
    assert value_at(session.run, norm, end - 1) is None
    assert value_at(session.run, norm, end) == pytest.approx(9.0 * size, rel=1e-14)


def test_the_lists_of_wild_networks_do_turn():
    turns = {
        name
        for size, rate in [(3.0, 0.3), (1e155, 0.1)]
        for name, listed in Lists(violent(size, rate, 2, "relu"), 4).truths.items()
        if stops(listed)
    }
    assert {"not_finite", "dead", "saturated", "saturated(h2_1)"} <= turns
