"""Ends that nobody chose: a signal, or a terminal that is gone. The session stays kept, as after a kill."""

from __future__ import annotations

import asyncio
import os
import select
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Thread, Timer
from types import FrameType

PATIENCE = 2.0
"""Seconds within which the debugger leaves; else the signal ends it where it is."""
_SIGNALS = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]


@contextmanager
def by_signal(leave: Callable[[], object]) -> Iterator[None]:
    """Within, a signal gives the terminal back before it ends the process.

    Args:
        leave: ends the debugger, from its event loop.
    """
    came: list[int] = []

    def end(number: int, frame: FrameType | None) -> None:
        came.append(number)
        signal.signal(number, signal.SIG_DFL)  # so that another one ends it at once
        last_resort = Timer(PATIENCE, os.kill, (os.getpid(), number))
        last_resort.daemon = True
        last_resort.start()
        try:
            asyncio.get_running_loop().call_soon_threadsafe(leave)
        except RuntimeError:  # before the debugger runs, or after
            os.kill(os.getpid(), number)

    caught = [number for number in _SIGNALS if signal.getsignal(number) is signal.SIG_DFL]
    for number in caught:
        signal.signal(number, end)
    if hasattr(select, "poll") and os.isatty(0):
        Thread(target=_end_with_terminal, daemon=True, name="terminal-watch").start()
    try:
        yield
    finally:
        for number in caught:
            signal.signal(number, signal.SIG_DFL)
    if came:
        os.kill(os.getpid(), came[0])


def _end_with_terminal() -> None:
    """Wait for the terminal to hang up. Textual would wait for keys, and to write, for ever."""
    watch = select.poll()
    watch.register(0, 0)
    if any(event & select.POLLHUP for _, event in watch.poll()):
        os._exit(128 + signal.SIGHUP)
