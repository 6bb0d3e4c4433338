"""The part of an explanation above its sentence: written out, and shorter and shorter for small panes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from backprop_tui.tui.pictures.rows import Row, Span, Tone, row_width
from backprop_tui.tui.view import View

REST = "3 ↓"
"""3 is the key of the pane, ↓ scrolls in it."""
SHOWS_ALL = f"({REST} shows all)"
"""Told where something is left out."""
NEAR = f"({REST})"
"""The same where there is hardly any room."""


class Body(NamedTuple):
    """One way to write a formula or a chain, its result in the last row."""

    rows: list[Row]
    whole: bool = True
    """Whether nothing is left out."""


Bodies = Iterator[Body]
"""Ways to write the same, the fullest first."""


def to_the_rest(view: View) -> str:
    """The keys that show what is left out."""
    return f"{view.key('3')} {view.keys.get('down', '↓')}"


def with_keys(view: View, rows: list[Row]) -> list[Row]:
    """Rows in which the keys in force are named where something is left out."""
    if "3" not in view.keys and "down" not in view.keys:
        return rows
    rest = to_the_rest(view)
    return [tuple((text.replace(REST, rest), tone) for text, tone in row) for row in rows]


def result_row(lead: str, text: str, tone: Tone) -> Row:
    """The row of the result."""
    return ((lead, tone), (text, Tone.STRONG))


def told(row: tuple[Span, ...], remarks: tuple[str, ...], width: int) -> Row:
    """*row* with the first of some remarks that fits behind it."""
    room = width - row_width(row) - 1
    remark = next((remark for remark in remarks if len(remark) <= room), "")
    return (*row, (f" {remark}", Tone.MUTED)) if remark else row


def cut_short(rows: list[Row], room: int, width: int) -> list[Row]:
    """The first rows and the last one, with a row between them that says how many are left out."""
    if len(rows) <= room:
        return rows
    if room < 3:
        return [*rows[: room - 1], rows[-1]]
    left_out = len(rows) - room + 1
    between = told(((f" ⋮ {left_out} rows more", Tone.MUTED),), (SHOWS_ALL,), width)
    return [*rows[: room - 2], between, rows[-1]]
