"""A painter: draws slow pictures in a thread, in finer and finer versions, until another one is wanted.

Nothing here knows a screen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextvars import copy_context
from functools import partial
from threading import Thread
from time import sleep

from backprop_tui.tui.pictures.rows import Picture

Action = Callable[[], object]

PAUSE_SECONDS = 0.06
"""A thread begins when no key has followed for so long: it would only hold up the frame of the next one."""
POLITE_SECONDS = 0.001
"""A pause after each slice, in which whoever answers a key can have the run."""


class Painter:
    """Paints one picture at a time.

    Args:
        call_soon: calls a function later in the thread that asks for pictures; may be called from any thread.

    """

    def __init__(self, call_soon: Callable[[Action], object]) -> None:
        self._call_soon = call_soon
        self.wanted: object = None
        """What is being painted, or has been; None: nothing."""
        self.latest: Picture | None = None
        """As much of it as has been painted."""
        self.busy = False
        """Whether a finer one is still to come."""

    def paint(self, wanted: object, pictures: Iterator[Picture | None], show: Action) -> None:
        """Paint something else from now on.

        Args:
            wanted: what it is; another object than before.
            pictures: finer and finer; None in between, where none is ready yet.
            show: called whenever there is a finer one.

        """
        self.wanted, self.latest, self.busy = wanted, None, True
        arguments = (wanted, pictures, show)
        Thread(target=copy_context().run, args=(self._work, *arguments), name="painter", daemon=True).start()

    def stop(self) -> None:
        """Nothing is wanted any more."""
        self.wanted, self.latest, self.busy = None, None, False

    def _work(self, wanted: object, pictures: Iterator[Picture | None], show: Action) -> None:
        sleep(PAUSE_SECONDS)
        if wanted is not self.wanted:
            return
        for picture in pictures:
            if wanted is not self.wanted:
                return
            if picture is not None:
                self._call_soon(partial(self._take, wanted, picture, show))
            sleep(POLITE_SECONDS)
        self._call_soon(partial(self._end, wanted))

    def _take(self, wanted: object, picture: Picture, show: Action) -> None:
        if wanted is self.wanted:
            self.latest = picture
            show()

    def _end(self, wanted: object) -> None:
        if wanted is self.wanted:
            self.busy = False
