"""A number that a person types: digits, or simple arithmetic of numbers. No name is understood."""

from __future__ import annotations

from math import isfinite

from backprop_tui.history.run import Run
from backprop_tui.network.errors import BackpropError
from backprop_tui.stops.condition_values import value_at
from backprop_tui.stops.conditions import ConditionError, parse_expression


class TypedError(BackpropError):
    """What was typed is no number; the message says what would be one."""


def number_typed(text: str, run: Run) -> float:
    """The number that *text* means: ``0.35``, ``−4.6e-2``, ``1/(1 + exp(−0.25))``.

    It is read by the language of conditions, so nothing is evaluated but arithmetic.

    Args:
        text: what was typed.
        run: any; the names of its network are understood, and refused.

    Raises:
        TypedError: it means none, or one without an end.
    """
    try:
        expression = parse_expression(text, run.network)
    except ConditionError as error:
        if "," in text:
            raise TypedError(f"write {_with_points(text, run)} with a point, not with a comma") from None
        raise TypedError(f"a number such as 0.35, or arithmetic such as 0.36*0.23; {error}") from None
    if expression.sources:
        raise TypedError("numbers only: a name would look the answer up")
    value = None if expression.is_truth else value_at(run, expression, 0)
    if value is None or not isfinite(value):
        raise TypedError("a number that is finite, such as 0.35")
    return float(value)


def _with_points(text: str, run: Run) -> str:
    """What was meant by *text*, where that is a number; else any."""
    meant = text.strip().replace(",", ".")
    try:
        parse_expression(meant, run.network)
    except ConditionError:
        return "0.35"
    return meant
