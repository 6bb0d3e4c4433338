"""The flow of the error signal: what its definition says of any network, and what it says of broken ones."""

from __future__ import annotations

from itertools import pairwise
from math import inf, isnan

import numpy as np
import pytest
from hypothesis import given
from msgspec.structs import replace
from strategies import networks

from backprop_tui.analysis.gradient_flow import VANISHING_BELOW, Verdict, flow_at, gradient_flow, verdict_on
from backprop_tui.analysis.norms import length
from backprop_tui.engine.reference import Backward
from backprop_tui.history.run import Run
from backprop_tui.network.files.build import build
from backprop_tui.network.files.library import find


@given(networks(layers=4))
def test_factors_multiply_to_the_ratio_of_the_norms(network):
    run = Run(network)
    iteration = run.timeline.iteration(0)
    flow = gradient_flow(network, iteration)
    assert [row.layer for row in flow] == list(range(len(network.layers), 0, -1))
    top = flow[0]
    assert (top.weight_factor, top.slope_factor, top.factor, top.product) == (None, None, None, 1.0)
    product = 1.0
    for above, row in pairwise(flow):
        delta = iteration.backward.delta[row.layer - 1]
        assert row.delta_norm == pytest.approx(np.sqrt((delta * delta).sum()), rel=1e-12)
        if above.delta_norm == 0.0:
            assert isnan(row.factor)
            assert isnan(row.weight_factor)
            continue
        down = iteration.backward.delta[row.layer] @ iteration.before.parameters.weights[row.layer]
        assert row.weight_factor == pytest.approx(np.linalg.norm(down) / above.delta_norm, rel=1e-9)
        assert row.factor == pytest.approx(row.delta_norm / above.delta_norm, rel=1e-12)
        if row.weight_factor:
            assert row.weight_factor * row.slope_factor == pytest.approx(row.factor, rel=1e-9)
        product *= row.factor
        assert row.product == pytest.approx(product, rel=1e-9)
        assert row.verdict == verdict_on(row.product)


@given(networks(layers=4))
def test_without_coupling_no_slope_factor_exceeds_the_greatest_slope(network):
    for row in flow_at(Run(network), 0)[1:]:
        activation = network.layers[row.layer - 1].activation
        if not activation.couples and not isnan(row.slope_factor):
            assert row.slope_factor <= activation.greatest_slope * (1.0 + 1e-12)


def test_vanishing_by_slopes_and_exploding_by_weights():
    for row in flow_at(Run(find("vanishing")), 0)[1:]:
        assert row.weight_factor == pytest.approx(1.0)
        assert row.slope_factor < 0.25
    assert flow_at(Run(find("vanishing")), 0)[-1].verdict is Verdict.VANISHING
    for row in flow_at(Run(find("exploding")), 0)[1:]:
        assert row.weight_factor == pytest.approx(10.0)
        assert row.slope_factor == pytest.approx(0.25)
        assert row.product == pytest.approx(2.5 ** (8 - row.layer))
    assert flow_at(Run(find("exploding")), 0)[-1].verdict is Verdict.EXPLODING


def test_verdicts_begin_beyond_their_limits():
    assert verdict_on(VANISHING_BELOW) is verdict_on(100.0) is verdict_on(float("nan")) is None
    assert verdict_on(0.0099) is verdict_on(0.0) is Verdict.VANISHING
    assert verdict_on(100.1) is verdict_on(inf) is Verdict.EXPLODING


def flow_of(deltas, sent_down, slopes=None):
    """The flow of a network of single units with these numbers, from layer 1 up."""
    network = build(
        {
            "network": {
                "inputs": 1,
                "layers": [{"units": 1, "activation": "tanh", "weights": [[1.0]]}] * len(deltas),
            },
            "data": {"inputs": [[1.0]], "targets": [[0.0]]},
        }
    )

    def each(values):
        return tuple(np.array([[value]]) for value in values)

    backward = Backward(each([*sent_down, 1.0]), each(slopes or [1.0] * len(deltas)), each(deltas))
    return gradient_flow(network, replace(Run(network).timeline.iteration(0), backward=backward))


def test_an_error_signal_of_0_has_no_factors_below_it():
    _, middle, first = flow_of([0.0, 0.0, 2.0], [0.0, 4.0], slopes=[1.0, 0.0, 1.0])
    assert (middle.weight_factor, middle.slope_factor, middle.factor, middle.product) == (2.0, 0.0, 0.0, 0.0)
    assert middle.dead == middle.saturated == 1.0
    assert middle.verdict is Verdict.VANISHING
    assert isnan(first.weight_factor)
    assert isnan(first.factor)
    assert first.product == 0.0


def test_a_right_prediction_leaves_nothing_to_compare():
    top, below = flow_of([0.0, 0.0], [0.0])
    assert (top.product, top.verdict) == (1.0, None)
    assert isnan(below.product)
    assert below.verdict is None


def test_infinities_and_no_numbers_stay_what_they_are():
    _, below = flow_of([inf, 2.0], [inf])
    assert (below.delta_norm, below.factor, below.product) == (inf, inf, inf)
    assert below.verdict is Verdict.EXPLODING
    assert isnan(below.slope_factor)
    _, below = flow_of([float("nan"), 2.0], [float("nan")], slopes=[float("nan"), 1.0])
    assert isnan(below.delta_norm)
    assert isnan(below.product)
    assert below.verdict is None
    assert below.saturated == below.dead == 0.0


def test_norms_neither_overflow_nor_vanish():
    _, below = flow_of([3e-200, 1e200], [2e-200])
    assert below.factor == below.product == 0.0
    assert below.slope_factor == pytest.approx(1.5)
    assert length(np.array([3e200, 4e200])) == pytest.approx(5e200)
    assert length(np.array([3e-200, 4e-200])) == pytest.approx(5e-200)
    assert length(np.array([3.0]), np.array([[4.0]])) == 5.0


def test_a_run_that_diverges_is_followed_without_a_warning():
    network = find("overshooting")
    run = Run(network)
    time = run.program.time(4000, 0)
    for _ in run.timeline.going_to(run.program.iterations_by(time)):
        pass
    (row,) = flow_at(run, time)
    assert isnan(row.delta_norm) or row.delta_norm == inf


def test_the_flow_is_of_the_iteration_a_time_lies_in():
    network = find("xor")
    run = Run(network)
    program = run.program
    run.timeline.state(3)
    end = program.iteration_start(2)
    assert flow_at(run, 0) is flow_at(run, 1) is flow_at(run, program.iteration_start(1))
    assert flow_at(run, end) == gradient_flow(network, run.timeline.iteration(1))
    assert flow_at(run, end + 1) == gradient_flow(network, run.timeline.iteration(2))
