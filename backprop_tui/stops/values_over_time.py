"""The tree of a condition as functions of time: the value of each part, and how long it stays the same.

Every part is made into a function from a time to its value and the time until which the value certainly stays
the same. So a search looks only where something can have changed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from math import ceil, floor, isnan

from backprop_tui.history.timeline import FOREVER
from backprop_tui.program.identifiers import Source, What
from backprop_tui.stops.condition_tree import (
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
from backprop_tui.stops.functions import COMPARISONS, FUNCTIONS, power, quotient
from backprop_tui.stops.named_values import NamedValue
from backprop_tui.stops.words import Runs, named_value

NumberAt = Callable[[int], tuple[float | None, int]]
"""A number's value at a time (None: not known yet), and until when it stays that."""
TruthAt = Callable[[int], tuple[bool, int]]
"""The same of what is true or false."""
Numbers = list[float]
Known = Mapping[Source, NamedValue]


def number_at(runs: Runs, node: Node, known: Known) -> NumberAt:
    """A part that is a number; *known* are the values of all that it names."""
    match node:
        case Number(value):
            return lambda time: (value, FOREVER)
        case Name(source):
            return known[source].read
        case Negative(operand):
            return _mapped([number_at(runs, operand, known)], lambda values: -values[0])
        case Chain(first, rest):
            return _chain(runs, first, rest, known)
        case Power(base, exponent):
            return _mapped(
                [number_at(runs, base, known), number_at(runs, exponent, known)],
                lambda values: power(values[0], values[1]),
            )
        case Call(name, arguments):
            function = FUNCTIONS[name]
            operands = [number_at(runs, one, known) for one in arguments]
            if function.in_time:
                operands.append(_previous(runs, arguments[0], known))
            return _mapped(operands, lambda values: function.of(*values))
    raise TypeError(node)


def _mapped(operands: list[NumberAt], function: Callable[[Numbers], float]) -> NumberAt:
    """A function of numbers, known where all of them are."""

    def at(time: int) -> tuple[float | None, int]:
        values: Numbers = []
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


def _chain(runs: Runs, first: Node, rest: tuple[tuple[str, Node], ...], known: Known) -> NumberAt:
    operands = [number_at(runs, first, known), *(number_at(runs, operand, known) for _, operand in rest)]
    operators = [operator for operator, _ in rest]

    def total(values: Numbers) -> float:
        result = values[0]
        for operator, value in zip(operators, values[1:], strict=True):
            if operator == "+":
                result += value
            elif operator == "-":
                result -= value
            elif operator == "*":
                result *= value
            else:
                result = quotient(result, value)
        return result

    return _mapped(operands, total)


def _previous(runs: Runs, node: Node, known: Known) -> NumberAt:
    """What *node* was just before it was last computed."""
    own = [known[source] for source in sources(node)]
    inner = number_at(runs, node, {source: named_value(runs, source) for source in sources(node)})
    kept: tuple[int, float | None] = (-1, None)

    def at(time: int) -> tuple[float | None, int]:
        nonlocal kept
        end = min(one.next_change(time) for one in own)
        last = latest(own, time)
        if last is None:
            return None, end
        if kept[0] != last:
            kept = (last, inner(last - 1)[0])
        return kept[1], end

    return at


def latest(own: Iterable[NamedValue], time: int) -> int | None:
    """The latest time by *time* at which one of them was computed."""
    found = None
    for one in own:
        last = one.last_time(time)
        if last is not None and (found is None or last > found):
            found = last
    return found


def truth_at(runs: Runs, node: Node, known: Known) -> TruthAt:
    """A part that is true or false."""
    match node:
        case Flag(source):
            return _tested(known[source].read)
        case Call():
            return _tested(number_at(runs, node, known))
        case Not(operand):
            positive = truth_at(runs, operand, known)

            def negated(time: int) -> tuple[bool, int]:
                value, until = positive(time)
                return not value, until

            return negated
        case Joined(operator, operands):
            return _joined(operator, [truth_at(runs, one, known) for one in operands])
        case Comparison(operator, left, right):
            if _is_step(left) or _is_step(right):
                return _step_comparison(runs, node, known)
            return _compared(operator, number_at(runs, left, known), number_at(runs, right, known))
    raise TypeError(node)


def _tested(test: NumberAt) -> TruthAt:
    """Whether a number is known and not 0."""

    def at(time: int) -> tuple[bool, int]:
        value, until = test(time)
        return bool(value), until

    return at


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
    compare = COMPARISONS[operator]

    def at(time: int) -> tuple[bool, int]:
        one, until = left(time)
        other, end = right(time)
        return (
            one is not None and other is not None and compare(one, other),
            until if until < end else end,
        )

    return at


def _is_step(node: Node) -> bool:
    return isinstance(node, Name) and node.source.what is What.WORD and node.source.symbol == "step"


def _step_comparison(runs: Runs, node: Comparison, known: Known) -> TruthAt:
    """A comparison with ``step``, which changes at every statement; only some can change the result."""
    compared = _compared(node.operator, number_at(runs, node.left, known), number_at(runs, node.right, known))
    other = number_at(runs, node.right if _is_step(node.left) else node.left, known)
    program = runs.debugged.program

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
