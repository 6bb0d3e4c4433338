"""Edges that run together: from the rows of their sources to one column, and on to the rows of their targets.

Where there are too many edges for a line each, so many lines would be noise. Gathered in a trunk all can be
told apart that lead to one unit, or come from one: each has a row of its own before the trunk, or after it.
"""

from __future__ import annotations

from typing import NamedTuple

from backprop_tui.tui.pictures.canvas import Canvas
from backprop_tui.tui.pictures.rows import Tone

THIN, HEAVY = 1, 2

_JOINTS = {
    "0011": "─", "0022": "━", "0012": "╼", "0021": "╾", "0010": "─", "0001": "─", "0020": "━", "0002": "━",
    "0110": "╮", "0120": "┑", "1010": "╯", "1020": "┙", "0101": "╭", "0102": "┍", "1001": "╰", "1002": "┕",
    "1100": "│", "1110": "┤", "1120": "┥", "1101": "├", "1102": "┝",
    "0111": "┬", "0121": "┭", "0112": "┮", "0122": "┯", "1011": "┴", "1021": "┵", "1012": "┶", "1022": "┷",
    "1111": "┼", "1121": "┽", "1112": "┾", "1122": "┿",
}  # fmt: skip
"""The character in which lines meet, by how heavy they are upwards, downwards, to the left and the right."""
_UP, _DOWN, _LEFT, _RIGHT = range(4)


class Stroke(NamedTuple):
    """How a level line looks."""

    negative: bool = False
    heavy: bool = False

    @property
    def character(self) -> str:
        """Solid or dashed, thin or heavy."""
        return ("╍" if self.heavy else "╌") if self.negative else ("━" if self.heavy else "─")


PLAIN = Stroke()
"""A line that stands for no edge alone."""


class Trunk:
    """A trunk in a column, to which edges are joined one after the other."""

    def __init__(self, left: int, x: int, right: int) -> None:
        self._left, self._x, self._right = left, x, right
        self._arms: dict[int, list[int]] = {}
        self._tones: dict[int, Tone] = {}
        self._strokes: dict[tuple[int, bool], tuple[Stroke, Tone]] = {}

    def join(self, source: int, target: int, before: Stroke, after: Stroke, tone: Tone) -> None:
        """Add an edge from one row to another, with its strokes before and after the trunk."""
        for row in range(min(source, target), max(source, target) + 1):
            arms = self._arms.setdefault(row, [0, 0, 0, 0])
            self._tones[row] = tone
            arms[_UP] |= row > min(source, target)
            arms[_DOWN] |= row < max(source, target)
        self._arms[source][_LEFT] = HEAVY if before.heavy else THIN
        self._arms[target][_RIGHT] = HEAVY if after.heavy else THIN
        self._strokes[source, True] = before, tone
        self._strokes[target, False] = after, tone

    def draw(self, canvas: Canvas) -> None:
        """Draw all that were joined."""
        before, after = self._x - self._left, self._right - self._x
        for (row, left), (stroke, tone) in self._strokes.items():
            if left:
                canvas.put(self._left, row, stroke.character * before, tone)
            else:
                canvas.put(self._x + 1, row, stroke.character * after, tone)
        for row, arms in self._arms.items():
            canvas.put(self._x, row, _JOINTS["".join(map(str, arms))], self._tones[row])
