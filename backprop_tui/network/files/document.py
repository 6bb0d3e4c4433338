"""The fields of a network file and their types, checked by msgspec.

A document is the nested dictionary that a TOML file holds. This module checks its form; ``build``
checks its values.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, NoReturn, TypeVar

import msgspec

from backprop_tui.network.errors import MISSING, NetworkError, described, nearest


class LayerTable(msgspec.Struct, forbid_unknown_fields=True):
    """``[[network.layers]]``: one layer above the input."""

    units: int | list[str]
    activation: str
    weights: list[list[float]] | None = None
    biases: list[float] | None = None
    initializer: str | dict[str, Any] | None = None
    frozen: list[str] = []
    weight_names: list[list[str]] | None = None
    bias_names: list[str] | None = None


class NetworkTable(msgspec.Struct, forbid_unknown_fields=True):
    """``[network]``."""

    inputs: int | list[str]
    layers: list[LayerTable]


class KeptTable(msgspec.Struct, forbid_unknown_fields=True):
    """``[[training.start.layers]]``: what the optimizer has kept of one layer, by name."""

    weights: dict[str, list[list[float]]] = {}
    biases: dict[str, list[float]] = {}


class StartTable(msgspec.Struct, forbid_unknown_fields=True):
    """``[training.start]``: where the optimizer goes on from."""

    updates: int
    layers: list[KeptTable] = []


class TrainingTable(msgspec.Struct, forbid_unknown_fields=True):
    """``[training]``."""

    loss: str = "squared_error"
    batch_size: int | None = None
    shuffle: bool = False
    seed: int = 0
    reduction: str = "mean"
    optimizer: dict[str, Any] = {}
    start: StartTable | None = None
    batches: list[int] = []
    schedule: dict[str, list[float]] = {}


class DataTable(msgspec.Struct, forbid_unknown_fields=True):
    """``[data]``: examples, a CSV file, or a generator."""

    inputs: list[list[float]] | None = None
    targets: list[list[float]] | None = None
    csv: str | None = None
    input_columns: list[str] | None = None
    target_columns: list[str] | None = None
    generator: str | None = None
    examples: int | None = None
    noise: float | None = None


class About(msgspec.Struct, forbid_unknown_fields=True):
    """``[about]``: where the network comes from and what it is for."""

    source: str = ""
    teaches: str = ""
    errata: str = ""
    published: dict[str, Any] = {}


class PyTorchTable(msgspec.Struct, forbid_unknown_fields=True):
    """``[pytorch]``: what the network was there."""

    dtype: str = "float64"
    loss: str = ""


class RecordedIterationTable(msgspec.Struct, forbid_unknown_fields=True):
    """``[[recording.iterations]]``: what PyTorch computed in one iteration."""

    number: int
    loss: float
    grad_norm: float
    grad_norm_at_step: float | None = None
    ranks: list[list[int]] = []
    dtype: str = ""
    scale: float = 1.0
    notes: list[str] = []


class RecordingTable(msgspec.Struct, forbid_unknown_fields=True):
    """``[recording]``: the training in PyTorch of which the network is the replay."""

    iterations: list[RecordedIterationTable]
    folder: str = ""
    reason: str = ""
    when: str = ""
    at: int = 0
    said: list[str] = []


class Document(msgspec.Struct, forbid_unknown_fields=True):
    """The whole file."""

    network: NetworkTable
    data: DataTable
    title: str = ""
    training: TrainingTable = msgspec.field(default_factory=TrainingTable)
    about: About = msgspec.field(default_factory=About)
    pytorch: PyTorchTable | None = None
    recording: RecordingTable | None = None
    session: dict[str, Any] = {}


Tables = Mapping[str, type[msgspec.Struct]]
"""The kinds of a document's tables, by their places without numbers."""
Table = TypeVar("Table", bound=msgspec.Struct)

_TABLES: Tables = {
    "": Document,
    "network": NetworkTable,
    "network.layers": LayerTable,
    "training": TrainingTable,
    "training.start": StartTable,
    "training.start.layers": KeptTable,
    "data": DataTable,
    "about": About,
    "pytorch": PyTorchTable,
    "recording": RecordingTable,
    "recording.iterations": RecordedIterationTable,
}

_WORDS = {
    "int | array": "a whole number or a list of names",
    "int": "a whole number",
    "float": "a number",
    "array": "a list",
    "object": "a table",
    "str": "text",
    "bool": "true or false",
    "null": "nothing",
}
_AT = r"(?s)^(?P<what>.*?)(?: - at `(?P<path>[^`]*)`)?$"


def fields(place: str, tables: Tables = _TABLES) -> tuple[str, ...]:
    """The names of the fields that the table at *place* may have."""
    return tables[re.sub(r"\[\d+\]", "", place)].__struct_fields__


def read(raw: dict[str, Any]) -> Document:
    """The document in *raw*.

    Raises:
        NetworkError: a field is missing, misspelt or of the wrong type.

    """
    if "pages" in raw:
        raise NetworkError("", "a network file", "a lesson", hint="backprop-tui lesson opens it")
    return converted(raw, Document, _TABLES)


def converted(raw: dict[str, Any], kind: type[Table], tables: Tables) -> Table:
    """The table of a *kind* in *raw*.

    Args:
        raw: what was read.
        kind: the whole.
        tables: the kinds of the tables in it, by their places; the whole is at the empty place.

    Raises:
        NetworkError: a field is missing, misspelt or of the wrong type.

    """
    try:
        return msgspec.convert(raw, kind, strict=True)
    except msgspec.ValidationError as error:
        _explain(str(error), raw, tables)
    except (OverflowError, RecursionError):
        raise NetworkError("", "numbers that fit a 64-bit float") from None


def _explain(message: str, raw: dict[str, Any], tables: Tables) -> NoReturn:
    match = re.match(_AT, message)
    assert match is not None
    what, place = match["what"], (match["path"] or "").removeprefix("$").lstrip(".").replace("[...]", "")
    if unknown := re.search(r"unknown field `(.*)`$", what, re.DOTALL):
        word = unknown[1]
        allowed = fields(place, tables)
        hint = nearest(word, allowed) or "it may have " + ", ".join(allowed)
        raise NetworkError(place, "a known field", described(word), hint=hint)
    if missing := re.search(r"missing required field `(\w+)`$", what):
        hint = ""
        if isinstance(table := at(raw, place), dict):
            near = [key for key in table if nearest(key, [missing[1]]) and key not in fields(place, tables)]
            hint = f"did you mean {missing[1]}, where it says {described(near[0])[1:-1]}?" if near else ""
        raise NetworkError(_joined(place, missing[1]), "a value", MISSING, hint=hint)
    if expected := re.search(r"^Expected `([^`]*)`", what):
        raise NetworkError(place, _in_words(expected[1]), described(at(raw, place)))
    if what == "Number out of range":
        raise NetworkError(place, "a number that fits 64 bits", described(at(raw, place)))
    raise NetworkError(place, "something else", described(at(raw, place)), hint=what)


def _joined(place: str, name: str) -> str:
    return f"{place}.{name}" if place else name


def _in_words(types: str) -> str:
    if types in _WORDS:
        return _WORDS[types]
    words = [_WORDS.get(kind, kind) for kind in types.split(" | ") if kind != "null"]
    return " or ".join(dict.fromkeys(words))


def at(raw: object, place: str) -> object:
    """What stands at *place* of a raw document; MISSING where nothing does."""
    value: Any = raw
    for name, index in re.findall(r"([^.\[\]]+)|\[(\d+)\]", place):
        try:
            value = value[name] if name else value[int(index)]
        except (KeyError, IndexError, TypeError):
            return MISSING
    return value
