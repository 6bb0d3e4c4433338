"""Marks: on the units of which the statements so far say so, and remembered."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import networks

from backprop_tui.analysis.gradient_flow import Verdict, flow_at
from backprop_tui.analysis.marks import REMEMBERED, Mark, layer_marks, unit_marks
from backprop_tui.engine.quantities import Kind, Quantity
from backprop_tui.history.moment import Moment
from backprop_tui.history.readings import Freshness
from backprop_tui.history.run import Run
from backprop_tui.network.files.library import find

STEEPEST = {"sigmoid": 0.25, "tanh": 1.0, "softmax": 0.25}


@given(networks(examples=3), st.data())
def test_a_unit_is_marked_by_its_slopes(network, data):
    run = Run(network)
    time = data.draw(st.integers(1, 2 * run.program.statements))
    now, marks = Moment(run, time), unit_marks(run, time)
    iteration = run.timeline.iteration(now.statement.iteration)
    for number, layer in enumerate(network.layers, 1):
        for unit in range(layer.units):
            reading = now.read(Quantity(Kind.ACTIVATION_DERIVATIVE, number, unit))
            expected = None
            if reading.freshness is Freshness.CURRENT:
                if not iteration.backward.da_dz[number - 1][:, unit].any():
                    expected = Mark.DEAD
                elif layer.activation_name in STEEPEST:
                    flat = reading.value < 0.01 * STEEPEST[layer.activation_name]
                    expected = Mark.SATURATED if flat else None
            assert marks.get((number, unit)) == expected


def test_the_worked_example_is_healthy_throughout():
    run = Run(find("worked-example"))
    for time in range(2 * run.program.statements):
        assert unit_marks(run, time) == layer_marks(run, time) == {}


def test_the_networks_that_are_shipped_for_it():
    run = Run(find("saturated-sigmoid"))
    assert unit_marks(run, run.program.statements) == {(1, 0): Mark.SATURATED}
    run = Run(find("dead-relu"))
    assert unit_marks(run, run.program.statements) == {(1, 1): Mark.DEAD}


@pytest.mark.parametrize(
    ("name", "verdict"), [("vanishing", Verdict.VANISHING), ("exploding", Verdict.EXPLODING)]
)
def test_a_layer_is_marked_from_its_error_signal_on(name, verdict):
    run = Run(find(name))
    lost = [row.layer for row in flow_at(run, 0) if row.verdict]
    assert lost
    for time in range(run.program.statements + 1):
        now = Moment(run, time)
        known = [
            layer for layer in lost if now.read(Quantity(Kind.DELTA, layer, 0)).freshness is Freshness.CURRENT
        ]
        assert layer_marks(run, time) == dict.fromkeys(known, verdict)


def test_asking_again_computes_nothing_and_little_is_kept():
    run = Run(find("digits"))
    for time in range(1, run.program.layout.block * 5, 997):
        first = unit_marks(run, time)
        assert unit_marks(run, time) == first
    assert 1 < len(run.shelves["unit marks"]) <= REMEMBERED
    run.timeline.iteration = pytest.fail
    assert unit_marks(run, time) == first
