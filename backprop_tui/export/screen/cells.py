"""A screen as a grid of styled cells: what every writer of this room is given."""

from __future__ import annotations

from collections.abc import Iterator
from unicodedata import combining, east_asian_width

from msgspec import Struct

DIM = 0.5
"""How much of its own colour a dim text keeps; the rest is the ground's."""


class Style(Struct, frozen=True):
    """How a run of text looks. Colours are written ``#rrggbb``."""

    color: str
    ground: str
    bold: bool = False
    italic: bool = False
    underline: bool = False
    strike: bool = False
    dim: bool = False
    reverse: bool = False
    """Whether text and ground change places."""

    @property
    def ink(self) -> str:
        """The colour of what is drawn."""
        color, ground = (self.ground, self.color) if self.reverse else (self.color, self.ground)
        return mixed(color, ground, DIM) if self.dim else color

    @property
    def paper(self) -> str:
        """The colour behind it."""
        return self.color if self.reverse else self.ground


class Run(Struct, frozen=True):
    """Text of one style in a row."""

    text: str
    style: Style
    width: int
    """Cells that it takes."""


Row = tuple[Run, ...]


class Screen(Struct, frozen=True):
    """What a terminal shows."""

    rows: tuple[Row, ...]
    width: int
    """Cells of a row."""
    color: str
    """Of text that has no colour of its own."""
    ground: str
    title: str = ""

    @property
    def height(self) -> int:
        """How many rows there are."""
        return len(self.rows)

    @property
    def lines(self) -> tuple[str, ...]:
        """The rows as text, without the blanks at their ends."""
        return tuple("".join(run.text for run in row).rstrip() for row in self.rows)


class Cell(Struct, frozen=True):
    """One character with its style, and where it is."""

    text: str
    """With the marks that combine with it."""
    style: Style
    x: int
    """Its column, from 0."""
    width: int
    """Cells that it takes: one or two."""


def cells(row: Row) -> Iterator[Cell]:
    """The characters of a row, from left to right."""
    start = 0
    for run in row:
        x, last = start, ""
        for character in run.text:
            if last and not _width(character):
                last += character
                continue
            if last:
                yield Cell(last, run.style, x, _width(last[0]) or 1)
                x += _width(last[0]) or 1
            last = character
        if last:
            yield Cell(last, run.style, x, _width(last[0]) or 1)
        start += run.width


def _width(character: str) -> int:
    """How many cells a character takes: none where it combines with the one before."""
    if character < "\u0300":
        return 1
    if combining(character) or character in "\u200b\u200d\ufe0e\ufe0f":
        return 0
    return 2 if east_asian_width(character) in "WF" else 1


def mixed(color: str, other: str, share: float) -> str:
    """*share* of a colour and the rest of another."""
    pairs = zip(_numbers(color), _numbers(other), strict=True)
    return "#" + "".join(f"{round(one * share + two * (1 - share)):02x}" for one, two in pairs)


def _numbers(color: str) -> tuple[int, ...]:
    return tuple(bytes.fromhex(color[1:]))
