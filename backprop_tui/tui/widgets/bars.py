"""The bars about the panes: the status line above them, watches and keys below."""

from __future__ import annotations

from backprop_tui.tui.commands.table import FOOTER, LESSON_FOOTER
from backprop_tui.tui.pictures import on_demand
from backprop_tui.tui.pictures.rows import Picture
from backprop_tui.tui.pictures.status_and_keys import footer_row, status_row
from backprop_tui.tui.view import View
from backprop_tui.tui.widgets.pane import Pane

MOST_WATCHES = 4
"""More watches than this are counted, not shown."""


class StatusLine(Pane):
    """Where we are."""

    DEFAULT_CSS = """
    StatusLine { height: 1; dock: top; background: $panel; }
    """

    def picture(self, view: View, width: int, height: int) -> Picture:
        """The one row."""
        return (status_row(view, width),)


class WatchLines(Pane):
    """The watches, as high as there are any."""

    DEFAULT_CSS = """
    WatchLines { background: $surface; }
    """

    def show(self, view: View) -> None:
        """Show *view*, in as many rows as it takes."""
        height = min(len(view.session.watches), MOST_WATCHES)
        if self.styles.height is None or self.styles.height.value != height:
            self.styles.height = height
        super().show(view)

    def picture(self, view: View, width: int, height: int) -> Picture:
        """A row a watch."""
        return on_demand.watches_picture(view, width, height) if height else ()


class KeysLine(Pane):
    """The keys that matter."""

    DEFAULT_CSS = """
    KeysLine { height: 1; dock: bottom; background: $panel; }
    """

    def picture(self, view: View, width: int, height: int) -> Picture:
        """The one row."""
        entries = FOOTER if view.reader is None else LESSON_FOOTER
        keys = [(view.key(key), label, rank) for key, label, rank in entries]
        return (footer_row([one for one in keys if not one[0].startswith(":") or one[0] == ":"], width),)
