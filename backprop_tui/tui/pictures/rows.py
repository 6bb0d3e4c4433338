"""Rows of toned text: what a picture is made of."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import StrEnum
from functools import lru_cache
from textwrap import wrap

from rich.cells import cell_len, set_cell_size


class Tone(StrEnum):
    """What a piece of text is, from which the theme makes a colour and an attribute."""

    TEXT = "text"
    MUTED = "muted"
    FAINT = "faint"
    STRONG = "strong"
    FORWARD = "forward"
    LOSS = "loss"
    BACKWARD = "backward"
    UPDATE = "update"
    POSITIVE = "positive"
    NEGATIVE = "negative"
    STALE = "stale"
    REUSED = "reused"
    NOW = "now"
    """The statement that has just run."""
    CURSOR = "cursor"
    """What the person points at."""
    KEY = "key"
    WARNING = "warning"
    NONE = "none"
    """A cell of a heat map that is exactly 0; above it positive and negative ones by size."""
    PLUS_1 = "plus-1"
    PLUS_2 = "plus-2"
    PLUS_3 = "plus-3"
    PLUS_4 = "plus-4"
    PLUS_5 = "plus-5"
    PLUS_6 = "plus-6"
    MINUS_1 = "minus-1"
    MINUS_2 = "minus-2"
    MINUS_3 = "minus-3"
    MINUS_4 = "minus-4"
    MINUS_5 = "minus-5"
    MINUS_6 = "minus-6"


PLUS = tuple(tone for tone in Tone if tone.value.startswith("plus-"))
"""The tones of positive cells of a heat map, by size."""
MINUS = tuple(tone for tone in Tone if tone.value.startswith("minus-"))
"""The tones of negative cells of a heat map, by size."""


Span = tuple[str, Tone]
Row = tuple[Span, ...]
Picture = tuple[Row, ...]

BLANK: Row = ()


def fitted(row: Iterable[Span], width: int) -> Row:
    """*row* in exactly *width* cells: filled up with blanks, or cut with an ellipsis.

    Neighbours of one tone are merged.
    """
    return _fitted(tuple(row), width)


@lru_cache(maxsize=4096)  # saves up to 0.4 ms a key of 16-16-16-4 at 120x40, of 1.7
def _fitted(row: Row, width: int) -> Row:
    spans: list[Span] = []
    left = width
    for text, tone in row:
        if left <= 0:
            break
        size = len(text) if text.isascii() else cell_len(text)
        if size > left:
            text, size = set_cell_size(shortened(text.rstrip(), left), left), left
        left -= size
        if spans and spans[-1][1] is tone:
            spans[-1] = (spans[-1][0] + text, tone)
        elif text:
            spans.append((text, tone))
    if left > 0:
        if spans and spans[-1][1] is Tone.TEXT:
            spans[-1] = (spans[-1][0] + " " * left, Tone.TEXT)
        else:
            spans.append((" " * left, Tone.TEXT))
    return tuple(spans)


def filled(rows: Sequence[Iterable[Span]], width: int, height: int) -> Picture:
    """Exactly *height* rows of exactly *width* cells."""
    picture = [fitted(row, width) for row in rows[:height]]
    picture += [fitted(BLANK, width)] * (height - len(picture))
    return tuple(picture)


def shortened(text: str, width: int) -> str:
    """*text* in at most *width* cells, with an ellipsis where it was cut."""
    if cell_len(text) <= width:
        return text
    return set_cell_size(text, max(0, width - 1)) + "…" if width > 0 else ""


def wrapped(text: str, width: int, tone: Tone, indent: str = " ") -> list[Row]:
    """*text* broken into rows of at most *width* cells."""
    lines = wrap(text, max(8, width - 2 * len(indent)))
    return [((indent + line, tone),) for line in lines]


def plain(picture: Iterable[Row]) -> list[str]:
    """The rows as text without tones."""
    return ["".join(text for text, _ in row) for row in picture]


def row_width(row: Iterable[Span]) -> int:
    """How many cells a row takes."""
    return sum(cell_len(text) for text, _ in row)
