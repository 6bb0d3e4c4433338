"""An overlay: a screen that lies over the debugger, and closes once."""

from __future__ import annotations

from typing import TypeVar

from textual.await_complete import AwaitComplete
from textual.screen import ModalScreen

Result = TypeVar("Result")


class Overlay(ModalScreen[Result]):
    """A modal screen that is dismissed once, whatever arrives while it closes.

    Keys that were pressed in the same moment are still on their way to it; a second dismissal would take
    away the screen beneath.
    """

    closing = False
    """Whether it has been dismissed."""

    def dismiss(self, result: Result | None = None) -> AwaitComplete:
        """Close, and give *result* to whoever opened it; does nothing the second time."""
        if self.closing or not self.is_current:
            return nothing()
        self.closing = True
        return super().dismiss(result)


def nothing() -> AwaitComplete:
    """What a dismissal gives that has nothing to do."""
    done: AwaitComplete = AwaitComplete.nothing()  # type: ignore[no-untyped-call]
    return done
