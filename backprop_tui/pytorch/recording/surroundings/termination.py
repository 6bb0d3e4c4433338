"""The signal that ends a process from outside: torchrun sends it to the ranks that outlive another."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any


class Termination:
    """Calls back when SIGTERM comes; then the process ends by it, as it would have without.

    Only where the signal has no other handler, and in the main thread, for no other may set one.
    """

    def __init__(self, called: Callable[[], object]) -> None:
        self._called = called
        self._before: Any = None
        """The handler that was there; None while not listening."""
        self._busy = self._came_meanwhile = False

    def begin(self) -> None:
        """Listen."""
        if threading.current_thread() is not threading.main_thread():
            return
        before = signal.getsignal(signal.SIGTERM)
        if before is signal.SIG_DFL or isinstance(getattr(before, "__self__", None), Termination):
            signal.signal(signal.SIGTERM, self._came)
            self._before = before

    def end(self) -> None:
        """Listen no more, and leave a handler alone that was set since."""
        before, self._before = self._before, None
        if before is not None and signal.getsignal(signal.SIGTERM) == self._came:
            signal.signal(signal.SIGTERM, before)

    @contextmanager
    def put_off(self) -> Iterator[None]:
        """Let what is being written be finished; the process ends after it, and nothing is called back."""
        self._busy = True
        try:
            yield
        finally:
            self._busy = False
            if self._came_meanwhile:
                self._go_on()

    def _came(self, number: int, _: FrameType | None) -> None:
        if self._busy:
            self._came_meanwhile = True
            return
        try:
            if self._before is not None:
                self._called()
        finally:
            self._go_on()

    def _go_on(self) -> None:
        signal.signal(signal.SIGTERM, self._before or signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGTERM)
