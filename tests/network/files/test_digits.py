"""The handwritten digits: the data that were published, whole and in order, and a network that learns."""

from __future__ import annotations

from hashlib import sha256

import numpy as np
import pytest

from backprop_tui.engine.epochs import run
from backprop_tui.engine.gradient_check import check_gradients
from backprop_tui.engine.training import Trainer
from backprop_tui.network.errors import NetworkError
from backprop_tui.network.files.build import build
from backprop_tui.network.files.library import find, shipped
from backprop_tui.network.files.shapes import Options

FIRST = """
 0  0  5 13  9  1  0  0
 0  0 13 15 10 15  5  0
 0  3 15  2  0 11  8  0
 0  4 12  0  0  8  8  0
 0  5  8  0  0  9  8  0
 0  4 11  0  1 12  7  0
 0  2 14  5 10 12  0  0
 0  0  6 13 10  0  0  0
"""
"""The first image, a zero, as scikit-learn's documentation prints it."""
COUNTS = (178, 182, 177, 183, 181, 182, 181, 179, 174, 180)
"""Images of each digit, 0 to 9 (the data set's own description)."""
CHECKSUM = "68aea062d35a127749050fa0e52dca09d6569ac08092c925610e0954e172dde2"
"""SHA-256 of the published table as bytes: 64 shades and the digit a row."""


def made(outputs: int = 10, inputs: int = 64, **data: object) -> tuple[np.ndarray, np.ndarray]:
    layers = [{"units": outputs, "activation": "sigmoid"}]
    network = build(
        {"network": {"inputs": inputs, "layers": layers}, "data": {"generator": "digits", **data}}
    )
    return np.array(network.data.inputs), np.array(network.data.targets)


def test_all_images_are_there_as_they_were_published() -> None:
    inputs, targets = made()
    assert inputs.shape == (1797, 64)
    assert targets.shape == (1797, 10)
    assert targets.sum(axis=0).tolist() == list(COUNTS)
    assert set(targets.ravel().tolist()) == {0.0, 1.0}
    table = np.column_stack([inputs * 16.0, targets.argmax(axis=1)])
    assert np.array_equal(table, np.round(table))
    assert sha256(table.astype(np.uint8).tobytes()).hexdigest() == CHECKSUM


def test_the_first_image_is_the_zero_of_the_documentation() -> None:
    inputs, targets = made(examples=1)
    assert (inputs[0] * 16).tolist() == [float(shade) for shade in FIRST.split()]
    assert targets[0].tolist() == [1.0] + [0.0] * 9


def test_fewer_examples_are_the_first_ones_and_noise_is_added_to_the_images() -> None:
    inputs, targets = made()
    first, labels = made(examples=25)
    assert np.array_equal(first, inputs[:25])
    assert np.array_equal(labels, targets[:25])
    noisy, labels = made(examples=25, noise=0.5)
    assert np.array_equal(labels, targets[:25])
    assert np.std(noisy - first) == pytest.approx(0.5, rel=0.1)


@pytest.mark.parametrize(
    ("asked", "place", "words"),
    [
        ({"inputs": 63}, "data.generator", "a network of 64 inputs for digits, found 63"),
        ({"outputs": 1}, "data.generator", "a network of 10 output units for digits, found 1"),
        ({"outputs": 11}, "data.generator", "10 output units for digits, found 11"),
        ({"examples": 1798}, "data.examples", "at most 1,797 for digits, found 1798"),
        ({"examples": 0}, "data.examples", "at least 1, found 0"),
    ],
)
def test_what_does_not_fit_is_refused(asked: dict[str, int], place: str, words: str) -> None:
    with pytest.raises(NetworkError) as caught:
        made(**asked)  # type: ignore[arg-type]
    assert caught.value.place == place
    assert words in str(caught.value)


def test_a_shape_can_ask_for_them() -> None:
    network = find("64-32-10", Options(data="digits", loss="cross_entropy"))
    assert len(network.data) == 1797
    assert network.layers[-1].activation_name == "softmax"


def test_the_shipped_network_learns_to_read_within_a_few_epochs() -> None:
    network = shipped("digits")
    assert network.shape == "64-32-10"
    labels = np.array(network.data.targets).argmax(axis=1)
    results = list(run(network, 10))
    right = [float(np.mean(result.predictions.argmax(axis=1) == labels)) for result in results]
    assert results[0].loss < 2.3, "better than a guess, ln 10, within the first epoch"
    assert right[4] > 0.94
    assert right[9] > 0.97
    assert results[9].loss < 0.1


def test_its_gradients_agree_with_central_differences() -> None:
    network = find("digits", Options(examples=6))
    result = check_gradients(Trainer(network))
    assert result.passed, result.disagreeing
    assert result.checked > 0.9 * network.parameters
