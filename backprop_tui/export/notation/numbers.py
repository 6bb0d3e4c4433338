"""A formula with the numbers put in."""

from __future__ import annotations

from backprop_tui.export.notation.tree import (
    Call,
    Cases,
    Equation,
    Fraction,
    Group,
    Known,
    Node,
    Number,
    Power,
    Product,
    Root,
    Sign,
    Sum,
    Where,
)
from backprop_tui.program.number_text import number


def with_numbers(node: Node, digits: int | None = 4) -> Node:
    """The same formula with every known name's number in its place.

    Negative numbers stand in parentheses where a sign stands before them.
    """
    return _put_in(node, digits, True)


def _put_in(node: Node, digits: int | None, free: bool) -> Node:
    """Args: *free*: whether a negative number may stand here as it is."""
    match node:
        case Known(_, value, reused):
            put = Number(number(value, digits), reused)
            return put if free or not put.negative else Group(put)
        case Sum(terms):
            return Sum(
                tuple(
                    (sign, _put_in(term, digits, free and index == 0 and sign == "+"))
                    for index, (sign, term) in enumerate(terms)
                )
            )
        case Product(factors, signs):
            dotted = tuple(Sign.DOT if sign is Sign.HIDDEN else sign for sign in signs)
            first, *rest = factors
            return Product(
                (_put_in(first, digits, free), *(_put_in(one, digits, False) for one in rest)), dotted
            )
        case Fraction(top, bottom):
            return Fraction(_put_in(top, digits, True), _put_in(bottom, digits, True))
        case Power(base, exponent):
            return Power(_based(_put_in(base, digits, False)), _put_in(exponent, digits, True))
        case Root(of):
            return Root(_put_in(of, digits, True))
        case Call(function, arguments, bare):
            put_in = (_put_in(one, digits, not bare) for one in arguments)
            return Call(function, tuple(_based(one) if bare else one for one in put_in), bare)
        case Group(inner):
            return Group(_put_in(inner, digits, True))
        case Cases(then, left, right, otherwise):
            return Cases(*(_put_in(one, digits, True) for one in (then, left, right, otherwise)))
        case Where(body, name, meaning):
            return Where(_put_in(body, digits, free), name, _put_in(meaning, digits, True))
        case Equation(left, right):
            return Equation(left, _put_in(right, digits, True))
        case _:
            return node


def _based(node: Node) -> Node:
    """A number with a power of ten needs parentheses under a power and after a function without any."""
    return Group(node) if isinstance(node, Number) and "e" in node.text else node
