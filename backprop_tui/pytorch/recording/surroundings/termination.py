"""How a process ends: by a signal, as torchrun ends ranks that outlive another, or while still recording."""

from __future__ import annotations

import atexit
import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

SIGNALS = tuple(getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name))


class Termination:
    """Calls back when one of the signals comes; then the process ends by it, as it would have without.

    Only where that signal has no other handler, and in the main thread, for no other may set one. Calls back
    too where the process ends by itself, as when nobody left what was entered. A fork of it does neither.
    """

    def __init__(self, called: Callable[[str], object], ended: Callable[[], object]) -> None:
        """Say whom to call.

        Args:
            called: with the name of the signal.
            ended: where it ends by itself.

        """
        self._called, self._ended = called, ended
        self._process = 0
        self._before: dict[int, Any] = {}
        """The handlers that were there, of the signals that are listened to."""
        self._busy = False
        self._came_meanwhile = 0

    def begin(self) -> None:
        """Listen."""
        self._process = os.getpid()
        atexit.register(self._at_exit)
        if threading.current_thread() is not threading.main_thread():
            return
        for number in SIGNALS:
            before = signal.getsignal(number)
            if before is signal.SIG_DFL or isinstance(getattr(before, "__self__", None), Termination):
                self._before[number] = before  # first, for it may come at once
                signal.signal(number, self._came)

    def end(self) -> None:
        """Listen no more, and leave a handler alone that was set since."""
        atexit.unregister(self._at_exit)
        self._process = 0  # nothing is called back from here on; where ours is another's before, that goes on
        for number, before in self._before.items():
            if signal.getsignal(number) == self._came:
                signal.signal(number, before)

    @contextmanager
    def put_off(self) -> Iterator[None]:
        """Let what is being written be finished; the process ends after it, and nothing is called back."""
        self._busy = True
        try:
            yield
        finally:
            self._busy = False
            if self._came_meanwhile:
                self._go_on(self._came_meanwhile)

    def _came(self, number: int, _: FrameType | None) -> None:
        if self._busy:
            self._came_meanwhile = number
            return
        try:
            if number in self._before and os.getpid() == self._process:
                self._called(signal.Signals(number).name)
        finally:
            self._go_on(number)

    def _at_exit(self) -> None:
        if os.getpid() == self._process:
            self._ended()

    def _go_on(self, number: int) -> None:
        signal.signal(number, self._before.get(number, signal.SIG_DFL))
        os.kill(os.getpid(), number)
