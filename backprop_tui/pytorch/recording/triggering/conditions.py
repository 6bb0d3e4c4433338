"""When a recording is written: the language of conditions over what is known while PyTorch trains."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

from backprop_tui.network.errors import nearest
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
)
from backprop_tui.stops.conditions import LONGEST, Condition
from backprop_tui.stops.functions import COMPARISONS, FUNCTIONS, power, quotient
from backprop_tui.stops.parsing.known_names import KnownNames
from backprop_tui.stops.parsing.parser import Parser
from backprop_tui.stops.parsing.tokens import ConditionError, Token, Tokens

KNOWN: Mapping[str, str] = MappingProxyType(
    {
        "loss": "the loss that PyTorch computed; of several backward passes an update, their mean",
        "grad_norm": "length of the gradient before clipping",
        "iteration": "the update, counted from 0 since recording began",
        "learning_rate": "that of the optimizer's first group",
        "not_finite": "the loss or the gradient is infinite or not a number",
    }
)
"""What a condition of ``record`` may name; the rest takes a replay."""
_FLAGS = ("not_finite",)
Values = Mapping[str, float | None]
"""Of an iteration; None what was not measured in it, with which no comparison holds."""
Judge = Callable[[Sequence[Values]], bool]
Reading = Callable[[Sequence[Values], int], float | None]


class _Recorded(KnownNames):
    """The names of ``KNOWN``, in the place of those of a network."""

    def __init__(self) -> None:
        pass

    def meaning(self, token: Token) -> Name | Flag | None:
        word = "learning_rate" if token.text == "η" else token.text
        if word not in KNOWN or token.run:
            return None
        source = Source(What.WORD, word)
        return Flag(source) if word in _FLAGS else Name(source)

    def fraction(self, above: Token, below: Token) -> Name | None:
        return None

    def unknown(self, token: Token, below: Token | None) -> ConditionError:
        hint = nearest(token.text, [*KNOWN, *FUNCTIONS]) or "there are " + ", ".join(KNOWN)
        return ConditionError(f"{token.text[:40]} is not known while recording", token.column, hint)

    def test(self, test: Token, unit: Token) -> Flag:
        raise self.unknown(test, None)


class _Parser(Parser):
    def __init__(self, text: str) -> None:
        self._tokens = Tokens(text)
        self._known = _Recorded()
        self._depth = 0
        self._depth_in_time = 0


def parsed(text: str) -> Condition:
    """The condition that *text* means while recording.

    Raises:
        ConditionError: it means none, or names what takes a replay.

    """
    if len(text) > LONGEST:
        raise ConditionError(f"longer than {LONGEST} characters", LONGEST + 1)
    condition = Condition(text.strip(), _Parser(text).whole())
    if not condition.is_truth:
        raise ConditionError("this is a number: compare it with something", 1, f"as in {text.strip()} > 0")
    return condition


def judge(node: Node) -> Judge:
    """Whether a condition is true of the iteration whose values come last: a function of the latest values.

    Args:
        node: the condition's tree. The function takes values by the names of ``KNOWN``, the latest last.

    """
    match node:
        case Flag(source):
            symbol = source.symbol
            return lambda values: bool(values[-1][symbol])
        case Not(operand):
            inner = judge(operand)
            return lambda values: not inner(values)
        case Joined(operator, operands):
            each = [judge(one) for one in operands]
            joined = any if operator == "or" else all
            return lambda values: joined(one(values) for one in each)
        case Comparison(operator, left, right):
            one, other, compare = _number(left), _number(right), COMPARISONS[operator]

            def compared(values: Sequence[Values]) -> bool:
                first, second = one(values, 1), other(values, 1)
                return first is not None and second is not None and compare(first, second)

            return compared
    number = _number(node)
    return lambda values: bool(number(values, 1))


def _number(node: Node) -> Reading:
    """A function of the latest values, and of how many of them back: 1 is the last.

    It gives None where it looks back before the first iteration.
    """
    match node:
        case Number(value):
            return lambda values, back: value if back <= len(values) else None
        case Name(source):
            symbol = source.symbol
            return lambda values, back: values[-back][symbol] if back <= len(values) else None
        case Negative(operand):
            return _together(lambda value: -value, [operand])
        case Chain(first, rest):
            operators = [operator for operator, _ in rest]
            return _together(
                lambda start, *others: _chain(operators, start, others), [first, *(one for _, one in rest)]
            )
        case Power(base, exponent):
            return _together(power, [base, exponent])
        case Call(name, arguments):
            function = FUNCTIONS[name]
            if not function.in_time:
                return _together(function.of, arguments)
            parts = [*map(_number, arguments)]
            before = parts[0]

            def over_time(values: Sequence[Values], back: int) -> float | None:
                found = [*(one(values, back) for one in parts), before(values, back + 1)]
                known = [one for one in found if one is not None]
                return function.of(*known) if len(known) == len(found) else None

            return over_time
    raise TypeError(node)


def _together(of: Callable[..., float], nodes: Sequence[Node]) -> Reading:
    parts = [_number(one) for one in nodes]

    def reading(values: Sequence[Values], back: int) -> float | None:
        found = [one(values, back) for one in parts]
        known = [one for one in found if one is not None]
        return of(*known) if len(known) == len(found) else None

    return reading


def _chain(operators: Sequence[str], total: float, others: Sequence[float]) -> float:
    for operator, other in zip(operators, others, strict=True):
        if operator in "+-":
            total += other if operator == "+" else -other
        else:
            total = total * other if operator == "*" else quotient(total, other)
    return total
