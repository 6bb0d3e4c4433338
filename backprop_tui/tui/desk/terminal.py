"""The terminal as the desk knows it: what only a screen can do for the commands."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol

from backprop_tui.tui.requests import Request
from backprop_tui.tui.view import View

PANES = ("network", "program", "chain", "values", "loss")
"""The panes in the order in which tab goes through them."""
LESSON = "lesson"
"""The pane of a lesson's page, where one is open; it comes after the others."""


class Line(Protocol):
    """Something that a person is asked, other than the argument of a command."""

    example: str
    """Shown while nothing is typed."""

    def title(self, text: str) -> str:
        """What is asked, once *text* has been typed."""

    def keys(self, text: str) -> str:
        """What keys do then."""

    def press(self, text: str, key: str) -> str | None:
        """What a key makes of *text*; None: it is typed as usual."""

    def answer(self, text: str) -> object:
        """Take *text*; the line is closed by whoever asks, unless it is to be corrected."""

    def leave(self) -> object:
        """Go on without an answer."""

    def closed(self) -> object:
        """It is asked no more, for whatever reason."""


class Terminal(Protocol):
    """Shows a desk to a person. The debugger's is made with Textual; a test can do with less."""

    attended: bool
    """Whether somebody reads what is told; lines that are piped are read by nobody."""
    theme: str
    """The name of the theme; a name that there is not is left alone."""

    @property
    def themes(self) -> Sequence[str]:
        """The names of all themes, ours first."""

    # Showing

    def show_soon(self) -> None:
        """The view has changed: show it once the commands at hand are done."""

    def show(self) -> None:
        """Show the view now."""

    def inform(self, message: str, title: str) -> None:
        """Tell a person something."""

    def warn(self, message: str, title: str) -> None:
        """Tell a person what is wrong."""

    # Panes

    @property
    def pane(self) -> str:
        """The pane that has the focus, or had it before the prompt."""

    def look_at(self, pane: str) -> None:
        """Give a pane the focus; where there is room for one of three, show it."""

    def bring_into_sight(self, pane: str) -> None:
        """Where there is room for one of three panes, show this one; the focus stays where it can."""

    def toggle_zoom(self) -> None:
        """Show the pane that has the focus over the whole screen, or all panes again."""

    def leave_zoom(self) -> None:
        """Show all panes again."""

    def arrow(self, view: View, right: int, down: int) -> Request | None:
        """What an arrow key asks for in the pane that has the focus; elsewhere, in the drawing."""

    def toggle_theme(self) -> None:
        """A light theme in the place of a dark one, and back."""

    def open_lesson(self) -> None:
        """Show the page of a lesson beside the panes; where there is no room, over the lower ones."""

    def close_lesson(self) -> None:
        """Take it away."""

    def offer_lesson(self) -> None:
        """Offer the first lesson in a line of its own, until it is opened or declined."""

    def close_offer(self) -> bool:
        """Offer it no longer; tells whether it was offered."""

    # Typing

    def ask(self, name: str, value: str = "") -> None:
        """Let a person type the argument of a command; of no name, a whole command line.

        Args:
            name: the command's.
            value: what stands there to begin with.
        """

    def ask_line(self, line: Line) -> None:
        """Let a person answer a question."""

    def close_prompt(self) -> bool:
        """No longer ask; tells whether it did."""

    # What lies over the panes

    def open_help(self) -> None:
        """Keys and signs."""

    def open_palette(self) -> None:
        """Every command by name."""

    def open_networks(self) -> None:
        """The choice of another network."""

    def open_list(self) -> None:
        """The list of breakpoints, watches and edits."""

    def quit(self) -> None:
        """Leave the debugger."""

    def show_to(self, taker: Callable[[Any], object]) -> None:
        """Give what is on the screen, as a ``Screen`` of cells, once the prompt is closed."""

    # Time

    def call_soon(self, action: Callable[[], object]) -> None:
        """Call *action* in the interface's thread; may be called from any."""

    def every(self, seconds: float, action: Callable[[], object]) -> Callable[[], object]:
        """Call *action* each so many seconds, until what is given back is called."""
