"""Reads a formula as the screen writes it into a tree.

The names of an ``Expression`` are known; between them stand the signs that ``network/rules`` and
``program/explanations`` use. The same reader takes a formula that is text from end to end: the lines of a
derivation.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from backprop_tui.export.notation.names import symbol
from backprop_tui.export.notation.tree import (
    Call,
    Cases,
    Derivative,
    Fraction,
    Group,
    Known,
    Name,
    Node,
    Number,
    Power,
    Product,
    Root,
    Sign,
    Sum,
    Summation,
    Where,
    Words,
    bare,
)
from backprop_tui.program.formulas import Expression, Part, Term

FUNCTIONS = frozenset({"sigmoid", "tanh", "max", "erf", "softmax", "Φ", "φ", "dΦ"})
"""Functions whose arguments stand in parentheses; ln may go without."""
_TOKEN = re.compile(r"\s+·\s+|\d+(?:\.\d+)?|[−+·/()²^√½>,=Σ…]|[^\W\d][^\W²½]*|\s+|.", re.DOTALL)
_SPACED_DOT = " · "
_HIDDEN = "{*}"

Token = str | Term


def read(expression: Expression) -> Node:
    """The tree of an expression, in which every term is a ``Known``."""
    return _Reader(_tokens(expression.parts)).whole()


def read_text(formula: str) -> Node:
    """The tree of a formula that is text, with names as the screen shows them."""
    return _Reader(_tokens((formula,))).whole()


def _tokens(parts: Iterable[Part]) -> list[Token]:
    found: list[Token] = []
    for part in parts:
        if isinstance(part, Term):
            found.append(part)
        elif isinstance(part, str):
            for text in _TOKEN.findall(part):
                if text.strip() == "·":
                    found.append(_SPACED_DOT if text != "·" else "·")
                elif not text.isspace():
                    found.append(text)
        else:
            found.append(_HIDDEN)
    return found


class _Reader:
    """Reads tokens from left to right; each method reads what its name says and leaves the rest."""

    def __init__(self, tokens: list[Token]) -> None:
        self._tokens = tokens
        self._place = 0

    def whole(self) -> Node:
        """Everything; what is left over, as no formula of the program leaves anything, stays as words."""
        node = self._where()
        if self._place < len(self._tokens):
            rest = self._tokens[self._place :]
            text = " ".join(one.symbol if isinstance(one, Term) else one for one in rest)
            return Product((node, Words(text)), (Sign.NONE,))
        return node

    @property
    def _next(self) -> Token:
        return self._tokens[self._place] if self._place < len(self._tokens) else ""

    def _take(self) -> Token:
        token = self._next
        self._place += 1
        return token

    def _took(self, token: str) -> bool:
        if self._next == token:
            self._place += 1
            return True
        return False

    def _where(self) -> Node:
        body = self._cases()
        if not self._took("with"):
            return body
        name = self._factor()
        self._took("=")
        return Where(body, name, self._cases())

    def _cases(self) -> Node:
        then = self._sum()
        if not self._took("if"):
            return then
        left = self._sum()
        self._took(">")
        right = self._sum()
        self._took("else")
        return Cases(then, left, right, self._cases())

    def _sum(self) -> Node:
        terms = [("−" if self._took("−") else "+", self._loose_product())]
        while self._next in ("+", "−"):
            sign = str(self._take())
            if self._took("−"):  # a term with a sign of its own: + −ln a
                sign = "−" if sign == "+" else "+"
            terms.append((sign, self._loose_product()))
        return terms[0][1] if len(terms) == 1 and terms[0][0] == "+" else Sum(tuple(terms))

    def _loose_product(self) -> Node:
        """Factors with a dot among blanks, which binds less than a fraction does."""
        factors = [self._product()]
        while self._took(_SPACED_DOT):
            factors.append(self._product())
        return factors[0] if len(factors) == 1 else Product(tuple(factors), (Sign.DOT,) * (len(factors) - 1))

    def _product(self) -> Node:
        factors, signs = [self._power()], list[Sign]()
        while True:
            if self._took("/"):
                factors, signs = [_fraction(_product(factors, signs), self._power())], []
            elif self._took("·"):
                factors.append(self._power())
                signs.append(Sign.DOT)
            elif self._took(_HIDDEN):
                factors.append(self._power())
                signs.append(Sign.HIDDEN)
            elif self._begins_factor():
                signs.append(Sign.NONE if factors[-1] == _HALF else Sign.HIDDEN)
                factors.append(self._power())
            else:
                return _product(factors, signs)

    def _begins_factor(self) -> bool:
        token = self._next
        if isinstance(token, Term):
            return True
        return token in ("(", "√", "½", "Σ") or (
            token not in ("if", "else", "with") and (token[:1].isalnum() and token != "²")
        )

    def _power(self) -> Node:
        base = self._factor()
        while True:
            if self._took("²"):
                base = Power(_base(base), Number("2"))
            elif self._took("^"):
                base = Power(_base(base), bare(self._factor()))
            else:
                return base

    def _factor(self) -> Node:
        token = self._take()
        if isinstance(token, Term):
            return Known(symbol(token.symbol), token.value, token.reused)
        if token == "(":
            inner = self._cases()
            self._took(")")
            return Group(inner)
        if token == "√":
            return Root(bare(self._factor()))
        if token == "Σ":
            return Summation(bare(self._power()))
        if token == "½":
            return _HALF
        if token == "ln":
            argument = self._factor()
            return Call("ln", (bare(argument),), bare=not isinstance(argument, Group))
        if token in FUNCTIONS and self._took("("):
            return self._call(token)
        return Number(token) if token[:1].isdigit() else _word(token)

    def _call(self, function: str) -> Node:
        arguments = [self._cases()]
        while self._took(","):
            arguments.append(self._cases())
        self._took(")")
        return Call(function, tuple(arguments))


_HALF = Fraction(Number("1"), Number("2"))


def _word(token: str) -> Node:
    return Name(token) if token in ("e", "π", "S", "L") or not token[:1].isalpha() else symbol(token)


def _product(factors: list[Node], signs: list[Sign]) -> Node:
    return factors[0] if len(factors) == 1 else Product(tuple(factors), tuple(signs))


def _fraction(top: Node, bottom: Node) -> Node:
    """A fraction; of two names that begin with d, a derivative."""
    above, below = _differential(top), _differential(bottom)
    if above is not None and below is not None:
        return Derivative(above, below)
    return Fraction(bare(top), bare(bottom))


def _differential(node: Node) -> Node | None:
    """What a d stands before: of ``dz_h`` z_h; None where none does."""
    if isinstance(node, Call) and node.function == "dΦ":
        return Call("Φ", node.arguments)
    if isinstance(node, Name) and node.base[:1] == "d" and len(node.base) > 1:
        return Name(node.base[1:], node.indices, node.hat)
    return None


def _base(node: Node) -> Node:
    """The base of a power: a name in parentheses needs none."""
    if isinstance(node, Group) and isinstance(node.inner, (Name, Known)):
        inner = node.inner.symbol if isinstance(node.inner, Known) else node.inner
        return node.inner if isinstance(inner, Name) else node
    return node
