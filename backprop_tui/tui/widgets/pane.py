"""The widget that every pane is: a picture, of which only changed rows are repainted."""

from __future__ import annotations

from typing import Any, Self

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.geometry import Region, Size
from textual.strip import Strip
from textual.widget import Widget

from backprop_tui.tui.colours.tone_styles import style_of
from backprop_tui.tui.pictures.rows import BLANK, Picture, Row, Tone
from backprop_tui.tui.view import View

MOST_STRIPS = 512
"""How many painted rows a pane remembers: those of a few steps back and forth."""


class Pane(Widget):
    """Shows a view. Subclasses say which picture, and what a click in it means.

    A picture is made when it is first painted at a size, and from then on when a view is shown; so the first
    frame is painted once, whole.
    """

    DEFAULT_CSS = """
    Pane {
        color: $ink;
        background: $background;
    }
    """

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 (Textual's name for it)
        super().__init__(id=id)
        self.view: View | None = None
        self._picture: Picture = ()
        self._drawn: Size | None = None
        """The size for which the picture was made; None where it is to be made anew."""
        self._lines: list[Strip | None] = []
        """What is on the screen, the frame included, row by row; None where it is to be painted anew."""
        self._edges: tuple[Strip, Strip] | None = None
        """The frame's left and right side."""
        self._frames: dict[tuple[int, str | None], Strip] = {}
        """Rows of the frame by their words; saves 0.2 ms a key that changes one."""
        self._strips: dict[Row, Strip] = {}
        """Painted rows with their sides; saves 0.1 to 0.4 ms a step of 5, where rows scroll or come back."""
        self._styles: dict[Tone, Style] = {}

    def picture(self, view: View, width: int, height: int) -> Picture:
        """The rows to show. Subclasses say."""
        raise NotImplementedError

    def turn_to(self, view: View) -> None:
        """Bring into sight what matters in *view*; called before its first picture at a size."""

    def show(self, view: View) -> None:
        """Show *view*; repaints the rows in which it differs from what is shown."""
        self.view = view
        if self._drawn is not None and self._drawn == self.size and self.display:
            self.turn_to(view)
            self.redraw()
        else:
            self._drawn = None

    def redraw(self) -> None:
        """Make the picture anew and repaint the rows that changed."""
        size = self._drawn
        if self.view is None or not size:
            return
        old, new = self._picture, self.picture(self.view, size.width, size.height)
        self._picture = new
        changed = [y for y in range(len(new)) if old[y] != new[y]]
        if changed:
            frame = self._frame
            if len(self._lines) == size.height + 2 * frame:
                for y in changed:
                    self._lines[y + frame] = None
            else:  # the frame has come or gone, and its new place is not laid out yet
                self._lines = []
            # Whole rows, sides included, need not be cut out of the frame.
            self.refresh(*(Region(-frame, y, size.width + 2 * frame, 1) for y in changed))

    @property
    def extent(self) -> Size:
        """The size for which the picture was made, or will be."""
        return self._drawn or self.size

    def refresh(self, *regions: Region, **what: Any) -> Self:
        """Paint these regions anew; of none, everything."""
        if not regions:
            self._forget_painted()
        return super().refresh(*regions, **what)

    def render_lines(self, crop: Region) -> list[Strip]:
        """The rows of the widget, frame included; those that did not change are at hand."""
        width, height = self.outer_size
        if len(self._lines) != height:
            self._forget_painted()
            self._lines = [None] * height
        if self._drawn != self.size:
            self._draw()
        wanted = self._lines[crop.y : crop.bottom]
        if None in wanted:
            self._paint([y for y, line in enumerate(wanted, crop.y) if line is None])
        lines = [line or Strip.blank(width) for line in self._lines[crop.y : crop.bottom]]
        if crop.column_span != (0, width):
            return [line.crop(*crop.column_span) for line in lines]
        return lines

    @property
    def _frame(self) -> int:
        """How many rows the frame takes above the picture, and below."""
        return 1 if self.styles.border_top[0] else 0

    def _paint(self, rows: list[int]) -> None:
        """Paint rows of the widget anew."""
        height = self.outer_size.height
        frame = self._frame
        if len(self._strips) > MOST_STRIPS:
            self._strips.clear()
            self._frames.clear()
        for y in rows:
            if frame and y in (0, height - 1):
                self._lines[y] = self._frame_row(y)
                continue
            row = self._picture[y - frame] if y - frame < len(self._picture) else BLANK
            line = self._strips.get(row)
            if line is None:
                line = self._strips[row] = self._framed(y) if frame else self.render_line(y)
            self._lines[y] = line

    def _frame_row(self, y: int) -> Strip:
        """The frame's first or last row."""
        key = y, self.border_subtitle if y else self.border_title
        row = self._frames.get(key)
        if row is None:
            row = self._frames[key] = super().render_lines(Region(0, y, self.outer_size.width, 1))[0]
        return row

    def _framed(self, y: int) -> Strip:
        """A row of the picture between the frame's sides."""
        if self._edges is None:
            width = self.outer_size.width
            framed = super().render_lines(Region(0, y, width, 1))[0]
            self._edges = framed.crop(0, 1), framed.crop(width - 1, width)
        return Strip.join([self._edges[0], self.render_line(y - 1), self._edges[1]])

    def _draw(self) -> None:
        """The first picture at a size."""
        size = self._drawn = self.size
        self._forget_painted()
        self._lines = [None] * self.outer_size.height
        self._picture = ()
        if self.view is not None and size:
            self.turn_to(self.view)
            self._picture = self.picture(self.view, size.width, size.height)

    def render_line(self, y: int) -> Strip:
        """One row of the picture."""
        if self._drawn is None:
            self._draw()
        if y >= len(self._picture):
            return Strip.blank(self.size.width, self.rich_style)
        return Strip([Segment(text, self._style(tone)) for text, tone in self._picture[y]])

    def _style(self, tone: Tone) -> Style:
        style = self._styles.get(tone)
        if style is None:
            ground = self.background_colors[1]
            style = style_of(tone, self.app.theme_variables, ground)
            for line_filter in self.get_line_filters():
                style = line_filter.apply([Segment(" ", style)], ground)[0].style or style
            self._styles[tone] = style
        return style

    def on_resize(self, event: events.Resize) -> None:
        """A new size is a new picture."""
        if self._drawn != self.size:
            self._drawn = None

    def on_show(self) -> None:
        """What came while it was hidden is painted now."""
        if self.size and self._drawn != self.size:
            self.refresh()

    def notify_style_update(self) -> None:
        """Forget what was made with the old styles."""
        super().notify_style_update()
        self._styles.clear()
        self._forget_painted()

    def _forget_painted(self) -> None:
        self._lines = []
        self._edges = None
        self._frames.clear()
        self._strips.clear()
