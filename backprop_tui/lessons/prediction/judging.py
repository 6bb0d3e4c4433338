"""Judging a prediction: its sign, and its size to two digits.

A number is right where it lies within half a unit of the value's second significant digit, or is the value
cut off after that digit: of 0.0459, all from 0.0454 to 0.0464, and 0.045. What a careful calculation with the
numbers as they are shown comes to is right as well. Nothing with another sign ever is.
"""

from __future__ import annotations

import re

from msgspec import Struct

from backprop_tui.engine.quantities import Phase
from backprop_tui.lessons.prediction.agreement import agrees
from backprop_tui.lessons.prediction.mistakes.diagnosing import diagnosis, reason_for_zero
from backprop_tui.lessons.prediction.mistakes.mistake import Advice, text_of
from backprop_tui.lessons.prediction.question import Question
from backprop_tui.lessons.typed import number_typed
from backprop_tui.program.formulas import Term
from backprop_tui.program.number_text import number
from backprop_tui.program.statements import Statement

SIGNS = {"+": "positive", "-": "negative", "−": "negative"}
"""A sign alone, and how it is called."""
_PLAIN = re.compile(r"[+−-]?[0-9.]{1,9}([eE][+−-]?[0-9]{1,3})?")
"""A number that is shown as it was typed."""


class Verdict(Struct, frozen=True, eq=False):
    """What came of a question."""

    statement: Statement
    """What was asked."""
    value: float
    said: str = ""
    """What the person said; empty where that was nothing."""
    right: bool | None = None
    """None: not scored."""
    advice: Advice = ()
    """What there is to say of it: names with their values among words."""

    def judgement(self, digits: int | None) -> str:
        """Whether it was right, and what the value is, with so many decimals."""
        value = number(self.value, digits)
        if self.right is None:
            return f"It is {value}; not scored."
        return f"Right: it is {value}." if self.right else f"You said {self.said}; it is {value}."

    def words(self, digits: int | None) -> str:
        """What there is to say besides."""
        return text_of(self.advice, digits)


def unanswered(question: Question) -> Verdict:
    """What is said where a person would rather be shown."""
    return Verdict(question.statement, question.value)


def _hardly_moved(question: Question, said: float) -> Advice:
    """What to say where two digits are the parameter's old value as well."""
    statement = question.statement
    parameter = statement.quantity.parameter
    if parameter is None or statement.phase is not Phase.UPDATE:
        return ()
    old = question.run.readings.read(statement.quantity, statement.time - 1).value
    if old is None or abs(said - old) > abs(said - question.value):
        return ()
    term = Term(question.run.symbol(statement.quantity), old)
    return ("Two digits do not show the step: before it was ", term, ".")


def judged(question: Question, text: str, digits: int | None) -> Verdict:
    """What is said of an answer.

    Args:
        question: what was asked.
        text: what was typed: a number, or where the value is 0 a sign alone.
        digits: how many decimals the person sees.

    Raises:
        TypedError: it is neither.
    """
    value, statement = question.value, question.statement
    if text in SIGNS:
        return Verdict(statement, value, SIGNS[text], False, reason_for_zero(question.run, statement))
    said = number_typed(text, question.run)
    if agrees(said, value):
        return Verdict(statement, value, text, True, _hardly_moved(question, said))
    shown = question.as_shown(digits)
    if shown is not None and shown * value > 0 and agrees(said, shown):
        return Verdict(statement, value, text, True, ("So far as the digits on the screen go.",))
    plain = text.lstrip("+").replace("-", "−") if _PLAIN.fullmatch(text) else number(said, digits)
    return Verdict(statement, value, plain, False, diagnosis(question.run, statement, said))
