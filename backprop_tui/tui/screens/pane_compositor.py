"""Textual's compositor, with a short way for what every key changes: whole rows of panes that nothing covers.

Textual asks every widget on the way, the screen and the container behind the panes as well, for all rows
in which something has changed, cuts them up and puts them together again.
"""

from __future__ import annotations

from collections.abc import Mapping

from rich.console import Console
from textual._compositor import ChopsUpdate, Compositor, CompositorUpdate, LayoutUpdate
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from backprop_tui.tui.widgets.pane import Pane

_Places = dict[tuple[int, int, int], tuple[Pane, Region]]


class RowsUpdate(CompositorUpdate):
    """Rows, each with the column and the row of the screen where it begins."""

    def __init__(self, rows: list[tuple[int, int, Strip]]) -> None:
        self.rows = rows

    def render_segments(self, console: Console) -> str:
        """What is written to the terminal."""
        return "".join([f"\x1b[{y + 1};{x + 1}H{strip.render(console)}" for x, y, strip in self.rows])


class PaneCompositor(Compositor):
    """Paints rows of panes directly, and all else as Textual does; saves 0.7 ms a key of 4.5."""

    def __init__(self) -> None:
        super().__init__()
        self._laid_out: object = None
        self._places: _Places = {}
        self.whole = 0
        """How often the whole screen was painted."""

    def render_partial_update(self) -> RowsUpdate | ChopsUpdate | None:  # type: ignore[override]
        """What has changed since the last update."""
        rows = self._changed_rows()
        if not rows:
            return super().render_partial_update()
        self._dirty_regions.clear()
        return RowsUpdate(rows)

    def render_full_update(self, simplify: bool = False) -> LayoutUpdate:
        """The whole screen; what was still to be painted of a widget is painted with it.

        Textual paints it once more: at the start all panes, which takes 3 ms.
        """
        if not simplify:
            self.whole += 1
            for widget in self.visible_widgets:
                widget._exchange_repaint_regions()
        return super().render_full_update(simplify=simplify)

    def _changed_rows(self) -> list[tuple[int, int, Strip]]:
        """The rows to be painted; none where more than whole rows of panes has changed."""
        visible = self.visible_widgets
        if self._laid_out is not visible:
            self._laid_out, self._places = visible, _places(visible)
        lines: dict[Pane, list[Strip]] = {}
        rows = []
        for x, top, width, height in self._dirty_regions:
            for y in range(top, top + height):
                place = self._places.get((x, y, width))
                if place is None:
                    return []
                pane, region = place
                if pane not in lines:
                    lines[pane] = pane.render_lines(Region(0, 0, region.width, region.height))
                rows.append((x, y, lines[pane][y - region.y]))
        return rows


def _places(visible: Mapping[Widget, tuple[Region, Region]]) -> _Places:
    """Every row of the panes that nothing covers, by its first column, its row and its width."""
    found: _Places = {}
    before: list[Region] = []
    for widget, (region, clip) in visible.items():  # the foremost first
        free = clip.contains_region(region) and not any(one.overlaps(region) for one in before)
        if isinstance(widget, Pane) and free:
            found.update({(region.x, y, region.width): (widget, region) for y in region.line_range})
        if region:  # the watches have no height as long as there are none
            before.append(region)
    return found
