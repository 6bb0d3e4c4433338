"""The five panes: which picture each shows, and what arrows and clicks in it ask for."""

from __future__ import annotations

from backprop_tui.engine.quantities import Parameter
from backprop_tui.network.lazy_module import lazy_module
from backprop_tui.session.session import Session
from backprop_tui.tui import arrows
from backprop_tui.tui.background.painter import Painter
from backprop_tui.tui.pictures.charts.captioned import only_words
from backprop_tui.tui.pictures.drawing.network import active_unit, geometry, margins, network_picture
from backprop_tui.tui.pictures.explanation.beginning import next_key
from backprop_tui.tui.pictures.explanation.picture import chain_rule_picture, explanation_rows
from backprop_tui.tui.pictures.on_demand import comparison
from backprop_tui.tui.pictures.registry import FIGURES, figure
from backprop_tui.tui.pictures.rows import Picture
from backprop_tui.tui.pictures.tables.listing import Listing, program_picture
from backprop_tui.tui.pictures.tables.values import line_of, spot_at, values_length, values_picture
from backprop_tui.tui.requests import Go, Point, Read, Request
from backprop_tui.tui.view import Node, Spot, View
from backprop_tui.tui.widgets.framed_pane import FramedPane

_changes = lazy_module("backprop_tui.tui.pictures.tables.changes")  # nothing has changed in the first frame


class NetworkPane(FramedPane):
    """The drawing."""

    TITLE = "Network"

    def picture(self, view: View, width: int, height: int) -> Picture:
        """The drawing."""
        return network_picture(view, width, height)

    def arrow(self, view: View, right: int, down: int) -> Request | None:
        """Explore the drawing."""
        return arrows.in_network(view, right, down)

    def scroll_by(self, rows: int) -> None:
        """The wheel goes through the units of a layer."""
        if self.view is not None and max(self.view.session.network.widths) > 1:
            spot = self.view.spot or active_unit(self.view)
            widths = self.view.session.network.widths
            self.ask(Point(arrows.neighbour(widths, spot, 0, 1 if rows > 0 else -1)))

    def pointed_at(self, view: View, x: int, y: int) -> Request | None:
        """Select the unit, or the weight nearest to the click."""
        width, height = self.size
        drawn = geometry(view, width, height)
        above, _ = margins(view, height)
        if found := drawn.at(x, y - above):
            return Point(Node(*found))
        near = drawn.edge_at(x, y - above)
        return Point(Parameter(*near)) if near else None


class ProgramPane(FramedPane):
    """The listing."""

    TITLE = "Program"
    zooms_inside = False

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

    def arrow(self, view: View, right: int, down: int) -> Request | None:
        """Move the cursor to the next or the previous statement of the epoch."""
        return arrows.in_program(view, right, down)

    def pointed_at(self, view: View, x: int, y: int) -> Request | None:
        """Put the cursor on the statement; a second click goes there."""
        listing = Listing(view.session)
        line = self.top + y
        if line >= listing.length() or isinstance(step := listing.at(line), tuple):
            return None
        program = view.session.program
        statement = program.statement(program.time(view.session.epoch, step - 1))
        again = view.cursor is not None and view.cursor.time == statement.time
        return Go(statement.time) if again else Read(statement)


class ChainRulePane(FramedPane):
    """The explanation."""

    TITLE = "Chain rule"

    def length(self, view: View) -> int:
        """Rows of the explanation."""
        return len(explanation_rows(view, *self.extent))

    def arrow(self, view: View, right: int, down: int) -> Request | None:
        """Left and right choose a term; up and down scroll."""
        return arrows.in_chain_rule(view, right, down) or super().arrow(view, right, down)

    def turn_to(self, view: View) -> None:
        """Begin at the top."""
        self._show_from(0)

    def hint(self, view: View, room: int) -> str:
        """What to press next, until the first update is over."""
        return next((words for words in next_key(view) if len(words) <= room), "")

    def picture(self, view: View, width: int, height: int) -> Picture:
        """The rows in sight."""
        return chain_rule_picture(view, width, height, self.top)


class ValuesPane(FramedPane):
    """The table of values."""

    TITLE = "Values"
    _session: Session | None = None
    """Whose values it has shown."""

    def length(self, view: View) -> int:
        """Lines of the table, or of what differs."""
        if view.since is not None:
            changed: int = _changes.changes_length(view, view.since)
            return changed
        if view.session.comparing.open:
            length: int = comparison(view).length
            return length
        return values_length(view)

    def turn_to(self, view: View) -> None:
        """Bring the line of the subject into sight; another session begins at the top."""
        if view.session is not self._session:
            self._session, self.top = view.session, 0
        line = self._line_of(view) if view.since is None else None
        if line is not None:
            self.keep_in_sight(line)
        else:
            self._show_from(self.top)

    def picture(self, view: View, width: int, height: int) -> Picture:
        """The lines in sight."""
        if view.since is not None:
            top = min(self.top, self.length(view) - 1)
            changes: Picture = _changes.changes_picture(view, view.since, width, height, top)
            return changes
        if view.session.comparing.open:
            compared: Picture = comparison(view).picture(width, height, self.top)
            return compared
        return values_picture(view, width, height, self.top)

    @staticmethod
    def _line_of(view: View) -> int | None:
        """The line of the subject."""
        return comparison(view).subject_line() if view.session.comparing.open else line_of(view)

    @staticmethod
    def _spot_at(view: View, line: int) -> Spot | None:
        """What a line can be pointed at for."""
        return comparison(view).spot_at(line) if view.session.comparing.open else spot_at(view, line)

    def arrow(self, view: View, right: int, down: int) -> Request | None:
        """Point at the next or the previous line that can be pointed at."""
        line = self._line_of(view) or 0
        for step in range(1, view.session.network.widths[-1] + 6):
            spot = self._spot_at(view, line + down * step) if down else None
            if spot is not None and spot != view.spot:
                return Point(spot)
        return None

    def pointed_at(self, view: View, x: int, y: int) -> Request | None:
        """Point at the line's unit or parameter."""
        headings = view.session.comparing.open and y == 0
        spot = None if headings else self._spot_at(view, self.top + y)
        return None if spot is None else Point(spot)


class PicturePane(FramedPane):
    """One of the pictures of the registry: the one that the view names."""

    TITLE = FIGURES[0].title

    def __init__(self, *, id: str) -> None:  # noqa: A002 (Textual's name for it)
        super().__init__(id=id)
        self.painter = Painter(lambda action: self.call_later(action))

    def show(self, view: View) -> None:
        """Show *view* under its picture's title."""
        self.name_it(figure(view).title)
        super().show(view)

    def picture(self, view: View, width: int, height: int) -> Picture:
        """The picture; of one that takes longer than a frame what has been painted of it."""
        chosen = figure(view)
        if view.asked and chosen.tells:
            self.painter.stop()
            return only_words("This picture would tell. Answer first.", width, height)
        drawn = chosen.draw(view, width, height)
        if drawn is not None or chosen.paint is None:
            self.painter.stop()
            return drawn or ()
        wanted = (view, width, height)
        if self.painter.wanted != wanted:
            self.painter.paint(wanted, chosen.paint(*wanted), self.redraw)
        return self.painter.latest or only_words("computing …", width, height)

    def arrow(self, view: View, right: int, down: int) -> Request | None:
        """What the picture says."""
        return figure(view).arrow(view, right, down)

    def pointed_at(self, view: View, x: int, y: int) -> Request | None:
        """What the picture says."""
        return figure(view).pointed_at(view, self.size.width, self.size.height, x, y)
