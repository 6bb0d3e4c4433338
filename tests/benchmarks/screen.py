"""What stands on a terminal's screen after some output: enough of a terminal to read text from it.

It knows how to move, to write, and to erase; colours and modes pass unheeded.
"""

from __future__ import annotations

import codecs
import re

from rich.cells import get_character_cell_size

_TOKEN = re.compile(
    r"""(?P<text>[^\x00-\x1f\x7f]+)
    | \x1b\[(?P<values>[0-9:;<=>?]*)(?P<between>[ -/]*)(?P<control>[@-~])
    | \x1b[\]PX^_].*?(?:\x07|\x1b\\)
    | \x1b[ -/]+[0-~]
    | \x1b[0-Z\\a-~]
    | (?P<single>[\x00-\x1a\x1c-\x1f\x7f])""",
    re.VERBOSE | re.DOTALL,
)


class Screen:
    """Rows of characters; feed it what a program writes."""

    def __init__(self, columns: int, rows: int) -> None:
        self.columns = columns
        self.rows = rows
        self._cells = [[" "] * columns for _ in range(rows)]
        self._x = self._y = 0
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._rest = ""

    def feed(self, data: bytes) -> None:
        """Take output; what ends in the middle of a sequence waits for the rest of it."""
        waiting = self._rest + self._decoder.decode(data)
        place = 0
        while place < len(waiting):
            token = _TOKEN.match(waiting, place)
            if token is None:
                break
            place = token.end()
            if token["text"]:
                self._write(token["text"])
            elif token["control"] and not token["between"]:
                self._control(token["control"], token["values"])
            elif token["single"]:
                self._single(token["single"])
        self._rest = waiting[place:]

    def row(self, number: int) -> str:
        """The text of a row."""
        return "".join(self._cells[number])

    def text(self) -> str:
        """The text of all rows."""
        return "\n".join(map(self.row, range(self.rows)))

    def _write(self, text: str) -> None:
        for character in text:
            width = get_character_cell_size(character)
            if self._x + width > self.columns:
                self._x = 0
                self._down()
            if width:
                self._cells[self._y][self._x : self._x + width] = [character] + [""] * (width - 1)
                self._x += width

    def _down(self) -> None:
        if self._y + 1 < self.rows:
            self._y += 1
        else:
            self._cells = [*self._cells[1:], [" "] * self.columns]

    def _single(self, character: str) -> None:
        if character == "\r":
            self._x = 0
        elif character == "\n":
            self._down()
        elif character == "\b":
            self._x = max(0, self._x - 1)
        elif character == "\t":
            self._x = min(self.columns - 1, self._x // 8 * 8 + 8)

    def _control(self, control: str, values: str) -> None:
        if values.startswith(("?", "<", "=", ">")):
            if values == "?1049" and control == "h":
                self._erase(0, self.rows)
            return
        numbers = [int(value) if value.isdigit() else 0 for value in values.split(";")]
        first = max(1, numbers[0])
        if control in "Hf":
            self._y = first - 1
            self._x = max(1, numbers[1]) - 1 if len(numbers) > 1 else 0
        elif control in "ABCDGd":
            self._move(control, first)
        elif control == "J":
            self._erase_screen(numbers[0])
        elif control == "K":
            start, end = ((self._x, None), (0, self._x + 1), (0, None))[min(numbers[0], 2)]
            row = self._cells[self._y]
            row[start:end] = [" "] * len(row[start:end])
        elif control == "X":
            row = self._cells[self._y]
            row[self._x : self._x + first] = [" "] * len(row[self._x : self._x + first])
        self._x = min(max(0, self._x), self.columns - 1)
        self._y = min(max(0, self._y), self.rows - 1)

    def _move(self, control: str, count: int) -> None:
        match control:
            case "A":
                self._y -= count
            case "B":
                self._y += count
            case "C":
                self._x += count
            case "D":
                self._x -= count
            case "G":
                self._x = count - 1
            case _:
                self._y = count - 1

    def _erase_screen(self, which: int) -> None:
        if which == 0:
            self._control("K", "0")
            self._erase(self._y + 1, self.rows)
        elif which == 1:
            self._control("K", "1")
            self._erase(0, self._y)
        else:
            self._erase(0, self.rows)

    def _erase(self, start: int, end: int) -> None:
        for number in range(start, end):
            self._cells[number] = [" "] * self.columns
