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
    rows: list[Row] = []
    place = 0
    for line in wrap(text, max(8, width - 2)):
        place = text.index(line, place)
        judged = max(0, len(judgement) - place)
        place += len(line)
        shown = line.replace(FAST, " ")
        rows.append(((" " + shown[:judged], _TONES[verdict.right]), (shown[judged:], Tone.TEXT)))
    return rows
