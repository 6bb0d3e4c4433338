"""When a recording is written: the language of conditions over what is known while PyTorch trains."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from operator import eq, ge, gt, le, lt, ne
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
from backprop_tui.stops.functions import FUNCTIONS, power, quotient
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
_COMPARE: dict[str, Callable[[float, float], bool]] = {
    "<": lt,
    "<=": le,
    ">": gt,
    ">=": ge,
    "==": eq,
    "!=": ne,
}
Values = Mapping[str, float]


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


def holds(node: Node, values: Sequence[Values]) -> bool:
    """Whether a condition is true of the iteration whose values come last.

    Args:
        node: the condition's tree.
        values: of the latest iterations, by the names of ``KNOWN``.

    """
    match node:
        case Flag(source):
            return bool(values[-1][source.symbol])
        case Not(operand):
            return not holds(operand, values)
        case Joined(operator, operands):
            each = (holds(one, values) for one in operands)
            return any(each) if operator == "or" else all(each)
        case Comparison(operator, left, right):
            one, other = _number(left, values), _number(right, values)
            return one is not None and other is not None and _COMPARE[operator](one, other)
    return bool(_number(node, values))


def _number(node: Node, values: Sequence[Values]) -> float | None:
    """The number; None where it looks back before the first iteration."""
    if not values:
        return None
    match node:
        case Number(value):
            return value
        case Name(source):
            return values[-1][source.symbol]
        case Negative(operand):
            value_of = _number(operand, values)
            return None if value_of is None else -value_of
        case Chain(first, rest):
            return _chain(first, rest, values)
        case Power(base, exponent):
            parts = [_number(base, values), _number(exponent, values)]
            return None if None in parts else power(*[one for one in parts if one is not None])
        case Call(name, arguments):
            function = FUNCTIONS[name]
            parts = [_number(one, values) for one in arguments]
            if function.in_time:
                parts.append(_number(arguments[0], values[:-1]))
            return None if None in parts else function.of(*parts)
    raise TypeError(node)


def _chain(first: Node, rest: tuple[tuple[str, Node], ...], values: Sequence[Values]) -> float | None:
    total = _number(first, values)
    for operator, operand in rest:
        other = _number(operand, values)
        if total is None or other is None:
            return None
        if operator in "+-":
            total += other if operator == "+" else -other
        else:
            total = total * other if operator == "*" else quotient(total, other)
    return total
