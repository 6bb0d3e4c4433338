"""Folders that are networks: what a training in PyTorch recorded. The rooms above say how one is read."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from backprop_tui.network.description import Network
from backprop_tui.network.files.reach import has_files

INDEX = "index.json"
RANKS = "rank-*"

Reader = Callable[[Path], Network]


class _Said:
    reader: Reader | None = None


_said = _Said()


def reads(reader: Reader) -> None:
    """Say how a recording is read."""
    _said.reader = reader


def is_recording(argument: str) -> bool:
    """Whether that is the folder of a recording, or in it that of one rank."""
    try:
        path = Path(argument)
        return has_files() and path.is_dir() and ((path / INDEX).is_file() or any(path.glob(RANKS)))
    except (OSError, ValueError):
        return False


def read_recording(argument: str) -> Network:
    """The network that replays a recording.

    Raises:
        NetworkError: it cannot be read, or its model has no place in a network.

    """
    assert _said.reader is not None
    return _said.reader(Path(argument))
