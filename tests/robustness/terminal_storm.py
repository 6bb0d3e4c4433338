"""A storm in a real pseudo-terminal: the program stays alive, and ends when it is told to."""

from __future__ import annotations

import fcntl
import os
import random
import re
import signal
import struct
import sys
import termios
from time import perf_counter

from tests.benchmarks.terminal import Program
from tests.robustness.events import NAMED, Event, Storm
from tests.robustness.screens import own_folder
from tests.robustness.storm import StormError

READY = r"step 0/"
QUIET = 0.003
"""Seconds of silence after which the next burst comes."""
PATIENCE = 60.0
"""Seconds within which it takes what is typed, and ends."""
TOLD = 3
"""How often it is told to end: what the storm has opened last may come up only after the first time."""
_TAIL = 6000
_LAST = 120


class Terminal(Program):
    """The debugger in a pseudo-terminal."""

    def __init__(self, *words: str, size: tuple[int, int] = (120, 40)) -> None:
        super().__init__([sys.executable, "-m", "backprop_tui", *words], size)
        self._tail = b""

    def __enter__(self) -> Terminal:
        return self

    def resize(self, columns: int, rows: int) -> None:
        """Give the terminal another size, and tell the program."""
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        os.kill(self.process, signal.SIGWINCH)

    def pass_over(self, quiet: float) -> None:
        """Read on until it is quiet, without looking, for at most a second."""
        end = perf_counter() + 1.0
        while self.read(quiet) and perf_counter() < end:
            pass
        self._tail = (self._tail + b"".join(data for _, data in self.chunks))[-_TAIL:]
        self.chunks.clear()

    def status(self, patience: float) -> int | None:
        """How it ended; None where it did not within so many seconds."""
        end = perf_counter() + patience
        while self._process.poll() is None and perf_counter() < end:
            self.pass_over(0.01)
        return self._process.poll()

    @property
    def last_words(self) -> str:
        """The end of what it wrote, without what moves and colours."""
        self.pass_over(0)
        return re.sub(r"\x1b\[[0-9;?]*[ -/]*[@-~]", "", self._tail.decode("utf-8", "replace"))


def terminal_storm(network: str, seed: int, events: int, *, spare_palette: bool = False) -> int:
    """Send random events to a debugger on *network*; tells how often it was left as it can be.

    Raises:
        StormError: it ended in another way, or did not end when told to.
    """
    storm, sent, done, left = Storm(seed, spare_palette=spare_palette), list[Event](), 0, 0
    with own_folder():
        while done < events:
            sent.clear()
            with Terminal(*network.split()) as program:
                program.until(READY)
                while done < events:
                    for burst in storm.bursts(100):
                        for event in burst:
                            _send(program, event)
                        sent += burst
                        done += len(burst)
                        program.pass_over(QUIET)
                    if program.status(0) is not None:
                        break
                else:
                    _leave(program, random.Random(seed + done))
                status = program.status(PATIENCE)
                if status not in (0, -signal.SIGTERM):
                    raise StormError(_story(network, seed, done, status, sent, program), network, sent)
                left += done < events
    return left


def _send(program: Terminal, event: Event) -> None:
    if event.size and program.status(0) is None:
        program.resize(*event.size)
    if event.data:
        program.send(event.data.encode())
    if event.pause:
        program.pass_over(event.pause)


def _leave(program: Terminal, by: random.Random) -> None:
    """End it as a person does, or as a system that shuts down does."""
    if by.random() < 0.2:
        os.kill(program.process, signal.SIGTERM)
        return
    for _ in range(TOLD):
        for key in ("escape",) * 6:
            program.send(NAMED[key].encode())
            program.pass_over(0.05)
        program.send(b"q")
        if program.status(PATIENCE / TOLD) is not None:
            break


def _story(
    network: str, seed: int, done: int, status: int | None, sent: list[Event], program: Terminal
) -> str:
    ended = "did not end" if status is None else f"ended with {status}"
    last = [event.size or event.data or "…" for event in sent[-_LAST:]]
    return (
        f"{ended}: network {network}, seed {seed}, after {done} events, the last of them: {last!r}\n"
        f"it wrote:\n{program.last_words}"
    )
