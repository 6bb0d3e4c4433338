"""The gradient check: it passes where the derivatives are right, and fails where one is wrong."""

from types import MappingProxyType

import numpy as np
import pytest
from hypothesis import given
from msgspec.structs import replace
from strategies import networks

from backprop_tui.engine.gradient_check import check_gradients
from backprop_tui.engine.moved_losses import MovedLosses
from backprop_tui.engine.reference import forward
from backprop_tui.engine.state import Parameters
from backprop_tui.engine.training import Trainer
from backprop_tui.network import description
from backprop_tui.network.files import library
from backprop_tui.network.files.build import build
from backprop_tui.network.files.shapes import Options
from backprop_tui.network.rules.activations import ACTIVATIONS
from backprop_tui.network.rules.losses import LOSSES

SMOOTH = tuple(sorted(name for name, row in ACTIVATIONS.items() if not row.kinks))


def small(activation, loss="squared_error", **training):
    """2-3-2 with the activation in both layers."""
    rows = [[0.3, -0.4], [0.5, 0.2], [-0.6, 0.7]]
    layers = [
        {"units": 3, "activation": activation, "weights": rows, "biases": [0.1, -0.2, 0.3]},
        {"units": 2, "activation": activation, "weights": [[0.2, -0.5, 0.4], [0.6, 0.1, -0.3]]},
    ]
    data = {"inputs": [[1.0, 0.5], [-0.7, 0.9]], "targets": [[1.0, 0.0], [0.0, 1.0]]}
    return build(
        {"network": {"inputs": 2, "layers": layers}, "training": {"loss": loss, **training}, "data": data}
    )


def with_row(monkeypatch, table, rows, name, **changes):
    wrong = MappingProxyType({**rows, name: replace(rows[name], **changes)})
    monkeypatch.setattr(description, table, wrong)


def moved(trainer, layer, unit, below, offset):
    """The whole forward pass, computed anew with one parameter moved."""
    start = trainer.initial_state().parameters
    weights, biases = [w.copy() for w in start.weights], [b.copy() for b in start.biases]
    if below is None:
        biases[layer - 1][unit] += offset
    else:
        weights[layer - 1][unit, below] += offset
    there = Parameters(tuple(weights), tuple(biases))
    return forward(trainer.network, there, trainer.inputs, trainer.targets)


def near(network):
    trainer = Trainer(network)
    parameters = trainer.initial_state().parameters
    rest = forward(network, parameters, trainer.inputs, trainer.targets)
    return trainer, rest, MovedLosses(network, parameters, rest, trainer.targets)


def corners_passed(network, rest, there):
    rows = zip(network.layers, rest.z, there.z, strict=True)
    return any((np.sign(a - k) != np.sign(b - k)).any() for row, a, b in rows for k in row.activation.kinks)


@pytest.mark.parametrize("name", sorted({*library.names()} - {"digits"}))  # too many examples to wait for
def test_shipped_networks_pass(name):
    network = library.find(name)
    result = check_gradients(Trainer(network))
    assert result.passed
    assert result.checked == network.parameters
    assert result.max_relative_error < (1e-8 if name in ("worked-example", "xor") else 1e-6)
    assert result.disagreeing == ()


@pytest.mark.parametrize("name", sorted(ACTIVATIONS))
def test_every_activation_passes_and_is_failed_when_its_derivative_is_wrong(monkeypatch, name):
    network = small(name)
    assert check_gradients(Trainer(network)).passed
    right = ACTIVATIONS[name].derivative
    with_row(monkeypatch, "ACTIVATIONS", ACTIVATIONS, name, derivative=lambda z, a: right(z, a) * 1.0001)
    result = check_gradients(Trainer(network))
    if ACTIVATIONS[name].couples:  # softmax's diagonal is shown only; its Jacobian is what counts
        return
    assert not result.passed
    assert result.disagreeing
    assert result.max_relative_error > 1e-5


def test_a_softmax_without_its_other_terms_is_failed(monkeypatch):
    network = small("softmax")
    with_row(monkeypatch, "ACTIVATIONS", ACTIVATIONS, "softmax", couples=False)
    assert not check_gradients(Trainer(network)).passed


@pytest.mark.parametrize("name", sorted(LOSSES))
def test_every_loss_passes_and_is_failed_when_its_derivative_is_wrong(monkeypatch, name):
    fused = LOSSES[name].fused
    network = small(fused.activation if fused else "tanh", name)
    assert check_gradients(Trainer(network)).passed
    if fused:
        changes = {"fused": replace(fused, delta=lambda y, a: fused.delta(y, a) * 1.0001)}
    else:
        changes = {"gradient": lambda y, a: LOSSES[name].gradient(y, a) * 1.0001}
    with_row(monkeypatch, "LOSSES", LOSSES, name, **changes)
    assert not check_gradients(Trainer(replace(network))).passed


def test_a_derivative_that_is_not_a_number_is_failed(monkeypatch):
    with_row(monkeypatch, "ACTIVATIONS", ACTIVATIONS, "tanh", derivative=lambda z, a: z * np.nan)
    result = check_gradients(Trainer(small("tanh")))
    assert not result.passed
    assert np.isnan(result.max_relative_error)


def test_a_wrong_derivative_of_one_layer_points_below_it(monkeypatch):
    """The output layer's gradients do not depend on the slope of the hidden layer."""
    document = library.find("xor")
    network = replace(
        document, layers=(replace(document.layers[0], activation_name="tanh"), document.layers[1])
    )
    with_row(monkeypatch, "ACTIVATIONS", ACTIVATIONS, "tanh", derivative=lambda z, a: 1.0 + 0.0 * z)
    assert {one.layer for one in check_gradients(Trainer(network)).disagreeing} == {1}


@given(networks(layers=2, units=3, activations=SMOOTH))
def test_random_smooth_networks_pass_in_every_parameter(network):
    result = check_gradients(Trainer(network))
    assert result.passed, result.disagreeing
    assert result.checked == network.parameters


@given(networks(layers=2, units=3))
def test_corners_are_left_out_and_all_else_passes(network):
    result = check_gradients(Trainer(network))
    assert result.passed, result.disagreeing
    assert len(result.compared) == network.parameters


def test_a_unit_at_its_corner_is_not_compared():
    layer = {"units": 1, "activation": "relu", "weights": [[1.0]], "biases": [0.0]}
    data = {"inputs": [[0.0]], "targets": [[1.0]]}
    result = check_gradients(Trainer(build({"network": {"inputs": 1, "layers": [layer]}, "data": data})))
    (weight, bias) = result.compared
    assert not weight.kink  # x is 0: the weight does not move z off the corner
    assert bias.kink
    assert result.checked == 1
    assert result.passed


@pytest.mark.parametrize("activation", ["elu", "identity", "gelu"])
def test_a_jump_of_the_second_derivative_is_no_disagreement(activation):
    """Every z of the first example is exactly 0, where the slope of elu bends."""
    layers = [{"units": 2, "activation": activation}, {"units": 1, "activation": "sigmoid"}]
    data = {"inputs": [[0, 0], [0, 1], [1, 0], [1, 1]], "targets": [[0], [1], [1], [0]]}
    result = check_gradients(Trainer(build({"network": {"inputs": 2, "layers": layers}, "data": data})))
    assert result.passed, result.disagreeing
    assert result.checked == 9


def test_a_slope_in_the_last_digits_of_the_loss_is_no_disagreement():
    """A slope of 1.5e-7 beside a loss of 0.7: rounding alone moves the difference by 1e-13."""
    layers = [
        {"units": 3, "activation": "softmax", "weights": [[0.0] * 3, [1.0, -0.6, 0.0], [0.0] * 3]},
        {"units": 2, "activation": "sigmoid", "weights": [[0.0, 0.0, 0.1], [0.0, 0.0, 0.1]]},
    ]
    data = {"inputs": [[2.0, -0.5, 0.1]], "targets": [[0.0, 1.0]]}
    training = {"loss": "binary_cross_entropy"}
    network = build({"network": {"inputs": 3, "layers": layers}, "training": training, "data": data})
    result = check_gradients(Trainer(network))
    assert result.passed, result.disagreeing


def test_a_loss_rounded_more_than_usual_is_compared_over_a_longer_step(monkeypatch):
    """As where many outputs are added up: an error of a few last digits is less of a longer difference."""
    right = MovedLosses.losses

    def rounded(self, layer, units, belows, offsets):
        losses, crossed = right(self, layer, units, belows, offsets)
        return losses + 4 * 2.0**-52 * losses * np.sign(offsets)[..., None], crossed

    monkeypatch.setattr(MovedLosses, "losses", rounded)
    layer = {"units": 1, "activation": "tanh", "weights": [[0.5]], "biases": [0.1]}
    data = {"inputs": [[1e-7]], "targets": [[1.0]]}
    network = build({"network": {"inputs": 1, "layers": [layer]}, "data": data})
    result = check_gradients(Trainer(network))
    assert result.passed, result.disagreeing
    monkeypatch.setattr("backprop_tui.engine.gradient_check.STEPS", (1.0,))
    assert not check_gradients(Trainer(network)).passed


def test_a_small_gradient_that_is_wrong_is_seen(monkeypatch):
    """Gradients of 1e-6 and less, wrong by a tenth."""
    network = library.find("vanishing")
    right = ACTIVATIONS["sigmoid"].derivative
    with_row(monkeypatch, "ACTIVATIONS", ACTIVATIONS, "sigmoid", derivative=lambda z, a: right(z, a) * 1.01)
    wrong = check_gradients(Trainer(network)).disagreeing
    assert min(abs(one.numeric) for one in wrong) < 1e-5
    assert len(wrong) == network.parameters


def test_other_parameters_than_the_initial_ones_may_be_checked():
    network = small("tanh")
    trainer = Trainer(network)
    state = trainer.initial_state()
    for number in range(20):
        state = trainer.iterate(state, number).after
    here, start = check_gradients(trainer, state.parameters), check_gradients(trainer)
    assert here.passed
    assert start.passed
    assert here.compared[0].analytic != start.compared[0].analytic
    assert isinstance(state.parameters, Parameters)


def test_saturated_and_overflowing_networks_are_checked_without_a_warning():
    layer = {"units": 1, "activation": "identity", "weights": [[1e200]]}
    data = {"inputs": [[1.0], [2.0]], "targets": [[0.0], [1.0]]}
    network = build({"network": {"inputs": 1, "layers": [layer, layer]}, "data": data})
    assert not check_gradients(Trainer(network)).passed


# The losses nearby, against whole forward passes


def assert_like_whole_passes(network, offsets):
    """Every parameter, moved by each offset. Returns how often a corner was passed, by layer moved."""
    trainer, rest, nearby = near(network)
    passed = []
    for number, layer in enumerate(network.layers):
        units, belows = np.divmod(np.arange(layer.units * (layer.inputs + 1)), layer.inputs + 1)
        losses, crossed = nearby.losses(number, units, belows, np.outer(offsets, np.ones(len(units))))
        passed.append(int(crossed.sum()))
        for index, (unit, below) in enumerate(zip(units, belows, strict=True)):
            for move, offset in enumerate(offsets):
                place = None if below == layer.inputs else below
                there = moved(trainer, number + 1, unit, place, offset)
                np.testing.assert_allclose(losses[move, index], there.loss, rtol=1e-9, atol=1e-12)
                if clear_of_corners(network, rest) and clear_of_corners(network, there):
                    assert crossed[move, index] == corners_passed(network, rest, there)
    return passed


def clear_of_corners(network, pass_):
    """Whether no z is so near to a corner that the last digits decide on which side it is."""
    rows = zip(network.layers, pass_.z, strict=True)
    return all((np.abs(z - corner) > 1e-9).all() for row, z in rows for corner in row.activation.kinks)


@given(networks(layers=3, units=3))
def test_the_losses_nearby_are_those_of_whole_passes(network):
    assert_like_whole_passes(network, (-0.3, 1e-3, 2.0))


@pytest.mark.parametrize("activation", sorted(ACTIVATIONS))
def test_so_they_are_in_deeper_networks(activation):
    network = library.find("3-5-4-4-2", Options(activation=activation, examples=9))
    passed = assert_like_whole_passes(network, (-2.0, 0.0, 0.5, 1.5))
    assert [count > 20 for count in passed] == [bool(ACTIVATIONS[activation].kinks)] * 3 + [False]


@pytest.mark.parametrize("activation", ["sigmoid", "softmax"])
def test_so_they_are_where_infinity_saturates_a_unit_above(activation):
    layers = [
        {"units": 1, "activation": "identity", "weights": [[1e200]]},
        {"units": 1, "activation": "identity", "weights": [[1e200]]},
        {"units": 2, "activation": "sigmoid", "weights": [[1.0], [-1.0]]},
        {"units": 2, "activation": activation, "weights": [[0.5, 0.25], [-0.5, 1.0]]},
        {"units": 1, "activation": "tanh", "weights": [[0.5, 0.25]]},
    ]
    data = {"inputs": [[1.0], [2.0]], "targets": [[0.0], [1.0]]}
    network = build({"network": {"inputs": 1, "layers": layers}, "data": data})
    _, rest, _ = near(network)
    assert np.isinf(rest.z[1]).all()
    assert np.isfinite(rest.loss).all()
    assert_like_whole_passes(network, (-0.5, 0.25, 1e100, -5e199))


def test_what_a_move_does_not_reach_stays_to_the_last_bit():
    """The first unit leads nowhere: no rounding may take a z above it past a corner, or change the loss."""
    generator = np.random.default_rng(0)
    rows = [generator.normal(size=shape) for shape in ((2, 2), (60, 2), (60, 60), (1, 60))]
    rows[1][:, 0] = 0.0
    layers = [{"units": len(w), "activation": "relu", "weights": w.tolist()} for w in rows]
    data = {"inputs": generator.normal(size=(7, 2)).tolist(), "targets": [[1.0]] * 7}
    _, rest, nearby = near(build({"network": {"inputs": 2, "layers": layers}, "data": data}))
    offsets = np.array([[0.25], [1.5], [-4.0]])
    losses, _ = nearby.losses(0, np.array([0]), np.array([2]), offsets)
    np.testing.assert_array_equal(losses[:, 0], np.tile(rest.loss, (3, 1)))


# How the result is told


def test_every_parameter_stands_at_its_place(monkeypatch):
    """In blocks of few parameters too: each slope is that of the parameter it is told of."""
    monkeypatch.setattr("backprop_tui.engine.gradient_check.BLOCK", 64)
    network = library.find("3-5-4-2")
    trainer = Trainer(network)
    told = []
    result = check_gradients(trainer, progress=told.append)
    assert told == sorted(told)
    assert len(told) > 5
    assert told[-1] == len(result.compared) == network.parameters
    assert len({(one.layer, one.unit, one.below) for one in result.compared}) == network.parameters
    for one in result.compared:
        up, down = (np.mean(moved(trainer, one.layer, one.unit, one.below, h).loss) for h in (1e-5, -1e-5))
        assert (up - down) / 2e-5 == pytest.approx(one.analytic, rel=1e-5, abs=1e-9)
        assert one.numeric == pytest.approx(one.analytic, rel=1e-5, abs=1e-9)


def test_the_one_gradient_that_is_wrong_is_named(monkeypatch):
    from backprop_tui.engine import gradient_check, reference

    network = library.find("3-5-4-2")
    right = reference.backward

    def wrong(*arguments):
        back, gradient = right(*arguments)
        gradient.weights[1][2, 3] += 1e-3
        return back, gradient

    monkeypatch.setattr(gradient_check, "backward", wrong)
    result = check_gradients(Trainer(network))
    (one,) = result.disagreeing
    assert (one.layer, one.unit, one.below) == (2, 2, 3)
    assert one.analytic - one.numeric == pytest.approx(1e-3)
    assert result.checked == network.parameters
    assert not result.passed


def test_a_large_network_is_checked_whole():
    network = library.find("300-60-30-10")
    result = check_gradients(Trainer(network))
    assert result.checked == network.parameters == 20_200
    assert result.passed
