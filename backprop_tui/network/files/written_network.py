"""A network written down: the text of its file, and the document that it was built from."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from backprop_tui.network.description import (
    Data,
    Drawn,
    Kept,
    Layer,
    Matrix,
    Network,
    PyTorch,
    RecordedIteration,
    Recording,
    Training,
)
from backprop_tui.network.lazy_module import lazy_module

tomli_w = lazy_module("tomli_w")  # 6 ms to import, and opening a network does not need it


def text(network: Network, folder: Path | None = None, *, session: Mapping[str, object] | None = None) -> str:
    """A network as TOML, in the order in which a person would write it, a matrix row on a line of its own.

    Args:
        network: what to write.
        folder: where the text will be kept, for the path of a CSV file; None: the current folder.
        session: a ``[session]`` table to put below it.

    """
    about: dict[str, object] = dict(network.about)
    if network.published:
        about["published"] = network.published
    inputs = list(network.input_names) or network.widths[0]
    parts = [
        _table("", [("title", network.title)] if network.title != network.shape else []),
        tomli_w.dumps({"about": about}) if about else "",
        _table("[network]", [("inputs", inputs)]),
        *(_table("[[network.layers]]", _layer(layer)) for layer in network.layers),
        _table("[training]", _training(network.training)),
        _table("[training.optimizer]", _optimizer(network.training)),
        _table("[training.schedule]", network.training.schedule.items()) if network.training.schedule else "",
        *_start_tables(network.training),
        _table("[data]", _data(network.data, (folder or Path()).absolute())),
        _table("[pytorch]", _pytorch(network.pytorch)) if network.pytorch else "",
        *_recording_tables(network.recording),
        tomli_w.dumps({"session": session}) if session else "",
    ]
    return "\n".join(part for part in parts if part)


def document_of(network: Network) -> dict[str, Any]:
    """A network as nested dictionaries, of which ``build`` makes the very same network."""
    document: dict[str, Any] = {
        "title": network.title,
        "about": {**network.about, **({"published": network.published} if network.published else {})},
        "network": {
            "inputs": list(network.input_names) or network.widths[0],
            "layers": [dict(_layer(layer)) for layer in network.layers],
        },
        "training": {**dict(_training(network.training)), "optimizer": dict(_optimizer(network.training))},
        "data": dict(_data(network.data, Path().absolute())),
    }
    if start := network.training.start:
        layers = [dict(_kept(kept)) for kept in start.layers]
        document["training"]["start"] = {"updates": start.updates, "layers": layers}
    if network.training.schedule:
        schedule = {name: list(values) for name, values in network.training.schedule.items()}
        document["training"]["schedule"] = schedule
    if network.pytorch:
        document["pytorch"] = dict(_pytorch(network.pytorch))
    if network.recording:
        document["recording"] = dict(_recording(network.recording))
        document["recording"]["iterations"] = [dict(_recorded(one)) for one in network.recording.iterations]
    return document


Fields = Iterable[tuple[str, object]]


def _layer(layer: Layer) -> Fields:
    yield "units", list(layer.unit_names) or layer.units
    yield "activation", layer.activation_name
    if layer.origin is None:
        yield "weights", layer.weights
    elif layer.origin.given:
        yield "initializer", _initializer(layer.origin)
    if layer.given_biases:
        yield "biases", layer.biases
    frozen = [("weights", layer.frozen_weights), ("biases", layer.frozen_biases)]
    if any(is_frozen for _, is_frozen in frozen):
        yield "frozen", [word for word, is_frozen in frozen if is_frozen]
    if layer.weight_names:
        yield "weight_names", layer.weight_names
    if layer.bias_names:
        yield "bias_names", layer.bias_names


def _initializer(drawn: Drawn) -> object:
    return {"name": drawn.initializer, **drawn.options} if drawn.options else drawn.initializer


def _training(training: Training) -> Fields:
    yield "loss", training.loss_name
    if training.batch_size:
        yield "batch_size", training.batch_size
    if training.shuffle:
        yield "shuffle", True
    if training.seed:
        yield "seed", training.seed
    if training.sums_examples:
        yield "reduction", training.reduction
    if training.batches:
        yield "batches", list(training.batches)


def _optimizer(training: Training) -> Fields:
    yield "name", training.optimizer_name
    for name, value in training.options.items():
        yield name, bool(value) if training.optimizer.options[name].flag else value


def _start_tables(training: Training) -> Iterator[str]:
    if training.start:
        yield _table("[training.start]", [("updates", training.start.updates)])
        yield from (_table("[[training.start.layers]]", _kept(kept)) for kept in training.start.layers)


def _kept(kept: Kept) -> Fields:
    if kept.weights:
        yield "weights", dict(kept.weights)
    if kept.biases:
        yield "biases", dict(kept.biases)


def _pytorch(pytorch: PyTorch) -> Fields:
    yield "dtype", pytorch.dtype
    if pytorch.loss:
        yield "loss", pytorch.loss


def _recording_tables(recording: Recording | None) -> Iterator[str]:
    if recording:
        yield _table("[recording]", _recording(recording))
        yield from (_table("[[recording.iterations]]", _recorded(one)) for one in recording.iterations)


def _recording(recording: Recording) -> Fields:
    for name in ("folder", "reason", "when"):
        if getattr(recording, name):
            yield name, getattr(recording, name)
    yield "at", recording.at
    if recording.said:
        yield "said", list(recording.said)


def _recorded(one: RecordedIteration) -> Fields:
    yield "number", one.number
    yield "loss", one.loss
    yield "grad_norm", one.grad_norm
    if one.grad_norm_at_step is not None:
        yield "grad_norm_at_step", one.grad_norm_at_step
    if one.ranks:
        yield "ranks", [list(pair) for pair in one.ranks]
    if one.dtype:
        yield "dtype", one.dtype
    if one.scale != 1.0:
        yield "scale", one.scale
    if one.notes:
        yield "notes", list(one.notes)


def _data(data: Data, folder: Path) -> Fields:
    origin = data.origin
    if "csv" in origin:
        path = str(origin["csv"])
        if origin.get("relative"):
            path = Path(os.path.relpath(path, folder)).as_posix()
        yield "csv", path
        for key in ("input_columns", "target_columns"):
            if key in origin:
                yield key, origin[key]
    elif "generator" in origin:
        yield from origin.items()
    else:
        yield "inputs", data.inputs
        yield "targets", data.targets


def _table(header: str, fields: Fields) -> str:
    lines = [header] if header else []
    lines += [f"{name} = {_value(value)}" for name, value in fields]
    return "".join(f"{line}\n" for line in lines)


def _value(value: object) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{name} = {_value(item)}" for name, item in value.items()) + " }"
    if isinstance(value, (list, tuple)):
        if len(value) > 1 and isinstance(value[0], (list, tuple)):
            return _matrix(value)
        return "[" + ", ".join(map(_value, value)) + "]"
    if isinstance(value, float):
        return repr(value)
    written: str = tomli_w.dumps({"_": value})
    return written.removeprefix("_ = ").removesuffix("\n")


def _matrix(rows: Matrix | Sequence[Sequence[object]]) -> str:
    return "[\n" + "".join(f"    {_value(row)},\n" for row in rows) + "]"
