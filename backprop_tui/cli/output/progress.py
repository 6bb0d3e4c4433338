"""How far a command has come: a bar on standard error where that is a terminal.

Rich, which draws it, is imported when the first bar is shown: hardly any command runs for so long.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic
from types import FrameType
from typing import Any

PATIENCE = 0.3
"""Seconds without a line before the bar appears."""
PERIOD = 0.1
"""Seconds between two pictures of it."""


@contextmanager
def progress(what: str, count: int) -> Iterator[Progress]:
    """A bar that counts *what* up to *count*, and is gone in the end, whatever ends it."""
    bar = Progress(what, count)
    try:
        yield bar
    finally:
        bar.hide()


class Progress:
    """Shown while nothing is printed, gone before each line."""

    def __init__(self, what: str, count: int) -> None:
        self._what, self._count = what, count
        self._next = monotonic() + PATIENCE if sys.stderr.isatty() else float("inf")
        self._bar: Any = None
        self._shown = False

    def show(self, done: int) -> None:
        """Show how many are done, if it is time."""
        if monotonic() < self._next:
            return
        try:
            self._draw(done)
            self._next = monotonic() + PERIOD
        except OSError:  # the terminal has gone; the work has not
            self._shown, self._next = False, float("inf")

    def hide(self) -> None:
        """Take the bar off the screen."""
        if self._shown:
            self._shown = False
            self._next = monotonic() + PATIENCE
            try:
                self._bar.stop()
            except OSError:
                self._next = float("inf")

    def _draw(self, done: int) -> None:
        if self._bar is None:
            self._bar = self._made()
            self._hide_when_ended()
        if not self._shown:
            self._shown = True
            self._bar.start()
        self._bar.update(self._bar.task_ids[0], completed=done)
        self._bar.refresh()

    def _hide_when_ended(self) -> None:
        """Give the terminal its cursor back before a signal ends the process."""

        def end(number: int, frame: FrameType | None) -> None:
            self.hide()
            signal.signal(number, signal.SIG_DFL)
            os.kill(os.getpid(), number)

        for name in ("SIGTERM", "SIGHUP"):
            number = getattr(signal, name, None)
            if number is not None and signal.getsignal(number) is signal.SIG_DFL:
                signal.signal(number, end)

    def _made(self) -> Any:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
        from rich.progress import Progress as Bar

        columns = (TextColumn(self._what), MofNCompleteColumn(), BarColumn(), TimeRemainingColumn())
        bar = Bar(
            *columns,
            console=Console(stderr=True),
            transient=True,
            auto_refresh=False,
            redirect_stdout=False,
            redirect_stderr=False,
        )
        bar.add_task(self._what, total=self._count)
        return bar
