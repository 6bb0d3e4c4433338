"""From a document to a network: every value is checked here.

Files, shapes on the command line and Python callers all come through ``build``, so all get the same checks
and the same messages.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import isfinite
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from backprop_tui.network.description import (
    DTYPES,
    Drawn,
    Kept,
    Layer,
    Matrix,
    Network,
    PyTorch,
    Start,
    Training,
    Vector,
)
from backprop_tui.network.errors import MISSING, NetworkError, described, one_of
from backprop_tui.network.files import document
from backprop_tui.network.files.datasets.data import read_data
from backprop_tui.network.files.demands import (
    finite_number,
    known_word,
    printable_text,
    require_finite,
    whole_number,
)
from backprop_tui.network.files.document import LayerTable, PyTorchTable, StartTable, TrainingTable
from backprop_tui.network.files.given_names import bias_names, given_names, require_unambiguous, weight_names
from backprop_tui.network.lazy_module import lazy_module
from backprop_tui.network.reach import most_parameters
from backprop_tui.network.rules.activations import ACTIVATIONS
from backprop_tui.network.rules.initializers import DEFAULT_INITIALIZER, INITIALIZERS, LARGEST, draw
from backprop_tui.network.rules.losses import LOSSES
from backprop_tui.network.rules.optimizers import OPTIMIZERS

recorded = lazy_module("backprop_tui.network.files.recorded")
"""Imported with the first network that has batches of given lengths or was recorded: few are."""
MOST_PARAMETERS = 4_000_000
MOST_LAYERS = 200


def build(raw: Mapping[str, Any], folder: Path | None = None) -> Network:
    """The network that a document describes.

    Args:
        raw: the document, as nested dictionaries in the form of a network file.
        folder: where a CSV file that it names is looked for.

    Raises:
        NetworkError: with the place, what was found and what was expected.

    """
    doc = document.read(dict(raw))
    if not doc.network.layers:
        raise NetworkError("network.layers", "at least one layer", "none")
    if len(doc.network.layers) > MOST_LAYERS:
        raise NetworkError("network.layers", f"at most {MOST_LAYERS} layers", str(len(doc.network.layers)))
    seed = whole_number("training.seed", doc.training.seed, least=0, most=2**63 - 1)
    inputs, input_names = _units("network.inputs", doc.network.inputs)
    _affordable(inputs, doc.network.layers)
    layers: list[Layer] = []
    below, finite = inputs, doc.recording is None  # what was recorded may be infinite or not a number
    for number, table in enumerate(doc.network.layers):
        layers.append(_layer(f"network.layers[{number}]", table, below, seed, number + 1, finite=finite))
        below = layers[-1].units
    data = read_data(doc.data, inputs, below, seed, folder, finite=finite)
    training = _training(doc.training, seed, finite=finite)
    if doc.training.batches or doc.training.schedule:
        batches = recorded.batches(doc.training)
        schedule = recorded.schedule(doc.training, training, finite=finite)
        training = replace(training, batches=batches, schedule=schedule)
    if doc.training.start is not None:
        training = replace(training, start=_start(doc.training.start, training, layers, finite=finite))
    network = Network(
        title=printable_text("title", doc.title)
        or "-".join(map(str, [inputs, *(layer.units for layer in layers)])),
        layers=tuple(layers),
        training=training,
        data=data,
        input_names=input_names,
        about={
            key: text
            for key in ("source", "teaches", "errata")
            if (text := printable_text(f"about.{key}", getattr(doc.about, key)))
        },
        published=_published_table("about.published", doc.about.published),
        pytorch=None if doc.pytorch is None else _pytorch(doc.pytorch),
        recording=None if doc.recording is None else recorded.recording(doc.recording),
    )
    if training.batches or training.schedule or network.recording is not None:
        recorded.require_fitting(network)
    _targets_fit(network)
    require_unambiguous(network)
    return network


def _published_table(place: str, table: Mapping[str, object], depth: int = 0) -> dict[str, object]:
    return {
        key: _published(f"{place}.{printable_text(place, key)}", item, depth + 1)
        for key, item in table.items()
    }


def _published(place: str, value: object, depth: int) -> object:
    """Digits as a source prints them: text, whole numbers, and tables and lists of these."""
    if depth > 8:
        raise NetworkError(place, "tables and lists at most 8 deep", "more")
    if isinstance(value, str):
        return printable_text(place, value)
    if isinstance(value, int) and value.bit_length() < 64:
        return value
    if isinstance(value, dict):
        return _published_table(place, value, depth)
    if isinstance(value, (list, tuple)):
        return tuple(_published(f"{place}[{number}]", item, depth + 1) for number, item in enumerate(value))
    raise NetworkError(place, "the digits as text", described(value))


def _units(place: str, units: int | list[str]) -> tuple[int, tuple[str, ...]]:
    """How many units, and their names where they are given."""
    if isinstance(units, int):
        return whole_number(place, units, least=1, most=_most_parameters()), ()
    if not units:
        raise NetworkError(place, "at least one name", "an empty list")
    return len(units), given_names(place, units)


def _most_parameters() -> int:
    return int(min(MOST_PARAMETERS, most_parameters()))


def _affordable(inputs: int, tables: list[LayerTable]) -> None:
    total, below = 0, inputs
    for number, table in enumerate(tables):
        units, _ = _units(f"network.layers[{number}].units", table.units)
        total += units * (below + 1)
        below = units
        if total > _most_parameters():
            raise NetworkError(
                f"network.layers[{number}].units",
                f"at most {_most_parameters():,} parameters in all",
                f"{total:,}",
            )


def _layer(place: str, table: LayerTable, inputs: int, seed: int, number: int, *, finite: bool) -> Layer:
    units, unit_names = _units(f"{place}.units", table.units)
    known_word(f"{place}.activation", table.activation, ACTIVATIONS)
    for index, word in enumerate(table.frozen):
        known_word(f"{place}.frozen[{index}]", word, ("weights", "biases"))
    if table.weights is not None and table.initializer is not None:
        raise NetworkError(f"{place}.initializer", "either weights or an initializer", "both")
    origin = None
    weights: Sequence[Vector]
    if table.weights is not None:
        weights = _weights(f"{place}.weights", table.weights, units, inputs, finite=finite)
    else:
        origin = _drawn(f"{place}.initializer", table.initializer)
        weights = draw(origin.initializer, origin.options, (units, inputs), seed, number)
    biases = (0.0,) * units
    if table.biases is not None:
        biases = _biases(f"{place}.biases", table.biases, units, finite=finite)
    return Layer(
        weights=weights,
        biases=biases,
        activation_name=table.activation,
        frozen_weights="weights" in table.frozen,
        frozen_biases="biases" in table.frozen,
        origin=origin,
        given_biases=table.biases is not None,
        unit_names=unit_names,
        weight_names=weight_names(f"{place}.weight_names", table.weight_names, units, inputs),
        bias_names=bias_names(f"{place}.bias_names", table.bias_names, units),
    )


def _drawn(place: str, given: str | dict[str, Any] | None) -> Drawn:
    if given is None:
        return Drawn(DEFAULT_INITIALIZER, given=False)
    table = {"name": given} if isinstance(given, str) else dict(given)
    name = table.pop("name", None)
    if not isinstance(name, str):
        raise NetworkError(
            f"{place}.name", one_of(INITIALIZERS), described(MISSING if name is None else name)
        )
    known_word(place if isinstance(given, str) else f"{place}.name", name, INITIALIZERS)
    allowed = INITIALIZERS[name].options
    options: dict[str, float] = {}
    for key, value in table.items():
        known_word(place, key, [*allowed, "name"], what=f"an option of {name}")
        options[key] = finite_number(f"{place}.{key}", value)
        if abs(options[key]) > LARGEST:
            raise NetworkError(f"{place}.{key}", f"at most {LARGEST:g} in size", value)
    full = {**allowed, **options}
    if name == "uniform" and full["low"] > full["high"]:
        raise NetworkError(f"{place}.low", f"at most high ({full['high']})", full["low"])
    if name == "normal" and full["std"] < 0:
        raise NetworkError(f"{place}.std", "at least 0", full["std"])
    return Drawn(name, options)


def _weights(place: str, rows: list[list[float]], units: int, inputs: int, *, finite: bool) -> Matrix:
    return _matrix(place, rows, units, inputs, "a row per unit", "a column per input", finite=finite)


def _biases(place: str, row: list[float], units: int, *, finite: bool) -> Vector:
    return _matrix(place, [row], 1, units, "", "one per unit", row_in_place=False, finite=finite)[0]


def _matrix(
    place: str,
    rows: list[list[float]],
    height: int,
    width: int,
    a_row: str,
    a_column: str,
    *,
    row_in_place: bool = True,
    finite: bool,
) -> Matrix:
    if len(rows) != height:
        raise NetworkError(place, f"{height} rows ({a_row})", f"{len(rows)}")
    for number, row in enumerate(rows):
        here = f"{place}[{number}]" if row_in_place else place
        if len(row) != width:
            raise NetworkError(here, f"{width} numbers ({a_column})", f"{len(row)}")
        if finite:
            require_finite(here, row)
    return tuple(tuple(map(float, row)) for row in rows)


def _training(table: TrainingTable, seed: int, *, finite: bool) -> Training:
    known_word("training.loss", table.loss, LOSSES)
    known_word("training.reduction", table.reduction, ("mean", "sum"))
    if table.batch_size is not None:
        whole_number("training.batch_size", table.batch_size, least=1, most=2**31)
    given = dict(table.optimizer)
    place = "training.optimizer"
    name = given.pop("name", "sgd")
    if not isinstance(name, str):
        raise NetworkError(f"{place}.name", one_of(OPTIMIZERS), described(name))
    known_word(f"{place}.name", name, OPTIMIZERS)
    rows = OPTIMIZERS[name].options
    options: dict[str, float] = {}
    for key, value in given.items():
        known_word(place, key, [*rows, "name"], what=f"an option of {name}")
        here = f"{place}.{key}"
        if rows[key].flag:
            if not isinstance(value, bool):
                raise NetworkError(here, "true or false", described(value))
            options[key] = float(value)
            continue
        if not finite and isinstance(value, float) and not isfinite(value):
            options[key] = value
            continue
        number = finite_number(here, value)
        if number < rows[key].least:
            raise NetworkError(here, f"at least {rows[key].least:g}", value)
        if number >= rows[key].below:
            raise NetworkError(here, f"less than {rows[key].below:g}", value)
        options[key] = number
    if options.get("nesterov") and not options.get("momentum"):
        raise NetworkError(f"{place}.momentum", "more than 0 with nesterov", options.get("momentum", 0.0))
    return Training(
        loss_name=table.loss,
        optimizer_name=name,
        options=options,
        batch_size=table.batch_size or 0,
        shuffle=table.shuffle,
        seed=seed,
        reduction=table.reduction,
    )


def _start(table: StartTable, training: Training, layers: Sequence[Layer], *, finite: bool) -> Start:
    place, names = "training.start", training.optimizer.state_names(training.settings)
    whole_number(f"{place}.updates", table.updates, least=0, most=2**53)
    if len(table.layers) != len(layers) and (names or table.layers):
        raise NetworkError(f"{place}.layers", f"{len(layers)}, one per layer", f"{len(table.layers)}")
    kept: list[Kept] = []
    for number, (given, layer) in enumerate(zip(table.layers, layers, strict=False)):
        here = f"{place}.layers[{number}]"
        for part in (given.weights, given.biases):
            for name in part:
                known_word(here, name, names, what=f"what {training.optimizer_name} keeps")
        weights = {
            name: _weights(f"{here}.weights.{name}", rows, layer.units, layer.inputs, finite=finite)
            for name, rows in given.weights.items()
        }
        biases = {
            name: _biases(f"{here}.biases.{name}", row, layer.units, finite=finite)
            for name, row in given.biases.items()
        }
        kept.append(Kept(weights, biases))
    return Start(table.updates, tuple(kept))


def _pytorch(table: PyTorchTable) -> PyTorch:
    known_word("pytorch.dtype", table.dtype, DTYPES)
    return PyTorch(table.dtype, printable_text("pytorch.loss", table.loss))


def _targets_fit(network: Network) -> None:
    """Refuse targets outside 0…1 where the loss is a cross-entropy: its targets are probabilities."""
    if not network.training.loss_name.endswith("cross_entropy"):
        return
    if network.recording is not None or all(
        0.0 <= y <= 1.0 for row in set(network.data.targets) for y in row
    ):  # one-hot rows are few
        return
    loss = network.training.loss_name
    for number, row in enumerate(network.data.targets):
        for column, y in enumerate(row):
            if not 0.0 <= y <= 1.0:
                if network.data.origin:
                    hint = f"example {number}, output {column}"
                    raise NetworkError("data", f"targets between 0 and 1 for {loss}", y, hint=hint)
                raise NetworkError(f"data.targets[{number}][{column}]", f"between 0 and 1 for {loss}", y)
