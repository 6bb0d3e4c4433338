"""A pane with a frame: it takes the focus, scrolls by whole rows, and answers arrows and clicks."""

from __future__ import annotations

from typing import Any, ClassVar, Self

from textual import events
from textual.content import Content
from textual.geometry import Region

from backprop_tui.tui.requests import Request, Zoom
from backprop_tui.tui.view import View
from backprop_tui.tui.widgets.messages import Asked
from backprop_tui.tui.widgets.pane import Pane


class FramedPane(Pane, can_focus=True):
    """A pane with a frame and a title, which takes the focus; it scrolls by whole rows."""

    DEFAULT_CSS = """
    FramedPane {
        border: round $pane-border;
        border-title-color: $muted;
        border-title-style: bold;
        border-subtitle-color: $muted;
        &:focus {
            border: heavy $key;
            border-title-color: $key;
            border-title-style: bold reverse;
        }
    }
    """

    TITLE: ClassVar[str] = ""
    zooms_inside: ClassVar[bool] = True
    """Whether a second click inside means the pane, not what is there; on its frame it always does."""

    def __init__(self, *, id: str) -> None:  # noqa: A002 (Textual's name for it)
        super().__init__(id=id)
        self._naming: int | None = None
        """The row of the frame whose words change: 0, or -1; Textual would paint the widget whole."""
        self._drawing = False
        self._place = ""
        """The words in the last row of the frame."""
        self.border_title = self.TITLE
        self.top = 0

    def length(self, view: View) -> int:
        """How many rows there are in all."""
        return 0

    def hint(self, view: View, room: int) -> str:
        """A few words for the lower edge of the frame, in at most *room* cells."""
        return ""

    def scroll_by(self, rows: int) -> None:
        """Show what lies so many rows further down."""
        if self.view is not None:
            self._show_from(self.top + rows)
            self.redraw()

    def _show_from(self, top: int) -> None:
        assert self.view is not None
        self.top = max(0, min(top, self.length(self.view) - self.extent.height))

    def redraw(self) -> None:
        """Make the picture anew, and tell which of its rows are in sight."""
        super().redraw()
        self._tell_place()

    def _draw(self) -> None:
        """The first picture at a size; the words in its frame are painted with it, not a frame later."""
        self._drawing = True
        super()._draw()
        self._tell_place()
        self._styles_cache.clear()  # which has the frame with its former words
        self._drawing = False

    def _tell_place(self) -> None:
        if self.view is None or not self.extent:
            return
        length, height = self.length(self.view), self.extent.height
        subtitle = f"{self.top + 1}–{min(self.top + height, length)} of {length}" if length > height else ""
        hint = self.hint(self.view, self.extent.width - len(subtitle) - 6)
        self.tell(f"{subtitle}  {hint}".strip())

    def tell(self, subtitle: str) -> None:
        """Write words in the last row of the frame."""
        if subtitle != self._place:
            self._place = subtitle
            self._naming = -1
            self.border_subtitle = Content(subtitle)  # as it is: a bracket is no markup
            self._naming = None

    def name_it(self, title: str) -> None:
        """Write *title* into the frame."""
        if self.border_title != title:
            self._naming = 0
            self.border_title = title
            self._naming = None

    def refresh(self, *regions: Region, **what: Any) -> Self:
        """Paint these regions anew; of none, everything, or the row of the frame while only that changes."""
        if self._drawing:
            return self
        if self._naming is not None and not regions and self._lines:
            width, height = self.outer_size
            self._lines[self._naming] = None
            regions = (Region(-1, self._naming % height - 1, width, 1),)
        return super().refresh(*regions, **what)

    def keep_in_sight(self, line: int) -> None:
        """Scroll, where needed, so that a line and one on either side of it are in sight."""
        height = self.extent.height
        margin = 1 if height > 4 else 0
        if line - margin < self.top or line + margin >= self.top + height:
            self._show_from(line - height // 2)
        else:
            self._show_from(self.top)

    def arrow(self, view: View, right: int, down: int) -> Request | None:
        """What an arrow key asks for here, of which *view* is the latest; None where it only scrolls."""
        self.scroll_by(down)
        return None

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """The wheel scrolls."""
        event.stop()
        self.scroll_by(3)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """The wheel scrolls."""
        event.stop()
        self.scroll_by(-3)

    def pointed_at(self, view: View, x: int, y: int) -> Request | None:
        """What a click on a cell of the picture asks for."""
        return None

    def on_click(self, event: events.Click) -> None:
        """Ask for what was clicked at; a second click at once shows the pane over the whole screen."""
        place = event.get_content_offset(self)
        if event.chain == 2 and (place is None or self.zooms_inside) and self.id is not None:
            self.ask(Zoom(self.id))
            return
        if place is not None and self.view is not None:
            self.ask(self.pointed_at(self.view, place.x, place.y))

    def ask(self, request: Request | None) -> None:
        """Tell the screen what a person asks for; of None, nothing."""
        if request is not None and self.view is not None:
            self.post_message(Asked(request, self.view.session))
