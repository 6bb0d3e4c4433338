"""The interpreter, set for quick answers while the debugger runs, and put back when it ends.

Objects of the process that would keep a closed debugger alive are made to let go of it here.
"""

from __future__ import annotations

import gc
import sys
from threading import Lock
from typing import TextIO

SWITCH_SECONDS = 0.0005
"""A thread that waits for another waits no longer: what is painted goes out, and keys are taken, at once."""
COLLECT_AFTER = 50_000
"""Python looks for garbage after so many new objects: fewer pauses, and frames leave hardly any cycles."""

_REMEMBERED = (
    ("textual._xterm_parser", "XTermParser", "_parse_extended_key"),
    ("textual._styles_cache", "StylesCache", "get_inner_outer"),
)
"""Methods of which Textual 8.2 remembers results for as long as the process runs.

With them it remembers a parser, whose last key holds its app, and what was painted of each widget.
"""


class QuickInterpreter:
    """Changes settings of the whole process, and remembers what they were when it did."""

    def __init__(self) -> None:
        self._switch_seconds: float | None = None
        self._thresholds: tuple[int, int, int] | None = None
        self._stdout = sys.stdout
        self._ended = False
        self._lock = Lock()

    def switch_quickly(self) -> None:
        """Let threads take turns more often; not once it is over, for the app calls this when it has time."""
        with self._lock:
            if not self._ended:
                self._switch_seconds = sys.getswitchinterval()
                sys.setswitchinterval(SWITCH_SECONDS)

    def collect_seldom(self) -> None:
        """Collect garbage again, where starting has put it off, but seldom; may be called from any thread."""
        with self._lock:
            if not gc.isenabled() and not self._ended:
                self._thresholds = gc.get_threshold()
                gc.freeze()
                gc.set_threshold(COLLECT_AFTER)
                gc.enable()

    def put_back(self) -> None:
        """As it was before; called while output is still caught."""
        _give_back(sys.stdout, self._stdout)
        _forget()
        with self._lock:
            self._ended = True
            if self._switch_seconds is not None:
                sys.setswitchinterval(self._switch_seconds)
            if self._thresholds is not None:
                gc.disable()
                gc.set_threshold(*self._thresholds)
                gc.unfreeze()


def _give_back(caught: TextIO, stdout: TextIO) -> None:
    """Give plotext *stdout*: imported while Textual caught it, it has taken what catches it, with its app."""
    for name, module in sys.modules.copy().items():  # another thread may import meanwhile
        if name.startswith("plotext.") and vars(module).get("stdout") is caught:
            vars(module)["stdout"] = stdout


def _forget() -> None:
    """Empty what Textual 8.2 remembers of methods together with their objects."""
    for module, name, method in _REMEMBERED:
        remembered = getattr(getattr(sys.modules.get(module), name, None), method, None)
        if remembered is not None:
            remembered.cache_clear()
