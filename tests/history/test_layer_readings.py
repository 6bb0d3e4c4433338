"""Whole layers read at once, against reading quantity by quantity, at any moment, edits included."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import sessions

from backprop_tui.engine.quantities import Kind, Parameter, Phase, Quantity
from backprop_tui.history import layer_readings
from backprop_tui.history.edits import Settable, Target
from backprop_tui.history.readings import Freshness
from backprop_tui.network.files.library import find
from backprop_tui.program.boundaries import Grain
from backprop_tui.session.session import Session

OF_UNITS = (
    Kind.WEIGHTED_SUM,
    Kind.ACTIVATION,
    Kind.ACTIVATION_GRADIENT,
    Kind.ACTIVATION_DERIVATIVE,
    Kind.DELTA,
)


def same(known, readings):
    """Whether what is known at once is what was read one by one, value and freshness."""
    fresh = [reading.freshness for reading in readings]
    expected = [
        Freshness.ABSENT if value is None else Freshness.CURRENT if i < known.current else Freshness.STALE
        for i, value in enumerate(known.values)
    ]
    assert fresh == expected
    found = [np.nan if value is None else value for value in known.values]
    np.testing.assert_array_equal(found, [np.nan if r.value is None else r.value for r in readings])


@given(sessions())
def test_a_layer_is_known_as_its_units_are_read(session):
    widths = session.network.widths
    for layer in range(1, len(widths)):
        for kind in OF_UNITS:
            readings = [session.now.read(Quantity(kind, layer, unit)) for unit in range(widths[layer])]
            same(layer_readings.of_units(session.now, kind, layer), readings)


@given(sessions())
def test_weights_and_gradients_are_known_as_they_are_read(session):
    widths = session.network.widths
    for layer in range(1, len(widths)):
        below = range(widths[layer - 1])
        for unit in range(widths[layer]):
            weights = layer_readings.weights(session.now, layer, unit)
            assert list(weights.values) == [
                session.now.parameter(Parameter(layer, unit, i)).value for i in below
            ]
            assert weights.current == len(below)
            read = [session.now.read(Quantity(Kind.WEIGHT_GRADIENT, layer, unit, i)) for i in below]
            same(layer_readings.gradients(session.now, layer, unit), read)


@given(sessions())
def test_inputs_are_those_of_the_example(session):
    known = layer_readings.inputs(session.now)
    assert list(known.values) == [session.now.input(unit) for unit in range(session.network.widths[0])]
    assert known.current == session.network.widths[0]


@given(sessions())
def test_changes_are_those_of_the_updates_that_have_run(session):
    widths = session.network.widths
    for layer in range(1, len(widths)):
        lengths = []
        for unit in range(widths[layer]):
            squares, moved = 0.0, []
            for below in (*range(widths[layer - 1]), None):
                kind = Kind.BIAS_UPDATE if below is None else Kind.WEIGHT_UPDATE
                new = session.now.read(Quantity(kind, layer, unit, below))
                old = session.now.parameter_before(Parameter(layer, unit, below)).value
                known = new.freshness is Freshness.CURRENT
                moved.append(new.value - old if known else None)
                squares += (new.value - old) ** 2 if known else 0.0
            changes = layer_readings.changes(session.now, layer, unit).values
            assert list(changes) == moved[:-1]
            described = session.network.layers[layer - 1]
            last = moved[-2] if described.frozen_biases else moved[-1]
            lengths.append(None if last is None else squares**0.5)
        found = layer_readings.movements(session.now, layer).values
        assert [value is None for value in found] == [value is None for value in lengths]
        pairs = [(a, b) for a, b in zip(found, lengths, strict=True) if a is not None and b is not None]
        np.testing.assert_allclose([a for a, _ in pairs], [b for _, b in pairs], rtol=1e-9, atol=1e-12)


@given(sessions(), st.data())
def test_keys_tell_results_apart(session, data):
    """Two moments with the same key have the same numbers, so a picture may be kept under it."""
    widths = session.network.widths
    seen = {}
    times = data.draw(st.lists(st.integers(0, 3 * session.program.statements), min_size=2, max_size=8))
    for time in times:
        session.jump(time)
        for layer in range(1, len(widths)):
            found = [layer_readings.of_units(session.now, kind, layer) for kind in OF_UNITS]
            found += [layer_readings.weights(session.now, layer, unit) for unit in range(widths[layer])]
            found += [layer_readings.gradients(session.now, layer, unit) for unit in range(widths[layer])]
            found += [layer_readings.changes(session.now, layer, unit) for unit in range(widths[layer])]
            found += [layer_readings.movements(session.now, layer), layer_readings.inputs(session.now)]
            for known in found:
                earlier = seen.setdefault(known.key, known)
                assert repr(earlier) == repr(known)


@pytest.mark.parametrize("grain", [Grain.STATEMENT, Grain.UNIT])
def test_step_by_step_through_a_softmax_layer(grain):
    session = Session(find("softmax"))
    for _ in range(60):
        session.forward(grain)
        for kind in OF_UNITS:
            readings = [
                session.now.read(Quantity(kind, 1, unit)) for unit in range(session.network.widths[1])
            ]
            same(layer_readings.of_units(session.now, kind, 1), readings)


def test_nothing_is_kept_of_a_run_that_is_gone():
    session = Session(find())
    calls = []
    for _ in range(2):
        layer_readings.kept(session.run, ("one",), lambda: calls.append(1) or "made")
    assert calls == [1]
    layer_readings.kept(Session(find()).run, ("one",), lambda: calls.append(2) or "made")
    assert calls == [1, 2], "another run has results of its own"
    for number in range(2 * layer_readings.MOST_KEPT):
        layer_readings.kept(session.run, (number,), lambda: "made")
    assert len(session.run.shelves["layers"]) <= layer_readings.MOST_KEPT


def test_gradients_know_with_which_input_they_were_computed():
    session = Session(find("3-4-3"))
    session.forward(Grain.FORWARD)
    gradient = Quantity(Kind.WEIGHT_GRADIENT, 1, 1, 1)
    session.jump(session.program.next_time(gradient, session.time))
    session.edit(Settable(Target.INPUT, unit=0), 9.0)
    session.edit(Settable(Target.INPUT, unit=2), 8.0)
    session.forward(Grain.BACKWARD)
    for unit in range(4):
        read = [session.now.read(Quantity(Kind.WEIGHT_GRADIENT, 1, unit, i)) for i in range(3)]
        same(layer_readings.gradients(session.now, 1, unit), read)
    delta = session.now.read(Quantity(Kind.DELTA, 1, 1)).value
    known = layer_readings.gradients(session.now, 1, 1).values
    assert known[2] == delta * 8.0
    assert known[0] != delta * 9.0


def test_a_weight_that_was_just_set_is_shown_from_then_on():
    session = Session(find("3-4-3"))
    session.forward(Grain.FORWARD)
    session.edit(Settable(Target.PARAMETER, Parameter(1, 2, 1)), 7.5)
    for _ in range(3):
        weights = layer_readings.weights(session.now, 1, 2).values
        assert list(weights) == [session.now.parameter(Parameter(1, 2, i)).value for i in range(3)]
        assert session.now.phase is Phase.UPDATE or weights[1] == 7.5
        session.forward(Grain.BACKWARD)
