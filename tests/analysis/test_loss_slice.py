"""The loss along a line: its slope is the gradient, its value at the step is the loss after it."""

from __future__ import annotations

from math import inf, isnan

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from strategies import networks

from backprop_tui.analysis.loss_slice import ends_around, loss_slice, slice_along_update, slice_at
from backprop_tui.analysis.point import Point, point_at
from backprop_tui.engine.quantities import Parameter
from backprop_tui.engine.reference import forward
from backprop_tui.engine.training import Trainer
from backprop_tui.history.edits import Edit, Settable, Target
from backprop_tui.history.run import Run
from backprop_tui.network.files.build import build
from backprop_tui.network.files.library import find
from backprop_tui.network.rules.activations import ACTIVATIONS
from backprop_tui.network.rules.losses import LOSSES

SMOOTH = tuple(sorted(name for name, row in ACTIVATIONS.items() if not row.kinks and name != "elu"))


def loss_of(point, parameters):
    losses = forward(point.network, parameters, point.inputs, point.targets).loss
    return float(np.sum(losses) if point.network.training.reduction == "sum" else np.mean(losses))


@st.composite
def places(draw, activations=()):
    """A network and one of its parameters."""
    network = draw(networks(activations=activations))
    layer = draw(st.integers(1, len(network.layers)))
    unit = draw(st.integers(0, network.widths[layer] - 1))
    below = draw(st.none() | st.integers(0, network.widths[layer - 1] - 1))
    return network, Parameter(layer, unit, below)


@given(places())
def test_every_value_is_the_loss_of_a_forward_pass_there(place):
    network, parameter = place
    run = Run(network)
    cut, point = slice_at(run, 0, parameter, count=9), point_at(run, 0)
    wanted = [loss_of(point, point.parameters.replaced(parameter, value)) for value in cut.values]
    np.testing.assert_allclose(cut.losses, wanted, rtol=1e-9, atol=1e-12)
    assert cut.start_loss == pytest.approx(loss_of(point, point.parameters), rel=1e-12)
    assert cut.values[0] < cut.start < cut.values[-1]


@given(places(SMOOTH))
def test_the_slope_at_the_point_is_the_gradient(place):
    network, parameter = place
    run = Run(network)
    point = point_at(run, 0)
    start, h = point.parameters.value(parameter), 1e-4
    ends = [loss_slice(point, parameter, count=2, ends=(start - k * h, start + k * h)) for k in (1, 2)]
    near, far = ((cut.losses[1] - cut.losses[0]) / (2 * k * h) for cut, k in zip(ends, (1, 2), strict=True))
    cut = slice_at(run, 0, parameter)
    slope = (4 * near - far) / 3
    assert cut.gradient == pytest.approx(slope, rel=1e-6, abs=1e-8 * max(1.0, cut.start_loss))
    tangent = cut.tangent(np.array([start, start + 2.0]))
    assert tangent == pytest.approx([cut.start_loss, cut.start_loss + 2.0 * cut.gradient])


@st.composite
def single_parameters(draw):
    """A network in which plain sgd trains one weight alone, with one batch."""
    loss = draw(st.sampled_from(sorted(LOSSES)))
    names = draw(st.lists(st.sampled_from(SMOOTH), min_size=1, max_size=3))
    if loss.endswith("entropy"):
        names[-1] = "sigmoid"
    trained = draw(st.integers(0, len(names) - 1))
    number = st.integers(-15, 15).map(lambda n: n / 10)
    layers = [
        {
            "units": 1,
            "activation": name,
            "weights": [[draw(number)]],
            "biases": [draw(number)],
            "frozen": ["biases"] if place == trained else ["weights", "biases"],
        }
        for place, name in enumerate(names)
    ]
    count = draw(st.integers(1, 4))
    network = build(
        {
            "network": {"inputs": 1, "layers": layers},
            "training": {
                "loss": loss,
                "optimizer": {"name": "sgd", "learning_rate": draw(st.floats(0.01, 2))},
            },
            "data": {
                "inputs": [[draw(number)] for _ in range(count)],
                "targets": [[draw(st.sampled_from([0.0, 0.5, 1.0]))] for _ in range(count)],
            },
        }
    )
    return network, Parameter(trained + 1, 0, 0)


@given(single_parameters())
def test_its_value_at_the_step_is_the_loss_after_it(place):
    network, parameter = place
    run = Run(network)
    cut = slice_at(run, 0, parameter)
    trainer = Trainer(network)
    _, first = trainer.advance(trainer.initial_state(), 0, 1)
    _, both = trainer.advance(trainer.initial_state(), 0, 2)
    after = np.mean(both[len(first) :])
    assert cut.start_loss == pytest.approx(np.mean(first), rel=1e-9)
    assert cut.landing_loss == pytest.approx(after, rel=1e-9, abs=1e-12)
    assert cut.loss_after == pytest.approx(after, rel=1e-9, abs=1e-12)
    rate = network.training.learning_rate
    assert cut.landing == pytest.approx(cut.start - rate * cut.gradient, rel=1e-9, abs=1e-12)


@given(networks())
def test_along_the_update_the_step_leads_to_the_loss_after_it(network):
    run = Run(network)
    iteration, point = run.timeline.iteration(0), point_at(run, 0)
    cut = slice_at(run, 0, None, count=5, ends=(-1.0, 1.0))
    after = loss_of(point, iteration.after.parameters)
    assert (cut.start, cut.landing) == (0.0, 1.0)
    assert cut.landing_loss == cut.loss_after == after
    assert cut.losses[-1] == pytest.approx(after, rel=1e-9, abs=1e-12)
    assert cut.losses[2] == pytest.approx(cut.start_loss, rel=1e-12)


def test_along_the_update_of_plain_sgd_the_slope_is_minus_the_learning_rate_times_the_gradient_squared():
    network = find("xor")
    run = Run(network)
    cut, gradient = slice_at(run, 0, None), run.timeline.iteration(0).gradient
    squares = sum(float(np.sum(g * g)) for g in (*gradient.weights, *gradient.biases))
    assert cut.gradient == pytest.approx(-network.training.learning_rate * squares)


def test_one_overshoots_and_one_crawls():
    """By the comments in the files: the error becomes −1.5 times itself, and loses 0.05 % of itself."""
    over, crawl = (slice_at(Run(find(name)), 0, None) for name in ("overshooting", "crawling"))
    assert over.landing_loss / over.start_loss == pytest.approx(1.5**2)
    assert over.losses.min() == pytest.approx(0.0, abs=1e-3)
    assert crawl.landing_loss / crawl.start_loss == pytest.approx(0.9995**2)


def test_what_is_frozen_has_no_step():
    network, parameter = find("xor"), Parameter(1, 0, 0)
    raw = {
        "network": {
            "inputs": 1,
            "layers": [{"units": 1, "activation": "tanh", "weights": [[1.0]], "frozen": ["weights"]}],
        },
        "data": {"inputs": [[1.0]], "targets": [[0.0]]},
    }
    frozen = slice_at(Run(build(raw)), 0, parameter)
    assert frozen.landing is frozen.landing_loss is frozen.loss_after is None
    assert slice_at(Run(build(raw)), 0, Parameter(1, 0, None)).landing is not None
    assert slice_at(Run(network), 0, parameter).landing is not None


def test_what_is_not_finite_stays_so_without_a_warning():
    network = find("overshooting")
    run = Run(network)
    time = run.program.time(4000, 0)
    for _ in run.timeline.going_to(run.program.iterations_by(time)):
        pass
    cut = slice_at(run, time, Parameter(1, 0, 0))
    assert isnan(cut.start_loss) or cut.start_loss == inf
    assert np.isfinite(cut.values).all()
    along = slice_at(run, time, None)
    assert not np.isfinite(along.losses).any()


@given(st.floats(), st.none() | st.floats())
def test_the_ends_show_the_point_and_a_step_that_is_not_endless(start, landing):
    low, high = ends_around(start, landing)
    if not np.isfinite(start):
        assert (low, high) == (-1.0, 1.0)
        return
    assume(abs(start) < 1e300)
    assert low < start < high
    if landing is not None and abs(landing - start) <= 100 * max(1.0, abs(start)):
        assert low < landing < high


def test_the_point_is_where_the_iteration_starts_and_values_set_by_hand_are_in_it():
    network = find("worked-example")
    program = Run(network).program
    run = Run(network).with_edits(
        [
            Edit(3, Settable(Target.PARAMETER, Parameter(2, 0, 0)), 0.9),
            Edit(4, Settable(Target.TARGET), 0.2),
            Edit(program.statements, Settable(Target.PARAMETER, Parameter(1, 0, 0)), 5.0),
        ]
    )
    weight = Parameter(2, 0, 0)
    assert point_at(run, 2).parameters.value(weight) == 0.7
    assert point_at(run, 3).parameters.value(weight) == 0.9
    assert point_at(run, 3).targets.tolist() == [[1.0]]
    assert point_at(run, 4).targets.tolist() == [[0.2]]
    end = point_at(run, program.statements)
    assert end.parameters.value(Parameter(1, 0, 0)) == 0.3
    assert point_at(run, program.statements + 1).parameters.value(Parameter(1, 0, 0)) == 5.0


def test_a_large_layer_is_computed_in_parts(monkeypatch):
    run = Run(find("digits"))
    whole = slice_at(run, 0, Parameter(1, 3, 20), count=33)
    monkeypatch.setattr("backprop_tui.analysis.loss_slice.NUMBERS_AT_ONCE", 1)
    np.testing.assert_array_equal(slice_at(run, 0, Parameter(1, 3, 20), count=33).losses, whole.losses)


def test_a_slice_needs_no_run():
    network = find("worked-example")
    trainer = Trainer(network)
    state = trainer.initial_state()
    point = Point(network, state.parameters, trainer.inputs, trainer.targets)
    after = trainer.iterate(state, 0).after.parameters
    assert loss_slice(point, Parameter(2, 0, 0), after).landing == pytest.approx(0.7 + 0.5 * 0.0459, abs=1e-4)
    assert slice_along_update(point, after).landing_loss < 0.0633
