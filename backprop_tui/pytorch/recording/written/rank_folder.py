"""The folder of one rank while it records: windows are added, and the index says so after each."""

from __future__ import annotations

import errno
import os
import time
from pathlib import Path
from typing import Any

from backprop_tui.pytorch.errors import PyTorchError
from backprop_tui.pytorch.recording.memory.iterations import Iteration
from backprop_tui.pytorch.recording.memory.states import State
from backprop_tui.pytorch.recording.written import files
from backprop_tui.pytorch.recording.written.described import described

_WRITTEN: set[Path] = set()
"""Folders that recorders of this process write into now: a second one would write over the first."""


class RankFolder:
    """Where a rank writes."""

    def __init__(self, folder: Path, rank: int, about: dict[str, Any]) -> None:
        self.place = files.rank_folder(folder.absolute(), rank)
        """Where the process was then: it may go elsewhere."""
        self._rank = rank
        self.about = about
        """What is recorded, as the index says it."""
        self._index: dict[str, Any] = {}
        self._process = 0
        """The one that may write."""

    @property
    def windows(self) -> tuple[Path, ...]:
        """The files that the index names."""
        return tuple(self.place / one["file"] for one in self._index.get("windows", ()))

    def begin(self) -> None:
        """Make the folder and an index, in which the windows of an earlier run stay.

        Raises:
            PyTorchError: it cannot be made, something else is there, or another recorder writes into it.

        """
        if self.place.resolve() in _WRITTEN:
            expected = "a folder for each recorder"
            raise PyTorchError("", expected, "another one records in it", source=str(self.place))
        self.about["started"] = time.time()
        try:
            self.place.mkdir(parents=True, exist_ok=True)
            files.clear_away(self.place)
            index = {"recording": files.FORMAT, "rank": self._rank, "about": self.about, "windows": []}
            if (self.place / files.INDEX).exists():
                index["windows"] = files.read_index(self.place)["windows"]
            files.write_index(self.place, index)
        except OSError as error:
            found = (error.strerror or str(error)).lower()
            raise PyTorchError("", "a folder to record in", found, source=str(self.place)) from None
        self._index, self._process = index, os.getpid()
        _WRITTEN.add(self.place.resolve())

    def end(self) -> None:
        """Leave it to others."""
        _WRITTEN.discard(self.place.resolve())

    def write(
        self, iterations: list[Iteration], states: list[State], reason: str, said: str, held: int
    ) -> Path:
        """Add a window.

        Raises:
            OSError: it cannot be written; the index names what was there before.

        """
        if os.getpid() != self._process:
            raise OSError(errno.EPERM, "another process records there")
        tensors, description = described(iterations, states)
        windows = self._index["windows"]
        name = files.window_name(1 + max((int(one["file"][7:13]) for one in windows), default=-1))
        last = iterations[-1].number
        entry: dict[str, Any] = {
            "file": name,
            "reason": reason,
            "said": said,
            "iteration": last,
            "first": iterations[0].number,
            "last": last,
            "held": held,
            "examples": [[given.examples for given in one.passes] for one in iterations],
            "states": [state.number for state in states],
            "started": self.about["started"],
            "written": time.time(),
        }
        header = {**entry, "about": self.about, **description}
        entry["bytes"] = files.write_window(self.place / name, tensors, header)
        index = {**self._index, "windows": [*windows, entry]}
        files.write_index(self.place, index)
        self._index = index
        return self.place / name
