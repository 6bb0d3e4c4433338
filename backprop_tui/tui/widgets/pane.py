"""The widget that every pane is: a picture, of which only changed rows are repainted."""

from __future__ import annotations

from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.color import Color
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from backprop_tui.tui.pictures.rows import MINUS, PLUS, Picture, Row, Tone
from backprop_tui.tui.view import View

_PREFIX = "tone--"
_HEAT = (Tone.NONE, *PLUS, *MINUS)
_SHARES = (0.18, 0.32, 0.47, 0.63, 0.8, 1.0)
"""How much of its colour a cell of a heat map has, by size; the rest is the background's."""


class Pane(Widget):
    """Shows a view. Subclasses say which picture, and what a click in it means."""

    DEFAULT_CSS = """
    Pane {
        color: $foreground;
        background: $background;

        & > .tone--text { color: $foreground; }
        & > .tone--muted { color: $muted; }
        & > .tone--faint { color: $faint; }
        & > .tone--strong { color: $foreground; text-style: bold; }
        & > .tone--forward { color: $forward; text-style: bold; }
        & > .tone--loss { color: $loss; text-style: bold; }
        & > .tone--backward { color: $backward; text-style: bold; }
        & > .tone--update { color: $update; text-style: bold; }
        & > .tone--positive { color: $positive; }
        & > .tone--negative { color: $negative; }
        & > .tone--stale { color: $muted; text-style: italic; }
        & > .tone--reused { color: $reused; text-style: bold; }
        & > .tone--now { color: $background; background: $accent; text-style: bold; }
        & > .tone--cursor { color: $foreground; background: $panel; text-style: bold underline; }
        & > .tone--key { color: $primary; text-style: bold; }
        & > .tone--warning { color: $warning; text-style: bold; }
    }
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = {_PREFIX + tone.value for tone in Tone if tone not in _HEAT}

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 (Textual's name for it)
        super().__init__(id=id)
        self.view: View | None = None
        self._picture: Picture = ()
        self._strips: dict[Row, Strip] = {}
        self._styles: dict[Tone, Style] = {}

    def picture(self, view: View, width: int, height: int) -> Picture:
        """The rows to show. Subclasses say."""
        raise NotImplementedError

    def show(self, view: View) -> None:
        """Show *view*; repaints the rows in which it differs from what is shown."""
        self.view = view
        self.redraw()

    def redraw(self) -> None:
        """Make the picture anew and repaint the rows that changed."""
        width, height = self.size
        if self.view is None or not width or not height or not self.display:
            return
        old, new = self._picture, self.picture(self.view, width, height)
        self._picture = new
        if len(old) != len(new):
            self.refresh()
            return
        regions = [Region(0, y, width, 1) for y in range(len(new)) if old[y] != new[y]]
        if regions:
            self.refresh(*regions)

    def render_line(self, y: int) -> Strip:
        """One row of the picture."""
        if y >= len(self._picture):
            return Strip.blank(self.size.width, self.rich_style)
        row = self._picture[y]
        strip = self._strips.get(row)
        if strip is None:
            if len(self._strips) > 2000:
                self._strips.clear()
            strip = Strip([Segment(text, self._style(tone)) for text, tone in row])
            self._strips[row] = strip
        return strip

    def _style(self, tone: Tone) -> Style:
        style = self._styles.get(tone)
        if style is None:
            name = _PREFIX + tone.value
            style = self._heat(tone) if tone in _HEAT else self.get_component_rich_style(name)
            self._styles[tone] = style
        return style

    def _heat(self, tone: Tone) -> Style:
        """A cell of a heat map: its colour by sign and size; of a negative one the strokes can be seen."""
        ground = self.background_colors[1]
        if tone is Tone.NONE:
            cell = ground.blend(ground.get_contrast_text(1.0), 0.06, 1.0)
        else:
            sign, level = tone.value.split("-")
            colour = Color.parse(self.app.theme_variables[f"heat-{sign}"])
            cell = ground.blend(colour, _SHARES[int(level) - 1], 1.0)
        ink = cell.blend(cell.get_contrast_text(1.0), 0.5, 1.0) if tone in MINUS else cell
        return Style(color=ink.rich_color, bgcolor=cell.rich_color)

    def notify_style_update(self) -> None:
        """Forget what was made with the old styles."""
        super().notify_style_update()
        self._strips.clear()
        self._styles.clear()

    def on_resize(self, event: events.Resize) -> None:
        """A new size is a new picture."""
        self._picture = ()
        if self.view is not None:
            self.show(self.view)
        self.refresh()
