"""What came of a prediction, above the explanation of what was asked."""

from __future__ import annotations

from textwrap import wrap

from backprop_tui.lessons.prediction.judging import Verdict
from backprop_tui.lessons.prediction.mistakes.mistake import FAST
from backprop_tui.tui.pictures.rows import Row, Tone
from backprop_tui.tui.view import View

_SIGNS = {True: "✓", False: "✗", None: "·"}
_TONES = {True: Tone.KEY, False: Tone.WARNING, None: Tone.STRONG}


def verdict_rows(view: View, width: int) -> list[Row]:
    """The judgement and the advice, in so many cells; none where another statement is shown."""
    verdict = view.verdict
    assert isinstance(verdict, Verdict)
    if view.subject is None or view.subject.time != verdict.statement.time:
        return []
    judgement = f"{_SIGNS[verdict.right]} {verdict.judgement(view.digits)}"
    text = f"{judgement} {verdict.words(view.digits)}".strip()
    tone, left = _TONES[verdict.right], len(judgement)
    rows: list[Row] = []
    for line in wrap(text, max(8, width - 2)):
        line = line.replace(FAST, " ")
        rows.append(((" " + line[:left], tone), (line[left:], Tone.TEXT)))
        left = max(0, left - len(line) - 1)
    return rows
