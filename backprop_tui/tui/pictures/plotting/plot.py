"""A plot of our own: axes with ticks, and curves, points and marks among them, in braille dots.

A cell has 2 × 4 dots, so that a curve is eight times as fine as text. What is drawn later lies over what was
drawn before: in a cell that two curves share both are seen, in the tone of the later one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from copy import copy
from itertools import pairwise
from math import floor, inf, isfinite, log10
from typing import NamedTuple

from rich.cells import set_cell_size

from backprop_tui.tui.pictures.canvas import Canvas
from backprop_tui.tui.pictures.plotting.dots import SOLID, Dots, add_segment, clipped
from backprop_tui.tui.pictures.plotting.scale import BEFORE, Range, labels_along
from backprop_tui.tui.pictures.rows import Picture, Tone

LEAST_WIDTH, LEAST_HEIGHT = 20, 5
"""Below this a plot says nothing."""
FARTHEST = 1e6
"""So many cells from the corner a line that leaves the area is bent."""


class End(NamedTuple):
    """The end of a curve, with its name."""

    y: float
    name: str
    tone: Tone


def can_draw(width: int, height: int, *ranges: Range) -> bool:
    """Whether there is room for a plot, and something along its axes."""
    room = width >= LEAST_WIDTH and height >= LEAST_HEIGHT
    return room and all(0.0 < one.length < inf and isfinite(one.low) for one in ranges)


class Plot:
    """An area with axes.

    Args:
        width: of the whole, axes included, in cells.
        height: the same.
        x: what the columns stand for.
        y: what the rows stand for; where *log_y* is set, all of it above 0.
        log_y: whether the y axis is logarithmic.
        whole_x: whether only whole numbers are written along the x axis, as it counts epochs.

    """

    def __init__(
        self, width: int, height: int, x: Range, y: Range, *, log_y: bool = False, whole_x: bool = False
    ) -> None:
        self.width = width
        self._x, self._log_y, self._whole_x = x, log_y, whole_x
        self._y = Range(log10(y.low), log10(y.high)) if log_y else y
        labels = labels_along(y, max(2, min(8, (height - 1) // 3)), log_y, rows=height - 2)
        self.left = max(len(text) for _, text in labels) + 1
        """The first column of the area."""
        self.columns, self.rows = width - self.left, height - 2
        self._canvas = Canvas(width, height)
        self._draw_axes(labels)

    # Places

    def place(self, x: float, y: float) -> tuple[float, float]:
        """Where a point lies, in cells to the right and down from the area's corner; fractions count."""
        if self._log_y:
            y = log10(y) if y > 0 else float("-inf")
        right = (x - self._x.low) / self._x.length * (self.columns - 1)
        down = (self._y.high - y) / self._y.length * (self.rows - 1)
        return right, down

    def _column(self, x: float) -> int | None:
        """The column of the area in which an x lies, or would; None where that cannot be told."""
        right = self.place(x, 1.0)[0]
        return round(right) if abs(right) < 1e9 else None

    def row_of(self, y: float) -> int:
        """The row of the picture in which a height lies, or the nearest to it."""
        down = self.place(self._x.low, y)[1]
        if not isfinite(down):
            return 0 if down < 0 else self.rows - 1
        return min(max(round(down), 0), self.rows - 1)

    # Drawing

    def shade(self, low: float, high: float, tone: Tone = Tone.FAINT) -> None:
        """Shade the columns from one x to another."""
        first, last = self._column(low), self._column(high)
        if first is None or last is None:
            return
        first, last = max(first, 0), min(last, self.columns - 1)
        if last >= first:
            for row in range(self.rows):
                self._canvas.put(self.left + first, row, "░" * (last - first + 1), tone)

    def column(self, x: float, tone: Tone, glyph: str = "┊") -> None:
        """A vertical line."""
        right = self._column(x)
        if right is not None and 0 <= right < self.columns:
            for row in range(self.rows):
                self._canvas.put(self.left + right, row, glyph, tone)

    def axis(self, tone: Tone) -> None:
        """Make the left axis stand out: what is marked lies before it."""
        for row in range(self.rows):
            self._canvas.put(self.left - 1, row, BEFORE[row in self._ticks], tone)

    def cells(self, rows: Sequence[tuple[str, Sequence[Tone]]]) -> None:
        """Fill the area with cells, from the top row down: each row's characters, and a tone for each."""
        for down, (text, tones) in enumerate(rows):
            self._canvas.fill(self.left, down, text, tones)

    def curve(self, points: Iterable[tuple[float, float]], tone: Tone, *, dots: Dots = SOLID) -> None:
        """A line through points, in order of their x; broken where one is not finite, or outside."""
        places = self._dots(points)
        right, bottom = 2 * self.columns - 1, 4 * self.rows - 1
        found: list[tuple[int, int]] = []
        if len(places) == 1 and places[0]:
            x, y = (floor(one + 0.5) for one in places[0])
            if 0 <= x <= right and 0 <= y <= bottom:
                found.append((x, y))
        place, joint = 0, None
        for start, end in pairwise(places):
            if start is None or end is None:
                continue
            part = clipped(start, end, right, bottom)
            if part is not None:
                place = add_segment(found, *part, dots, place, joined=part[0] is joint)
                joint = part[1]
        self._canvas.dots(found, tone, 2 * self.left)

    def point(self, x: float, y: float, glyph: str, tone: Tone) -> None:
        """A sign at a point, where it is in sight."""
        if not (isfinite(x) and isfinite(y)):
            return
        right, down = self.place(x, y)
        if -0.5 <= right < self.columns and -0.5 <= down < self.rows:
            self._canvas.put(self.left + round(right), round(down), glyph, tone)

    def trail(self, start: tuple[float, float], end: tuple[float, float], tone: Tone) -> None:
        """A line of dots over cells that are filled, a sign a cell."""
        (x0, y0), (x1, y1) = self.place(*start), self.place(*end)
        if all(map(isfinite, (x0, y0, x1, y1))):
            steps = max(1, min(4 * self.columns, round(max(abs(x1 - x0), abs(y1 - y0)))))
            for step in range(steps + 1):
                right, down = x0 + (x1 - x0) * step / steps, y0 + (y1 - y0) * step / steps
                if -0.5 <= right < self.columns - 0.5 and -0.5 <= down < self.rows - 0.5:
                    self._canvas.put(self.left + round(right), round(down), "·", tone)

    def copy(self) -> Plot:
        """Another one with the same on it."""
        other = copy(self)
        other._canvas = self._canvas.copy()
        return other

    def picture(self) -> Picture:
        """What was drawn."""
        return self._canvas.picture()

    # Dots

    def _dots(self, points: Iterable[tuple[float, float]]) -> list[tuple[float, float] | None]:
        """The dots of points, fractions included; None where a point is not finite."""
        left, top, columns, rows = self._x.low, self._y.high, self.columns - 1, self.rows - 1
        width, height, log_y = self._x.length, self._y.length, self._log_y
        found: list[tuple[float, float] | None] = []
        for x, y in points:
            if not (isfinite(x) and isfinite(y)):
                found.append(None)
                continue
            if log_y:
                y = log10(y) if y > 0 else -inf
            right, down = (x - left) / width * columns, (top - y) / height * rows
            if not (-FARTHEST < right < FARTHEST and -FARTHEST < down < FARTHEST):
                right, down = (min(max(one, -FARTHEST), FARTHEST) for one in (right, down))
            found.append((2 * right, 4 * down + 1.5))
        return found

    # Axes

    def _draw_axes(self, labels: Sequence[tuple[float, str]]) -> None:
        canvas, left, bottom = self._canvas, self.left - 1, self.rows
        self._ticks = {round(self.place(self._x.low, y)[1]) for y, _ in labels}
        for row in range(bottom):
            canvas.put(left, row, "│", Tone.MUTED)
        for y, text in labels:
            row = round(self.place(self._x.low, y)[1])
            canvas.put(left - len(text), row, text + "┤", Tone.MUTED)
        canvas.put(left, bottom, "└" + "─" * self.columns, Tone.MUTED)
        end = 0
        most = max(2, min(6, self.columns // 12 + 1))
        for x, text in labels_along(self._x, most, False, 1.0 if self._whole_x else 0.0):
            column = self.left + round((x - self._x.low) / self._x.length * (self.columns - 1))
            start = min(max(column - len(text) // 2, 0), self.left + self.columns - len(text))
            if start >= end:
                canvas.put(column, bottom, "┬", Tone.MUTED)
                canvas.put(start, bottom + 1, text, Tone.MUTED)
                end = start + len(text) + 1


def with_ends(plot: Plot, ends: Sequence[End], width: int) -> Picture:
    """The plot with the names to the right of where their curves end, each on a row of its own."""
    rows: dict[int, End] = {}
    for end in sorted(ends, key=lambda end: -end.y):
        down = plot.row_of(end.y)
        free = [row for row in range(plot.rows) if row not in rows]
        if free:
            rows[min(free, key=lambda row: (abs(row - down), row))] = end
    room = width - plot.width
    return tuple(
        (
            *line,
            (set_cell_size(f" {rows[row].name}", room), rows[row].tone)
            if row in rows
            else (" " * room, Tone.TEXT),
        )
        for row, line in enumerate(plot.picture())
    )
