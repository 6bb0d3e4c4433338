"""Edges that run together: from the rows of their sources to one column, and on to the rows of their targets.

Where there are too many edges for a line each, so many lines would be noise. Gathered in a trunk all can be
told apart that lead to one unit, or come from one: each has a row of its own before the trunk, or after it.
"""

from __future__ import annotations

from backprop_tui.tui.pictures.canvas import Canvas
from backprop_tui.tui.pictures.drawing.strokes import Line, Stroke, joint
from backprop_tui.tui.pictures.rows import Tone

PLAIN = Stroke()
"""A line that stands for no edge alone."""


class Trunk:
    """A trunk in a column, to which edges are joined: all of a unit, or all between two layers."""

    def __init__(self, left: int, x: int, right: int, tone: Tone) -> None:
        """A trunk in column *x*, for edges from column *left* to *right*; *tone* is that of its own line."""
        self._left, self._x, self._right = left, x, right
        self._tone = tone
        self._sources: dict[int, Line] = {}
        self._targets: dict[int, Line] = {}
        self._lit: dict[int, Tone] = {}

    def join(self, source: int, target: int, before: Line, after: Line) -> None:
        """Add an edge from one row to another, with its lines before and after the trunk."""
        self._sources[source] = before
        self._targets[target] = after

    def light(self, source: int, target: int, line: Line) -> None:
        """Draw one of the edges over the others, along its whole way."""
        self.join(source, target, line, line)
        for row in range(min(source, target), max(source, target) + 1):
            self._lit[row] = line.tone

    def draw(self, canvas: Canvas) -> None:
        """Draw all that were joined."""
        for row, (stroke, tone) in self._sources.items():
            canvas.put(self._left, row, stroke.level * (self._x - self._left), tone)
        for row, (stroke, tone) in self._targets.items():
            canvas.put(self._x + 1, row, stroke.level * (self._right - self._x), tone)
        rows = {*self._sources, *self._targets}
        first, last = min(rows), max(rows)
        for row in range(first, last + 1):
            before, after = self._sources.get(row), self._targets.get(row)
            left, right = before.stroke.weight if before else 0, after.stroke.weight if after else 0
            character = joint(int(row > first), int(row < last), left, right)
            canvas.put(self._x, row, character, self._lit.get(row, self._tone))
