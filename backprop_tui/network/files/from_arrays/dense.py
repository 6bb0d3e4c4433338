"""Networks from arrays: they become a document, so that ``build`` checks everything."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from backprop_tui.network.description import Network
from backprop_tui.network.errors import NetworkError, described
from backprop_tui.network.files.build import build
from backprop_tui.network.files.from_arrays.arrays import (
    matrix_of,
    numbers_of,
    rows_of,
    targets_of,
    vector_of,
)
from backprop_tui.network.lazy_numpy import Array, np

_ARGUMENTS = (
    (r"network\.layers\[(\d+)\]\.(?:weights|units)", r"weights[\1]"),
    (r"network\.layers\[(\d+)\]\.biases", r"biases[\1]"),
    (r"network\.layers\[(\d+)\]\.activation", r"activations[\1]"),
    (r"network\.layers\[\d+\]\.initializer", "initializer"),
    (r"network\.layers$", "weights"),
    (r"network\.inputs", "inputs"),
    (r"training\.optimizer\.name$", "optimizer"),
    (r"(?:training|data)\.", ""),
)
"""The places of a document, and the arguments that they come from."""


def dense(
    weights: Sequence[Any],
    biases: Sequence[Any] | None = None,
    *,
    inputs: Any,
    targets: Any,
    activations: str | Sequence[str] = "sigmoid",
    loss: str = "squared_error",
    optimizer: str | Mapping[str, Any] = "sgd",
    learning_rate: float | None = None,
    batch_size: int | None = None,
    shuffle: bool = False,
    seed: int = 0,
    initializer: str | Mapping[str, Any] | None = None,
    title: str = "",
) -> Network:
    """A fully connected network from arrays: NumPy's, or what NumPy makes one of (lists, frames, tensors).

    >>> import numpy as np
    >>> from backprop_tui import dense
    >>> network = dense(
    ...     [np.array([[0.1, 0.2], [0.3, 0.4]]), np.array([[0.5, -0.6]])],
    ...     inputs=np.array([[0.0, 1.0], [1.0, 0.0]]),
    ...     targets=np.array([1.0, 0.0]),
    ...     activations=["tanh", "sigmoid"],
    ...     learning_rate=0.5,
    ... )
    >>> network.shape, len(network.data)
    ('2-2-1', 2)
    >>> dense([8, 3], inputs=np.eye(4), targets=[0, 1, 2, 0]).shape  # drawn weights, and labels
    '4-8-3'

    Args:
        weights: of each layer above the input an array of the shape (units, inputs); or a whole number, how
            many units it has: its weights are drawn.
        biases: of each layer an array of the shape (units,), or None for zeros; left out, all are zero.
        inputs: the examples, of the shape (examples, inputs); of one input also (examples,).
        targets: of the shape (examples, outputs); of one output also (examples,). Of several outputs, whole
            numbers from 0 of the shape (examples,) are labels, which become one-hot.
        activations: the name of each layer's activation, or one name for all.
        loss: its name.
        optimizer: its name; or with options, ``{"name": "adam", "beta1": 0.8}``.
        learning_rate: left out, the optimizer's default.
        batch_size: examples a batch; left out, all.
        shuffle: whether each epoch takes the examples in another order.
        seed: where random numbers start.
        initializer: how weights are drawn, by name or as a network file says it.
        title: what the network is called.

    Returns:
        the network; names and defaults are those of network files.

    Raises:
        NetworkError: a shape does not fit, or something is not known; the message names the argument.
    """
    count = _length("weights", weights)
    given = [
        _plain(one) if _is_count(one) else numbers_of(f"weights[{at}]", one) for at, one in enumerate(weights)
    ]
    examples = numbers_of("inputs", inputs)
    layers: list[dict[str, Any]] = [{} for _ in range(count)]
    _put_activations(layers, activations)
    below = first = _inputs(given, examples)
    for number, (layer, one) in enumerate(zip(layers, given, strict=True)):
        if isinstance(one, int):
            layer["units"] = one
            if initializer is not None:
                layer["initializer"] = initializer
        else:
            layer["weights"] = matrix_of(f"weights[{number}]", one, "units", below).tolist()
            layer["units"] = len(one)
        below = layer["units"]
    if biases is not None:
        _length("biases", biases, count)
        for number, (layer, bias) in enumerate(zip(layers, biases, strict=True)):
            if bias is not None:
                layer["biases"] = vector_of(f"biases[{number}]", bias, layer["units"]).tolist()
    document = {
        "title": title,
        "network": {"inputs": first, "layers": layers},
        "training": {
            "loss": loss,
            "optimizer": _optimizer(optimizer, learning_rate),
            "batch_size": _plain(batch_size),
            "shuffle": _plain(shuffle),
            "seed": _plain(seed),
        },
        "data": {
            "inputs": rows_of("inputs", examples, first).tolist(),
            "targets": targets_of("targets", targets, below).tolist(),
        },
    }
    try:
        return build(document)
    except NetworkError as error:
        place = _argument(error.place, activations, learning_rate)
        raise NetworkError(place, error.expected, error.found, hint=error.hint) from None


def _length(place: str, given: Sequence[Any], expected: int | None = None) -> int:
    """How many layers there is something for."""
    if isinstance(given, str) or not hasattr(given, "__len__"):
        found = described(given) if isinstance(given, str) else f"one {type(given).__name__}"
        raise NetworkError(place, "a list, an item a layer", found)
    if expected is not None and len(given) != expected:
        raise NetworkError(place, f"{expected}, one a layer", f"{len(given)}")
    return len(given)


def _put_activations(layers: list[dict[str, Any]], given: str | Sequence[str]) -> None:
    if not isinstance(given, str):
        _length("activations", given, len(layers))
    for number, layer in enumerate(layers):
        layer["activation"] = given if isinstance(given, str) else given[number]


def _is_count(given: object) -> bool:
    """Whether a layer is given by how many units it has."""
    return isinstance(given, (int, np.integer)) and not isinstance(given, bool)


def _inputs(given: Sequence[Any], examples: Array) -> int:
    """How many inputs the network has: as the examples say, or the first weights where they do not."""
    for found in (examples, *given[:1]):
        if not isinstance(found, int) and found.ndim == 2:
            return int(found.shape[1])
    return 1


def _optimizer(given: str | Mapping[str, Any], learning_rate: float | None) -> dict[str, Any]:
    found = {
        key: _plain(value) for key, value in ({"name": given} if isinstance(given, str) else given).items()
    }
    return found if learning_rate is None else {**found, "learning_rate": _plain(learning_rate)}


def _plain(value: Any) -> Any:
    """A number of NumPy's as one of Python's."""
    return value.item() if isinstance(value, np.generic) else value


def _argument(place: str, activations: str | Sequence[str], learning_rate: float | None) -> str:
    """The argument that a place in a document comes from."""
    if learning_rate is not None and place == "training.optimizer.learning_rate":
        return "learning_rate"
    for pattern, argument in _ARGUMENTS:
        if re.match(pattern, place):
            place = re.sub(pattern, argument, place, count=1)
            break
    return re.sub(r"^activations\[\d+\]", "activations", place) if isinstance(activations, str) else place
