"""Files that are to be written over: one that was not written here is replaced when asked for twice."""

from __future__ import annotations

import re
from pathlib import Path

from backprop_tui.network.errors import NetworkError
from backprop_tui.tui.desk.terminal import Terminal

MOST_READ = 1_000_000
"""Bytes of a file that are looked through for what marks a saved session."""
_SESSION = re.compile(rb"^\s*\[session\]", re.MULTILINE)


class Replacing:
    """Knows the files that were written here, and the one that a person was warned of.

    Args:
        terminal: where nobody reads a warning, everything is replaced, as `backprop-tui export` does.
    """

    def __init__(self, terminal: Terminal) -> None:
        self._terminal = terminal
        self._written: set[Path] = set()
        self._warned: Path | None = None

    def demand(self, path: Path) -> None:
        """See to it that no file of a person's own is replaced unasked.

        Raises:
            NetworkError: there is one, and this is the first time.
        """
        there = _resolved(path)
        if there in self._written or there == self._warned or not self._terminal.attended:
            return
        if there.is_file():
            self._warned = there
            hint = "the same once more replaces it"
            raise NetworkError("", "a name that is free", "a file", hint=hint, source=str(path))

    def wrote(self, path: Path) -> None:
        """From now on *path* is a file of ours."""
        self._written.add(_resolved(path))
        self._warned = None


def _resolved(path: Path) -> Path:
    """The file itself, whatever leads to it; of a name that no file can have, the name."""
    try:
        return path.resolve()
    except (OSError, ValueError, RuntimeError):
        return path


def is_saved_session(path: Path) -> bool:
    """Whether there is a file that a session was saved to."""
    try:
        with path.open("rb") as file:
            return _SESSION.search(file.read(MOST_READ)) is not None
    except (OSError, ValueError):
        return False
