"""Forward and backward against the worked example's figures, plain loops, and central differences."""

import numpy as np
import pytest
from hypothesis import given
from plain import example_values
from strategies import networks

from backprop_tui.engine.reference import backward, forward
from backprop_tui.engine.state import Parameters
from backprop_tui.engine.training import Trainer
from backprop_tui.network.files import library
from backprop_tui.network.files.build import build


def passes(network):
    """Forward and backward pass, and the averaged gradient."""
    trainer = Trainer(network)
    parameters = trainer.initial_state().parameters
    pass_ = forward(network, parameters, trainer.inputs, trainer.targets)
    return pass_, *backward(network, parameters, pass_, trainer.targets)


def test_the_worked_examples_figures():
    pass_, back, gradient = passes(library.find())
    got = [pass_.z[0], pass_.a[1], pass_.z[1], pass_.a[2], pass_.loss, *back.dL_da, *back.da_dz, *back.delta]
    published = [
        *(0.25, 0.5621765008857981, 0.5935235506200587, 0.6441732027931297, 0.06330635480524958),
        *(-0.05709236026487821, -0.35582679720687027, 0.24613408273759835, 0.2292140875963711),
        *(-0.014052375725120306, -0.08156051466411174),
    ]
    assert [float(array.item()) for array in got] == pytest.approx(published, rel=1e-15, abs=0)
    assert gradient.weights[1].item() == pytest.approx(-0.045851404744315157, rel=1e-15)
    assert gradient.weights[0].item() == pytest.approx(-0.007026187862560153, rel=1e-15)


@given(networks())
def test_every_number_is_that_of_plain_loops(network):
    pass_, back, _ = passes(network)
    arrays = {
        "weighted_sum": pass_.z,
        "activation": pass_.a[1:],
        "activation_gradient": back.dL_da,
        "activation_derivative": back.da_dz,
        "delta": back.delta,
    }
    weights = [layer.weights for layer in network.layers]
    biases = [layer.biases for layer in network.layers]
    for row, (x, y) in enumerate(zip(network.data.inputs, network.data.targets, strict=True)):
        expected = example_values(network, weights, biases, x, y)
        assert pass_.loss[row] == pytest.approx(expected["loss", None, None, None], rel=1e-9, abs=1e-12)
        for (kind, layer, unit, _), value in expected.items():
            if kind in arrays:
                assert arrays[kind][layer - 1][row, unit] == pytest.approx(value, rel=1e-8, abs=1e-9), kind


@given(networks())
def test_the_gradient_is_the_average_or_the_sum_of_plain_loops(network):
    *_, gradient = passes(network)
    weights = [layer.weights for layer in network.layers]
    biases = [layer.biases for layer in network.layers]
    rows = [
        example_values(network, weights, biases, x, y)
        for x, y in zip(network.data.inputs, network.data.targets, strict=True)
    ]
    for kind, layer, unit, below in rows[0]:
        if not kind.endswith(("weight_gradient", "bias_gradient")):
            continue
        expected = sum(row[kind, layer, unit, below] for row in rows)
        if network.training.reduction == "mean":
            expected /= len(rows)
        array = gradient.biases[layer - 1] if below is None else gradient.weights[layer - 1]
        index = (unit,) if below is None else (unit, below)
        assert array[index] == pytest.approx(expected, rel=1e-8, abs=1e-9)


ROUNDED = 1e-14
"""Sums of few numbers about 1 that cancel each other, added up in another order."""


@given(networks())
def test_an_example_is_computed_the_same_alone_and_in_a_batch(network):
    trainer = Trainer(network)
    parameters = trainer.initial_state().parameters
    whole, *_ = passes(network)
    for row in range(len(network.data)):
        alone = forward(network, parameters, trainer.inputs[row : row + 1], trainer.targets[row : row + 1])
        np.testing.assert_allclose(alone.loss[0], whole.loss[row], rtol=1e-12, atol=ROUNDED)
        for one, many in zip(alone.a, whole.a, strict=True):
            np.testing.assert_allclose(one[0], many[row], rtol=1e-12, atol=ROUNDED)


def saturated(loss, activation, target, bias):
    layer = {"units": len(target), "activation": activation, "biases": bias, "initializer": "zeros"}
    network = {"inputs": 1, "layers": [layer]}
    data = {"inputs": [[0.0]], "targets": [target]}
    return build({"network": network, "training": {"loss": loss}, "data": data})


@pytest.mark.parametrize(
    ("loss", "activation", "target", "bias", "value", "delta"),
    [
        ("binary_cross_entropy", "sigmoid", [1.0], [-1000.0], 1000.0, [-1.0]),
        ("binary_cross_entropy", "sigmoid", [0.0], [1000.0], 1000.0, [1.0]),
        ("binary_cross_entropy", "sigmoid", [1.0], [1000.0], 0.0, [0.0]),
        ("cross_entropy", "softmax", [1.0, 0.0], [-1000.0, 1000.0], 2000.0, [-1.0, 1.0]),
        ("cross_entropy", "softmax", [0.0, 1.0], [-1000.0, 1000.0], 0.0, [0.0, 0.0]),
    ],
)
def test_saturated_entropies_still_teach(loss, activation, target, bias, value, delta):
    pass_, back, _ = passes(saturated(loss, activation, target, bias))
    assert pass_.loss.tolist() == [value]
    assert back.delta[0].tolist() == [delta]


def test_overflow_is_a_value_and_no_warning():
    network = build(
        {
            "network": {
                "inputs": 1,
                "layers": [
                    {"units": 1, "activation": "identity", "weights": [[1e200]]},
                    {"units": 1, "activation": "identity", "weights": [[1e200]]},
                ],
            },
            "data": {"inputs": [[1.0]], "targets": [[0.0]]},
        }
    )
    pass_, _, gradient = passes(network)
    assert pass_.loss.tolist() == [np.inf]
    assert not np.isfinite(gradient.weights[0]).any()


@given(networks())
def test_nothing_that_goes_in_is_changed(network):
    trainer = Trainer(network)
    parameters = trainer.initial_state().parameters
    copies = Parameters(
        tuple(w.copy() for w in parameters.weights), tuple(b.copy() for b in parameters.biases)
    )
    pass_ = forward(network, parameters, trainer.inputs, trainer.targets)
    z = [array.copy() for array in pass_.z]
    backward(network, parameters, pass_, trainer.targets)
    for old, new in zip(
        (*copies.weights, *copies.biases), (*parameters.weights, *parameters.biases), strict=True
    ):
        assert np.array_equal(old, new)
    assert all(np.array_equal(old, new) for old, new in zip(z, pass_.z, strict=True))
