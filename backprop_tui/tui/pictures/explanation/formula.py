"""A statement without a chain: its equation with names, spelt out, with numbers, and its value."""

from __future__ import annotations

from backprop_tui.network.names import shown
from backprop_tui.program.explanations.explanation import Explanation, Working
from backprop_tui.tui.pictures.explanation.body import SHOWS_ALL, Bodies, Body, result_row
from backprop_tui.tui.pictures.explanation.equations import broken, equation
from backprop_tui.tui.pictures.rows import Row, Tone
from backprop_tui.tui.view import PHASE_TONES, View

FEWER = (4, 2, 1)
"""So few terms of a sum are written out where there is no room for more."""


def formula_bodies(view: View, explanation: Explanation, width: int) -> Bodies:
    """The equation; then with lines on the way to it told in passing, then with fewer terms of its sum."""
    working = explanation.working
    yield Body(_rows(view, explanation, width, working))
    for left_out in range(1, len(working) + 1):
        passed, written = working[:left_out], working[left_out:]
        yield Body(
            [*_in_passing(view, passed, width), *_rows(view, explanation, width, written)], whole=False
        )
    for most in FEWER:
        fewer = view.session.explain(explanation.statement, most, view.digits)
        if fewer is not None and len(fewer.terms) < len(explanation.terms):
            explanation = fewer
            yield Body(_rows(view, fewer, width, ()), whole=False)
    if explanation.also is not None:
        yield Body(_equation(view, explanation, width, also=False), whole=False)


def _rows(view: View, explanation: Explanation, width: int, working: tuple[Working, ...]) -> list[Row]:
    rows: list[Row] = []
    for line in working:
        name = f" {shown(line.symbol)} = "
        rows += equation(name, line.expression.symbolic(), Tone.TEXT, width)
        numbers = f"{line.expression.numeric(view.digits)} = {view.text(line.value)}"
        rows += equation(" " * (len(name) - 2) + "= ", numbers, Tone.MUTED, width)
    return rows + _equation(view, explanation, width, also=True)


def _equation(view: View, explanation: Explanation, width: int, *, also: bool) -> list[Row]:
    lead = f" {shown(explanation.symbol)} = "
    blank = " " * (len(lead) - 2) + "= "
    rows = equation(lead, explanation.expression.symbolic(), PHASE_TONES[explanation.statement.phase], width)
    computed = explanation.expression
    if also and explanation.also is not None:
        computed = explanation.also
        rows += equation(blank, computed.symbolic(), Tone.TEXT, width)
    rows += equation(blank, computed.numeric(view.digits), Tone.TEXT, width)
    return [*rows, result_row(blank, view.text(explanation.value), Tone.MUTED)]


def _in_passing(view: View, lines: tuple[Working, ...], width: int) -> list[Row]:
    """Lines on the way to the result, each with its value alone."""
    values = [f"{shown(line.symbol)} = {view.text(line.value)}" for line in lines]
    words = [f"{text}," for text in values[:-1]] + [values[-1], SHOWS_ALL]
    texts = [" ⋮"]
    for word in words:
        if len(texts[-1]) + 1 + len(word) > width:
            texts.append("  ")
        texts[-1] += f" {word}"
    return [((text, Tone.MUTED),) for line in texts for text in broken(line, width)]
