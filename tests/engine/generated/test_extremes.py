"""Where Python raises or a number is none: both engines come to the same."""

from __future__ import annotations

import math

import numpy as np
import pytest

from backprop_tui.engine.training import Givens, Trainer
from backprop_tui.network.files.build import build
from backprop_tui.network.rules.activations import ACTIVATIONS
from tests.engine.generated.both_engines import (
    ENGINES,
    assert_advancing_is_iterating,
    one_unit,
    quantities,
)


def test_a_sigmoid_of_a_very_negative_z_is_0_in_both():
    """math.exp raises there, and the limit is 0."""
    network = one_unit("sigmoid", -2000.0)
    for engine in ENGINES:
        (result,) = run_with(engine, network, 1)
        assert result.predictions.tolist() == [[0.0], [0.0]]
        assert result.loss == 0.0


def run_with(engine, network, epochs):
    subject = Trainer(network, engine)
    state = subject.initial_state()
    for epoch in range(epochs):
        state, found, outputs = subject.epoch(state, epoch)
        yield Result(found.tolist(), outputs, state)


class Result:
    def __init__(self, found, predictions, state):
        self.losses, self.predictions, self.state = found, predictions, state
        self.loss = sum(found) / len(found)


@pytest.mark.parametrize("activation", sorted(ACTIVATIONS))
@pytest.mark.parametrize("weight", [1e308, -1e308, 1e5, -1e5])
def test_extremes_agree(activation, weight):
    """Also inf and nan: a condition in the text hides none."""
    network = one_unit(activation, weight, x=3.0, y=0.5)
    results = [list(run_with(engine, network, 3)) for engine in ENGINES]
    for one, other in zip(*results, strict=True):
        np.testing.assert_allclose(one.predictions, other.predictions, rtol=1e-13)
        np.testing.assert_allclose(one.losses, other.losses, rtol=1e-13)


@pytest.mark.parametrize("activation", sorted(ACTIVATIONS))
def test_not_a_number_stays_one(activation):
    """Through value and slope, as IEEE 754 has it; max and comparisons in Python would lose it."""
    network = one_unit(activation, 1.0)
    for engine in ENGINES:
        subject = Trainer(network, engine)
        given_ = subject.givens
        givens = Givens(np.full_like(given_.inputs, math.nan), given_.targets, given_.settings)
        iteration = subject.iterate(subject.initial_state(), 0, givens)
        for name, arrays in quantities(iteration).items():
            flat = name == "da_dz" and activation == "identity"
            assert flat or name == "dL_da" or all(np.isnan(array).all() for array in arrays), (engine, name)
        assert np.isnan(iteration.after.parameters.weights[0]).all()


def test_a_run_in_which_every_other_iteration_raises_goes_through_both_engines():
    """The first example's z is far below where exp overflows, the second's is not."""
    layer = {"units": 1, "activation": "sigmoid", "weights": [[1.0]]}
    data = {"inputs": [[-800.0], [1.0], [-900.0]], "targets": [[0.5], [0.25], [0.5]]}
    training = {"batch_size": 1, "optimizer": {"learning_rate": 1e-3}}
    network = build({"network": {"inputs": 1, "layers": [layer]}, "training": training, "data": data})
    iterations = assert_advancing_is_iterating(network, "scalars", 10)
    outputs = [float(iteration.forward.a[-1][0, 0]) for iteration in iterations]
    assert outputs[0] == outputs[2] == 0.0
    assert outputs[1] == pytest.approx(1 / (1 + math.exp(-1.0)), rel=1e-15)
