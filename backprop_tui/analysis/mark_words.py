"""What a unit's mark means, in words; so light that the first frame can afford it."""

from __future__ import annotations

from math import isfinite

from backprop_tui.analysis.marks import Mark
from backprop_tui.program.number_text import number


def mark_words(mark: Mark, slope: float) -> str:
    """What a unit's mark means, with its slope for the present example."""
    if mark is Mark.DEAD:
        return "slope 0 for every example of the batch: dead, no error gets through"
    if mark in (Mark.UNDERFLOW, Mark.OVERFLOW):
        return f"PyTorch had {'0' if mark is Mark.UNDERFLOW else 'inf'} for one of its numbers"
    return f"slope {rough(slope)}: {mark}, {through(slope)}"


def through(slope: float, *, ahead: bool = False) -> str:
    """What a slope does to the error that reaches a unit, or where that lies *ahead*, what it will do."""
    error, gets, grows = "this error", "gets", "grows"
    if ahead:
        error, gets, grows = "the error", "will get", "will grow"
    if slope == 0.0:
        return f"none of {error} {gets} through"
    if slope == 1.0:
        return f"all of {error} {gets} through"
    if abs(slope) > 1.0:
        words = f"{error} {grows} {rough(abs(slope))}-fold"
    else:
        words = f"{percent(abs(slope))} of {error} {gets} through"
    return words + (", with its sign turned" if slope < 0.0 else "")


def percent(share: float) -> str:
    """A share in percent, to two digits."""
    return f"{rough(100.0 * share)} %"


def rough(value: float) -> str:
    """A number to two digits."""
    size = abs(value)
    if not isfinite(value) or value == 0.0:
        return number(value, 0)
    text = (
        f"{value:.2g}"
        if 1e-4 <= size < 99.5
        else f"{value:.0f}"
        if size < 1e5 and size >= 1
        else f"{value:.1e}"
    )
    return text.replace("-", "−")
