"""What a condition is made of: a small tree of frozen parts, which can be written out again."""

from __future__ import annotations

from collections.abc import Iterator
from math import isinf
from typing import TypeAlias

from msgspec import Struct

from backprop_tui.program.identifiers import Source
from backprop_tui.stops.functions import FUNCTIONS


class Number(Struct, frozen=True):
    """A number as written."""

    value: float


class Name(Struct, frozen=True):
    """A number that has a name."""

    source: Source


class Flag(Struct, frozen=True):
    """Something true or false that has a name: ``not_finite``, ``dead(h1)``."""

    source: Source


class Negative(Struct, frozen=True):
    """Unary minus."""

    operand: Node


class Chain(Struct, frozen=True):
    """``first`` and what follows it from left to right, all ``+ -`` or all ``* /``."""

    first: Node
    rest: tuple[tuple[str, Node], ...]


class Power(Struct, frozen=True):
    """``base ** exponent``."""

    base: Node
    exponent: Node


class Call(Struct, frozen=True):
    """A function of numbers."""

    function: str
    arguments: tuple[Node, ...]


class Comparison(Struct, frozen=True):
    """``left < right``; the operator is one of ``< <= > >= == !=``."""

    operator: str
    left: Node
    right: Node


class Joined(Struct, frozen=True):
    """Several conditions joined by ``and``, or by ``or``."""

    operator: str
    operands: tuple[Node, ...]


class Not(Struct, frozen=True):
    """``not`` a condition."""

    operand: Node


Node: TypeAlias = Number | Name | Flag | Negative | Chain | Power | Call | Comparison | Joined | Not


def is_truth(node: Node) -> bool:
    """Whether *node* is true or false, not a number."""
    if isinstance(node, Call):
        return FUNCTIONS[node.function].truth
    return isinstance(node, Comparison | Joined | Not | Flag)


def children(node: Node) -> tuple[Node, ...]:
    """The parts that *node* is made of."""
    match node:
        case Negative(operand) | Not(operand):
            return (operand,)
        case Chain(first, rest):
            return (first, *(operand for _, operand in rest))
        case Power(base, exponent):
            return (base, exponent)
        case Call(_, arguments) | Joined(_, arguments):
            return arguments
        case Comparison(_, left, right):
            return (left, right)
    return ()


def sources(node: Node) -> tuple[Source, ...]:
    """All that *node* depends on, each once, in the order in which it is written."""
    return tuple(dict.fromkeys(_sources(node)))


def _sources(node: Node) -> Iterator[Source]:
    if isinstance(node, Name | Flag):
        yield node.source
    for child in children(node):
        yield from _sources(child)


_RANKS: dict[type, int] = {Not: 3, Comparison: 4, Negative: 7, Power: 8}


def _rank(node: Node) -> int:
    if isinstance(node, Joined):
        return 1 if node.operator == "or" else 2
    if isinstance(node, Chain):
        return 5 if node.rest[0][0] in "+-" else 6
    return _RANKS.get(type(node), 9)


def written(node: Node) -> str:
    """*node* as text that is understood as the very same tree, with no more brackets than it takes."""

    def part(child: Node, least: int) -> str:
        text = written(child)
        return text if _rank(child) >= least else f"({text})"

    match node:
        case Number(value):
            return "1e999" if isinf(value) else repr(value).removesuffix(".0")
        case Name(source) | Flag(source):
            return source.written
        case Negative(operand):
            return "-" + part(operand, 7)
        case Not(operand):
            return "not " + part(operand, 3)
        case Chain(first, rest):
            rank = _rank(node) + 1
            return part(first, rank) + "".join(f" {sign} {part(operand, rank)}" for sign, operand in rest)
        case Power(base, exponent):
            return f"{part(base, 9)} ** {part(exponent, 7)}"
        case Call(function, arguments):
            return f"{function}({', '.join(map(written, arguments))})"
        case Comparison(operator, left, right):
            return f"{part(left, 5)} {operator} {part(right, 5)}"
        case Joined(operator, operands):
            rank = _rank(node) + 1
            return f" {operator} ".join(part(operand, rank) for operand in operands)
