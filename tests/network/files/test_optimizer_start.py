"""An optimizer that goes on from earlier updates: by hand, and where other options replace its own."""

import pytest

from backprop_tui.engine.training import Trainer
from backprop_tui.network.files.build import build
from backprop_tui.network.files.shapes import Options, changed


def network(optimizer, kept, updates=3):
    """One linear unit without a bias, w = 1, x = 2, y = 1: the gradient of w is (2w − 1)·2 = 2."""
    return build(
        {
            "network": {
                "inputs": 1,
                "layers": [{"units": 1, "activation": "identity", "weights": [[1.0]], "frozen": ["biases"]}],
            },
            "training": {
                "optimizer": optimizer,
                "start": {"updates": updates, "layers": [{"weights": {k: [[v]] for k, v in kept.items()}}]},
            },
            "data": {"inputs": [[2.0]], "targets": [[1.0]]},
        }
    )


MOMENTUM = {"name": "sgd", "learning_rate": 0.1, "momentum": 0.5}


@pytest.mark.parametrize(
    ("optimizer", "kept", "expected"),
    [
        (MOMENTUM, {"v": 4.0}, 1.0 - 0.1 * (0.5 * 4.0 + 2.0)),
        ({**MOMENTUM, "dampening": 0.25}, {"v": 4.0}, 1.0 - 0.1 * (0.5 * 4.0 + 0.75 * 2.0)),
        ({"name": "adagrad", "learning_rate": 0.1, "eps": 0.0}, {"s": 12.0}, 1.0 - 0.1 * 2.0 / 4.0),
        (  # the fourth update: m = 0.5·1 + 0.5·2, over 1 − 1/16; v = 0.75·4 + 0.25·4, over 1 − 81/256
            {"name": "adam", "learning_rate": 0.1, "beta1": 0.5, "beta2": 0.75, "eps": 0.0},
            {"m": 1.0, "v": 4.0},
            1.0 - 0.1 * (1.5 / (15 / 16)) / (4.0 / (175 / 256)) ** 0.5,
        ),
    ],
)
@pytest.mark.parametrize("engine", ["scalars", "arrays"])
def test_the_first_update_goes_on_from_what_was_kept(optimizer, kept, expected, engine):
    trainer = Trainer(network(optimizer, kept), engine)
    after = trainer.iterate(trainer.initial_state(), 0).after
    assert after.parameters.weights[0][0, 0] == pytest.approx(expected, rel=1e-14)
    assert after.updates == 4


def test_another_optimizer_and_other_weights_start_anew():
    given = network(MOMENTUM, {"v": 4.0})
    assert changed(given, Options(optimizer="adam")).training.start is None
    assert changed(given, Options(initializer="zeros")).training.start is None
    assert changed(given, Options(learning_rate=0.2)).training.start == given.training.start


def test_what_other_options_do_not_keep_is_left_out():
    given = network(MOMENTUM, {"v": 4.0})
    start = changed(given, Options(settings={"momentum": 0.0})).training.start
    assert start is not None
    assert (start.updates, dict(start.layers[0].weights)) == (3, {})
    assert changed(given, Options(settings={"dampening": 0.5})).training.start == given.training.start
