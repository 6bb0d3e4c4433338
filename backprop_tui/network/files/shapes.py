"""Networks without a file: a shape such as ``2-4-1``, and what the options of the command line change.

Both are made into a document, so that ``build`` checks everything.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from msgspec import Struct
from msgspec.structs import fields, replace

from backprop_tui.network.description import Network
from backprop_tui.network.errors import NetworkError, described, nearest
from backprop_tui.network.files import document
from backprop_tui.network.files.build import MOST_LAYERS, build
from backprop_tui.network.files.datasets.data import csv_file
from backprop_tui.network.files.datasets.generators import GENERATORS
from backprop_tui.network.files.demands import counted
from backprop_tui.network.files.toml import exists
from backprop_tui.network.files.written_network import document_of
from backprop_tui.network.rules.optimizers import OPTIMIZERS

LEARNING_RATE = 0.5
"""The learning rate of a shape's gradient descent, unless an option gives another."""

_SHAPE = re.compile(r"\d+(?:-\d+)+", re.ASCII)


class Options(Struct, frozen=True):
    """Command-line options that replace fields of a network; None leaves a field as it is."""

    data: str | None = None
    """A generator, or a CSV file whose last columns are the targets."""
    activation: str | None = None
    """Of the hidden layers."""
    output: str | None = None
    """The output layer's activation."""
    loss: str | None = None
    optimizer: str | None = None
    learning_rate: float | None = None
    batch_size: int | None = None
    seed: int | None = None
    initializer: str | None = None
    examples: int | None = None
    noise: float | None = None
    settings: Mapping[str, object] | None = None
    """Further options of the optimizer, by name."""

    def __bool__(self) -> bool:
        return any(getattr(self, field.name) is not None for field in fields(Options))


NOTHING = Options()


def is_shape(argument: str) -> bool:
    """Whether *argument* is written as a shape: numbers joined by ``-``."""
    return _SHAPE.fullmatch(argument) is not None


def from_shape(shape: str, options: Options = NOTHING) -> Network:
    """The network of a shape such as ``2-4-1``.

    Sigmoid layers, the squared error and gradient descent with a learning rate of 0.5, unless options say
    otherwise. The output layer is softmax with the cross-entropy where one of the two is asked for, and
    identity where targets lie outside 0…1. The data are xor for two inputs and up to two outputs, blobs for
    two inputs and more outputs, sine for one of each, and random for any other shape.

    Raises:
        NetworkError: as ``build``; the place is the option where it was one.

    """
    try:
        raw = to_document(_widths(shape), options)
        network = build(raw)
        last = raw["network"]["layers"][-1]
        if options.output is None and last["activation"] == "sigmoid" and not _are_shares(network):
            last["activation"] = "identity"
            network = build(raw)
    except NetworkError as error:
        raise _named(error, options, shape) from None
    return network


def _are_shares(network: Network) -> bool:
    """Whether a sigmoid can reach every target."""
    return all(0.0 <= y <= 1.0 for row in network.data.targets for y in row)


def _widths(shape: str) -> list[int]:
    numbers = shape.split("-")
    if len(numbers) > MOST_LAYERS + 1:
        raise NetworkError("", f"at most {MOST_LAYERS} layers", f"{len(numbers) - 1}")
    for number in numbers:
        if len(number) > 18:
            raise NetworkError("", "numbers of units", f"one of {len(number)} digits")
    return [int(number) for number in numbers]


def to_document(widths: list[int], options: Options) -> dict[str, Any]:
    """The document of a shape: the widths of its layers, the input's first.

    Raises:
        NetworkError: a CSV file that is asked for does not fit.

    """
    inputs, *units = widths
    loss, output = options.loss, options.output
    if loss is None and output == "softmax":
        loss = "cross_entropy"
    if output is None:
        output = "softmax" if loss == "cross_entropy" and units[-1] > 1 else "sigmoid"
    layers: list[dict[str, Any]] = [{"units": count, "activation": "sigmoid"} for count in units]
    layers[-1]["activation"] = output
    data = options.data if options.data is not None else _fitting(inputs, units[-1])
    optimizer: dict[str, Any] = {"name": options.optimizer or "sgd"}
    if optimizer["name"] == "sgd":
        optimizer["learning_rate"] = LEARNING_RATE
    raw: dict[str, Any] = {
        "title": Path(data).name[:100] if data not in GENERATORS else data,
        "network": {"inputs": inputs, "layers": layers},
        "training": {"loss": loss or "squared_error", "optimizer": optimizer},
        "data": _data(data, inputs, units[-1]),
    }
    if data in GENERATORS:
        raw["about"] = {"teaches": GENERATORS[data].remark}
    _override(raw, options)
    return raw


def _fitting(inputs: int, outputs: int) -> str:
    if inputs == 2:
        return "xor" if outputs <= 2 else "blobs"
    return "sine" if inputs == outputs == 1 else "random"


def overridden(raw: Mapping[str, Any], options: Options, folder: Path | None = None) -> Network:
    """The network of a document in which options replace fields.

    Another optimizer starts from its own defaults, and an initializer draws weights anew. A CSV file that an
    option names is looked for in the current folder, one that the document names in *folder*.

    Raises:
        NetworkError: as ``build``; the place is the option where it was one.

    """
    document.read(dict(raw))
    copy = {**raw, "training": dict(raw.get("training", {})), "data": dict(raw["data"])}
    copy["network"] = {**raw["network"], "layers": [dict(layer) for layer in raw["network"]["layers"]]}
    try:
        if options.data is not None and copy["network"]["layers"]:
            copy["data"] = _data(options.data, *_ends(copy["network"]))
            folder = None
        _override(copy, options)
        return build(copy, folder)
    except NetworkError as error:
        raise _named(error, options) from None


def changed(network: Network, options: Options) -> Network:
    """A network in hand in which options replace fields, as ``overridden`` does.

    Examples that a generator made are made anew where the seed is another; all others stay as they are.

    Raises:
        NetworkError: as ``build``; the place is the option where it was one.

    """
    raw = document_of(network)
    anew = "generator" in network.data.origin and options.seed is not None
    if anew:
        return overridden(raw, options)
    raw["data"] = {"inputs": tuple(network.data.inputs), "targets": tuple(network.data.targets)}
    return replace(overridden(raw, options), data=network.data)


def _ends(network: dict[str, Any]) -> tuple[int, int]:
    """How many inputs and output units a document's network has."""
    inputs, units = network["inputs"], network["layers"][-1]["units"]
    return (
        inputs if isinstance(inputs, int) else len(inputs),
        units if isinstance(units, int) else len(units),
    )


def _override(raw: dict[str, Any], options: Options) -> None:
    """Replace fields of a document by options."""
    layers, training = raw["network"]["layers"], raw["training"]
    for layer in layers[:-1]:
        if options.activation is not None:
            layer["activation"] = options.activation
    if options.activation is not None and len(layers) < 2:
        raise NetworkError(
            _option("activation"), "a network with a hidden layer", "none", hint="try --output"
        )
    if options.output is not None and layers:
        layers[-1]["activation"] = options.output
    if options.initializer is not None:
        for layer in layers:
            layer.pop("weights", None)
            layer["initializer"] = options.initializer
        training.pop("start", None)
    for name in ("loss", "batch_size", "seed"):
        if getattr(options, name) is not None:
            training[name] = getattr(options, name)
    optimizer = dict(training.get("optimizer", {}))
    if options.optimizer is not None and optimizer.get("name", "sgd") != options.optimizer:
        optimizer = {"name": options.optimizer}
        training.pop("start", None)
    if options.learning_rate is not None:
        optimizer["learning_rate"] = options.learning_rate
    optimizer |= options.settings or {}
    _unschedule(raw, options, {**(options.settings or {}), "learning_rate": options.learning_rate})
    training["optimizer"] = optimizer
    if options.settings and "start" in training:
        training["start"] = _still_kept(training["start"], optimizer)
    for name in ("examples", "noise"):
        if getattr(options, name) is not None:
            raw["data"][name] = getattr(options, name)


def _unschedule(raw: dict[str, Any], options: Options, given: Mapping[str, Any]) -> None:
    """Leave out lengths of batches, options that change and what was recorded, where options differ."""
    training = raw["training"]
    if options.batch_size is not None or options.data is not None or options.examples is not None:
        training.pop("batches", None)
        training.pop("schedule", None)
        raw.pop("recording", None)
    schedule: Mapping[str, Any] = training.get("schedule", {})
    if schedule:
        changed = {name for name, value in given.items() if value is not None}
        own = options.optimizer is None  # another optimizer has options of its own
        training["schedule"] = {
            name: values
            for name, values in schedule.items()
            if name == "gradient_scale" or (own and name not in changed)
        }


def _still_kept(start: Mapping[str, Any], optimizer: Mapping[str, Any]) -> dict[str, Any]:
    """What an optimizer goes on from, without what it keeps no longer with other options."""
    row = OPTIMIZERS.get(optimizer.get("name", "sgd"))
    defaults = {} if row is None else {name: option.default for name, option in row.options.items()}
    names = () if row is None else row.state_names({**defaults, **optimizer})
    layers = [
        {part: {name: kept[name] for name in kept if name in names} for part, kept in layer.items()}
        for layer in start.get("layers", ())
    ]
    return {**start, "layers": layers}


def _data(given: str, inputs: int, outputs: int) -> dict[str, Any]:
    """The ``[data]`` table of ``--data``: a generator, or a CSV file with the targets in its last columns."""
    if given in GENERATORS:
        return {"generator": given}
    path = csv_file.resolved(given, None)
    if not given or not (given.lower().endswith(".csv") or "/" in given or "\\" in given or exists(path)):
        hint = nearest(given, GENERATORS) or "generators are " + ", ".join(GENERATORS)
        raise NetworkError(_option("data"), "a generator or a CSV file", described(given), hint=hint)
    header = csv_file.read_csv(path).header
    if len(header) - inputs not in {1, outputs}:
        expected = f"a CSV file of {counted(inputs, 'input column')}, then {counted(outputs, 'target')}"
        labels = ", or 1 column of labels" if outputs > 1 else ""
        hint = "a network file can say which columns to use"
        raise NetworkError(_option("data"), expected + labels, counted(len(header), "column"), hint=hint)
    return {"csv": given, "target_columns": list(header[inputs:])}


_PLACES = (
    (r"training\.loss$", "loss"),
    (r"training\.batch_size$", "batch_size"),
    (r"training\.seed$", "seed"),
    (r"training\.optimizer\.name$", "optimizer"),
    (r"training\.optimizer\.learning_rate$", "learning_rate"),
    (r"data\.examples$", "examples"),
    (r"data\.noise$", "noise"),
    (r"data\.generator$", "data"),
    (r"data\.csv", "data"),
    (r"data\.(?:target|input)_columns$", "data"),
    (r"network\.layers\[\d+\]\.initializer$", "initializer"),
)


def _option(name: str) -> str:
    return "--" + name.replace("_", "-")


def _named(error: NetworkError, options: Options, shape: str = "") -> NetworkError:
    """The same error, its place the option it came from."""
    place = error.place
    for pattern, name in _PLACES:
        if getattr(options, name) is not None and (match := re.match(pattern, place)):
            place = _option(name) + place[match.end() :]
            break
    if place.endswith(".activation"):
        for name in ("activation", "output"):
            if error.found == described(getattr(options, name)):
                place = _option(name)
    if shape and not place.startswith("--"):
        return NetworkError(place, error.expected, error.found, hint=error.hint, source=shape[:80])
    return NetworkError(place, error.expected, error.found, hint=error.hint, source=error.source)
