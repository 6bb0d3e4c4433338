"""The one door to plotext: a curve in, rows of text out."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite, log10

from msgspec import Struct


class Chart(Struct, frozen=True):
    """A drawn chart: its rows of text, and the columns between which the curve lies."""

    rows: tuple[str, ...]
    left: int
    right: int
    mark: int | None
    """The column of the vertical line, where there is one; that of the axis where it lies before all."""
    limits: tuple[float, float]
    """The x at the leftmost and at the rightmost column."""

    def epoch_at(self, column: int) -> int:
        """The whole x nearest to a column."""
        low, high = self.limits
        return round(low + (high - low) * (column - self.left) / max(1, self.right - self.left))


def draw_chart(
    xs: Sequence[float],
    ys: Sequence[float],
    size: tuple[int, int],
    *,
    x_ticks: Sequence[tuple[float, str]],
    y_ticks: Sequence[tuple[float, str]],
    limits: tuple[float, float, float, float],
    log_scale: bool = False,
    mark: float | None = None,
) -> Chart:
    """Draw one curve.

    Args:
        xs: the points' places along the x axis.
        ys: their heights; finite, and above 0 where *log_scale* is set.
        size: width and height in cells.
        x_ticks: places along the x axis with their labels.
        y_ticks: the same for the y axis.
        limits: the least and greatest x, the least and greatest y.
        log_scale: whether the y axis is logarithmic.
        mark: the x at which a vertical line is drawn.

    """
    import plotext

    assert all(map(isfinite, ys))
    width, height = size
    plotext.terminal.limit(False, False)
    figure = plotext.figure
    figure.clear()
    figure.plot_size(width, height)
    figure.canvas("default")
    left, right, bottom, top = limits
    if log_scale:  # plotext's own log scale leaves out the limits where ticks are given
        bottom, top = log10(bottom), log10(top)
        ys = [log10(y) for y in ys]
        y_ticks = [(log10(y), label) for y, label in y_ticks]
    figure.ruler("x").lim(left, right)
    figure.ruler("y").lim(bottom, top)
    figure.ruler("x").ticks([x for x, _ in x_ticks], [label for _, label in x_ticks])
    figure.ruler("y").ticks([y for y, _ in y_ticks], [label for _, label in y_ticks])
    figure.axes(False, side=1)
    curve = figure.signal(list(xs), list(ys), marker="braille")
    figure.draw(curve.lines() if len(xs) > 1 else curve)
    rows = tuple(row[:width].ljust(width) for row in figure.build().string(True).split("\n")[:height])
    corner = next((row.find("└") for row in rows if "└" in row), 0)
    start, end = corner + 1, width - 1
    column = None
    if mark is not None and right > left:
        column = start + round((mark - left) / (right - left) * (end - start))
        column = start - 1 if mark < left else min(max(column, start), end)
    return Chart(rows, start, end, column, (left, right))
