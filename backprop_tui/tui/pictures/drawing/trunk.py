"""Edges that run together: from the rows of their sources to one column, and on to the rows of their targets.

Where there are too many edges for a line each, so many lines would be noise. Gathered in a trunk all can be
told apart that lead to one unit, or come from one: each has a row of its own before the trunk, or after it.
"""

from __future__ import annotations

from backprop_tui.tui.pictures.canvas import Canvas
from backprop_tui.tui.pictures.drawing.strokes import DOWN, LEFT, RIGHT, UP, Stroke, joint
from backprop_tui.tui.pictures.rows import Tone

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
            arms[UP] |= row > min(source, target)
            arms[DOWN] |= row < max(source, target)
        self._arms[source][LEFT] = before.weight
        self._arms[target][RIGHT] = after.weight
        self._strokes[source, True] = before, tone
        self._strokes[target, False] = after, tone

    def draw(self, canvas: Canvas) -> None:
        """Draw all that were joined."""
        before, after = self._x - self._left, self._right - self._x
        for (row, left), (stroke, tone) in self._strokes.items():
            if left:
                canvas.put(self._left, row, stroke.level * before, tone)
            else:
                canvas.put(self._x + 1, row, stroke.level * after, tone)
        for row, arms in self._arms.items():
            canvas.put(self._x, row, joint(*arms), self._tones[row])
