"""Reading a recording: the index of each rank, and nothing else."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

from backprop_tui.pytorch.errors import PyTorchError
from backprop_tui.pytorch.opening.windows import Window
from backprop_tui.pytorch.recording.written import files as recorded_files

WRAPPERS = ("DistributedDataParallel", "DataParallel", "OptimizedModule")
"""Modules around a person's own, whose parameters have ``module.`` or ``_orig_mod.`` before their names."""


class RankRecording:
    """What one process wrote."""

    def __init__(self, place: Path) -> None:
        index = recorded_files.read_index(place)
        self.place = place
        self.rank: int = index["rank"]
        self.about: Mapping[str, Any] = index["about"]
        """Model, loss, optimizer, dtype, ``when`` and ``keep``, as text and numbers."""
        self.started: float | None = self.about.get("started")
        """When the latest run began, in seconds since 1970 by the clock of its machine."""
        bare = _bare if self.about["model"] in WRAPPERS else str
        self.windows = tuple(Window(place / one["file"], one, bare) for one in index["windows"])

    @cached_property
    def unfinished(self) -> tuple[str, ...]:
        """Files that a process which ended did not come to name in the index."""
        known = {window.path.name for window in self.windows} | {recorded_files.INDEX}
        with os.scandir(self.place) as entries:
            return tuple(sorted(entry.name for entry in entries if entry.name not in known))


class Recording(NamedTuple):
    """A folder that ``record`` wrote, and in it the window that a person asked for."""

    folder: Path
    ranks: tuple[RankRecording, ...]
    """Ascending."""
    said: tuple[str, ...] = ()
    """Which ranks could not be opened, and why."""
    wanted: Window | None = None
    """Where the file of a window was named."""

    @staticmethod
    def open(folder: str | Path) -> Recording:
        """Read the index of each rank, and nothing else; of one rank where the folder is a rank's own.

        The file of a window in it stands for all ranks around the time at which it was written.

        Raises:
            PyTorchError: it is no recording, or no rank of it can be opened.

        """
        place = Path(folder)
        if place.is_file():
            return _around(place)
        if (place / recorded_files.INDEX).is_file():
            return Recording(place, (RankRecording(place),))
        names = _rank_folders(place)
        if not names:
            expected = "a folder that record wrote"
            raise PyTorchError("", expected, "no rank-0000 in it", source=str(place))
        ranks: dict[int, RankRecording] = {}
        said: list[str] = []
        errors: list[PyTorchError] = []
        for name in names:
            try:
                found = RankRecording(place / name)
            except PyTorchError as error:
                errors.append(error)
                said.append(f"{name} cannot be opened: {error.found}")
                continue
            if found.rank in ranks:
                said.append(f"{name} is left out: it says to be rank {found.rank}, which is there already")
            else:
                ranks[found.rank] = found
        if not ranks:
            raise errors[0]
        return Recording(place, tuple(ranks[one] for one in sorted(ranks)), tuple(said))


def _around(file: Path) -> Recording:
    own = file.absolute().parent
    if not (own / recorded_files.INDEX).is_file():
        expected = f"a window of a recording, beside its {recorded_files.INDEX}"
        raise PyTorchError("", expected, "a file by itself", source=str(file))
    whole = Recording.open(own.parent if own.name in _rank_folders(own.parent) else own)
    windows = (window for rank in whole.ranks if rank.place == own for window in rank.windows)
    wanted = next((window for window in windows if window.path.name == file.name), None)
    if wanted is None:
        raise PyTorchError(
            "", f"a window that {recorded_files.INDEX} names", "another file", source=str(file)
        )
    if wanted.missing:
        raise PyTorchError("", "the whole file of a window", wanted.missing, source=str(own))
    return whole._replace(wanted=wanted)


def _rank_folders(place: Path) -> list[str]:
    try:
        with os.scandir(place) as entries:
            found = [entry.name for entry in entries if re.fullmatch(r"rank-\d+", entry.name)]
    except OSError:
        return []
    return sorted(found, key=lambda name: (len(name), name))


def _bare(name: str) -> str:
    """The name of a parameter in the model that was wrapped."""
    parts = [part for part in name.split(".") if part != "_orig_mod"]
    return ".".join(parts[1:] if len(parts) > 1 and parts[0] == "module" else parts)
