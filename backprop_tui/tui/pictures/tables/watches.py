"""The watches: a line each, with the value now, the one before, and a small curve of its history."""

from __future__ import annotations

from backprop_tui.network.names import shown
from backprop_tui.session.comparing import progress
from backprop_tui.session.session import Session
from backprop_tui.stops.condition_values import past_values
from backprop_tui.stops.conditions import Condition, parse_expression
from backprop_tui.tui.pictures.kept_parts import shelf
from backprop_tui.tui.pictures.rows import Picture, Row, Tone, filled, shortened
from backprop_tui.tui.view import View

_BARS = "▁▂▃▄▅▆▇█"
LEAST_WITH_BEFORE = 50
"""In fewer cells the value before is left out."""
LEAST_CURVE = 7
"""Cells that a name leaves to the curve."""


def watches_picture(view: View, width: int, height: int) -> Picture:
    """The first watches, in exactly *height* rows of *width* cells."""
    return filled([_row(view, text, width) for text in view.session.watches[:height]], width, height)


def _row(view: View, text: str, width: int) -> Row:
    with_before = width >= LEAST_WITH_BEFORE
    rest = 35 if with_before else 16
    names = max(8, min(24, width - rest - LEAST_CURVE))
    count = max(2, min(24, width - rest - names))
    comparing, condition = view.session.comparing, _parsed(view.session, text)
    there = all(progress(comparing.runs[run], view.time, view.time).at_hand for run in condition.runs)
    values = past_values(view.session.run, condition, view.time, count, comparing.runs) if there else []
    now = _text(view, values[-1][1]) if values else "–"
    before = _text(view, values[-2][1]) if len(values) > 1 else "–"
    name = shortened(shown(text), names)
    curve = bars([float(value) for _, value in values if value is not None])
    return (
        (" ◇ ", Tone.MUTED),
        (f"{name:<{names}} ", Tone.STRONG),
        (f"{now:>10}", Tone.STRONG),
        (f"  before {before:>10}  " if with_before else "  ", Tone.MUTED),
        (curve, Tone.LOSS),
    )


def _text(view: View, value: float | bool | None) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return view.text(value)


def _parsed(session: Session, text: str) -> Condition:
    """An expression as ``past_values`` takes it; parsing it anew would take 0.2 ms a frame."""
    known = shelf(session, "expressions")
    found: Condition | None = known.get(text)
    if found is None:
        found = known[text] = parse_expression(text, session.network, session.comparing.networks)
    return found


def bars(values: list[float]) -> str:
    """A bar a value, from the least to the greatest; what is not finite is left blank."""
    finite = [value for value in values if abs(value) < float("inf")]
    if not finite:
        return ""
    low, high = min(finite), max(finite)
    size = high - low
    return "".join(
        " " if not abs(value) < float("inf") else _BARS[int((value - low) / size * 7.999) if size else 0]
        for value in values
    )
