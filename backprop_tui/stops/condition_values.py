"""What a condition is worth at any time of a run, and how long it stays so.

Every part of a condition is made into a function from a time to its value and the time until which that
value is certain to stay. So a search looks only where something can have changed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from math import ceil, floor, isnan

from backprop_tui.history.run import Run
from backprop_tui.history.timeline import FOREVER
from backprop_tui.program.identifiers import Source, What
from backprop_tui.program.number_text import number
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
from backprop_tui.stops.conditions import Condition
from backprop_tui.stops.functions import FUNCTIONS, Numbers, power, quotient, sign
from backprop_tui.stops.named_values import NamedValue
from backprop_tui.stops.words import WORDS, named_value

NumberAt = Callable[[int], tuple[float | None, int]]
"""A number's value at a time (None: not known yet), and until when it stays that."""
TruthAt = Callable[[int], tuple[bool, int]]
_MOST_IN_REASON = 4


class ConditionValues:
    """The values of a condition, or of any expression, in one run."""

    def __init__(self, run: Run, condition: Condition) -> None:
        self.condition = condition
        self._named = {source: named_value(run, source) for source in condition.sources}
        self.trains = any(one.trains for one in self._named.values())
        """Whether its value takes training to know."""
        self._number: NumberAt | None = None
        self._truth: TruthAt | None = None
        if condition.is_truth:
            self._truth = _truth(run, condition.root, self._named)
        else:
            self._number = _number(run, condition.root, self._named)

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
        return isinstance(root, Call) and FUNCTIONS[root.function].truth and self.last_time(time) == time

    def last_time(self, time: int) -> int | None:
        """The latest time by *time* at which something that it depends on was computed."""
        return _last(self._named.values(), time)

    def reason(self, time: int) -> str:
        """The values that the condition has to do with at *time*: ``loss is 0.000999``."""
        said = []
        for source, one in list(self._named.items())[:_MOST_IN_REASON]:
            value, _ = one.read(time)
            word = WORDS[source.word] if source.what is What.WORD else None
            if word and word.truth:
                said.append(f"{source.symbol} is {'true' if value else 'false'}")
            else:
                known = int(value) if word and word.whole and value is not None else value
                said.append(f"{source.symbol} is {number(known, 6)}")
        return ", ".join(said)


def value_at(run: Run, condition: Condition, time: int) -> float | bool | None:
    """What an expression is worth at *time*: a number, true or false; None where it is not known yet."""
    return ConditionValues(run, condition).read(time)[0]


def past_values(
    run: Run, condition: Condition, time: int, count: int
) -> list[tuple[int, float | bool | None]]:
    """The last values of an expression by *time*, each with the time at which it was computed or set.

    Args:
        run: where to look.
        condition: what to follow, from ``parse`` or ``parse_expression``.
        time: the present.
        count: how many values, at most; the oldest comes first.

    """
    values = ConditionValues(run, condition)
    times: list[int] = []
    found = values.last_time(time)
    while found is not None and found > 0 and len(times) < count:
        times.append(found)
        found = values.last_time(found - 1)
    past = [(one, values.read(one)[0]) for one in reversed(times)]
    if past and (now := values.read(time)[0]) != past[-1][1] and now == now:  # set by hand since
        past = [*past, (time, now)][-count:]
    return past


# From the tree to functions

Known = dict[Source, NamedValue]


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
                lambda values: power(values[0], values[1]),
            )
        case Call("previous", (argument,)):
            return _previous(run, argument, known)
        case Call("change", (argument,)):
            now, before = _number(run, argument, known), _previous(run, argument, known)
            return _mapped([now, before], lambda values: values[0] - values[1])
        case Call(function, arguments):
            return _mapped([_number(run, one, known) for one in arguments], _value_of(function))
    raise TypeError(node)


def _value_of(function: str) -> Callable[[Numbers], float]:
    value = FUNCTIONS[function].of
    assert value is not None
    return value


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


def _chain(run: Run, first: Node, rest: tuple[tuple[str, Node], ...], known: Known) -> NumberAt:
    operands = [_number(run, first, known), *(_number(run, operand, known) for _, operand in rest)]
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


def _previous(run: Run, node: Node, known: Known) -> NumberAt:
    """What *node* was just before it was last computed."""
    own = [known[source] for source in sources(node)]
    inner = _number(run, node, {source: named_value(run, source) for source in sources(node)})
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


def _last(own: Iterable[NamedValue], time: int) -> int | None:
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
    return isinstance(node, Name) and node.source.what is What.WORD and node.source.symbol == "step"


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


_COMPARE: dict[str, Callable[[float, float], bool]] = {
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
    "==": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    "differs": lambda a, b: a != b and not (isnan(a) and isnan(b)),
    "turned": lambda a, b: not isnan(a) and not isnan(b) and sign([a]) != sign([b]),
}
