"""The five panes, the status line and the footer."""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.message import Message

from backprop_tui.engine.quantities import Parameter
from backprop_tui.tui.commands import FOOTER
from backprop_tui.tui.explore import neighbour
from backprop_tui.tui.pictures.charts.loss import loss_chart, loss_picture
from backprop_tui.tui.pictures.drawing.network import active_unit, geometry, margins, network_picture
from backprop_tui.tui.pictures.explanation import chain_rule_picture, explanation_rows
from backprop_tui.tui.pictures.rows import Picture
from backprop_tui.tui.pictures.status import footer_row, status_row
from backprop_tui.tui.pictures.tables.changes import changes_picture, changes_rows
from backprop_tui.tui.pictures.tables.listing import Listing, program_picture
from backprop_tui.tui.pictures.tables.values import line_of, spot_at, values_length, values_picture
from backprop_tui.tui.pictures.tables.watches import watches_height, watches_picture
from backprop_tui.tui.view import Node, View
from backprop_tui.tui.widgets.messages import Followed, Pointed, TermChosen, Wanted
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
            border: heavy $primary;
            border-title-color: $primary;
            border-title-style: bold reverse;
        }
    }
    """

    TITLE: ClassVar[str] = ""

    def __init__(self, *, id: str) -> None:  # noqa: A002 (Textual's name for it)
        super().__init__(id=id)
        self.border_title = self.TITLE
        self.top = 0

    def length(self, view: View) -> int:
        """How many rows there are in all."""
        return 0

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

    def on_resize(self, event: events.Resize) -> None:
        """Tell it from the first frame on."""
        if self.view is not None and self.size:
            self.turn_to(self.view)
            self._tell_place()

    def _tell_place(self) -> None:
        if self.view is None or not self.extent:
            return
        length, height = self.length(self.view), self.extent.height
        subtitle = f"{self.top + 1}–{min(self.top + height, length)} of {length}" if length > height else ""
        if subtitle != (self.border_subtitle or ""):
            self.border_subtitle = subtitle

    def keep_in_sight(self, line: int) -> None:
        """Scroll, where needed, so that a line and one on either side of it are in sight."""
        height = self.extent.height
        margin = 1 if height > 4 else 0
        if line - margin < self.top or line + margin >= self.top + height:
            self._show_from(line - height // 2)
        else:
            self._show_from(self.top)

    def arrow(self, view: View, right: int, down: int) -> Message | None:
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


class NetworkPane(FramedPane):
    """The drawing."""

    TITLE = "Network"

    def picture(self, view: View, width: int, height: int) -> Picture:
        """The drawing."""
        return network_picture(view, width, height)

    def arrow(self, view: View, right: int, down: int) -> Message | None:
        """Explore: the first arrow points at where the last statement was, the next ones go on from there."""
        if view.spot is None:
            return Pointed(active_unit(view))
        return Pointed(neighbour(view.session.network.widths, view.spot, right, down))

    def scroll_by(self, rows: int) -> None:
        """The wheel goes through the units of a layer."""
        if self.view is not None and max(self.view.session.network.widths) > 1:
            spot = self.view.spot or active_unit(self.view)
            widths = self.view.session.network.widths
            self.post_message(Pointed(neighbour(widths, spot, 0, 1 if rows > 0 else -1)))

    def on_click(self, event: events.Click) -> None:
        """Select the unit, or the weight nearest to the click."""
        place = event.get_content_offset(self)
        if place is None or self.view is None:
            return
        width, height = self.size
        drawn = geometry(self.view, width, height)
        above, _ = margins(self.view, height)
        found = drawn.at(place.x, place.y - above)
        near = None if found else drawn.edge_at(place.x, place.y - above)
        if found or near:
            self.post_message(Pointed(Node(*found) if found else Parameter(*near)))  # type: ignore[misc]


class ProgramPane(FramedPane):
    """The listing."""

    TITLE = "Program"

    def length(self, view: View) -> int:
        """Lines of the epoch's listing."""
        return Listing(view.session).length()

    def turn_to(self, view: View) -> None:
        """Bring the subject into sight."""
        subject = view.subject or view.session.statement
        self.keep_in_sight(Listing(view.session).line_of(subject.step) if subject else 0)

    def picture(self, view: View, width: int, height: int) -> Picture:
        """The lines in sight."""
        return program_picture(view, width, height, self.top)

    def arrow(self, view: View, right: int, down: int) -> Message | None:
        """Move the cursor to the next or the previous statement of the epoch."""
        program, subject = view.session.program, view.subject
        step = min(max((subject.step if subject else 0) + down, 1), program.statements)
        return Followed(program.statement(program.time(view.session.epoch, step - 1))) if down else None

    def on_click(self, event: events.Click) -> None:
        """Put the cursor on the statement; a second click goes there."""
        place = event.get_content_offset(self)
        if place is None or self.view is None:
            return
        listing = Listing(self.view.session)
        line = self.top + place.y
        if line >= listing.length() or isinstance(step := listing.at(line), tuple):
            return
        session = self.view.session
        statement = session.program.statement(session.program.time(session.epoch, step - 1))
        again = self.view.cursor is not None and self.view.cursor.time == statement.time
        self.post_message(Wanted(statement.time) if again else Followed(statement))


class ChainRulePane(FramedPane):
    """The explanation."""

    TITLE = "Chain rule"

    def length(self, view: View) -> int:
        """Rows of the explanation."""
        return len(explanation_rows(view, *self.extent))

    def arrow(self, view: View, right: int, down: int) -> Message | None:
        """Left and right choose a term; up and down scroll."""
        if right and view.origins:
            return TermChosen((min(view.term, len(view.origins) - 1) + right) % len(view.origins))
        return super().arrow(view, right, down)

    def turn_to(self, view: View) -> None:
        """Begin at the top."""
        self._show_from(0)

    def picture(self, view: View, width: int, height: int) -> Picture:
        """The rows in sight."""
        return chain_rule_picture(view, width, height, self.top)


class ValuesPane(FramedPane):
    """The table of values."""

    TITLE = "Values"

    def length(self, view: View) -> int:
        """Lines of the table, or of what differs."""
        if view.since is not None:
            return len(changes_rows(view, view.since, self.extent.width))
        return values_length(view)

    def turn_to(self, view: View) -> None:
        """Bring the line of the subject into sight."""
        line = line_of(view) if view.since is None else None
        if line is not None:
            self.keep_in_sight(line)

    def picture(self, view: View, width: int, height: int) -> Picture:
        """The lines in sight."""
        if view.since is not None:
            return changes_picture(view, view.since, width, height, min(self.top, self.length(view) - 1))
        return values_picture(view, width, height, self.top)

    def arrow(self, view: View, right: int, down: int) -> Message | None:
        """Point at the next or the previous line that can be pointed at."""
        line = line_of(view) or 0
        for step in range(1, view.session.network.widths[-1] + 3):
            spot = spot_at(view, line + down * step) if down else None
            if spot is not None:
                return Pointed(spot)
        return None

    def on_click(self, event: events.Click) -> None:
        """Point at the line's unit or parameter."""
        place = event.get_content_offset(self)
        if place is not None and self.view is not None:
            spot = spot_at(self.view, self.top + place.y)
            if spot is not None:
                self.post_message(Pointed(spot))


class LossPane(FramedPane):
    """The loss chart."""

    TITLE = "Loss"

    def picture(self, view: View, width: int, height: int) -> Picture:
        """The chart."""
        return loss_picture(view, width, height)

    def arrow(self, view: View, right: int, down: int) -> Message | None:
        """To the next or the previous epoch."""
        time = view.session.time + right * view.session.program.statements
        return Wanted(max(0, min(time, view.session.latest))) if right else None

    def on_click(self, event: events.Click) -> None:
        """Go to the epoch under the pointer."""
        place = event.get_content_offset(self)
        if place is None or self.view is None:
            return
        chart = loss_chart(self.view, *self.size)
        if chart is not None and chart.left <= place.x <= chart.right:
            epoch = chart.epoch_at(place.x)
            self.post_message(Wanted(self.view.session.program.time(epoch + 1, 0)))


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
        height = watches_height(view)
        if self.styles.height is None or self.styles.height.value != height:
            self.styles.height = height
        super().show(view)

    def picture(self, view: View, width: int, height: int) -> Picture:
        """A row a watch."""
        return watches_picture(view, width, height)


class KeysLine(Pane):
    """The keys that matter."""

    DEFAULT_CSS = """
    KeysLine { height: 1; dock: bottom; background: $panel; }
    """

    def picture(self, view: View, width: int, height: int) -> Picture:
        """The one row."""
        return (footer_row(FOOTER, width),)
