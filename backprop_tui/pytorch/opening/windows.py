"""A window of a recording: its header by itself, numbers only when they are asked for."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from backprop_tui.network.lazy_module import lazy_module
from backprop_tui.pytorch.errors import PyTorchError
from backprop_tui.pytorch.recording.written.form import require_description

safetensors = lazy_module("safetensors")

_ANY = "batch/*/"
"""Stands in a layout for where a pass is."""
_LONGEST_HEADER = 1 << 30
"""Bytes; what claims to be longer is damaged."""


class Batch(NamedTuple):
    """What one pass of an iteration was given."""

    arguments: tuple[Any, ...]
    """Of the model; tensors in tuples, lists and dictionaries as they were."""
    keywords: Mapping[str, Any]
    targets: tuple[Any, ...]
    """What the loss was given after the model's output."""
    loss: float
    scale: float
    """The gradient that came to the loss: 1, or 1/4 where four passes are averaged."""


class Header(NamedTuple):
    """A window without its numbers."""

    description: Mapping[str, Any]
    """``iterations`` and ``states``, as the recorder described them."""
    shapes: Mapping[str, tuple[int, ...]]
    """Of each tensor, by its name in the file."""


class Window:
    """One stretch of iterations that was written."""

    def __init__(
        self, path: Path, entry: Mapping[str, Any], bare: Callable[[str], str] = lambda name: name
    ) -> None:
        self.path = path
        self._bare = bare
        """Takes from the name of a parameter what wrappers of the model put before it."""
        self.reason: str = entry["reason"]
        """``condition``, ``end``, ``exception`` or ``demand``."""
        self.iteration: int = entry["iteration"]
        """The iteration at which it was written."""
        self.first: int = entry["first"]
        self.last: int = entry["last"]
        self.said: str = entry.get("said", "")
        """The condition, or the exception."""
        self.started: float | None = entry.get("started")
        """When the run began that wrote it, in seconds since 1970 by the clock of its machine."""
        self.written: float | None = entry.get("written")
        """When it was written, by the same clock."""
        self._bytes: int = entry["bytes"]
        self._examples: list[list[int]] | None = entry.get("examples")
        self._states: list[int] | None = entry.get("states")

    @property
    def missing(self) -> str:
        """What of it is missing, in words; empty where nothing is."""
        if not self.path.is_file():
            return f"{self.path.name} is missing"
        size = self.path.stat().st_size
        return "" if size == self._bytes else f"{self.path.name} has {size} of {self._bytes} bytes"

    def header(self) -> Header:
        """Read it anew: the file's beginning, with neither PyTorch nor safetensors.

        Raises:
            PyTorchError: the file is missing or damaged.

        """
        self._require_whole()
        try:
            with self.path.open("rb") as file:
                length = int.from_bytes(file.read(8), "little")
                if length > _LONGEST_HEADER:
                    raise ValueError(f"a header of {length} bytes")
                entries = msgspec.json.decode(file.read(length))
            description = msgspec.json.decode(entries.pop("__metadata__")["window"])
            shapes = {name: tuple(entry["shape"]) for name, entry in entries.items()}
            require_description(description, shapes)
            self._require_as_indexed(description["iterations"])
            return Header(description, shapes)
        except (OSError, ValueError, LookupError, TypeError, AttributeError) as error:
            raise self._damaged(error) from None

    def _require_as_indexed(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """Refuse what the index says otherwise: it was written of the same."""
        if [row["iteration"] for row in rows] != list(range(self.first, self.last + 1)):
            raise ValueError(f"other iterations than {self.first} to {self.last}, which the index says")
        counts = [len(row["passes"]) for row in rows]
        if self._examples is not None and [*map(len, self._examples)] != counts:
            raise ValueError("other passes than the index says")

    @cached_property
    def description(self) -> Mapping[str, Any]:
        """All but the tensors: ``iterations`` and ``states``.

        Raises:
            PyTorchError: the file is missing or damaged.

        """
        return self.header().description

    @property
    def iterations(self) -> tuple[Mapping[str, Any], ...]:
        """Each with number, loss, grad_norm, grad_norm_at_step, groups, notes and whether it was stepped."""
        return tuple(self.description["iterations"])

    @property
    def states(self) -> tuple[int, ...]:
        """The iterations before which parameters and the optimizer's state were kept."""
        if self._states is None:
            self._states = [one["iteration"] for one in self.description["states"]]
        return tuple(self._states)

    def examples(self, iteration: int, header: Header | None = None) -> tuple[int, ...]:
        """How many examples each pass of an iteration had, by the index, or else by the window's header."""
        if self._examples is None:
            header = header or self.header()
            self._examples = [
                [examples_of(one, header) for one in row["passes"]]
                for row in header.description["iterations"]
            ]
        at = iteration - self.first
        return tuple(self._examples[at]) if 0 <= at < len(self._examples) else ()

    def shapes(self, header: Header) -> dict[str, tuple[int, ...]]:
        """The shapes of parameters and buffers, by name; none where it has no parameters."""
        if not self.states:
            return {}
        start = f"parameters/{self.states[0]}/"
        return {
            self._bare(name.removeprefix(start)): shape
            for name, shape in header.shapes.items()
            if name.startswith(start)
        }

    def batches(self, iteration: int) -> tuple[Batch, ...]:
        """The passes of an iteration, in their order.

        Raises:
            PyTorchError: it was not kept.

        """
        found = [one for one in self.iterations if one["iteration"] == iteration]
        if not found:
            expected = f"an iteration from {self.first} to {self.last}"
            raise PyTorchError("iteration", expected, str(iteration), source=str(self.path))
        with self._open() as file:
            return tuple(_batch(file, one) for one in found[0]["passes"])

    def batch(self, layout: str, start: str, loss: float, scale: float) -> Batch:
        """The numbers of one pass, by its ``layout``."""
        arguments, keywords, targets = msgspec.json.decode(layout.replace(_ANY, start))
        given = {"arguments": arguments, "keywords": keywords, "targets": targets}
        with self._open() as file:
            return _batch(file, {**given, "loss": loss, "scale": scale})

    def parameters(self, iteration: int) -> dict[str, Any]:
        """Parameters and buffers before an iteration of ``states``, by name."""
        return self._tensors("parameters", iteration)

    def optimizer_state(self, iteration: int) -> dict[str, Any]:
        """As ``Optimizer.load_state_dict`` takes it, before an iteration of ``states``."""
        state = self._state(iteration)
        kept: dict[int, dict[str, Any]] = {}
        for number, values in state["values"].items():
            kept[int(number)] = {key: _number(value) for key, value in values.items()}
        for name, tensor in self._tensors("state", iteration).items():
            number, _, key = name.partition("/")
            if not number.isdecimal():
                raise self._damaged(ValueError(f"{name} is of no parameter"))
            kept.setdefault(int(number), {})[key] = tensor
        groups = [options(group) for group in state["groups"]]
        for group in groups:
            if "param_names" in group:
                group["param_names"] = list(map(self._bare, group["param_names"]))
        return {"state": kept, "param_groups": groups}

    def _state(self, iteration: int) -> Mapping[str, Any]:
        for one in self.description["states"]:
            if one["iteration"] == iteration:
                return one  # type: ignore[no-any-return]
        expected = "one of " + ", ".join(map(str, self.states))
        raise PyTorchError("iteration", expected, str(iteration), source=str(self.path))

    def _tensors(self, sort: str, iteration: int) -> dict[str, Any]:
        self._state(iteration)
        start = f"{sort}/{iteration}/"
        bare = self._bare if sort == "parameters" else str
        with self._open() as file:
            return {
                bare(name.removeprefix(start)): _tensor(file, name)
                for name in file.keys()  # noqa: SIM118 (it is no dictionary)
                if name.startswith(start)
            }

    def _open(self) -> Any:
        self._require_whole()
        try:
            return safetensors.safe_open(str(self.path), framework="pt")
        except Exception as error:  # whatever a damaged file makes safetensors raise
            raise self._damaged(error) from None

    def _require_whole(self) -> None:
        if self.missing:
            raise PyTorchError("", "the whole file of a window", self.missing, source=str(self.path.parent))

    def _damaged(self, error: Exception) -> PyTorchError:
        return PyTorchError("", "a window that can be read", str(error)[:100], source=str(self.path))


def layout(given: Mapping[str, Any], start: str) -> str:
    """How what a pass was given is made of tensors, without its place: one text for most of a training.

    Args:
        given: the pass, in a window's description.
        start: what the names of its tensors begin with, as in ``batch/4317/0/``.

    """
    parts = [given["arguments"], given["keywords"], given["targets"]]
    text = msgspec.json.encode(parts).decode("utf-8")
    return sys.intern(text if _ANY in text else text.replace(f'"{start}', f'"{_ANY}'))


def options(group: Mapping[str, Any]) -> dict[str, Any]:
    """The options of a parameter group as PyTorch has them; numbers that are not finite are texts in JSON."""
    return {key: tuple(value) if key == "betas" else _number(value) for key, value in group.items()}


def examples_of(one: Mapping[str, Any], header: Header) -> int:
    """How many examples a pass had: the first tensor's first dimension, as the recorder counts; or 0."""

    def first(node: Mapping[str, Any]) -> str | None:
        ((sort, value),) = node.items()
        if sort == "tensor":
            return str(value)
        inside = value.values() if sort == "dict" else value if sort in ("list", "tuple") else ()
        return next((found for found in map(first, inside) if found is not None), None)

    name = first(one["arguments"]) or first(one["keywords"])
    shape = header.shapes[name] if name is not None else ()
    return shape[0] if shape else 0


def _tensor(file: Any, name: str) -> Any:
    """A copy of its own: where numbers lie in a file decides how PyTorch adds them up, to the last bit."""
    return file.get_tensor(name).clone()


def _number(value: Any) -> Any:
    return float(value) if value in ("nan", "inf", "-inf") else value


def _batch(file: Any, one: Mapping[str, Any]) -> Batch:
    def built(node: Any) -> Any:
        ((sort, value),) = node.items()
        if sort == "tensor":
            return _tensor(file, value)
        if sort == "list":
            return [built(child) for child in value]
        if sort == "tuple":
            return tuple(built(child) for child in value)
        return {key: built(child) for key, child in value.items()} if sort == "dict" else _number(value)

    return Batch(
        built(one["arguments"]),
        built(one["keywords"]),
        built(one["targets"]),
        float(one["loss"]),
        float(one["scale"]),
    )
