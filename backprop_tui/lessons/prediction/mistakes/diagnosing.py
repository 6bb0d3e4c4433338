"""Diagnosing: which common mistake leads to the number that a person gave."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from math import isfinite

from backprop_tui.engine.quantities import Kind
from backprop_tui.history.run import Run
from backprop_tui.lessons.prediction.agreement import agrees
from backprop_tui.lessons.prediction.mistakes import backward, forward, gradients, update
from backprop_tui.lessons.prediction.mistakes.mistake import Advice, Mistake, Mistakes, mistake
from backprop_tui.lessons.prediction.mistakes.numbers_at_hand import Calculation
from backprop_tui.network.lazy_numpy import np
from backprop_tui.program.statements import Statement

_OF_KIND: dict[Kind, Callable[[Calculation], Mistakes]] = {
    Kind.WEIGHTED_SUM: forward.weighted_sum,
    Kind.ACTIVATION: forward.activation,
    Kind.LOSS: forward.loss,
    Kind.ACTIVATION_GRADIENT: backward.activation_gradient,
    Kind.ACTIVATION_DERIVATIVE: backward.activation_derivative,
    Kind.DELTA: backward.delta,
    Kind.WEIGHT_GRADIENT: gradients.weight_gradient,
    Kind.BIAS_GRADIENT: gradients.bias_gradient,
    Kind.WEIGHT_UPDATE: update.update,
    Kind.BIAS_UPDATE: update.update,
}
"""The mistakes of each kind of statement, the commonest first."""

_CLOSELY = (9, 3)
"""To so many digits a number is compared with all mistakes, then to fewer: the nearest one counts."""
_WITHIN = 0.01
"""A number of three digits or more comes from a mistake that is no further away than this share of it."""


def diagnosis(run: Run, statement: Statement, said: float) -> Advice:
    """What to say of a wrong number: the mistake that leads to it, if it is a common one."""
    found = diagnosed(run, statement, said)
    if found is not None:
        return found.advice
    if zero := reason_for_zero(run, statement):
        return zero
    if said * run.readings.at(statement.time) < 0:
        return ("The sign is the other one already, and no usual slip leads to the size.",)
    return ("No usual slip leads there: compare your numbers with those below.",)


def diagnosed(run: Run, statement: Statement, said: float) -> Mistake | None:
    """The mistake that leads to a number; None where none is known."""
    known = mistakes(run, statement)
    for digits in _CLOSELY:
        for one in known:
            if agrees(said, one.value, digits):
                return one
    for one in known:
        if _leads_to(one.value, said):
            return one
    if said * run.readings.at(statement.time) > 0:
        return None  # its sign is right
    for one in known:
        if _leads_to(one.value, -said):
            return Mistake(one.name, -one.value, (*one.advice, " And the sign is the other one."))
    return None


def _leads_to(value: float, said: float) -> bool:
    """Whether a mistake that gives *value* explains what was said."""
    digits = len(f"{said:.14e}".partition("e")[0].replace(".", "").strip("-0"))
    return agrees(said, value) and (digits <= 2 or abs(said - value) <= _WITHIN * abs(value))


def mistakes(run: Run, statement: Statement) -> list[Mistake]:
    """All common mistakes of a statement that lead to another number than the right one."""
    c = Calculation(run, statement)
    with np.errstate(all="ignore"):
        known = [*_sign(c), *_OF_KIND[statement.kind](c), *_anywhere(c)]
    return [one for one in known if isfinite(one.value) and not agrees(one.value, float(c.value), 9)]


def _sign(c: Calculation) -> Iterator[Mistake]:
    """The right size with the other sign."""
    layer, unit = c.place
    kind = c.statement.kind
    advice: Advice = ("The size is right, the sign is not.",)
    match kind:
        case Kind.LOSS if c.value > 0:
            advice = ("The size is right, but a loss like this one is never negative.",)
        case Kind.ACTIVATION_GRADIENT if layer == c.last:
            direction = "below" if c.value < 0 else "above"
            advice = (f"The size is right, the sign is not: the prediction is {direction} its target.",)
        case Kind.ACTIVATION_GRADIENT if c.network.widths[layer + 1] == 1:
            signal, weight = c.term(Kind.DELTA, layer + 1, 0), c.weight(layer + 1, 0, unit)
            advice = ("The size is right, the sign is not: ", signal, " and ", weight, ".")
        case Kind.ACTIVATION_DERIVATIVE if c.value > 0:
            advice = ("The size is right, but here a rises with z: its slope is positive.",)
        case Kind.WEIGHT_GRADIENT:
            below = c.statement.quantity.input or 0
            factors = c.term(Kind.DELTA, layer, unit), c.term(Kind.ACTIVATION, layer - 1, below)
            advice = ("The size is right, the sign is not: ", factors[0], " and ", factors[1], ".")
        case Kind.DELTA if not c.network.fused_loss or layer < c.last:
            g = c.term(Kind.ACTIVATION_GRADIENT, layer, unit)
            d = c.term(Kind.ACTIVATION_DERIVATIVE, layer, unit)
            advice = ("The size is right, the sign is not: ", g, " and ", d, ".")
        case Kind.BIAS_GRADIENT:
            advice = ("The size is right, the sign is not: it is ", c.term(Kind.DELTA, layer, unit), ".")
    yield mistake("sign forgotten", -c.value, *advice)


def _anywhere(c: Calculation) -> Iterator[Mistake]:
    """Mistakes of any statement."""
    statement = c.statement
    before = c.run.readings.read(statement.quantity, statement.time - 1)
    if before.value is not None:
        advice = "That was its value the last time: an earlier example or epoch."
        yield mistake("stale value", before.value, advice)
    for power, words in ((10.0, "right"), (0.1, "left"), (100.0, "right"), (0.01, "left")):
        advice = f"The digits are right; the decimal point has slipped to the {words}."
        yield mistake("decimal point slipped", c.value * power, advice)


_PRODUCTS = (Kind.DELTA, Kind.WEIGHT_GRADIENT)


def reason_for_zero(run: Run, statement: Statement) -> Advice:
    """The factor that makes a product 0; of anything else nothing."""
    if statement.kind not in _PRODUCTS or run.readings.at(statement.time) != 0:
        return ()
    c = Calculation(run, statement)
    layer, unit = c.place
    if statement.kind is Kind.WEIGHT_GRADIENT:
        below = statement.quantity.input or 0
        factors = [c.term(Kind.ACTIVATION, layer - 1, below), c.term(Kind.DELTA, layer, unit)]
    else:
        factors = [
            c.term(Kind.ACTIVATION_DERIVATIVE, layer, unit),
            c.term(Kind.ACTIVATION_GRADIENT, layer, unit),
        ]
    zero = next((factor for factor in factors if factor.value == 0), None)
    return () if zero is None else ("A factor of it is 0: ", zero, ".")
