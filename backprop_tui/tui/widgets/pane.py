"""The widget that every pane is: a picture, of which only changed rows are repainted."""

from __future__ import annotations

from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region, Size
from textual.strip import Strip
from textual.widget import Widget

from backprop_tui.tui.pictures.rows import Picture, Row, Tone
from backprop_tui.tui.tones import style_of
from backprop_tui.tui.view import View

MOST_STRIPS = 2000


class Pane(Widget):
    """Shows a view. Subclasses say which picture, and what a click in it means.

    A picture is made when it is first painted at a size, and from then on when a view is shown; so the first
    frame is painted once, whole.
    """

    DEFAULT_CSS = """
    Pane {
        color: $foreground;
        background: $background;
    }
    """

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 (Textual's name for it)
        super().__init__(id=id)
        self.view: View | None = None
        self._picture: Picture = ()
        self._drawn: Size | None = None
        """The size for which the picture was made; None where it is to be made anew."""
        self._strips: dict[Row, Strip] = {}
        self._styles: dict[Tone, Style] = {}

    def picture(self, view: View, width: int, height: int) -> Picture:
        """The rows to show. Subclasses say."""
        raise NotImplementedError

    def turn_to(self, view: View) -> None:
        """Bring into sight what matters in *view*; called before its first picture at a size."""

    def show(self, view: View) -> None:
        """Show *view*; repaints the rows in which it differs from what is shown."""
        self.view = view
        if self._drawn == self.size and self.display:
            self.turn_to(view)
            self.redraw()
        else:
            self._drawn = None

    def redraw(self) -> None:
        """Make the picture anew and repaint the rows that changed."""
        size = self.size
        if self.view is None or self._drawn != size or not size:
            return
        old, new = self._picture, self.picture(self.view, size.width, size.height)
        self._picture = new
        regions = [Region(0, y, size.width, 1) for y in range(len(new)) if old[y] != new[y]]
        if regions:
            self.refresh(*regions)

    def _draw(self) -> None:
        """The first picture at a size."""
        size = self._drawn = self.size
        if self.view is not None and size:
            self.turn_to(self.view)
            self._picture = self.picture(self.view, size.width, size.height)

    def render_line(self, y: int) -> Strip:
        """One row of the picture."""
        if self._drawn != self.size:
            self._draw()
        if y >= len(self._picture):
            return Strip.blank(self.size.width, self.rich_style)
        row = self._picture[y]
        strip = self._strips.get(row)
        if strip is None:
            if len(self._strips) > MOST_STRIPS:
                self._strips.clear()
            strip = Strip([Segment(text, self._style(tone)) for text, tone in row], self.size.width)
            self._strips[row] = strip
        return strip

    def _style(self, tone: Tone) -> Style:
        style = self._styles.get(tone)
        if style is None:
            ground = self.background_colors[1]
            style = self._styles[tone] = style_of(tone, self.app.theme_variables, ground)
        return style

    def on_show(self) -> None:
        """What came while it was hidden is painted now."""
        if self.size and self._drawn != self.size:
            self.refresh()

    def notify_style_update(self) -> None:
        """Forget what was made with the old styles."""
        super().notify_style_update()
        self._strips.clear()
        self._styles.clear()
