"""The debugger in this process, opened as the command line opens it, fed as a terminal feeds it."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import io
import os
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator, Sequence
from contextvars import Context
from pathlib import Path
from typing import Any, NamedTuple
from unittest import mock

from textual._xterm_parser import XTermParser
from textual.app import App
from textual.drivers.headless_driver import HeadlessDriver
from textual.events import Resize
from textual.geometry import Size
from textual.pilot import Pilot, WaitForScreenTimeout

from backprop_tui.__main__ import main
from tests.robustness.events import NAMED, Event

Size2 = tuple[int, int]
PATIENCE = 60
"""Seconds within which what has come is handled."""


class Outcome(NamedTuple):
    """How a command line ended."""

    status: int
    output: str
    errors: str
    app: App[Any] | None
    """The debugger that it would have run."""


def said(*words: str) -> Outcome:
    """What the command line does with these words; a debugger is made, and not run."""
    made: list[App[Any]] = []
    output, errors, status = _Terminal(), _Terminal(), 0

    def run(app: App[Any], *arguments: object, **options: object) -> int:
        made.append(app)
        return 0

    with (
        mock.patch.object(App, "run", run),
        mock.patch.object(sys, "argv", ["backprop-tui", *words]),
        mock.patch.object(sys, "stdin", _Terminal()),
        contextlib.redirect_stdout(output),
        contextlib.redirect_stderr(errors),
    ):
        try:
            main()
        except SystemExit as end:
            status = end.code if isinstance(end.code, int) else int(end.code is not None)
        finally:
            gc.enable()  # which a process that opens only one debugger leaves to it
    return Outcome(status, output.getvalue(), errors.getvalue(), made[0] if made else None)


def debugger(*words: str) -> App[Any]:
    """The debugger that a command line opens, not yet running."""
    outcome = said(*words)
    assert outcome.app is not None, outcome
    return outcome.app


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@contextlib.contextmanager
def own_folder() -> Iterator[Path]:
    """A folder that is the present one, and where sessions are kept, until the end."""
    before = Path.cwd()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "here").mkdir()
        with mock.patch.dict(os.environ, {"BACKPROP_TUI_STATE": str(folder / "state")}):
            os.chdir(folder / "here")
            try:
                yield folder / "here"
            finally:
                os.chdir(before)


class Screen:
    """A running debugger."""

    def __init__(self, app: App[Any], pilot: Pilot[Any]) -> None:
        self.app = app
        self._pilot = pilot
        self._parser = XTermParser()

    @property
    def size(self) -> Size2:
        """Columns and rows."""
        return self.app.size

    @property
    def runs(self) -> bool:
        """Whether it has not been left."""
        return self.app.is_running and self.app._exception is None and not self.app._exit

    def feed(self, event: Event) -> None:
        """Let an event come from the terminal."""
        driver = self.app._driver
        assert isinstance(driver, HeadlessDriver)
        if event.size:
            size = Size(*event.size)
            driver._size = event.size
            self.app.post_message(Resize(size, size))
        # As in the thread that reads a terminal: there, keys that the parser keeps do not know of an app.
        messages = Context().run(list, self._parser.feed(event.data)) if event.data else []
        for message in messages:
            driver.process_message(message)

    def type(self, *keys: str) -> None:
        """Let keys come, by name or as they are."""
        for key in keys:
            self.feed(Event(NAMED.get(key, key)))

    async def answered(self, pause: float = 0.0) -> None:
        """Wait until what has come is handled and painted, and so many seconds more."""
        await asyncio.sleep(0)  # what the driver sends goes through the loop
        for _ in range(PATIENCE):
            if not self.runs:
                break
            try:
                await self._pilot._wait_for_screen(1.0)
                break
            except WaitForScreenTimeout:  # it answers no more where it has just been left
                continue
        else:
            raise TimeoutError(f"no answer within {PATIENCE} s")
        if pause:
            await asyncio.sleep(pause)

    async def still(self, limit: float = 120.0) -> None:
        """Wait until it computes nothing, and the screen has shown the same for a while.

        Raises:
            TimeoutError: it never does.
        """
        end = asyncio.get_running_loop().time() + limit
        before: list[str] = []
        same = 0
        while same < 3:
            await self.answered(0.02)
            now = self.rows()
            busy = any(worker.is_running for worker in self.app.workers)
            same = same + 1 if now == before and not busy else 0
            before = now
            if asyncio.get_running_loop().time() > end:
                raise TimeoutError(f"never still after {limit} s:\n" + "\n".join(now))

    def rows(self) -> list[str]:
        """The text on the screen, row by row."""
        screen = self.app.screen
        return [strip.text.rstrip() for strip in screen._compositor.render_strips(screen.size)]

    def repaint(self) -> None:
        """Paint everything anew, whatever has changed."""
        for widget in self.app.screen.walk_children(with_self=True):
            widget.refresh()


@contextlib.asynccontextmanager
async def running(app: App[Any], size: Size2 = (120, 40)) -> AsyncIterator[Screen]:
    """Run a debugger without a terminal; whatever goes wrong in it is raised at the end."""
    app._print_error_renderables = lambda: None  # type: ignore[method-assign] # the error is raised instead
    async with app.run_test(size=size, notifications=True) as pilot:
        yield Screen(app, pilot)


def without_toasts(app: App[Any]) -> None:
    """Take the messages off the screen that would go by themselves."""
    app.clear_notifications()


def scrolled_alike(first: Screen, second: Screen) -> None:
    """Let the panes of *second* begin at the rows at which those of *first* do."""
    for pane in first.app.screen.query("FramedPane"):
        other: Any = second.app.screen.query_one(f"#{pane.id}")
        other.top = pane.top  # type: ignore[attr-defined]
        other.redraw()


def told(rows: Sequence[str]) -> str:
    """Rows of a screen for a message."""
    return "\n".join(rows)
