"""Judging what a person answers: a number right to the digits shown, or one of the choices."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from math import isfinite
from typing import NamedTuple

from backprop_tui.lessons.lesson import Question
from backprop_tui.lessons.stage import Value
from backprop_tui.program.number_text import number

MOST_DIGITS = 9
"""Where every digit is shown, an answer needs no more than so many."""
CHOICE_DIGITS = 4
"""Two choices that agree in so many decimals are the same answer."""


class Verdict(StrEnum):
    """What is to be said of an answer."""

    RIGHT = "right"
    CLOSE = "close"
    """Right to two digits, and not to all that are shown."""
    SIGN = "sign"
    """Right but for its sign."""
    WRONG = "wrong"


def judged(given: float, value: float, digits: int | None) -> Verdict:
    """What is to be said of a number.

    Args:
        given: what was typed.
        value: what is right.
        digits: the decimals shown; None: every digit there is.
    """
    decimals = MOST_DIGITS if digits is None else digits
    if given == value or number(given, decimals) == number(value, decimals):
        return Verdict.RIGHT
    if not isfinite(given) or not isfinite(value):
        return Verdict.WRONG
    if number(-given, decimals) == number(value, decimals):
        return Verdict.SIGN
    return Verdict.CLOSE if value and f"{given:.1e}" == f"{value:.1e}" else Verdict.WRONG


class Option(NamedTuple):
    """One of the answers that a question offers."""

    label: str
    right: bool


def options(question: Question, asked: Mapping[str, Value], digits: int | None) -> tuple[Option, ...]:
    """The answers that a question offers; none where one is to be typed."""
    answer = asked[question.answer]
    if question.choices:
        right = value_text(answer, CHOICE_DIGITS)
        return tuple(
            Option(
                one.label or value_text(asked[one.value], digits),
                value_text(asked[one.value], CHOICE_DIGITS) == right,
            )
            for one in question.choices
        )
    if isinstance(answer, bool):
        return Option("yes", answer), Option("no", not answer)
    return ()


def value_text(value: Value, digits: int | None) -> str:
    """A value as a page shows it."""
    return ("true" if value else "false") if isinstance(value, bool) else number(value, digits)
