"""An equation over as many rows as it takes."""

from __future__ import annotations

from collections.abc import Iterator

from rich.cells import cell_len

from backprop_tui.tui.pictures.rows import Row, Tone

_OPERATORS = (" + ", " − ")
_BREAKS = (
    (_OPERATORS, False),
    ((" · ", " with ", " if ", " else "), False),
    (("/", "·"), False),
    (_OPERATORS, True),
    ((" · ", "/", "·"), True),
)
"""Before what a long line is broken, the best places first, and whether inside of brackets too."""
LEAST_ROOM = 12
"""The cells that are left for a right-hand side, however long its left side is."""


def equation(lead: str, right: str, tone: Tone, width: int) -> list[Row]:
    """One line of an equation, broken before a plus or a minus where it is too long."""
    indent = min(cell_len(lead), max(1, width - LEAST_ROOM))
    rows: list[Row] = []
    first = lead
    if cell_len(lead) > indent:  # a left side as wide as the pane has a row of its own
        rows.append(((lead.removesuffix("= ").rstrip(), tone),))
        indent = min(3, width)
        first = " = "
    for number, text in enumerate(broken(right, width - indent)):
        start = first if number == 0 else " " * indent
        rows.append(((start, tone if number == 0 else Tone.TEXT), (text, Tone.TEXT)))
    return rows


def broken(text: str, width: int) -> list[str]:
    """*text* in lines of at most *width* cells, broken where a reader would."""
    if cell_len(text) <= width:
        return [text]
    lines = [""]
    for part in _parts(text, width, 0):
        if lines[-1] and cell_len(lines[-1]) + cell_len(part) > width:
            lines.append("")
        lines[-1] += part
    return lines


def _parts(text: str, width: int, level: int) -> Iterator[str]:
    """*text* cut at the best places that give parts of at most *width* cells."""
    if cell_len(text) <= width or not text:
        yield text
    elif level == len(_BREAKS):
        for start in range(0, len(text), max(1, width // 2)):  # a sign may take two cells
            yield text[start : start + max(1, width // 2)]
    else:
        marks, inside = _BREAKS[level]
        for piece in _cut(text, marks, inside=inside):
            yield from _parts(piece, width, level + 1)


def _cut(text: str, marks: tuple[str, ...], *, inside: bool) -> list[str]:
    """*text* cut before every one of some marks that stands outside of brackets, or *inside* of them too."""
    pieces = [""]
    depth = 0
    for place, character in enumerate(text):
        depth += (character == "(") - (character == ")")
        if place and (inside or depth == 0) and text.startswith(marks, place) and pieces[-1].strip():
            pieces.append("")
        pieces[-1] += character
    return pieces
