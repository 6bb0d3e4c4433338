"""A grid of cells to draw on: text, box-drawing lines, and slanted lines in braille dots."""

from __future__ import annotations

from rich.cells import cell_len

from backprop_tui.tui.pictures.rows import Picture, Row, Span, Tone

_DOTS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))
"""The bit of each dot of a braille cell, by row and column (Unicode, chapter 21)."""


class Canvas:
    """Cells of *width* × *height*; what lies outside is left out."""

    def __init__(self, width: int, height: int) -> None:
        self.width = width
        self.height = height
        self._texts = [[" "] * width for _ in range(height)]
        self._tones = [[Tone.TEXT] * width for _ in range(height)]
        self._dots: dict[tuple[int, int], int] = {}

    def put(self, x: int, y: int, text: str, tone: Tone) -> None:
        """Write *text* from (x, y) to the right."""
        if not 0 <= y < self.height:
            return
        texts, tones = self._texts[y], self._tones[y]
        for character in text:
            if not character.isascii() and cell_len(character) != 1:
                character = "?"
            if 0 <= x < self.width:
                texts[x] = character
                tones[x] = tone
            x += 1

    def free(self, x: int, y: int, width: int) -> bool:
        """Whether *width* cells from (x, y) are blank; lines of dots count as blank."""
        if not (0 <= y < self.height and x >= 0 and x + width <= self.width):
            return False
        return all(text == " " for text in self._texts[y][x : x + width])

    def line(
        self, start: tuple[int, int], end: tuple[int, int], tone: Tone, *, dotted: bool, heavy: bool
    ) -> None:
        """A slanted line between the middles of two cells, in braille dots.

        A dotted one leaves out every second pair of dots, a heavy one is two dots thick.
        """
        x0, y0, x1, y1 = 2 * start[0], 4 * start[1] + 1, 2 * end[0] + 1, 4 * end[1] + 1
        steps = max(abs(x1 - x0), abs(y1 - y0), 1)
        for step in range(steps + 1):
            if dotted and step % 4 >= 2:
                continue
            x = x0 + round((x1 - x0) * step / steps)
            y = y0 + round((y1 - y0) * step / steps)
            self._dot(x, y, tone)
            if heavy:
                self._dot(x, y + 1, tone)

    def _dot(self, x: int, y: int, tone: Tone) -> None:
        column, row = x // 2, y // 4
        if 0 <= row < self.height and 0 <= column < self.width and self._texts[row][column] == " ":
            self._dots[column, row] = self._dots.get((column, row), 0) | _DOTS[y % 4][x % 2]
            self._tones[row][column] = tone

    def picture(self) -> Picture:
        """What was drawn."""
        for (x, y), dots in self._dots.items():
            if self._texts[y][x] == " ":
                self._texts[y][x] = chr(0x2800 + dots)
        return tuple(map(_merged, self._texts, self._tones))


def _merged(texts: list[str], tones: list[Tone]) -> Row:
    """A row of single cells, neighbours of one tone together."""
    spans: list[Span] = []
    start = 0
    for end in range(1, len(texts) + 1):
        if end == len(texts) or tones[end] is not tones[start]:
            spans.append(("".join(texts[start:end]), tones[start]))
            start = end
    return tuple(spans)
