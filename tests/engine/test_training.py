"""Training: XOR and random networks against plain loops, batches, shuffling, frozen parameters."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from plain import run as plain_run
from strategies import networks

from backprop_tui.engine.epochs import run
from backprop_tui.engine.gradient_check import check_gradients
from backprop_tui.engine.training import Trainer
from backprop_tui.network.files import library
from backprop_tui.network.files.build import build

pytestmark = pytest.mark.usefixtures("engine")


def test_the_engine_is_the_one_asked_for(engine):
    assert Trainer(library.find()).engine == engine


def sigmoid(z):
    return 1.0 / (1.0 + math.exp(-z))


def xor_by_hand(epochs):
    """The shipped XOR network written out by hand: loops and math.exp, nothing else.

    Returns the parameters after so many epochs, and the values of the last epoch, example by example.
    """
    w = [[3.0, -2.0], [-2.5, 3.5]]
    b = [-1.0, -0.5]
    v, c = [2.0, 1.5], -1.0
    examples = [((0.0, 0.0), 0.0), ((0.0, 1.0), 1.0), ((1.0, 0.0), 1.0), ((1.0, 1.0), 0.0)]
    seen = []
    for _ in range(epochs):
        seen = []
        dw, db, dv, dc = [[0.0, 0.0], [0.0, 0.0]], [0.0, 0.0], [0.0, 0.0], 0.0
        for x, y in examples:
            z_h = [w[j][0] * x[0] + w[j][1] * x[1] + b[j] for j in range(2)]
            a_h = [sigmoid(z) for z in z_h]
            z_o = v[0] * a_h[0] + v[1] * a_h[1] + c
            a_o = sigmoid(z_o)
            dL_da_o = -(y - a_o)
            delta_o = dL_da_o * a_o * (1.0 - a_o)
            dL_da_h = [delta_o * v[j] for j in range(2)]
            delta_h = [dL_da_h[j] * a_h[j] * (1.0 - a_h[j]) for j in range(2)]
            seen.append(
                {
                    "z": [z_h, [z_o]],
                    "a": [a_h, [a_o]],
                    "loss": 0.5 * (y - a_o) ** 2,
                    "dL_da": [dL_da_h, [dL_da_o]],
                    "da_dz": [[a * (1.0 - a) for a in a_h], [a_o * (1.0 - a_o)]],
                    "delta": [delta_h, [delta_o]],
                    "gradients": [
                        [[delta_h[j] * x[i] for i in range(2)] for j in range(2)],
                        [[delta_o * a_h[j] for j in range(2)]],
                    ],
                }
            )
            dc += delta_o / 4.0
            for j in range(2):
                dv[j] += delta_o * a_h[j] / 4.0
                db[j] += delta_h[j] / 4.0
                for i in range(2):
                    dw[j][i] += delta_h[j] * x[i] / 4.0
        c -= 2.0 * dc
        for j in range(2):
            v[j] -= 2.0 * dv[j]
            b[j] -= 2.0 * db[j]
            for i in range(2):
                w[j][i] -= 2.0 * dw[j][i]
    return [w, [v]], [b, [c]], seen


@pytest.mark.parametrize("epochs", [1, 2, 100])
def test_xor_agrees_with_the_calculation_by_hand(epochs):
    trainer = Trainer(library.find("xor"))
    state = trainer.initial_state()
    for number in range(epochs):
        iteration = trainer.iterate(state, number)
        state = iteration.after
    weights, biases, seen = xor_by_hand(epochs)
    close = {"rtol": 1e-10, "atol": 1e-14}
    for layer in range(2):
        np.testing.assert_allclose(state.parameters.weights[layer], weights[layer], **close)
        np.testing.assert_allclose(state.parameters.biases[layer], biases[layer], **close)
        for row, expected in enumerate(seen):
            pass_, back = iteration.forward, iteration.backward
            np.testing.assert_allclose(pass_.z[layer][row], expected["z"][layer], **close)
            np.testing.assert_allclose(pass_.a[layer + 1][row], expected["a"][layer], **close)
            np.testing.assert_allclose(pass_.loss[row], expected["loss"], **close)
            np.testing.assert_allclose(back.dL_da[layer][row], expected["dL_da"][layer], **close)
            np.testing.assert_allclose(back.da_dz[layer][row], expected["da_dz"][layer], **close)
            np.testing.assert_allclose(back.delta[layer][row], expected["delta"][layer], **close)
            gradients = np.outer(back.delta[layer][row], pass_.a[layer][row])
            np.testing.assert_allclose(gradients, expected["gradients"][layer], **close)


def test_the_worked_example_after_one_update():
    trainer = Trainer(library.find())
    after = trainer.iterate(trainer.initial_state(), 0).after.parameters
    got = [array.item() for array in (*after.weights, *after.biases)]
    published = [0.30351309393128006, 0.7229257023721576, 0.10702618786256016, 0.24078025733205588]
    assert got == pytest.approx(published, rel=1e-15, abs=0)


@given(networks())
@settings(max_examples=60)
def test_three_epochs_agree_with_plain_loops(network):
    """Losses, predictions and parameters with every optimizer, batch size, order and frozen part."""
    trainer = Trainer(network)
    orders = [trainer.order(epoch).tolist() for epoch in range(3)]
    rows = list(plain_run(network, 3, orders))
    for result in run(network, 3):
        of_epoch = [row for row in rows if row.epoch == result.epoch]
        losses = [row.value for row in of_epoch if row.kind == "loss"]
        assert result.loss == pytest.approx(sum(losses) / len(losses), rel=1e-6, abs=1e-7)
        for row in of_epoch:
            if row.kind == "activation" and row.layer == len(network.layers):
                assert result.predictions[row.example, row.unit] == pytest.approx(
                    row.value, rel=1e-6, abs=1e-6
                )
        last = {row.key: row.value for row in of_epoch if row.slot is None}
        for (_, layer, unit, below), value in last.items():
            numbers = result.parameters.biases if below is None else result.parameters.weights
            index = (unit,) if below is None else (unit, below)
            assert numbers[layer - 1][index] == pytest.approx(value, rel=1e-6, abs=1e-6)


@given(networks())
def test_every_epoch_uses_every_example_once(network):
    trainer = Trainer(network)
    count, size = len(network.data), network.batch_size
    for epoch in range(3):
        first = epoch * trainer.iterations_per_epoch
        batches = [trainer.batch(first + n).tolist() for n in range(trainer.iterations_per_epoch)]
        used = [example for batch in batches for example in batch]
        assert sorted(used) == list(range(count))
        lengths = [min(size, count - start) for start in range(0, count, size)]
        assert [len(batch) for batch in batches] == ([*network.training.batches] or lengths)
        if not network.training.shuffle:
            assert used == list(range(count))


def shuffling(seed, shuffle=True):
    layer = {"units": 1, "activation": "tanh"}
    data = {"inputs": [[float(n)] for n in range(20)], "targets": [[0.0]] * 20}
    training = {"shuffle": shuffle, "seed": seed, "batch_size": 3}
    return Trainer(build({"network": {"inputs": 1, "layers": [layer]}, "training": training, "data": data}))


def test_shuffled_orders_are_those_of_the_seed_and_differ_between_epochs():
    one, same, other = shuffling(1), shuffling(1), shuffling(2)
    orders = [one.order(epoch).tolist() for epoch in range(3)]
    assert [same.order(epoch).tolist() for epoch in (2, 0, 1)] == [orders[2], orders[0], orders[1]]
    assert other.order(0).tolist() != orders[0]
    assert len({tuple(order) for order in orders}) == 3


@given(networks())
def test_frozen_parameters_stay_and_the_others_have_their_turn(network):
    trainer = Trainer(network)
    state = trainer.initial_state()
    after = trainer.iterate(state, 0).after
    assert after.updates == state.updates + 1
    for number, layer in enumerate(network.layers):
        if layer.frozen_weights:
            assert np.array_equal(after.parameters.weights[number], np.array(layer.weights))
        if layer.frozen_biases:
            assert np.array_equal(after.parameters.biases[number], np.array(layer.biases))
    assert np.array_equal(state.parameters.weights[0], np.array(network.layers[0].weights))


@given(networks())
def test_training_is_deterministic_to_the_bit(network):
    first, second = list(run(network, 3)), list(run(network, 3))
    for one, other in zip(first, second, strict=True):
        assert np.array_equal(one.loss, other.loss, equal_nan=True)
        assert one.predictions.tobytes() == other.predictions.tobytes()
        for a, b in zip(one.parameters.weights, other.parameters.weights, strict=True):
            assert a.tobytes() == b.tobytes()


def diverging():
    layer = {"units": 1, "activation": "identity", "weights": [[1.0]], "biases": [0.0]}
    return build(
        {
            "network": {"inputs": 1, "layers": [layer]},
            "training": {"optimizer": {"learning_rate": 1e100}},
            "data": {"inputs": [[1.0], [2.0]], "targets": [[0.0], [0.0]]},
        }
    )


def test_divergence_is_carried_on_as_infinities_and_not_a_number():
    results = list(run(diverging(), 8))
    assert results[0].loss == 1.25
    assert not math.isfinite(results[-1].loss)
    assert not np.isfinite(results[-1].parameters.weights[0]).any()


def test_losses_too_large_to_add_are_no_warning():
    network = build(
        {
            "network": {"inputs": 1, "layers": [{"units": 1, "activation": "identity", "weights": [[1.0]]}]},
            "data": {"inputs": [[1.3e154]] * 3, "targets": [[0.0]] * 3},
        }
    )
    assert next(run(network, 1)).loss == math.inf
    assert not check_gradients(Trainer(network)).passed
