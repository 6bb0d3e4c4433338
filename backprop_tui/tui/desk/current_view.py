"""The current view: the one mutable cell of the screen. Parts of the desk change it, panes show it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from backprop_tui.session.session import Session
from backprop_tui.tui.desk.terminal import Terminal
from backprop_tui.tui.view import View

NOTHING: Mapping[str, object] = MappingProxyType({})


class CurrentView:
    """Holds the view; the terminal is told of each change, and shows many at once."""

    def __init__(self, view: View, terminal: Terminal) -> None:
        self.view = view
        self.arrived = False
        """Whether the session is where it was opened to go; until then it is not worth keeping."""
        self.changed: Callable[[], object] = lambda: None
        """Called after each change."""
        self._terminal = terminal

    @property
    def session(self) -> Session:
        """What is being debugged."""
        return self.view.session

    def update(self, **changes: object) -> None:
        """Change the view, and take over the session's time."""
        self.view = self.view.but(time=self.session.time, **changes)
        self._terminal.show_soon()
        self.changed()

    def say(self, words: str) -> None:
        """Say in the status line what is under way, or what came of a command."""
        if words or self.view.running:
            self.update(running=words)

    def moved(self, before: int, words: str, showing: Mapping[str, object] = NOTHING) -> None:
        """The session went from time *before* to where it is now; *showing* is shown of the view with it."""
        self.arrived = True
        time = self.session.time
        still: dict[str, object] = {"spot": None, "cursor": None, "term": 0, "verdict": None}
        still["unfolded"] = time if time == self.view.unfolded else None
        self.update(**{**still, "before": before, "running": words, **showing})
