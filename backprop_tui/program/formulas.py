"""Formulas that can be written with names or with the numbers put in, from one source."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from msgspec import Struct

from backprop_tui.engine.quantities import Quantity
from backprop_tui.network.names import shown
from backprop_tui.program.number_text import number


class Term(Struct, frozen=True):
    """A name in a formula, with its value at that moment.

    ``value`` is None where it has not been computed; ``quantity`` tells what computes it, None for a given
    number (an input, a target, the learning rate).
    """

    symbol: str
    value: float | None
    quantity: Quantity | None = None
    reused: bool = False
    """Whether it was computed before, for a layer above, and is used again here."""


class Product:
    """A product sign that is left out between symbols and written between numbers: ``a(1 − a)``."""


PRODUCT = Product()

Part = str | Term | Product
_HOLE = re.compile(r"\{([a-z_*]+)\}")


class Expression(Struct, frozen=True):
    """The right-hand side of a statement."""

    parts: tuple[Part, ...]

    def __add__(self, other: Expression) -> Expression:
        return Expression(self.parts + other.parts)

    @property
    def terms(self) -> tuple[Term, ...]:
        """Its names with their values, each once, in the order in which they appear."""
        return tuple({part.symbol: part for part in self.parts if isinstance(part, Term)}.values())

    def symbolic(self) -> str:
        """With names: ``−(y − a_o)``."""
        return "".join(
            shown(part.symbol) if isinstance(part, Term) else part if isinstance(part, str) else ""
            for part in self.parts
        )

    def numeric(self, digits: int | None = 4) -> str:
        """With the numbers put in: ``−(1.0000 − 0.6442)``."""
        text = ""
        for part in self.parts:
            if isinstance(part, str):
                text += part
            elif isinstance(part, Term):
                value = number(part.value, digits)
                bare = not text or text.endswith("(")
                text += f"({value})" if value.startswith("−") and not bare else value
            else:
                text += "·"
        return text


def expression(template: str, **terms: Term | str) -> Expression:
    """An expression from a template: ``{a}{*}(1 − {a})``, where ``{*}`` is a product sign between numbers."""
    return Expression(tuple(_filled(template, terms)))


def _filled(template: str, terms: Mapping[str, Term | str]) -> Iterable[Part]:
    for index, piece in enumerate(_HOLE.split(template)):
        if index % 2 == 0:
            if piece:
                yield piece
        elif piece == "*":
            yield PRODUCT
        else:
            yield terms[piece]


def joined(separator: str, expressions: Iterable[Expression]) -> Expression:
    """Expressions one after another, *separator* between them."""
    parts: list[Part] = []
    for index, one in enumerate(expressions):
        if index:
            parts.append(separator)
        parts.extend(one.parts)
    return Expression(tuple(parts))
