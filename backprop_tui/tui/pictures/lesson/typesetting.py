"""Setting a page's text: blocks of pieces become rows that are no wider than asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from rich.cells import cell_len

from backprop_tui.lessons.page_text import Block, Piece, Pieces
from backprop_tui.tui.pictures.rows import BLANK, Row, Span, Tone, row_width

Live = Callable[[Piece], str]
"""From a live number to its value as it is shown."""


def set_blocks(blocks: Iterable[Block], live: Live, width: int) -> list[Row]:
    """The rows of some blocks, set apart from each other by blank ones."""
    blocks = list(blocks)
    columns = _columns(blocks, live)
    rows: list[Row] = []
    for block in blocks:
        if block.opens and rows:
            rows.append(BLANK)
        rows += _block(block, live, width, columns)
    return rows


def set_pieces(
    pieces: Pieces, live: Live, width: int, tone: Tone, lead: Row = (), under: Row = ()
) -> list[Row]:
    """Pieces broken into rows between words.

    Args:
        pieces: what is set.
        live: gives the live numbers.
        width: of a row.
        tone: of plain text.
        lead: what the first row begins with.
        under: what the others begin with.
    """
    rows: list[Row] = []
    row, filled = list(lead), row_width(lead)
    fresh = True
    for word, gap in _words(pieces, live, tone):
        size = row_width(word)
        if word[0][0] == "\n" or (not fresh and filled + gap + size > width):
            rows.append(tuple(row))
            row, filled, fresh = list(under), row_width(under), True
            if word[0][0] == "\n":
                continue
        if gap and not fresh:
            row.append((" ", tone))
            filled += 1
        row += word
        filled += size
        fresh = False
    return [*rows, tuple(row)]


def _words(pieces: Pieces, live: Live, tone: Tone) -> Iterable[tuple[list[Span], int]]:
    """Words of toned text, each with the gap before it; pieces that touch make one word."""
    word: list[Span] = []
    gap = 0
    for piece in pieces:
        mine = _tone(piece, tone)
        text = live(piece) if piece.live else piece.text
        for part in _parts(text):
            if part == "\n":
                if word:
                    yield word, gap
                yield [("\n", mine)], 0
                word, gap = [], 0
            elif part.isspace():
                if word:
                    yield word, gap
                word, gap = [], 1
            elif part:
                word.append((part, mine))
    if word:
        yield word, gap


def _parts(text: str) -> list[str]:
    """*text* cut into words, runs of blanks, and line breaks."""
    parts: list[str] = []
    for character in text:
        kind = character if character == "\n" else character == " "
        last = parts[-1] if parts else ""
        if last and character != "\n" and last != "\n" and (last[-1] == " ") == kind:
            parts[-1] += character
        else:
            parts.append(character)
    return parts


def _tone(piece: Piece, tone: Tone) -> Tone:
    if piece.live or piece.strong:
        return Tone.STRONG
    if piece.code:
        return Tone.KEY
    return Tone.REUSED if piece.emphasis else tone


def _block(block: Block, live: Live, width: int, columns: Sequence[int]) -> list[Row]:
    edge: Row = ((" │ ", Tone.MUTED),) if block.quoted else ((" ", Tone.TEXT),)
    tone = Tone.MUTED if block.quoted else Tone.TEXT
    match block.kind:
        case "code":
            return [(*edge, *((live(one) if one.live else one.text, _code(one)) for one in block.pieces))]
        case "rule":
            return [((" " + "─" * max(0, width - 2), Tone.FAINT),)]
        case "head" | "row":
            return [(*edge, *_cells(block, live, columns))]
        case "item":
            indent = " " * (2 * (block.depth - 1))
            mark = block.mark or "  "
            lead = (*edge, (f"{indent}{mark} ", Tone.MUTED))
            under = (*edge, (" " * (len(indent) + len(mark) + 1), Tone.TEXT))
            return set_pieces(block.pieces, live, width - 1, tone, lead, under)
        case "heading":
            return set_pieces(block.pieces, live, width - 1, Tone.STRONG, edge, edge)
    return set_pieces(block.pieces, live, width - 1, tone, edge, edge)


def _code(piece: Piece) -> Tone:
    return Tone.STRONG if piece.live else Tone.TEXT


def _columns(blocks: Iterable[Block], live: Live) -> list[int]:
    """How wide each column of the tables is."""
    widths: list[int] = []
    for block in blocks:
        for number, cell in enumerate(block.cells):
            size = cell_len(_plain(cell, live))
            widths[number:] = [max([size, *widths[number : number + 1]]), *widths[number + 1 :]]
    return widths


def _plain(pieces: Pieces, live: Live) -> str:
    return "".join(live(one) if one.live else one.text for one in pieces)


def _cells(block: Block, live: Live, columns: Sequence[int]) -> Iterable[Span]:
    for cell, size in zip(block.cells, columns, strict=False):
        text = _plain(cell, live)
        number = any(one.live for one in cell) and block.kind == "row"
        tone = Tone.MUTED if block.kind == "head" else Tone.STRONG if number else Tone.TEXT
        room = " " * (size - cell_len(text))
        yield (f"{room}{text}  " if number else f"{text}{room}  "), tone
