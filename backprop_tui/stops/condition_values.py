"""What a condition is worth at any time of a run, and how long it stays so.

Every part of a condition is made into a function from a time to its value and the time until which that
value is certain to stay. So a search looks only where something can have changed.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from math import ceil, floor, inf, isnan, nan

from backprop_tui.network.lazy_numpy import np
from backprop_tui.program.identifiers import Source, What
from backprop_tui.program.number_text import number
from backprop_tui.session.session import Session
from backprop_tui.stops.condition_tree import (
    TRUTHS,
    Call,
    Chain,
    Comparison,
    Flag,
    Joined,
    Name,
    Negative,
    Node,
    Not,
    Number,
    Power,
    sources,
)
from backprop_tui.stops.conditions import Condition
from backprop_tui.stops.named_values import FOREVER, Moments, Run, moments

NumberAt = Callable[[int], tuple[float | None, int]]
"""A number's value at a time (None: not known yet), and until when it stays that."""
TruthAt = Callable[[int], tuple[bool, int]]
_MOST_IN_REASON = 4


class Evaluation:
    """A condition, or any expression, in a session's run.

    It belongs to the run as it is: after an edit make another.
    """

    def __init__(self, session: Session, condition: Condition) -> None:
        self.condition = condition
        self._run = Run(session.network, session.program, session.timeline)
        self._moments = {source: moments(self._run, source) for source in condition.sources}
        self.trains = any(one.trains for one in self._moments.values())
        """Whether its value takes training to know."""
        self._number: NumberAt | None = None
        self._truth: TruthAt | None = None
        if condition.is_truth:
            self._truth = _truth(self._run, condition.root, self._moments)
        else:
            self._number = _number(self._run, condition.root, self._moments)

    def read(self, time: int) -> tuple[float | bool | None, int]:
        """Its value at *time* (None: not known yet), and the time until which it stays that."""
        if self._truth:
            return self._truth(time)
        assert self._number
        return self._number(time)

    def holds(self, time: int) -> tuple[bool, int]:
        """Whether the condition is true at *time*, and the time until which that stays."""
        assert self._truth
        return self._truth(time)

    def changes_at(self, time: int) -> bool:
        """Whether it asks for a change, and something that it depends on was computed at *time*."""
        root = self.condition.root
        return isinstance(root, Call) and root.function in TRUTHS and self.last_time(time) == time

    def last_time(self, time: int) -> int | None:
        """The latest time by *time* at which something that it depends on was computed."""
        return _last(self._moments.values(), time)

    def reason(self, time: int) -> str:
        """The values that the condition has to do with at *time*: ``loss is 0.000999``."""
        said = []
        for source, one in list(self._moments.items())[:_MOST_IN_REASON]:
            value, _ = one.read(time)
            if source.what in (What.NOT_FINITE, What.DEAD, What.SATURATED):
                said.append(f"{source.symbol} is {'true' if value else 'false'}")
            else:
                whole = source.what in (What.EPOCH, What.STEP, What.EXAMPLE, What.ITERATION)
                known = int(value) if whole and value is not None else value
                said.append(f"{source.symbol} is {number(known, 6)}")
        return ", ".join(said)


def value_at(session: Session, condition: Condition, time: int) -> float | bool | None:
    """What an expression is worth at *time*: a number, true or false; None where it is not known yet."""
    return Evaluation(session, condition).read(time)[0]


def history(
    session: Session, condition: Condition, time: int, count: int
) -> list[tuple[int, float | bool | None]]:
    """The last values of an expression by *time*, each with the time at which it was computed or set.

    Args:
        session: the session.
        condition: what to follow, from ``parse`` or ``parse_expression``.
        time: the present.
        count: how many values, at most; the oldest comes first.

    """
    evaluation = Evaluation(session, condition)
    times: list[int] = []
    found = evaluation.last_time(time)
    while found is not None and found > 0 and len(times) < count:
        times.append(found)
        found = evaluation.last_time(found - 1)
    values = [(one, evaluation.read(one)[0]) for one in reversed(times)]
    if values and (now := evaluation.read(time)[0]) != values[-1][1] and now == now:  # set by hand since
        values = [*values, (time, now)][-count:]
    return values


# From the tree to functions

Known = dict[Source, Moments]


def _number(run: Run, node: Node, known: Known) -> NumberAt:
    match node:
        case Number(value):
            return lambda time: (value, FOREVER)
        case Name(source):
            return known[source].read
        case Negative(operand):
            return _mapped([_number(run, operand, known)], lambda values: -values[0])
        case Chain(first, rest):
            return _chain(run, first, rest, known)
        case Power(base, exponent):
            return _mapped(
                [_number(run, base, known), _number(run, exponent, known)],
                lambda values: _power(values[0], values[1]),
            )
        case Call("previous", (argument,)):
            return _previous(run, argument, known)
        case Call("change", (argument,)):
            now, before = _number(run, argument, known), _previous(run, argument, known)
            return _mapped([now, before], lambda values: values[0] - values[1])
        case Call(function, arguments):
            return _mapped([_number(run, one, known) for one in arguments], _FUNCTIONS[function])
    raise TypeError(node)


def _mapped(operands: list[NumberAt], function: Callable[[list[float]], float]) -> NumberAt:
    """A function of numbers, known where all of them are."""

    def at(time: int) -> tuple[float | None, int]:
        values: list[float] = []
        end = FOREVER
        unknown = False
        for operand in operands:
            value, until = operand(time)
            if until < end:
                end = until
            if value is None:
                unknown = True
            else:
                values.append(value)
        return (None if unknown else function(values)), end

    return at


def _chain(run: Run, first: Node, rest: tuple[tuple[str, Node], ...], known: Known) -> NumberAt:
    operands = [_number(run, first, known), *(_number(run, operand, known) for _, operand in rest)]
    signs = [sign for sign, _ in rest]

    def total(values: list[float]) -> float:
        result = values[0]
        for sign, value in zip(signs, values[1:], strict=True):
            if sign == "+":
                result += value
            elif sign == "-":
                result -= value
            elif sign == "*":
                result *= value
            else:
                result = _quotient(result, value)
        return result

    return _mapped(operands, total)


def _previous(run: Run, node: Node, known: Known) -> NumberAt:
    """What *node* was just before it was last computed."""
    own = [known[source] for source in sources(node)]
    inner = _number(run, node, {source: moments(run, source) for source in sources(node)})
    kept: tuple[int, float | None] = (-1, None)

    def at(time: int) -> tuple[float | None, int]:
        nonlocal kept
        end = min(one.next_change(time) for one in own)
        last = _last(own, time)
        if last is None:
            return None, end
        if kept[0] != last:
            kept = (last, inner(last - 1)[0])
        return kept[1], end

    return at


def _last(own: Iterable[Moments], time: int) -> int | None:
    """The latest time by *time* at which one of them was computed."""
    found = None
    for one in own:
        last = one.last_time(time)
        if last is not None and (found is None or last > found):
            found = last
    return found


def _truth(run: Run, node: Node, known: Known) -> TruthAt:
    match node:
        case Flag(source):
            test = known[source].read

            def tested(time: int) -> tuple[bool, int]:
                value, until = test(time)
                return bool(value), until

            return tested
        case Not(operand):
            positive = _truth(run, operand, known)

            def negated(time: int) -> tuple[bool, int]:
                value, until = positive(time)
                return not value, until

            return negated
        case Joined(operator, operands):
            return _joined(operator, [_truth(run, one, known) for one in operands])
        case Comparison(operator, left, right):
            if _is_step(left) or _is_step(right):
                return _step_comparison(run, node, known)
            return _compared(operator, _number(run, left, known), _number(run, right, known))
        case Call("changed", (argument,)):
            return _compared("differs", _number(run, argument, known), _previous(run, argument, known))
        case Call("changed_sign", (argument,)):
            return _compared("turned", _number(run, argument, known), _previous(run, argument, known))
    raise TypeError(node)


def _joined(operator: str, operands: list[TruthAt]) -> TruthAt:
    """``and`` stays false as long as any operand is false, ``or`` stays true as long as any is true."""
    decisive = operator == "or"

    def at(time: int) -> tuple[bool, int]:
        decided, least = 0, FOREVER
        for operand in operands:
            value, until = operand(time)
            if value is decisive:
                decided = max(decided, until)
            least = min(least, until)
        return (decisive, decided) if decided else (not decisive, least)

    return at


def _compared(operator: str, left: NumberAt, right: NumberAt) -> TruthAt:
    compare = _COMPARE[operator]

    def at(time: int) -> tuple[bool, int]:
        one, until = left(time)
        other, end = right(time)
        return (
            one is not None and other is not None and compare(one, other),
            until if until < end else end,
        )

    return at


def _is_step(node: Node) -> bool:
    return isinstance(node, Name) and node.source.what is What.STEP


def _step_comparison(run: Run, node: Comparison, known: Known) -> TruthAt:
    """A comparison with ``step``, which changes at every statement: only where it can turn is of interest."""
    compared = _compared(node.operator, _number(run, node.left, known), _number(run, node.right, known))
    other = _number(run, node.right if _is_step(node.left) else node.left, known)
    program = run.program

    def at(time: int) -> tuple[bool, int]:
        value, _ = compared(time)
        bound, end = other(time)
        if bound is None or isnan(bound):
            return value, end
        epoch, _ = program.position(time)
        last = program.statements
        steps = [1, last + 1]
        if abs(bound) < 2 * last + 2:
            steps += [floor(bound), ceil(bound), floor(bound) + 1]
        turning = [program.time(epoch, step) for step in steps if 1 <= step <= last + 1]
        return value, min(end, min(one for one in turning if one > time))

    return at


# Arithmetic as IEEE 754 has it


def _quotient(a: float, b: float) -> float:
    if b:
        return a / b
    with np.errstate(all="ignore"):
        return float(np.float64(a) / np.float64(b))


def _power(a: float, b: float) -> float:
    try:
        return math.pow(a, b)
    except (OverflowError, ValueError):
        with np.errstate(all="ignore"):
            return float(np.float64(a) ** np.float64(b))


def _sqrt(values: list[float]) -> float:
    return math.sqrt(values[0]) if values[0] >= 0 else nan


def _exp(values: list[float]) -> float:
    try:
        return math.exp(values[0])
    except OverflowError:
        return inf


def _log(values: list[float]) -> float:
    x = values[0]
    if x > 0:
        return math.log(x)
    return -inf if x == 0 else nan


def _sign(values: list[float]) -> float:
    x = values[0]
    return nan if isnan(x) else float((x > 0) - (x < 0))


_FUNCTIONS: dict[str, Callable[[list[float]], float]] = {
    "abs": lambda values: abs(values[0]),
    "min": lambda values: nan if any(map(isnan, values)) else min(values),
    "max": lambda values: nan if any(map(isnan, values)) else max(values),
    "sqrt": _sqrt,
    "exp": _exp,
    "log": _log,
    "sign": _sign,
}

_COMPARE: dict[str, Callable[[float, float], bool]] = {
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
    "==": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    "differs": lambda a, b: a != b and not (isnan(a) and isnan(b)),
    "turned": lambda a, b: not isnan(a) and not isnan(b) and _sign([a]) != _sign([b]),
}
