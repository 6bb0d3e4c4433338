"""Lists to choose from, in which a click on a line that is gone does nothing.

Textual 8.2 looks for what was clicked at by its place on the screen, where a longer list may still be shown.
Nor can it wrap words where padding and scrollbar leave no cell for them: no list is narrower than that.
"""

from __future__ import annotations

from textual.command import CommandList
from textual.events import Click
from textual.widgets import OptionList


class Options(OptionList):
    """A list of our own."""

    DEFAULT_CSS = """
    Options { min-width: 4; }
    """

    def on_click(self, event: Click) -> None:
        """Choose only what is there."""
        _drop_if_gone(self, event)


class CommandOptions(CommandList):
    """The palette's list, which grows and shrinks while commands are looked for."""

    DEFAULT_CSS = """
    CommandOptions { min-width: 8; }
    """

    def on_click(self, event: Click) -> None:
        """Choose only what is there."""
        _drop_if_gone(self, event)


def _drop_if_gone(options: OptionList, event: Click) -> None:
    clicked = event.style.meta.get("option")
    if clicked is not None and clicked >= options.option_count:
        event.prevent_default()
