"""A program in a real pseudo-terminal, timed from outside.

What it writes is stamped as it is read; the screen is made of it only when the program is quiet, so that no
stamp waits for the reading of the screen.
"""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import termios
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from time import perf_counter, sleep
from types import TracebackType

from tests.benchmarks.screen import Screen

QUIET = 0.025
"""Seconds of silence that end a burst; they are not counted."""
_SYNCHRONIZED_END = b"\x1b[?2026l"
_TOLD = 12
"""How many of the screen's last rows are told when a program died."""
_UNSET = ("COLUMNS", "LINES", "NO_COLOR", "FORCE_COLOR", "TERM_PROGRAM", "TMUX", "TEXTUAL", "TEXTUAL_DRIVER")

Chunk = tuple[float, bytes]
"""When it was read, and what."""


class DiedError(Exception):
    """The program ended, or never came to where it was to come; says what was on its screen."""


@dataclass(frozen=True)
class Burst:
    """What a program wrote in answer."""

    sent: float
    chunks: Sequence[Chunk]

    @property
    def seconds(self) -> float | None:
        """From the key to the last byte; None where there was no answer."""
        return self.chunks[-1][0] - self.sent if self.chunks else None

    @property
    def size(self) -> int:
        """How many bytes."""
        return sum(len(data) for _, data in self.chunks)

    def frames(self, gap: float = 0.004) -> int:
        """How many frames were painted: by their marks, else groups of output between pauses of *gap*."""
        marked = b"".join(data for _, data in self.chunks).count(_SYNCHRONIZED_END)
        times = [time for time, _ in self.chunks]
        apart = sum(later - earlier > gap for earlier, later in pairwise(times))
        return marked or (1 + apart if times else 0)


class Program:
    """One program in one pseudo-terminal; use it as a context manager, so that it always ends."""

    def __init__(
        self, command: Sequence[str], size: tuple[int, int] = (120, 40), more: Mapping[str, str] | None = None
    ) -> None:
        """Start *command*, with *more* environment variables, in a terminal of columns and rows."""
        columns, rows = size
        self.screen = Screen(columns, rows)
        self.chunks: list[Chunk] = []
        """What was read and is not on the screen yet."""
        self.ended = False
        self._master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        kept = {name: value for name, value in os.environ.items() if name not in _UNSET}
        kept |= {"TERM": "xterm-256color", "COLORTERM": "truecolor", "LC_ALL": kept.get("LC_ALL", "C.UTF-8")}
        kept |= more or {}
        self.started = perf_counter()
        self._process = subprocess.Popen(
            list(command), stdin=slave, stdout=slave, stderr=slave, env=kept, start_new_session=True
        )
        os.close(slave)
        os.set_blocking(self._master, False)

    def __enter__(self) -> Program:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def process(self) -> int:
        """The number of the process."""
        return self._process.pid

    # Input and output

    def send(self, data: bytes) -> float:
        """Write all of it; gives the moment just before."""
        sent = perf_counter()
        rest = memoryview(data)
        while rest and not self.ended:
            try:
                rest = rest[os.write(self._master, rest) :]
            except BlockingIOError:
                self.read(0.005)
            except OSError:
                self.ended = True
        return sent

    def read(self, patience: float) -> bool:
        """Wait at most so many seconds for output; tells whether some was read."""
        if self.ended or not select.select([self._master], [], [], max(0.0, patience))[0]:
            return False
        try:
            data = os.read(self._master, 1 << 16)
        except BlockingIOError:
            return False
        except OSError:  # the other end was closed
            data = b""
        if not data:
            self.ended = True
            return False
        self.chunks.append((perf_counter(), data))
        return True

    def seeing(self) -> Iterator[Chunk]:
        """Bring what was read to the screen, chunk by chunk, and forget it."""
        seen, self.chunks = self.chunks, []
        for time, data in seen:
            self.screen.feed(data)
            yield time, data

    def see(self) -> list[Chunk]:
        """Bring all that was read to the screen; gives it, and forgets it."""
        return list(self.seeing())

    def drain(self) -> int:
        """Read what came late, after a pause that was taken for the end; gives how many bytes."""
        while self.read(0):
            pass
        return sum(len(data) for _, data in self.see())

    # Waiting

    def settle(self, quiet: float = 0.5, limit: float = 30.0) -> None:
        """Wait until it has written nothing for *quiet* seconds."""
        end = perf_counter() + limit
        while perf_counter() < end and self.read(quiet):
            pass
        self.see()

    def until(self, pattern: str, limit: float = 30.0) -> float:
        """Wait until *pattern* is on the screen; gives the moment at which what brought it was read.

        Raises:
            DiedError: it never was.
        """
        wanted, end = re.compile(pattern), perf_counter() + limit
        while True:
            found = None
            for time, _ in self.seeing():
                if found is None and wanted.search(self.screen.text()):
                    found = time
            if found is not None:
                return found
            if self.ended or perf_counter() > end:
                raise DiedError(f"never saw {pattern!r}; on the screen:\n{_trimmed(self.screen.text())}")
            self.read(0.05)

    def press(self, keys: bytes, quiet: float = QUIET, patience: float = 1.0) -> Burst:
        """Send keys and collect the answer until it is quiet; *patience* is the wait for its first byte."""
        self.drain()
        sent = self.send(keys)
        wait = patience
        while self.read(wait):
            wait = quiet
        return Burst(sent, self.see())

    # Accounts

    def peak_memory(self) -> int:
        """The most memory it had resident so far, in bytes."""
        found = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{self.process}/status").read_text("ascii"))
        return int(found[1]) * 1024 if found else 0

    def computing(self) -> float:
        """The seconds for which it has been on a processor so far, by the scheduler's account."""
        spent = 0
        for task in Path(f"/proc/{self.process}/task").iterdir():
            with suppress(OSError):  # a thread that has just ended
                spent += int((task / "schedstat").read_text("ascii").split()[0])
        return spent / 1e9

    def close(self) -> None:
        """End it and take leave of it."""
        try:
            for ending in (signal.SIGTERM, signal.SIGKILL):
                if self._process.poll() is None:
                    self._process.send_signal(ending)
                end = perf_counter() + 1.0
                while self._process.poll() is None and perf_counter() < end:
                    if not self.read(0.01):
                        sleep(0.002)
        finally:
            if self._process.poll() is None:
                self._process.kill()
            self._process.wait()
            with suppress(OSError):
                os.close(self._master)


def _trimmed(screen: str) -> str:
    lines = [line.rstrip() for line in screen.splitlines() if line.strip()]
    return "\n".join(lines[-_TOLD:])
