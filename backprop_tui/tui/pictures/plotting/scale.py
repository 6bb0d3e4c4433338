"""The scale of an axis: from where to where, and the round numbers along it."""

from __future__ import annotations

from collections.abc import Iterable
from math import floor, isfinite, log10
from typing import NamedTuple

from backprop_tui.program.number_text import number

BEFORE = "┃┫"
"""The axis, and a tick on it, where what is marked lies before all that is drawn."""
LEAST_LENGTH = 1e-280
"""Numbers that lie nearer together are taken as equal."""


class Range(NamedTuple):
    """The least and the greatest value along an axis."""

    low: float
    high: float

    @property
    def length(self) -> float:
        """From the least to the greatest."""
        return self.high - self.low


def spread(values: Iterable[float], margin: float = 0.05) -> Range:
    """The range of the finite ones among some values, with a margin on both sides."""
    finite = [value for value in values if isfinite(value)]
    if not finite:
        return Range(-1.0, 1.0)
    low, high = min(finite), max(finite)
    flat = high - low <= 1e-12 * max(abs(low), abs(high), LEAST_LENGTH)
    room = (abs(low) * 0.1 or 1.0) if flat else (high - low) * margin
    low, high = low - room, high + room
    return Range(low, high) if isfinite(high - low) else Range(low / 4, high / 4)


def labels_along(
    values: Range, most: int, log: bool, apart: float = 0.0, rows: int = 0
) -> list[tuple[float, str]]:
    """Round numbers along an axis, at most so many and at least so far apart, with their texts.

    One alone says nothing of the scale: where there are *rows* enough for closer ones, there are two.
    """
    found = _powers(values, most) if log else _steps(values, most, apart)
    while len(found) < 2 and most + 1 < rows and not log:
        most += 1
        found = _steps(values, most, apart)
    return found or [(value, number(value, 2)) for value in values]


def _steps(values: Range, most: int, apart: float) -> list[tuple[float, str]]:
    """Multiples of 1, 2 or 5 times a power of ten."""
    least = max(values.length / most, apart)
    power = 10.0 ** floor(log10(least))
    step = next(step for step in (1, 2, 5, 10) if step * power >= least * (1 - 1e-9)) * power
    first = floor(values.low / step)
    places = [first + count for count in range(most + 3)]
    inside = [place * step for place in places if values.low - 1e-9 * step <= place * step <= values.high]
    decimals = max(0, -floor(log10(step) + 1e-9))
    if decimals > 4 or max(map(abs, inside), default=0) >= 1e5:
        return [(value, f"{value:.1e}".replace("-", "−")) for value in inside]
    return [(value, f"{value + 0.0:.{decimals}f}".replace("-", "−")) for value in inside]


def _powers(values: Range, most: int) -> list[tuple[float, str]]:
    """Powers of ten."""
    low, high = log10(values.low), log10(values.high)
    step = max(1, -(-int(high - low) // most))
    powers = [power for power in range(floor(low) - 1, floor(high) + 1) if low <= power <= high]
    return [(10.0**power, f"1e{power}".replace("-", "−")) for power in powers[::step]]
