"""Marks of what is wrong with a unit or a layer: a sign and a word each, as all panes show them."""

from __future__ import annotations

from typing import NamedTuple

from backprop_tui.tui.view import Node, View


class Mark(NamedTuple):
    """A sign, its word, and what it means."""

    sign: str
    word: str
    meaning: str


MARKS = {
    mark.word: mark
    for mark in (
        Mark("◐", "saturated", "the slope is below 1 % of the activation's greatest"),
        Mark("◌", "dead", "the slope is 0 for every example of the batch"),
        Mark("▾", "vanishing", "less than 1 % of the output's error signal arrives"),
        Mark("▴", "exploding", "more than 100 times the output's error signal arrives"),
    )
}
"""By their words: those that every network may have ..."""
RECORDED_MARKS = {
    mark.word: mark
    for mark in (
        Mark("∅", "underflow", "in PyTorch one of its numbers became 0"),
        Mark("∞", "overflow", "in PyTorch one of its numbers became infinite"),
    )
}
"""... and those of networks that come from PyTorch."""
ALL_MARKS = {**MARKS, **RECORDED_MARKS}


def marked(view: View, unit: Node) -> str:
    """The name of a unit, with the sign of what is wrong with it."""
    name, mark = view.session.names.unit(*unit), view.marks.get(unit)
    return name if mark is None else f"{name} {ALL_MARKS[mark.value].sign}"
