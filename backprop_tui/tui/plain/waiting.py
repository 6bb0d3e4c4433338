"""Time for a desk without an event loop: what is to be done soon, and what is done again and again."""

from __future__ import annotations

from collections.abc import Callable
from queue import Empty, SimpleQueue
from time import monotonic

Action = Callable[[], object]

LOOK_SECONDS = 0.05
"""How long what comes from threads is waited for at a time."""


class Waiting:
    """Actions from this thread and from others, done in this one."""

    def __init__(self) -> None:
        self._soon: SimpleQueue[Action] = SimpleQueue()
        self._repeated: dict[int, tuple[float, float, Action]] = {}
        """When each is due, how far apart it is, and what is done."""
        self._count = 0

    def call_soon(self, action: Action) -> None:
        """Do *action* in the thread that waits; may be called from any."""
        self._soon.put(action)

    def every(self, seconds: float, action: Action) -> Action:
        """Do *action* each so many seconds, until what is given back is called."""
        self._count += 1
        number = self._count
        self._repeated[number] = (monotonic() + seconds, seconds, action)
        return lambda: self._repeated.pop(number, None)

    def settle(self, busy: Callable[[], bool], shown: Action) -> None:
        """Do what is to be done, until nothing is under way any more.

        Args:
            busy: whether anything is.
            shown: called after each action.
        """
        while True:
            due = min((when for when, _, _ in self._repeated.values()), default=monotonic() + LOOK_SECONDS)
            wait = min(max(0.0, due - monotonic()), LOOK_SECONDS) if busy() else 0.0
            try:
                action = self._soon.get(timeout=wait) if wait else self._soon.get_nowait()
            except Empty:
                self._repeat()
                if not busy():
                    return
            else:
                action()
            shown()

    def _repeat(self) -> None:
        now = monotonic()
        for number, (due, seconds, action) in list(self._repeated.items()):
            if due <= now and number in self._repeated:
                self._repeated[number] = (max(due + seconds, now), seconds, action)
                action()
