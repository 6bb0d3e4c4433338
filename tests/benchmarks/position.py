"""Where the debugger in a terminal says it is, when it says so, and how to take it elsewhere."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from time import perf_counter

from backprop_tui.program.statements import Program as Statements
from tests.benchmarks.terminal import QUIET, Burst, Chunk, DiedError, Program

_WHERE = re.compile(r"epoch ([\d,]+) +step ([\d,]+)/")


@dataclass
class Trail:
    """What a program wrote, and the times that its status line showed, each with the moment it came."""

    chunks: list[Chunk] = field(default_factory=list)
    shown: list[tuple[float, int]] = field(default_factory=list)

    @property
    def last(self) -> int | None:
        """The time shown in the end."""
        return self.shown[-1][1] if self.shown else None

    def arrival(self, time: int) -> float | None:
        """The moment at which *time*, or a later one, was first shown."""
        return next((moment for moment, shown in self.shown if shown >= time), None)

    def frames(self) -> int:
        """How many frames were painted."""
        return Burst(0.0, self.chunks).frames()


def shown_time(program: Program, statements: Statements) -> int | None:
    """The time that the status line shows, counted in statements; None where none can be read."""
    found = _WHERE.search(program.screen.row(0))
    if found is None:
        return None
    epoch, step = (int(number.replace(",", "")) for number in found.groups())
    return epoch * statements.statements + step


def follow(program: Program, statements: Statements, wanted: int, limit: float = 10.0) -> Trail:
    """Watch until *wanted* is shown and the program is quiet, or so many seconds are over.

    The screen is made only when nothing was written for a while, so that every chunk has its own stamp.
    """
    trail, end = Trail(), perf_counter() + limit
    while perf_counter() < end and not program.ended:
        if program.read(0.1):
            continue
        for moment, data in program.seeing():
            trail.chunks.append((moment, data))
            if (time := shown_time(program, statements)) is not None:
                trail.shown.append((moment, time))
        if trail.last == wanted:
            break
    return trail


def go(program: Program, statements: Statements, time: int, limit: float = 60.0) -> float:
    """Type a position; gives the seconds from enter to the last byte of the frame that shows it.

    Raises:
        DiedError: it is never shown.
    """
    epoch, step = statements.position(time)
    program.press(b"g")
    program.press(f"{epoch}:{step}".encode())
    return press_to(program, statements, b"\r", time, limit)


def press_to(program: Program, statements: Statements, key: bytes, time: int, limit: float = 10.0) -> float:
    """Press what takes it to a position; gives the seconds to the last byte of the frame that shows it.

    Raises:
        DiedError: it is never shown.
    """
    program.drain()
    sent = program.send(key)
    end = perf_counter() + limit
    chunks: Sequence[Chunk] = ()
    while perf_counter() < end and not program.ended:
        if program.read(QUIET):
            continue
        chunks = program.see() or chunks
        if shown_time(program, statements) == time:
            return max(0.0, chunks[-1][0] - sent) if chunks else 0.0
    raise DiedError(f"time {time} was never shown after {key!r}; the status line: {program.screen.row(0)}")
