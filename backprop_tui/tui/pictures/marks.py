"""Marks of what is wrong with a unit or a layer: a sign and a word each."""

from __future__ import annotations

from typing import NamedTuple


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
"""By their words."""
