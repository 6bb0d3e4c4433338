"""Lines of box-drawing characters: solid and dashed, thin and heavy, joined where they meet."""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

from backprop_tui.tui.pictures.canvas import Canvas
from backprop_tui.tui.pictures.rows import Tone

THIN, HEAVY = 1, 2
UP, DOWN, LEFT, RIGHT = range(4)

_JOINTS = " ╶╺╴─╼╸╾━╷╭┍╮┬┮┑┭┯╻┎┏┒┰┲┓┱┳╵╰┕╯┴┶┙┵┷│├┝┤┼┾┥┽┿╽┟┢┧╁╆┪╅╈╹┖┗┚┸┺┛┹┻╿┞┡┦╀╄┩╃╇┃┠┣┨╂╊┫╉╋"
"""The character in which lines meet, by how heavy they are upwards, downwards, to the left and the right."""

Place = tuple[int, int]
"""Column and row of a cell."""


class Stroke(NamedTuple):
    """How a line looks."""

    negative: bool = False
    heavy: bool = False

    @property
    def weight(self) -> int:
        """How heavy it is."""
        return HEAVY if self.heavy else THIN

    @property
    def level(self) -> str:
        """The character of a level line: solid or dashed, thin or heavy."""
        return ("╍" if self.heavy else "╌") if self.negative else ("━" if self.heavy else "─")

    @property
    def upright(self) -> str:
        """The character of an upright line."""
        return ("╏" if self.heavy else "╎") if self.negative else ("┃" if self.heavy else "│")


class Line(NamedTuple):
    """A stroke with its tone."""

    stroke: Stroke
    tone: Tone


def joint(up: int, down: int, left: int, right: int) -> str:
    """The character in which lines of these weights meet; 0 where there is none."""
    return _JOINTS[27 * up + 9 * down + 3 * left + right]


class Stairs:
    """Lines from cells to cells further right, a row up or down at a time; they join where they meet."""

    def __init__(self) -> None:
        self._cells: dict[Place, tuple[list[int], Stroke, Tone]] = {}

    def add(self, start: Place, end: Place, stroke: Stroke, tone: Tone) -> None:
        """Add a line from one cell to another."""
        for place, *arms in _stairs(start, end):
            weights, own = [stroke.weight * arm for arm in arms], stroke
            if place in self._cells:
                others, other, _ = self._cells[place]
                weights = list(map(max, weights, others))
                own = Stroke(stroke.negative and other.negative, stroke.heavy or other.heavy)
            self._cells[place] = weights, own, tone

    def draw(self, canvas: Canvas) -> None:
        """Draw them; text is left as it is."""
        for (x, y), (arms, stroke, tone) in self._cells.items():
            if canvas.lines_only(x, y, 1):
                up, down, left, right = arms
                level, upright = not (up or down), not (left or right)
                text = stroke.level if level else stroke.upright if upright else joint(up, down, left, right)
                canvas.put(x, y, text, tone)


def _stairs(start: Place, end: Place) -> tuple[tuple[Place, int, int, int, int], ...]:
    """The cells of a line, each with whether it goes on upwards, downwards, to the left and to the right."""
    (left, y0), (right, y1) = start, end
    steps, down = abs(y1 - y0), y1 > y0
    falls = [left + round((right - left) * step / (steps + 1)) for step in range(1, steps + 1)]
    found: list[tuple[Place, int, int, int, int]] = []
    for step, (begin, finish) in enumerate(pairwise([left - 1, *falls, right + 1])):
        y = y0 + (step if down else -step)
        came, goes = step > 0, step < steps
        if begin == finish and came:
            found.append(((begin, y), 1, 1, 0, 0))
            continue
        if came:
            found.append(((begin, y), down, not down, 0, 1))
        found += [((x, y), 0, 0, 1, 1) for x in range(begin + 1, finish)]
        if goes:
            found.append(((finish, y), not down, down, 1, 0))
    return tuple(found)
