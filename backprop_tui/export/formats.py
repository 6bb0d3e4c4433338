"""Which kinds of file can be written, by their endings, and what is asked for of each."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from functools import cached_property
from pathlib import Path
from types import MappingProxyType

from msgspec import Struct

from backprop_tui.export.calculation import Calculation, describing
from backprop_tui.export.choosing import Span, epochs_span, iteration_span
from backprop_tui.export.page.page import page
from backprop_tui.export.script import script
from backprop_tui.network.description import Network
from backprop_tui.network.errors import NetworkError, described
from backprop_tui.network.files.toml import put
from backprop_tui.session.session import Session


class Wanted(Struct, frozen=True, eq=False, dict=True):
    """What is to be written: of whom, of when, and how."""

    session: Session
    """What is debugged, with the values that were set by hand."""
    iteration: int = 0
    """The iteration that is worked out, where no epochs are asked for."""
    epochs: tuple[int, int] | None = None
    """The first and the last epoch that are; None: the iteration alone."""
    digits: int | None = 4
    """Decimals shown; None for all."""
    script_epochs: int = 1000
    """How many epochs a script trains."""
    log_every: int = 200
    """How far apart the epochs are of which it prints a line."""

    @property
    def network(self) -> Network:
        """The network that is debugged."""
        return self.session.network

    @property
    def span(self) -> Span:
        """The iterations that are asked for."""
        if self.epochs is None:
            return Span(self.iteration, self.iteration)
        return epochs_span(self.session.program, *self.epochs)

    @cached_property
    def calculation(self) -> Calculation:
        """The calculation; it is worked out at the first use, unless ``preparing`` did so."""
        return _exhausted(self._describing())

    def preparing(self) -> Generator[int, None, None]:
        """Work out the calculation, a slice at each step; it may be done in another thread.

        Yields:
            the iteration reached.
        """
        self.__dict__["calculation"] = yield from self._describing()

    def _describing(self) -> Generator[int, None, Calculation]:
        return describing(self.session.run, self.span, self.digits, self.epochs)


def _exhausted(work: Generator[int, None, Calculation]) -> Calculation:
    while True:
        try:
            next(work)
        except StopIteration as end:
            result: Calculation = end.value
            return result


Writer = Callable[[Wanted], str]
"""What is wanted → the text of the file."""

FORMATS: Mapping[str, Writer] = MappingProxyType(
    {
        ".html": lambda wanted: page(wanted.calculation, wanted.session.run),
        ".py": lambda wanted: script(wanted.network, wanted.script_epochs, wanted.log_every),
    }
)
"""What each ending stands for."""
WITHOUT_CALCULATION = (".py",)
"""The endings of files that no calculation is worked out for."""


def writer_of(path: str | Path) -> Writer:
    """What writes a file of that name.

    Raises:
        NetworkError: there is no such format.
    """
    path = Path(path)
    write = FORMATS.get(path.suffix.lower())
    if write is None:
        expected = "a name that ends in " + " or ".join(FORMATS)
        found = described(path.suffix) if path.suffix else "no ending"
        raise NetworkError("", expected, found, source=str(path))
    return write


def exporting(wanted: Wanted, path: str | Path) -> Generator[int, None, None]:
    """Write a file, a slice of the work at each step; an existing one is replaced whole or not at all.

    Yields:
        the iteration reached.

    Raises:
        NetworkError: there is no such format, or the file cannot be written.
    """
    path = Path(path)
    write = writer_of(path)
    if path.suffix.lower() not in WITHOUT_CALCULATION:
        yield from wanted.preparing()
    put(path, lambda: write(wanted).encode("utf-8"))


def export(wanted: Wanted, path: str | Path) -> None:
    """The same at once."""
    for _ in exporting(wanted, path):
        pass


def iteration_now(session: Session) -> int:
    """The iteration of the statement that has just run; at the very start, the first."""
    return iteration_span(session.program, session.time).first
