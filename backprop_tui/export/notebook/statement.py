"""A statement as a notebook shows it: its equation as mathematics, how it comes about, and what it means."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from backprop_tui.engine.quantities import Phase
from backprop_tui.export.mathematics import (
    formula,
    in_sentence,
    left_side,
    numbers,
    path_names,
    path_numbers,
)
from backprop_tui.export.notation.mathml import math, mathml
from backprop_tui.export.notation.tree import Node
from backprop_tui.program.chain_rule import Chain
from backprop_tui.program.explanations.explanation import Explanation
from backprop_tui.program.number_text import number

DIGITS = 4
"""Decimals of a number, as on paper."""
LEAST_FACTORS = 3
"""A chain of fewer factors says no more than the equation."""


def statement_rows(explanation: Explanation) -> Iterator[str]:
    """The equation with names and with numbers, what it is made of, and the sentence."""
    statement, value = explanation.statement, number(explanation.value, DIGITS)
    left = left_side(explanation.symbol, updated=statement.phase is Phase.UPDATE)
    rights = [formula(explanation.expression)]
    if explanation.expression.numeric(DIGITS) not in (value, explanation.expression.symbolic()):
        rights.append(numbers(explanation.expression, DIGITS))
    yield _equation(left, *rights, value=value)
    for line in explanation.working:
        worked = number(line.value, DIGITS)
        sides = formula(line.expression), numbers(line.expression, DIGITS)
        yield _equation(left_side(line.symbol), *sides, value=worked, kind="muted")
    if explanation.chain is not None and len(explanation.chain.paths[0].factors) >= LEAST_FACTORS:
        yield from _chain_rows(left, explanation.chain)
    yield f'<p class="sentence">{_sentence(explanation.sentence)}</p>'


def _chain_rows(left: Node, chain: Chain) -> Iterator[str]:
    for place, path in enumerate(chain.paths):
        start = left if len(chain.paths) == 1 else None
        more = "+ " if place else ""
        value = number(path.value, DIGITS)
        yield _equation(start, path_names(path), path_numbers(path, DIGITS), value=value, before=more)
    if any(factor.reused for path in chain.paths for factor in path.factors):
        yield '<p class="muted"><mark>marked</mark>: reused, computed for a layer above</p>'
    if chain.recursive:
        yield f'<p class="muted">{chain.count:,} paths lead to the loss; their sum is in it.</p>'
    elif len(chain.paths) > 1:
        yield f'<p class="muted">the sum over {len(chain.paths)} paths to the loss</p>'


def _equation(left: Node | None, *rights: Node, value: str, kind: str = "", before: str = "") -> str:
    """Sides that are equal, on one line that can be scrolled where it is too long."""
    sides = [*([mathml(left)] if left is not None else []), *map(mathml, rights)]
    whole = f'<math displaystyle="true"><mrow>{"<mo>=</mo>".join(sides)}</mrow></math>'
    result = f'<b class="result">{escape(value, quote=False)}</b>'
    return f'<div class="formula {kind}">{before}{whole} = {result}</div>'


def _sentence(sentence: str) -> str:
    return "".join(
        escape(one, quote=False) if isinstance(one, str) else math(one) for one in in_sentence(sentence)
    )
