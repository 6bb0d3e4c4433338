"""The page of a lesson as a picture: its text with the numbers put in, its question, and the answer given."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from backprop_tui.lessons.judging_answers import Option, Verdict
from backprop_tui.lessons.page_text import Block, Piece, blocks
from backprop_tui.lessons.reader import Answer, Reader
from backprop_tui.tui.pictures.lesson.typesetting import set_blocks, set_pieces
from backprop_tui.tui.pictures.rows import BLANK, Picture, Row, Span, Tone, filled, row_width, wrapped
from backprop_tui.tui.view import View

TITLE_IN_FRAME = 60
"""From so many cells on the page's title stands in the frame."""

INSIDE = {"120×40": (40, 36), "80×24": (78, 12)}
"""Columns and rows in sight, by the size of the terminal: beside the panes, and over the lower ones."""
_HINT: Row = ((" hint: ", Tone.MUTED),)
_SAID = {
    Verdict.RIGHT: "✓ {}: right.",
    Verdict.CLOSE: "≈ {} is right to two digits, not to all that are shown: was a number rounded on the way?",
    Verdict.SIGN: "✗ {}: the size is right; look at the sign again.",
    Verdict.WRONG: "✗ Not {}. Try again.",
}


class Page(NamedTuple):
    """A page at one width."""

    rows: list[Row]
    choices: dict[int, tuple[int, int, int]]
    """Where each choice is: its row, and its first and last cell."""


def reader_of(view: View) -> Reader | None:
    """The page of a lesson that a view shows; None without a lesson."""
    reader = view.reader
    assert reader is None or isinstance(reader, Reader)
    return reader


def lesson_picture(view: View, width: int, height: int, top: int = 0) -> Picture:
    """The page, from row *top* on, in exactly *height* rows of *width* cells."""
    return filled(page(view, width).rows[top:], width, height)


def page(view: View, width: int) -> Page:
    """The page at a width; kept with the view."""
    reader = reader_of(view)
    if reader is None:
        return Page([], {})
    kept = vars(reader)  # a page changes with its reader, and not with every key
    key = f"page {width} {view.digits}"
    if key not in kept:
        kept[key] = _page(reader, view, width)
    found: Page = kept[key]
    return found


def _page(reader: Reader, view: View, width: int) -> Page:
    digits = view.digits

    def live(piece: Piece) -> str:
        return reader.text_of(piece.live, digits if piece.decimals is None else piece.decimals)

    rows: list[Row] = []
    if reader.page.title and width < TITLE_IN_FRAME:
        rows += [*wrapped(reader.page.title, width, Tone.FORWARD), BLANK]
    written = blocks(reader.page.text)
    rows += set_blocks(written, live, width)
    rows += _other_keys(view, written, width)
    choices: dict[int, tuple[int, int, int]] = {}
    if reader.question is None:
        return Page(rows, choices)
    if width < TITLE_IN_FRAME:  # over the lower panes every row counts
        rows.append(BLANK)
    options = reader.options(digits)
    if options:
        rows += _options(view, reader, options, width, len(rows), choices)
    elif not reader.is_solved:
        rows.append(((f" {view.key('A')}", Tone.KEY), (" answer", Tone.MUTED), *_for_hint(view, reader)))
    if reader.answer is not None:
        rows += _judged(reader.answer, width)
    elif reader.is_solved:
        rows.append(((" ✓ answered", Tone.POSITIVE),))
    if reader.hinted and reader.question.hint:
        first, *others = blocks(reader.question.hint)
        rows += set_pieces(first.pieces, live, width - 1, Tone.TEXT, _HINT, ((" ", Tone.TEXT),))
        rows += set_blocks(others, live, width)
    return Page(rows, choices)


def _other_keys(view: View, written: Sequence[Block], width: int) -> list[Row]:
    """Which keys of the person's own stand for those that the text names; none where all are in force."""
    pieces = [piece for block in written for some in (block.pieces, *block.cells) for piece in some]
    named = dict.fromkeys(piece.text for piece in pieces if piece.code)
    own = [f"{view.keys[key]} for {key}" for key in named if key in view.keys]
    return wrapped(f"Your keys: {', '.join(own)}.", width, Tone.KEY) if own else []


def _for_hint(view: View, reader: Reader) -> tuple[Span, ...]:
    question = reader.question
    if reader.hinted or question is None or not question.hint:
        return ()
    return ((f"  {view.key('h')}", Tone.KEY), (" hint", Tone.MUTED))


def _options(
    view: View,
    reader: Reader,
    options: tuple[Option, ...],
    width: int,
    first: int,
    choices: dict[int, tuple[int, int, int]],
) -> list[Row]:
    """The choices, side by side where they fit; notes where each is."""
    drawn = [_option(reader, number, option) for number, option in enumerate(options)]
    beside = sum(row_width(one) for one in drawn) + 1 <= width
    rows: list[Row] = []
    row: list[Span] = []
    for number, spans in enumerate(drawn):
        start = row_width(row)
        choices[number] = (first + len(rows), start, start + row_width(spans))
        row += spans
        if not beside:
            rows.append(tuple(row))
            row = []
    if row:
        rows.append(tuple(row))
    if not reader.is_solved:
        rows.append(
            (
                (" ←→" if beside else " ↑↓", Tone.KEY),
                (" choose  ", Tone.MUTED),
                (view.key("A"), Tone.KEY),
                (" answer", Tone.MUTED),
                *_for_hint(view, reader),
            )
        )
    return rows


def _option(reader: Reader, number: int, option: Option) -> list[Span]:
    answered = reader.answer is not None and number == reader.pointed
    if reader.is_solved and option.right:
        return [(" ● ", Tone.POSITIVE), (f"{option.label}  ", Tone.STRONG)]
    if answered and not option.right:
        return [(" ✗ ", Tone.NEGATIVE), (f"{option.label}  ", Tone.MUTED)]
    if number == reader.pointed and not reader.is_solved:
        return [(" ▸ ", Tone.KEY), (f"{option.label}", Tone.CURSOR), ("  ", Tone.TEXT)]
    return [(" ○ ", Tone.MUTED), (f"{option.label}  ", Tone.TEXT)]


def _judged(answer: Answer, width: int) -> list[Row]:
    tone = Tone.POSITIVE if answer.verdict is Verdict.RIGHT else Tone.WARNING
    return wrapped(_SAID[answer.verdict].format(answer.text), width, tone)
