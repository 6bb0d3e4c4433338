"""Exports: a calculation, its numbers or a script is written while the debugger goes on."""

from __future__ import annotations

import re
from collections.abc import Generator
from pathlib import Path
from time import sleep
from typing import Any

from backprop_tui.network.errors import BackpropError, NetworkError, described
from backprop_tui.network.lazy_module import lazy_module
from backprop_tui.network.reach import demand_files
from backprop_tui.tui.background.jobs import Jobs, time_left
from backprop_tui.tui.desk.current_view import CurrentView
from backprop_tui.tui.desk.files.replacing import Replacing
from backprop_tui.tui.desk.terminal import Terminal

_formats = lazy_module("backprop_tui.export.formats")  # most sessions export nothing
_pictures = lazy_module("backprop_tui.export.screen.endings")

POLITE_SECONDS = 0.001
"""A pause after each slice, in which whoever answers a key can have the run."""
_SPAN = re.compile(r"(.*\S)\s+(epoch|\d{1,20}:\d{1,20})", re.DOTALL)
"""A file with what is wanted of the run."""


class Exports:
    """Writes files in a thread of its own, so that every key goes on meanwhile."""

    def __init__(self, current: CurrentView, terminal: Terminal, replacing: Replacing) -> None:
        self._current = current
        self._terminal = terminal
        self._replacing = replacing
        self._jobs = Jobs(terminal.call_soon, terminal.every, current.say)

    @property
    def busy(self) -> bool:
        """Whether a file is being written."""
        return self._jobs.working

    def stop(self) -> None:
        """Write no further; a file that is not whole is not there."""
        self._jobs.stop()

    def write(self, text: str) -> None:
        """Write a file: *text* names it, then maybe ``epoch``, the whole present one, or epochs as ``0:2``.

        A file that was not written here is replaced when that is asked for twice.

        Raises:
            NetworkError: there is no such format, what is asked for does not go with it, or it is to be asked
                for again.
        """
        demand_files()
        found = _SPAN.fullmatch(text.strip())
        name, span = (found[1], found[2]) if found else (text.strip(), None)
        try:
            path = Path(name).expanduser()
        except RuntimeError as error:  # ~somebody who is not there
            raise NetworkError("", "a file to write", str(error).lower()) from None
        if _is_picture(path):
            if span is not None:
                raise NetworkError("", "no epochs: a picture is of the screen as it is", span, source=name)
            self._replacing.demand(path)
            self._terminal.show_to(lambda screen: self._draw(screen, path))
            return
        session = self._current.session
        if span == "epoch":
            epoch = session.iteration_at() // session.program.iterations_per_epoch
            span = f"{epoch}:{epoch}"
        wanted = _formats.wanted(session, path, epochs=span, digits=self._current.view.digits)
        self._replacing.demand(path)
        last, stop = wanted.span.last, self._current.view.key("escape")

        def words(first: int, reached: int, seconds: float) -> str:
            left = time_left(first, reached, last, seconds)
            told = f"… {path.name}: iteration {reached:,} of {last:,}" if last else f"… {path.name}"
            return f"{told}{'  ' + left if left else ''}  {stop} stops"

        def done(error: BackpropError | None) -> None:
            self._done(path, error, () if error else wanted.left_out)

        self._jobs.start(_writing(wanted, path), done, words)

    def _draw(self, screen: Any, path: Path) -> None:
        """Write the screen as a picture."""
        self._jobs.start(
            _drawing(screen, path), lambda error: self._done(path, error), lambda *_: f"… {path.name}"
        )

    def _done(self, path: Path, error: BackpropError | None, left_out: tuple[str, ...] = ()) -> None:
        self._current.say("")
        if error is None:
            self._replacing.wrote(path)
            self._terminal.inform("\n".join((str(path), *left_out)), "Exported")
        else:
            self._terminal.warn(str(error), "Not exported")


def _is_picture(path: Path) -> bool:
    """Whether the ending of a file's name means the screen.

    Raises:
        NetworkError: it means nothing.
    """
    ending = path.suffix.lower()
    if ending in _formats.FORMATS:
        return False
    if ending in _pictures.SHOWN:
        return True
    expected = "a name that ends in " + " or ".join((*_formats.FORMATS, *_pictures.SHOWN))
    found = described(path.suffix) if ending else "no ending"
    hint = "backprop-tui screenshot writes it" if ending in _pictures.WRITERS else ""
    raise NetworkError("", expected, found, hint=hint, source=str(path))


def _drawing(screen: Any, path: Path) -> Generator[int, None, BackpropError | None]:
    """The same of a picture."""
    yield 0
    try:
        _pictures.write_screen(screen, path)
    except BackpropError as error:
        return error
    return None


def _writing(wanted: Any, path: Path) -> Generator[int, None, BackpropError | None]:
    """Write; what cannot be written is told where it was asked for, so it is returned."""
    try:
        _ = wanted.run  # as it is now, whatever is set meanwhile
        yield wanted.span.first
        for reached in _formats.exporting(wanted, path):
            yield reached
            sleep(POLITE_SECONDS)
    except BackpropError as error:
        return error
    return None
