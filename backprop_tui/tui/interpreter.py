"""The interpreter, set for quick answers while the debugger runs, and put back when it ends."""

from __future__ import annotations

import gc
import sys
from threading import Lock

SWITCH_SECONDS = 0.0005
"""A thread that waits for another waits no longer: what is painted goes out, and keys are taken, at once."""
COLLECT_AFTER = 50_000
"""Python looks for garbage after so many new objects: fewer pauses, and frames leave hardly any cycles."""


class QuickInterpreter:
    """Changes settings of the whole process, and remembers what they were."""

    def __init__(self) -> None:
        self._switch_seconds = sys.getswitchinterval()
        self._thresholds = gc.get_threshold()
        self._froze = self._ended = False
        self._lock = Lock()

    def switch_quickly(self) -> None:
        """Let threads take turns more often."""
        sys.setswitchinterval(SWITCH_SECONDS)

    def collect_seldom(self) -> None:
        """Collect garbage again, where starting has put it off, but seldom; may be called from any thread."""
        with self._lock:
            if not gc.isenabled() and not self._ended:
                gc.freeze()
                gc.set_threshold(COLLECT_AFTER)
                gc.enable()
                self._froze = True

    def put_back(self) -> None:
        """As it was before."""
        with self._lock:
            self._ended = True
            sys.setswitchinterval(self._switch_seconds)
            if self._froze:
                gc.disable()
                gc.set_threshold(*self._thresholds)
                gc.unfreeze()
