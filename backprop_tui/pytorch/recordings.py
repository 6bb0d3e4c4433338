"""Reading a recording: its index at once, numbers only when they are asked for."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from backprop_tui.network.lazy_module import lazy_module
from backprop_tui.pytorch import recorded_files
from backprop_tui.pytorch.errors import PyTorchError

safetensors = lazy_module("safetensors")


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


class Window:
    """One stretch of iterations that was written."""

    def __init__(self, path: Path, entry: Mapping[str, Any]) -> None:
        self.path = path
        self.reason: str = entry["reason"]
        """``condition``, ``end``, ``exception`` or ``demand``."""
        self.iteration: int = entry["iteration"]
        """The iteration at which it was written."""
        self.first: int = entry["first"]
        self.last: int = entry["last"]
        self._bytes: int = entry["bytes"]
        self._description: dict[str, Any] | None = None

    @property
    def missing(self) -> str:
        """What of it is missing, in words; empty where nothing is."""
        if not self.path.is_file():
            return f"{self.path.name} is missing"
        size = self.path.stat().st_size
        return "" if size == self._bytes else f"{self.path.name} has {size} of {self._bytes} bytes"

    @property
    def description(self) -> Mapping[str, Any]:
        """All but the tensors: ``iterations`` and ``states``.

        Raises:
            PyTorchError: the file is missing or damaged.

        """
        if self._description is None:
            with self._open() as file:
                self._description = json.loads(file.metadata()["window"])
        return self._description

    @property
    def iterations(self) -> tuple[Mapping[str, Any], ...]:
        """Each with number, loss, grad_norm, grad_norm_at_step, groups, notes and whether it was stepped."""
        return tuple(self.description["iterations"])

    @property
    def states(self) -> tuple[int, ...]:
        """The iterations before which parameters and the optimizer's state were kept."""
        return tuple(one["iteration"] for one in self.description["states"])

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
            kept.setdefault(int(number), {})[key] = tensor
        groups = [
            {key: tuple(value) if key == "betas" else _number(value) for key, value in group.items()}
            for group in state["groups"]
        ]
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
        with self._open() as file:
            return {
                name.removeprefix(start): _tensor(file, name)
                for name in file.keys()  # noqa: SIM118 (it is no dictionary)
                if name.startswith(start)
            }

    def _open(self) -> Any:
        if self.missing:
            raise PyTorchError("", "the whole file of a window", self.missing, source=str(self.path.parent))
        try:
            return safetensors.safe_open(str(self.path), framework="pt")
        except Exception as error:  # whatever a damaged file makes safetensors raise
            found = str(error)[:100]
            raise PyTorchError("", "a file that safetensors can read", found, source=str(self.path)) from None


class RankRecording:
    """What one process wrote."""

    def __init__(self, place: Path) -> None:
        index = recorded_files.read_index(place)
        self.rank: int = index["rank"]
        self.about: Mapping[str, Any] = index["about"]
        """Model, loss, optimizer, dtype, ``when`` and ``keep``, as text and numbers."""
        self.windows = tuple(Window(place / one["file"], one) for one in index["windows"])
        names = {window.path.name for window in self.windows}
        self.unfinished = tuple(
            sorted(
                path.name
                for path in place.iterdir()
                if path.name != recorded_files.INDEX and path.name not in names
            )
        )
        """Files that a process which ended did not come to name in the index."""


class Recording(NamedTuple):
    """A folder that ``record`` wrote."""

    folder: Path
    ranks: tuple[RankRecording, ...]

    @staticmethod
    def open(folder: str | Path) -> Recording:
        """Read the index of each rank, and nothing else.

        Raises:
            PyTorchError: it is no recording.

        """
        place = Path(folder)
        found = sorted(place.glob("rank-*")) if place.is_dir() else []
        if not found:
            expected = "a folder that record wrote"
            raise PyTorchError("", expected, "no rank-0000 in it", source=str(place))
        return Recording(place, tuple(map(RankRecording, found)))


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
