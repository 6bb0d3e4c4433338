"""Kills while a person steps, saves or comes back: at most the last command is lost, nothing comes twice."""

from __future__ import annotations

import os
import random
import re
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from time import perf_counter, sleep
from typing import NamedTuple

from tests.benchmarks.terminal import DiedError
from tests.robustness.screens import own_folder, said
from tests.robustness.terminal_storm import Terminal

PATIENCE = 10.0
"""Seconds in which a command is kept at the latest, however busy the machine is."""
START, OFFER = "step 0/19", "Interrupted: go on where you were"
_OFFERED = re.compile(r"\bat (\d+):(\d+)\b")


class Kill(NamedTuple):
    """What happened around one kill."""

    what: str
    steps: int
    """How many steps were typed, each a command."""
    found: int
    """How many of them the session had that was offered."""


class LostError(AssertionError):
    """More than the last command was lost, or something was offered again."""


def kill(seed: int, *, twice: bool) -> Kill:
    """Kill a debugger while it steps or saves; then go on with its session, or throw it away.

    Args:
        seed: where the random numbers start.
        twice: whether the debugger that goes on with it is killed as well.

    Raises:
        LostError: more was lost than the last command, a saved file is no whole one, or a session that was
            gone on with or thrown away is offered again.
    """
    by = random.Random(seed)
    what = by.choice(("stepping", "saving", "keeping"))
    with own_folder() as folder:
        steps = by.randint(1, 6)
        with started() as program:
            _steps(program, 1, steps)
            if what == "saving":
                _save(program)
                steps += 1
                program.send(b"s:save lesson.toml\r")
            elif what == "stepping":
                steps += 1
                program.send(b"s")
            sleep(by.uniform(0, 0.06))
            _kill(program)
        _whole(folder)
        found = _go_on(seed, (steps - 1, steps) if what != "keeping" else (steps,), by, twice)
        return Kill(what, steps, found)


def _go_on(seed: int, wanted: tuple[int, ...], by: random.Random, killed: bool) -> int:
    """Answer the offer, and see that it does not come again, whatever ends the program."""
    with started(OFFER) as program:
        program.settle(0.15)
        offered = _offers(program)
        if len(offered) != 1 or offered[0] not in wanted:
            raise LostError(f"seed {seed}: offered {offered}, expected one of {wanted}")
        if not killed and by.random() < 0.5:
            program.send(b"dd")
            with suppress(DiedError):  # the debugger is in sight below the offer all the while
                program.until(rf"(?s)\A(?!.*{re.escape(OFFER)})")
            if OFFER in program.screen.text():
                raise LostError(f"seed {seed}: thrown away, and still offered")
            _leave(program)
            left: tuple[int, ...] = ()
        else:
            program.send(b"\r")
            program.until(rf"step {offered[0]}/19")
            _steps(program, offered[0] + 1, offered[0] + 1)
            if killed:
                _kill(program)
            else:
                _leave(program)
            left = (offered[0] + 1,) if killed else ()
    with started(OFFER if left else START) as program:
        program.settle(0.3)
        again = _offers(program) if OFFER in program.screen.text() else []
        if tuple(again) != left:
            raise LostError(f"seed {seed}: offered {again} after the answer, expected {list(left)}")
    return offered[0]


@contextmanager
def started(until: str = START) -> Iterator[Terminal]:
    """A debugger on the worked example."""
    with Terminal() as program:
        program.until(until)
        yield program


def _steps(program: Terminal, first: int, last: int) -> None:
    """Step, and after each step wait until it is kept."""
    for step in range(first, last + 1):
        program.send(b"s")
        program.until(rf"step {step}/19")
        _kept(step)


def _kept(step: int) -> None:
    """Wait until a session at this step of the first epoch is kept.

    Raises:
        LostError: it never is.
    """
    wanted, end = f'position = "0:{step}"', perf_counter() + PATIENCE
    folder = Path(os.environ["BACKPROP_TUI_STATE"])
    while perf_counter() < end:
        with suppress(FileNotFoundError):  # it may be given another name meanwhile
            if any(wanted in path.read_text("utf-8") for path in folder.glob("*.session.toml")):
                return
        sleep(0.005)
    raise LostError(f"step {step} is not kept after {PATIENCE:g} seconds")


def _save(program: Terminal) -> None:
    program.send(b":save lesson.toml\r")
    program.until("Session saved")


def _kill(program: Terminal) -> None:
    os.kill(program.process, signal.SIGKILL)
    program.status(10)


def _leave(program: Terminal) -> None:
    program.send(b"q")
    if program.status(10) != 0:
        raise LostError(f"not left by q:\n{program.last_words}")


def _offers(program: Terminal) -> list[int]:
    """The steps of epoch 0 at which sessions are offered."""
    return [int(step) + 19 * int(epoch) for epoch, step in _OFFERED.findall(program.screen.text())]


def _whole(folder: Path) -> None:
    path = folder / "lesson.toml"
    if path.exists() and said(str(path)).app is None:
        raise LostError(f"not whole: {path.read_bytes()!r}")
