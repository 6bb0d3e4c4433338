"""Heat maps: a block of cells, each as dark as its number is large, with its sign in colour and in glyph.

Positive cells are shaded, negative ones have strokes, exactly 0 is blank, and what is not computed yet is
dotted; so a screen without colours tells the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil, inf, isfinite, isnan

from msgspec import Struct

from backprop_tui.network.lazy_numpy import Array, np
from backprop_tui.tui.pictures.rows import MINUS, PLUS, Span, Tone

LEVELS = len(PLUS)
"""Sizes that are told apart: level k holds those up to k/LEVELS of the scale."""

_SHADES = " ░░▒▒▓█"
_STROKES = " ╌──══≡"
_OLD_SHADES = " ⠂⠒⠒⠶⠶⠿"
_OLD_STROKES = " ┄┄┅┅┉┉"
OLD_ZERO: Span = ("∘", Tone.MUTED)
"""The cell of a 0 that is left from before."""
ABSENT: Span = ("·", Tone.FAINT)
"""The cell of a number that is not computed yet."""
BROKEN: Span = ("×", Tone.WARNING)
"""The cell of what is not a finite number."""


class Grid(Struct, frozen=True):
    """How the numbers of a layer are laid out in cells: in rows, or as the square picture that they are."""

    count: int
    columns: int
    """Cells a row."""
    rows: int
    across: int = 1
    """Characters that a cell takes, and ..."""
    down: int = 1
    """... lines."""
    side: int = 0
    """Of a picture, its side in pixels; 0: numbers follow one another, row by row."""
    pool: tuple[int, int] = (1, 1)
    """How many pixels across and down (of numbers: how many, and 1) a cell stands for."""

    @property
    def width(self) -> int:
        """Characters that a line takes."""
        return self.columns * self.across

    @property
    def height(self) -> int:
        """Lines that it takes."""
        return self.rows * self.down

    @property
    def pooled(self) -> bool:
        """Whether a cell stands for several numbers."""
        return self.pool != (1, 1)

    def cell(self, index: int) -> tuple[int, int]:
        """Row and column of the cell in which a number is."""
        across, down = self.pool
        if self.side:
            y, x = divmod(index, self.side)
            return y // down, x // across
        return divmod(index // across, self.columns)

    def index(self, row: int, column: int) -> int | None:
        """The number at a cell, of several the middle one; None where there is none."""
        across, down = self.pool
        if not (0 <= row < self.rows and 0 <= column < self.columns):
            return None
        if self.side:
            x = min(column * across + across // 2, self.side - 1)
            return min(row * down + down // 2, self.side - 1) * self.side + x
        first = (row * self.columns + column) * across
        return min(first + across // 2, self.count - 1) if first < self.count else None

    def largest(self, values: Sequence[float | None]) -> list[float | None]:
        """The number of each cell, row by row; of several the largest in size, before all a NaN."""
        if not self.pooled:
            return list(values)
        sizes = [-1.0 if value is None else inf if isnan(value) else abs(value) for value in values]
        return [values[max(members, key=sizes.__getitem__)] for members in _members(self)]


def _members(grid: Grid) -> tuple[tuple[int, ...], ...]:
    """The numbers that each cell stands for, row by row."""
    cells: list[list[int]] = [[] for _ in range(grid.rows * grid.columns)]
    for index in range(grid.count):
        row, column = grid.cell(index)
        cells[row * grid.columns + column].append(index)
    return tuple(map(tuple, filter(None, cells)))


class Heat(Struct, frozen=True, eq=False):
    """A heat map made: a cell's glyph and tone for each number or group of numbers."""

    grid: Grid
    cells: tuple[Span, ...]
    scale: float | None
    """The size at which cells are darkest; None where there is no number."""
    lines: tuple[tuple[Span, ...], ...]
    """The rows of cells as text, neighbours of one tone together."""

    def width(self, number: int) -> int:
        """Characters that one line of it takes; the last row may be shorter."""
        first = number // self.grid.down * self.grid.columns
        return (min(len(self.cells), first + self.grid.columns) - first) * self.grid.across

    def line(self, number: int, mark: tuple[int, int] | None = None, tone: Tone = Tone.NOW) -> Sequence[Span]:
        """One line of it, the cell at *mark* (row and column) marked."""
        row = number // self.grid.down
        if mark is None or mark[0] != row:
            return self.lines[row]
        first = row * self.grid.columns
        return _merged(self.cells[first : first + self.grid.columns], self.grid.across, mark[1], tone)


def heat(values: Sequence[float | None], current: int, grid: Grid) -> Heat:
    """The heat map of some numbers.

    Args:
        values: the numbers, None where one is not computed yet.
        current: how many of them, from the first on, belong to the present; the others are left from before.
        grid: the layout.
    """
    shown = grid.largest(values)
    bound = _present(values, current, grid)
    scale = _scale(shown[:bound])
    if scale is None:
        scale = _scale(shown)
    cells = tuple(
        ABSENT if value is None else cell(value, scale or 0.0, stale=place >= bound)
        for place, value in enumerate(shown)
    )
    lines = tuple(
        _merged(cells[row * grid.columns : (row + 1) * grid.columns], grid.across) for row in range(grid.rows)
    )
    return Heat(grid, cells, scale, lines)


def _present(values: Sequence[float | None], current: int, grid: Grid) -> int:
    """How many cells, from the first on, belong to the present; one that mixes does not."""
    across, down = grid.pool
    if not grid.pooled:
        return current
    if current >= len(values) or values[-1] is None:
        return grid.rows * grid.columns
    return current // (grid.side * down) * grid.columns if grid.side else current // across


def _scale(values: Sequence[float | None]) -> float | None:
    """The largest size among the finite ones; None where there is none."""
    return max((abs(value) for value in values if value is not None and isfinite(value)), default=None)


def cell(value: float, scale: float, *, stale: bool = False) -> Span:
    """The glyph and the tone of a number, by its sign and its size on a scale."""
    if not isfinite(value):
        return BROKEN
    if not value or not scale:
        return OLD_ZERO if stale else (" ", Tone.NONE)
    level = min(LEVELS, max(1, ceil(abs(value) / scale * LEVELS)))
    if stale:
        return ((_OLD_STROKES if value < 0 else _OLD_SHADES)[level], Tone.MUTED)
    return (_STROKES[level], MINUS[level - 1]) if value < 0 else (_SHADES[level], PLUS[level - 1])


def cells_of(values: Array, scale: float) -> list[tuple[str, list[Tone]]]:
    """The cells of a plane of numbers, row by row: the characters, and a tone for each."""
    with np.errstate(all="ignore"):
        sizes = np.ceil(np.abs(values) / (scale or 1.0) * LEVELS)
    signed = np.clip(sizes, 0, LEVELS) * np.sign(values)
    levels = np.where(np.isfinite(values), signed, LEVELS + 1).astype(int)
    return [
        ("".join([_GLYPHS[level] for level in row]), [_TONES[level] for level in row])
        for row in levels.tolist()
    ]


_LEVELS = range(-LEVELS, LEVELS + 1)
_GLYPHS = {LEVELS + 1: BROKEN[0]} | {level: cell(level, LEVELS)[0] for level in _LEVELS}
_TONES = {LEVELS + 1: BROKEN[1]} | {level: cell(level, LEVELS)[1] for level in _LEVELS}


def _merged(
    cells: Sequence[Span], across: int, mark: int | None = None, marked: Tone = Tone.NOW
) -> tuple[Span, ...]:
    """Cells as text, those of one tone together; the marked one in brackets."""
    spans: list[Span] = []
    for place, (glyph, tone) in enumerate(cells):
        text = glyph * across
        if place == mark:
            text = f"[{glyph * (across - 2)}]" if across > 1 else "◆"
            tone = marked
        if spans and spans[-1][1] is tone:
            spans[-1] = (spans[-1][0] + text, tone)
        else:
            spans.append((text, tone))
    return tuple(spans)
