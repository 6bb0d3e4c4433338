"""Folders that are networks: what a training in PyTorch recorded. The rooms above say how they are read."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from backprop_tui.network.lazy_module import lazy_module

reach = lazy_module("backprop_tui.network.reach")
"""Imported when it is asked: the package imports this module first, and msgspec comes with that one."""
INDEX = "index.json"
RANKS = "rank-*"
WINDOW = ".safetensors"

Reader = Callable[[Path], Any]
"""From a folder to a ``Network``, which is not imported here: the package imports this module first."""


class _Said:
    reader: Reader | None = None


_said = _Said()


def reads(reader: Reader) -> None:
    """Say how a recording is read."""
    _said.reader = reader


def is_recording(argument: str) -> bool:
    """Whether that is the folder of a recording, in it that of one rank, or in that the file of a window."""
    try:
        path = Path(argument)
        if not reach.has_files() or not path.exists():
            return False
        if path.is_file():
            return path.suffix == WINDOW
        return (path / INDEX).is_file() or any(path.glob(RANKS))
    except (OSError, ValueError):
        return False


def read_recording(argument: str) -> Any:
    """The network that replays a recording.

    Raises:
        NetworkError: it cannot be read, or its model has no place in a network.

    """
    assert _said.reader is not None
    return _said.reader(Path(argument))
