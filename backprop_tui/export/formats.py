"""Which kinds of file can be written, by their endings, and what is asked for of each."""

from __future__ import annotations

import re
from collections.abc import Callable, Generator, Mapping
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import TypeVar

from msgspec import Struct

from backprop_tui.engine.epochs import EPOCHS, usual_epochs
from backprop_tui.export.calculation import Calculation
from backprop_tui.export.choosing import Span, epochs_span
from backprop_tui.export.describing import describing
from backprop_tui.export.markdown.document import markdown
from backprop_tui.export.records import (
    Recorded,
    as_json,
    csv_line,
    json_line,
    losses_csv,
    recording,
    statements_csv,
)
from backprop_tui.export.scripts.script import script
from backprop_tui.export.tex.document import tex_document
from backprop_tui.history.run import Run
from backprop_tui.network.description import Network
from backprop_tui.network.errors import NetworkError, described
from backprop_tui.network.lazy_module import lazy_module
from backprop_tui.network.whole_files import put
from backprop_tui.program.positions import MOST_EPOCHS
from backprop_tui.session.session import Session

_pages = lazy_module("backprop_tui.export.page.page")  # nothing of it is needed before a page is written

_Result = TypeVar("_Result")
_RANGE = re.compile(r"(\d{1,20}):(\d{1,20})", re.ASCII)
_COUNT = re.compile(r"\d{1,20}", re.ASCII)
LOG_EVERY = 200


_LINES = {".json": json_line, ".csv": csv_line}


class Wanted(Struct, frozen=True, eq=False, dict=True):
    """What is to be written: of whom, of when, and how."""

    session: Session
    """What is debugged, with the values that were set by hand."""
    iteration: int = 0
    """The iteration that is worked out, where no epochs are asked for."""
    epochs: tuple[int, int] | None = None
    """The first and the last epoch that are; None: the iteration alone."""
    digits: int | None = 4
    """Decimals shown; None for all. Data have all of them whatever is said here."""
    script_epochs: int = EPOCHS
    """How many epochs a script trains."""
    log_every: int = LOG_EVERY
    """How far apart the epochs are of which it prints a line."""

    @cached_property
    def run(self) -> Run:
        """The run that is debugged when this is first asked for; what is set later does not count."""
        return self.session.run

    @property
    def network(self) -> Network:
        """Its network."""
        return self.run.network

    @property
    def span(self) -> Span:
        """The iterations that are asked for."""
        if self.epochs is None:
            return Span(self.iteration, self.iteration)
        return epochs_span(self.run.program, *self.epochs)

    @cached_property
    def calculation(self) -> Calculation:
        """The calculation; it is worked out at the first use, unless ``preparing`` did so."""
        return _exhausted(self._describing())

    @property
    def left_out(self) -> tuple[str, ...]:
        """Which iterations and epochs are left out of what was written, in sentences; of data none."""
        return self.calculation.left_out if "calculation" in self.__dict__ else ()

    @cached_property
    def recorded(self) -> dict[str, Recorded]:
        """What is written as data, by ending; ``preparing`` fills it."""
        return {}

    def recorded_for(self, ending: str) -> Recorded:
        """The statements and the losses as a file of that ending has them; likewise."""
        if ending not in self.recorded:
            _exhausted(self.preparing(ending))
        return self.recorded[ending]

    def preparing(self, ending: str = ".md") -> Generator[int, None, None]:
        """Work out what a file of that ending needs, a slice at each step, maybe in another thread.

        Yields:
            the iteration reached.
        """
        if ending in _LINES:
            line = None if ending == ".csv" and self.epochs is not None else _LINES[ending]
            self.recorded[ending] = yield from recording(self.run, self.span, line)
        elif ending != ".py":
            self.__dict__["calculation"] = yield from self._describing()

    def _describing(self) -> Generator[int, None, Calculation]:
        return describing(self.run, self.span, self.digits, self.epochs)


def _exhausted(work: Generator[int, None, _Result]) -> _Result:
    while True:
        try:
            next(work)
        except StopIteration as end:
            result: _Result = end.value
            return result


def _csv(wanted: Wanted) -> str:
    write = statements_csv if wanted.epochs is None else losses_csv
    return write(wanted.recorded_for(".csv"))


Writer = Callable[[Wanted], str]
"""What is wanted → the text of the file."""

FORMATS: Mapping[str, Writer] = MappingProxyType(
    {
        ".md": lambda wanted: markdown(wanted.calculation),
        ".tex": lambda wanted: tex_document(wanted.calculation),
        ".html": lambda wanted: str(_pages.page(wanted.calculation, wanted.run)),
        ".json": lambda wanted: as_json(wanted.recorded_for(".json")),
        ".csv": _csv,
        ".py": lambda wanted: script(wanted.network, wanted.script_epochs, wanted.log_every),
    }
)
"""What each ending stands for."""
EXACT = (".json", ".csv", ".py")
"""The endings of files that have every digit, whatever is asked for."""


def ending_of(path: str | Path) -> str:
    """The ending of a file's name.

    Raises:
        NetworkError: nothing is written under it.
    """
    path = Path(path)
    ending = path.suffix.lower()
    if ending not in FORMATS:
        expected = "a name that ends in " + " or ".join(FORMATS)
        found = described(path.suffix) if path.suffix else "no ending"
        raise NetworkError("", expected, found, source=str(path))
    return ending


def wanted(
    session: Session,
    path: str | Path,
    *,
    position: str | None = None,
    epochs: str | int | None = None,
    digits: int | None = 4,
    log_every: int | None = None,
) -> Wanted:
    """What a person wants written, from their own words.

    Args:
        session: whose training.
        path: where to; its ending says what.
        position: one in the iteration that is wanted; None: that of the session.
        epochs: how many from the first on, or the first and the last as ``0:2``. Of a script, how many it
            trains.
        digits: decimals shown; None for all.
        log_every: of a script, how far apart the epochs are of which it prints a line.

    Raises:
        NetworkError: there is no such format, or these do not go together.
        PositionError: *position* means none.
    """
    ending = ending_of(path)
    if ending == ".py":
        if position is not None:
            raise NetworkError("position", "no position: a script trains from the start", described(position))
        return Wanted(
            session, script_epochs=_count(epochs, session.network), log_every=log_every or LOG_EVERY
        )
    if log_every is not None:
        raise NetworkError("log-every", "a script, FILE.py, that prints lines", described(ending))
    if epochs is None:
        iteration = session.iteration_at() if position is None else session.iteration_at(position)
        return Wanted(session, iteration, digits=digits)
    if position is not None:
        raise NetworkError("position", "a position or epochs, not both", described(position))
    return Wanted(session, 0, _range(epochs), digits)


def _count(epochs: str | int | None, network: Network) -> int:
    if epochs is None:
        return usual_epochs(network)
    if not _COUNT.fullmatch(str(epochs)) or not 1 <= int(epochs) <= MOST_EPOCHS:
        raise NetworkError("epochs", "how many epochs the script trains, at least 1", described(epochs))
    return int(epochs)


def _range(epochs: str | int) -> tuple[int, int]:
    """The first and the last epoch of a range, or of the first so many."""
    text = str(epochs)
    found = (0, int(text) - 1) if _COUNT.fullmatch(text) else None
    if match := _RANGE.fullmatch(text):
        found = int(match[1]), int(match[2])
    if found is None or not found[0] <= found[1] < MOST_EPOCHS:
        raise NetworkError("epochs", "how many epochs, or the first and the last as 0:2", described(epochs))
    return found


def exporting(wanted: Wanted, path: str | Path) -> Generator[int, None, None]:
    """Write a file, a slice of the work at each step; an existing one is replaced whole or not at all.

    Yields:
        the iteration reached.

    Raises:
        NetworkError: there is no such format, or the file cannot be written.
    """
    path = Path(path)
    ending = ending_of(path)
    yield from wanted.preparing(ending)
    put(path, lambda: FORMATS[ending](wanted).encode("utf-8"))


def export(wanted: Wanted, path: str | Path) -> None:
    """The same at once."""
    for _ in exporting(wanted, path):
        pass
