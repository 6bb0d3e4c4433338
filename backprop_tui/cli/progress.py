"""A bar on stderr that shows how far a command has come."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic
from typing import Any

from backprop_tui.network.lazy_module import lazy_module

console = lazy_module("rich.console")  # with the first bar: most commands end before there is one
progress = lazy_module("rich.progress")


class Progress:
    """The bar: shown where stderr is a terminal, while nothing is printed, and gone before each line."""

    PATIENCE = 0.3
    """Seconds without a line before the bar appears."""
    PERIOD = 0.1
    """Seconds between two pictures of it."""

    def __init__(self, what: str, count: int) -> None:
        self._what, self._count = what, count
        is_terminal = sys.stderr is not None and sys.stderr.isatty()
        self._next = monotonic() + self.PATIENCE if is_terminal else float("inf")
        self._bar: Any = None
        self._shown = False

    def show(self, done: int) -> None:
        """Show how many are done, if it is time."""
        if monotonic() < self._next:
            return
        if self._bar is None:
            self._bar = _bar(self._what, self._count)
        if not self._shown:
            self._bar.start()
            self._shown = True
        self._bar.update(self._bar.task_ids[0], completed=done)
        self._bar.refresh()
        self._next = monotonic() + self.PERIOD

    def hide(self) -> None:
        """Take the bar off the screen."""
        if self._shown:
            self._bar.stop()
            self._shown = False
            self._next = monotonic() + self.PATIENCE


def _bar(what: str, count: int) -> Any:
    bar = progress.Progress(
        progress.TextColumn(what),
        progress.MofNCompleteColumn(),
        progress.BarColumn(),
        progress.TimeRemainingColumn(),
        console=console.Console(stderr=True),
        transient=True,
        auto_refresh=False,
        redirect_stdout=False,
        redirect_stderr=False,
    )
    bar.add_task(what, total=count)
    return bar


@contextmanager
def showing(what: str, count: int) -> Iterator[Progress]:
    """A bar for so many things, gone at the end."""
    bar = Progress(what, count)
    try:
        yield bar
    finally:
        bar.hide()
