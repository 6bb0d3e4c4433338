"""A grid of cells to draw on: text, box-drawing lines, and slanted lines in braille dots."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import groupby

from rich.cells import cell_len

from backprop_tui.tui.pictures.rows import Picture, Row, Span, Tone

_DOTS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))
"""The bit of each dot of a braille cell, by row and column (Unicode, chapter 21)."""
_NO_DOTS, _ALL_DOTS = "\u2800", "\u28ff"
_BLANKS = " " + "".join(map(chr, range(0x2800, 0x2900)))
"""What a cell holds that nothing is written in: nothing, or dots."""
_LINES = "".join(map(chr, range(0x2500, 0x2580))) + _BLANKS
"""What a cell holds that no text is written in."""
_UNDER_DOTS = " ░┊┄"
"""What dots may be drawn over: nothing, a shade, guide lines."""
_TONES = tuple(Tone)
_NUMBERS = {tone: bytes((number,)) for number, tone in enumerate(_TONES)}
"""The tones of cells, a byte each."""


class Canvas:
    """Cells of *width* × *height*; what lies outside is left out."""

    def __init__(self, width: int, height: int) -> None:
        self.width = width
        self.height = height
        self._texts = [[" "] * width for _ in range(height)]
        self._tones = [bytearray(_NUMBERS[Tone.TEXT] * width) for _ in range(height)]

    def copy(self) -> Canvas:
        """Another one with the same on it."""
        other = Canvas(0, 0)
        other.width, other.height = self.width, self.height
        other._texts = [row[:] for row in self._texts]
        other._tones = [row[:] for row in self._tones]
        return other

    def put(self, x: int, y: int, text: str, tone: Tone) -> None:
        """Write *text* from (x, y) to the right; through its blanks dots are seen."""
        if not 0 <= y < self.height:
            return
        if not text.isascii() and text.strip(_LINES):
            text = _single(text)
        if x < 0:
            text, x = text[-x:], 0
        if text := text[: max(0, self.width - x)]:
            end = x + len(text)
            row, tones = self._texts[y], self._tones[y]
            if " " in text and max(row[x:end]) >= _NO_DOTS:
                for place, character in enumerate(text, x):
                    if character != " " or not _NO_DOTS <= row[place] <= _ALL_DOTS:
                        row[place] = character
                        tones[place] = _NUMBERS[tone][0]
            else:
                row[x:end] = text
                tones[x:end] = _NUMBERS[tone] * len(text)

    def fill(self, x: int, y: int, text: str, tones: Sequence[Tone]) -> None:
        """Write *text* over all that is there, a tone a character."""
        end = min(x + len(text), self.width)
        if 0 <= x < end and 0 <= y < self.height:
            self._texts[y][x:end] = text[: end - x]
            self._tones[y][x:end] = bytes(_NUMBERS[tone][0] for tone in tones[: end - x])

    def free(self, x: int, y: int, width: int) -> bool:
        """Whether *width* cells from (x, y) are blank; lines of dots count as blank."""
        if not (0 <= y < self.height and x >= 0 and x + width <= self.width):
            return False
        return not "".join(self._texts[y][x : x + width]).strip(_BLANKS)

    def lines_only(self, x: int, y: int, width: int) -> bool:
        """Whether *width* cells from (x, y) hold nothing but lines, of dots or of box-drawing characters."""
        if not (0 <= y < self.height and x >= 0 and x + width <= self.width):
            return False
        return not "".join(self._texts[y][x : x + width]).strip(_LINES)

    def line(
        self, start: tuple[int, int], end: tuple[int, int], tone: Tone, *, dotted: bool, heavy: bool
    ) -> None:
        """A slanted line between the middles of two cells, in braille dots.

        A dotted one leaves out two dots after every four, a heavy one is two dots thick.
        """
        texts, tones = self._texts, self._tones
        number = _NUMBERS[tone][0]
        for (column, row), bits in _line(start, end, dotted, heavy):
            if 0 <= row < self.height and 0 <= column < self.width:
                old = texts[row][column]
                if old == " ":
                    texts[row][column] = chr(0x2800 | bits)
                elif _NO_DOTS <= old <= _ALL_DOTS:
                    texts[row][column] = chr(ord(old) | bits)
                else:
                    continue
                tones[row][column] = number

    def dots(self, places: Iterable[tuple[int, int]], tone: Tone, left: int = 0) -> None:
        """Dots of braille, 2 to a column and 4 to a row, counted from *left*; they leave text as it is."""
        cells: dict[tuple[int, int], int] = {}
        for x, y in places:
            cell = (x + left) >> 1, y >> 2
            cells[cell] = cells.get(cell, 0) | _DOTS[y & 3][(x + left) & 1]
        number = _NUMBERS[tone][0]
        for (column, row), bits in cells.items():
            if 0 <= row < self.height and 0 <= column < self.width:
                old = self._texts[row][column]
                if _NO_DOTS <= old <= _ALL_DOTS:
                    bits |= ord(old)
                elif old not in _UNDER_DOTS:
                    continue
                self._texts[row][column] = chr(0x2800 | bits)
                self._tones[row][column] = number

    def stroke(self, start: int, end: int, y: int, character: str, tone: Tone) -> None:
        """A level line through all cells from *start* to *end* that are blank."""
        if self.free(start, y, end - start + 1):
            self.put(start, y, character * (end - start + 1), tone)
            return
        for x in range(start, end + 1):
            if self.free(x, y, 1):
                self.put(x, y, character, tone)

    def picture(self) -> Picture:
        """What was drawn."""
        return tuple(
            _merged("".join(text), bytes(tones)) for text, tones in zip(self._texts, self._tones, strict=True)
        )


@lru_cache(maxsize=4096)  # saves 0.2 ms a key of 16-16-16-4 at 200x60, of 2
def _line(
    start: tuple[int, int],
    end: tuple[int, int],
    dotted: bool,
    heavy: bool,
) -> tuple[tuple[tuple[int, int], int], ...]:
    """The cells of a slanted line with the dots in each."""
    found: dict[tuple[int, int], int] = {}
    x0, y0, x1, y1 = 2 * start[0], 4 * start[1] + 1, 2 * end[0] + 1, 4 * end[1] + 1
    steps = max(abs(x1 - x0), abs(y1 - y0), 1)
    for step in range(steps + 1):
        if dotted and step % 6 >= 4:
            continue
        x = x0 + round((x1 - x0) * step / steps)
        first = y0 + round((y1 - y0) * step / steps)
        for y in (first, first + 1) if heavy else (first,):
            place = (x // 2, y // 4)
            found[place] = found.get(place, 0) | _DOTS[y % 4][x % 2]
    return tuple(found.items())


def _single(text: str) -> str:
    """*text* with a mark in the place of every character that does not take exactly one cell."""
    return "".join(c if c.isascii() or cell_len(c) == 1 else "?" for c in text)


@lru_cache(maxsize=2048)  # saves up to 0.3 ms a key of 16-16-16-4 at 120x40, of 1.7
def _merged(text: str, tones: bytes) -> Row:
    """A row of single cells, neighbours of one tone together."""
    spans: list[Span] = []
    start = 0
    for number, run in groupby(tones):
        end = start + len(list(run))
        spans.append((text[start:end], _TONES[number]))
        start = end
    return tuple(spans)
