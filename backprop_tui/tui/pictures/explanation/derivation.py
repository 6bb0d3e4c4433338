"""Where the formula of a slope comes from, line by line, and at its end the unit's numbers."""

from __future__ import annotations

from rich.cells import cell_len

from backprop_tui.network.names import shown
from backprop_tui.program.explanations.explanation import Explanation
from backprop_tui.tui.pictures.explanation.body import result_row, to_the_rest
from backprop_tui.tui.pictures.explanation.equations import equation
from backprop_tui.tui.pictures.rows import Row, Span, Tone, wrapped
from backprop_tui.tui.view import PHASE_TONES, View

OFFER = " {enter}: derive it"


def derivation_rows(view: View, explanation: Explanation, width: int) -> list[Row]:
    """The derivation, its last formula with the unit's numbers, and its value."""
    slope = shown(explanation.symbol)
    tone = PHASE_TONES[explanation.statement.phase]
    leads, lead = [], ""
    for line in explanation.derivation:
        lead = f" {line.left} = " if line.left else " " * (cell_len(lead) - 2) + "= "
        leads.append(lead)
    lines = list(zip(leads, explanation.derivation, strict=True))
    behind = max(cell_len(lead) + cell_len(line.right) for lead, line in lines) + 3
    beside = behind + max(cell_len(line.why) for _, line in lines) <= width
    rows: list[Row] = []
    for lead, line in lines:
        mine = tone if line.left == slope else Tone.TEXT
        if beside:
            left = lead + line.right
            why = " " * (behind - cell_len(left)) + line.why
            rows.append(((lead, mine), (line.right, Tone.TEXT), (why, Tone.MUTED)))
        else:
            rows += wrapped(line.why, width, Tone.MUTED, "   ")
            rows += equation(lead, line.right, mine, width)
    blank = " " * (cell_len(slope) + 2) + "= "
    if explanation.expression.terms:
        rows += equation(blank, explanation.expression.numeric(view.digits), Tone.TEXT, width)
    return [*rows, result_row(blank, view.text(explanation.value), Tone.MUTED)]


def going_on(view: View, *, scrolls: bool) -> Row:
    """What enter and escape do now, and where there is more in the pane, how to scroll it."""
    spans: list[Span] = []
    if view.origins:
        spans = [
            (f" {view.key('enter')}: on to ", Tone.MUTED),
            (f"‹{shown(view.origins[0].symbol)}›", Tone.KEY),
        ]
    more = f"  {to_the_rest(view)}: more" if scrolls else ""
    fold = f"{view.key('escape')}: fold"
    return (*spans, (("  " if spans else " ") + fold + more, Tone.MUTED))
