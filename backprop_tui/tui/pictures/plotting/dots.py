"""The dots of a line: those of it that lie in the area, with the gaps of a dotted one."""

from __future__ import annotations

from typing import NamedTuple


class Dots(NamedTuple):
    """How a curve is dotted: the first so many of every so many dots are drawn."""

    length: int
    period: int


SOLID, DOTTED = Dots(1, 1), Dots(4, 6)


def add_segment(
    found: list[tuple[int, int]],
    start: tuple[float, float],
    end: tuple[float, float],
    dots: Dots,
    place: int,
    *,
    joined: bool,
) -> int:
    """Add the dots from one to another; *place* counts them along the curve, for its gaps.

    Where a segment is *joined* to the one before, its first dot is there already.
    """
    (x0, y0), (x1, y1) = start, end
    dx, dy = x1 - x0, y1 - y0
    steps = max(1, round(max(abs(dx), abs(dy))))
    length, period = dots
    for step in range(1 if joined else 0, steps + 1):
        if (place + step) % period < length:
            x, y = x0 + dx * step / steps, y0 + dy * step / steps
            found.append((int(x + 0.5), int(y + 0.5)))
    return place + steps


def clipped(
    start: tuple[float, float], end: tuple[float, float], right: float, bottom: float
) -> tuple[tuple[float, float], tuple[float, float]] | None:
    """The part of a line that lies in the area (Liang and Barsky, 1984); None where none does."""
    (x0, y0), (x1, y1) = start, end
    if 0 <= x0 <= right and 0 <= x1 <= right and 0 <= y0 <= bottom and 0 <= y1 <= bottom:
        return start, end
    dx, dy = x1 - x0, y1 - y0
    first, last = 0.0, 1.0
    for change, room in ((-dx, x0), (dx, right - x0), (-dy, y0), (dy, bottom - y0)):
        if change == 0:
            if room < 0:
                return None
        elif change < 0:
            first = max(first, room / change)
        else:
            last = min(last, room / change)
    if first > last:
        return None
    return (x0 + dx * first, y0 + dy * first), (x0 + dx * last, y0 + dy * last)
