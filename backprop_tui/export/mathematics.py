"""The formulas on the screen as mathematics: trees made of the very same ``Expression``.

``notation.tex`` and ``notation.mathml`` write them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from backprop_tui.export.notation.names import symbol
from backprop_tui.export.notation.numbers import with_numbers
from backprop_tui.export.notation.reading import read, read_text
from backprop_tui.export.notation.tree import Equation, Known, Node, Number, Power, Product, Sign, Sum, Words
from backprop_tui.network.rules.activations import ACTIVATIONS, DerivationLine
from backprop_tui.network.rules.losses import LOSSES
from backprop_tui.program.chain_rule import Factor, Path
from backprop_tui.program.formulas import Expression
from backprop_tui.program.number_text import number

__all__ = [
    "derivation_line",
    "factor_numbers",
    "factor_symbol",
    "formula",
    "in_sentence",
    "left_side",
    "named",
    "numbers",
    "path_names",
    "path_numbers",
    "result",
    "sum_of",
    "symbol",
]

_POWER_OF_TEN = re.compile(r"(−?\d+(?:\.\d+)?e[+−]\d+)")
_IN_SENTENCE = re.compile(r"\bd\w+/d\w+|\b[^\W\d_]\w*_\w+|\b[^\W\d_]\d+\b|\bη\b")


def formula(expression: Expression) -> Node:
    """The right-hand side of a statement, with names."""
    return read(expression)


def numbers(expression: Expression, digits: int | None = 4) -> Node:
    """The same with the numbers put in."""
    return with_numbers(read(expression), digits)


def result(value: float | None, digits: int | None = 4) -> Number:
    """A number that stands by itself."""
    return Number(number(value, digits))


def sum_of(values: Iterable[float | None], digits: int | None = 4) -> Node:
    """Numbers added up: of negative ones the sign is the sum's."""
    texts = [number(value, digits) for value in values]
    return Sum(tuple(("−" if text.startswith("−") else "+", Number(text.lstrip("−"))) for text in texts))


def left_side(symbol_text: str, *, updated: bool = False) -> Node:
    """The left side of a statement; the new value of a parameter is told from the old one."""
    node = symbol(symbol_text)
    return Power(node, Words("new")) if updated else node


def factor_symbol(factor: Factor) -> Node:
    """A factor of a chain: the derivative that it is."""
    return Known(symbol(factor.symbol), factor.term.value, factor.reused)


def path_names(path: Path) -> Node:
    """A path of a chain rule: its factors, each a derivative, those reused marked."""
    return _product([factor_symbol(factor) for factor in path.factors])


def path_numbers(path: Path, digits: int | None = 4) -> Node:
    """The same with the numbers put in."""
    return with_numbers(path_names(path), digits)


def factor_numbers(path: Path, digits: int | None = 4) -> Iterator[Node]:
    """The numbers of a path's factors, each as it stands in the product."""
    product = path_numbers(path, digits)
    yield from product.factors if isinstance(product, Product) else (product,)


def derivation_line(line: DerivationLine) -> Node:
    """A line of a derivation; an equation, or where it goes on from the line before its right side."""
    right = read_text(line.right)
    return Equation(read_text(line.left), right) if line.left else right


def in_sentence(sentence: str) -> Iterator[str | Node]:
    """A sentence in pieces: plain text, and names and numbers with a power of ten as mathematics."""
    for text, is_name in named(sentence):
        if is_name:
            yield symbol(text)
            continue
        for index, piece in enumerate(_POWER_OF_TEN.split(text)):
            if piece:
                yield Number(piece) if index % 2 else piece


def named(sentence: str) -> Iterator[tuple[str, bool]]:
    """A sentence in pieces, each with whether it is a name: ``z_h``, ``dL/dw1``; not ``leaky_relu``."""
    end = 0
    for match in _IN_SENTENCE.finditer(sentence):
        if match[0] in LOSSES or match[0] in ACTIVATIONS:
            continue
        if match.start() > end:
            yield sentence[end : match.start()], False
        yield match[0], True
        end = match.end()
    if end < len(sentence):
        yield sentence[end:], False


def _product(factors: list[Node]) -> Node:
    return factors[0] if len(factors) == 1 else Product(tuple(factors), (Sign.DOT,) * (len(factors) - 1))
