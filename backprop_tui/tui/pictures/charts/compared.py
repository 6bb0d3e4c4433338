"""The losses of runs side by side: a curve each, told apart by its dots and by the letter at its end."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from math import ceil
from typing import Any, NamedTuple

from backprop_tui.tui.pictures.charts.plotext_chart import Chart
from backprop_tui.tui.pictures.plotting.dots import SOLID, Dots
from backprop_tui.tui.pictures.plotting.plot import End, Plot, with_ends
from backprop_tui.tui.pictures.plotting.scale import Range
from backprop_tui.tui.pictures.rows import Picture, Row, Span, Tone, filled, row_width, shortened

HIGHEST = 5.0
"""A curve that rises to so many times the others' losses leaves the picture, as one that diverges does."""
SAMPLE = 3
"""Cells of a curve shown beside its name."""
AROUND = SAMPLE + 5
"""Cells that a run takes in a legend besides its words: the piece of its curve, its name and blanks."""
MOST_LEGEND_ROWS = 2
LEAST_ROWS = 5
"""Where fewer rows would be left for the curves, there are no legends."""
LOOKS: dict[str, tuple[Tone, Dots]] = {
    "a": (Tone.LOSS, SOLID),
    "b": (Tone.FORWARD, Dots(4, 6)),
    "c": (Tone.BACKWARD, Dots(2, 4)),
    "d": (Tone.UPDATE, Dots(1, 4)),
}
"""How the curve of each run is drawn."""


class Losses(NamedTuple):
    """The losses of one run."""

    name: str
    label: str
    """What differs in it."""
    points: Sequence[tuple[float, float]]
    """Epochs with their losses, those that are finite."""
    diverged: int | None
    """The first epoch whose loss is not finite."""


class Frame(NamedTuple):
    """What they are drawn in."""

    width: int
    height: int
    last: int
    """The latest epoch."""
    here: int
    """The epoch where we are; −1 before the first has ended: then the axis is marked."""
    log_scale: bool


def compared_chart(
    losses: Sequence[tuple[Any, ...]], frame: tuple[int, int, int, int, bool]
) -> tuple[Chart | None, Picture]:
    """The curves, and where their area lies.

    Args:
        losses: the fields of ``Losses`` of each run, of the one that is debugged first.
        frame: the fields of ``Frame``.
    """
    curves = [Losses(*one) for one in losses]
    width, height, last, here, log_scale = Frame(*frame)
    heights = _heights(curves, log_scale)
    if heights is None:
        return None, ()
    legend = _legend(curves, width, max(0, min(MOST_LEGEND_ROWS, height - LEAST_ROWS)))
    plot = Plot(
        width - 2, height - len(legend), Range(0.0, float(last)), heights, log_y=log_scale, whole_x=True
    )
    if here >= 0:
        plot.column(float(here), Tone.STRONG)
    else:
        plot.axis(Tone.STRONG)
    ends: list[End] = []
    for one in reversed(curves):
        tone, dots = LOOKS[one.name]
        plot.curve([point for point in one.points if point[0] <= here], tone, dots=dots)
        if here < last:
            plot.curve([point for point in one.points if point[0] >= here], Tone.FAINT, dots=dots)
        if one.points:
            ends.append(End(one.points[-1][1], one.name, tone))
    picture = (*filled(legend, width, len(legend)), *with_ends(plot, ends[::-1], width))
    rows = tuple("".join(text for text, _ in row) for row in picture)
    right = plot.left + plot.columns - 1
    return Chart(rows, plot.left, right, None, (0.0, float(last))), picture


def _heights(curves: Sequence[Losses], log_scale: bool) -> Range | None:
    """The losses between which the picture lies; None where there are none."""
    shown = [one for one in curves if one.points]
    ys = [[y for _, y in one.points] for one in shown]
    if not ys:
        return None
    low, high = min(map(min, ys)), max(map(max, ys))
    if log_scale:
        return Range(low / 1.2, high * 1.2)
    leading = next((number for number, one in enumerate(shown) if one.diverged is None), 0)
    usual = max(max(ys[leading]), *(one[0] for one in ys))
    high = min(high, HIGHEST * usual)
    low = min(0.0, low)
    return Range(low, high + 0.05 * (high - low) if high > low else low + 1.0)


def _legend(curves: Sequence[Losses], width: int, most: int) -> list[Row]:
    """A piece of each curve with its name and what differs; in fewer words where there are few rows."""
    if not most:
        return []
    room = max(12, width // 2 if len(curves) > 2 else width - 4) - AROUND + 1
    legend = _entries(curves, width, {one.name: _words(one, room) for one in curves})
    if len(legend) > most:
        room = width // ceil(len(curves) / most) - AROUND
        legend = _entries(curves, width, {one.name: _value(one.label, room) for one in curves})
    return legend[:most]


def _words(one: Losses, width: int) -> str:
    """What differs in a run, and whether it diverges."""
    if one.diverged is None or len(one.label) > width:
        return _value(one.label, width)
    return shortened(f"{one.label}, diverged in epoch {one.diverged}", width)


def _value(label: str, width: int) -> str:
    """What differs in a run; in little room, of a setting rather the value than its name."""
    if width < 2:
        return ""
    if len(label) <= width:
        return label
    return "…" + label[len(label) - width + 1 :] if "=" in label else shortened(label, width)


def _entries(curves: Sequence[Losses], width: int, words: dict[str, str]) -> list[Row]:
    """Every curve with its words, in as few rows as it takes."""
    rows: list[list[Span]] = [[]]
    for one in sorted(curves, key=lambda one: one.name):
        debugged = one is curves[0]
        tone, dots = LOOKS[one.name]
        entry: list[Span] = [
            (" " + _sample(dots), tone),
            (f" {one.name} ", Tone.STRONG if debugged else tone),
            (words[one.name] + " ", Tone.TEXT if debugged else Tone.MUTED),
        ]
        if row_width(rows[-1]) + row_width(entry) > width and rows[-1]:
            rows.append([])
        rows[-1] += entry
    return [tuple(row) for row in rows]


def _sample(dots: Dots) -> str:
    """A few cells of a level curve."""
    drawn = [place % dots.period < dots.length for place in range(2 * SAMPLE)]
    return "".join(chr(0x2800 | 0x04 * left | 0x20 * right) for left, right in list(pairwise(drawn))[::2])
