"""What there is to say of one statement."""

from __future__ import annotations

from msgspec import Struct

from backprop_tui.engine.quantities import symbol_of
from backprop_tui.network.names import shown
from backprop_tui.network.notebook import ShownInNotebooks
from backprop_tui.network.rules.activations import DerivationLine
from backprop_tui.program.chain_rule import Chain, ChainReader
from backprop_tui.program.facts import Facts
from backprop_tui.program.formulas import Expression, Term
from backprop_tui.program.statements import Statement


class Working(Struct, frozen=True):
    """One line of a calculation on the way to the result: ``m = beta1·m + (1 − beta1)·g``."""

    symbol: str
    expression: Expression
    value: float | None


class Explanation(Struct, ShownInNotebooks, frozen=True, eq=False):
    """Everything there is to say of one statement.

    >>> from backprop_tui import load, statements
    >>> explanation = list(statements(load()))[6]
    >>> explanation.formula(), round(explanation.value, 4)
    ('da_o/dz_o = a_o(1 − a_o)', 0.2292)
    >>> explanation.expression.numeric(digits=4)
    '0.6442·(1 − 0.6442)'
    """

    statement: Statement
    symbol: str
    """The identifier of what is computed: ``dL_dw2``."""
    expression: Expression
    """The right-hand side."""
    value: float | None
    """None where it has not run yet."""
    sentence: str
    """What it means, in plain words."""
    also: Expression | None = None
    """The same written another way: a function spelt out, or the long way round to a short formula."""
    working: tuple[Working, ...] = ()
    """The lines on the way, where there are any."""
    chain: Chain | None = None
    notes: tuple[str, ...] = ()
    """Where the formula comes from; before it, what PyTorch's number was, where it is far from this one."""
    derivation: tuple[DerivationLine, ...] = ()
    """Of the slope of an activation, how its formula comes about, with the unit's own names."""
    warning: str = ""
    """What the type of PyTorch's numbers made of it, where that is 0 or infinite; the first of ``notes``."""

    @property
    def terms(self) -> tuple[Term, ...]:
        """The names of the formula and of the lines on the way to it, each once."""
        terms = [term for line in self.working for term in line.expression.terms]
        terms += [Term(line.symbol, line.value) for line in self.working]
        terms += [*self.expression.terms, *(self.also.terms if self.also else ())]
        return tuple({term.symbol: term for term in terms}.values())

    def formula(self) -> str:
        """The whole equation with names: ``dL/da_o = −(y − a_o)``."""
        return f"{shown(self.symbol)} = {self.expression.symbolic()}"


def explanation(
    facts: Facts,
    right: Expression,
    sentence: str,
    *,
    also: Expression | None = None,
    working: tuple[Working, ...] = (),
    notes: tuple[str, ...] = (),
    derivation: tuple[DerivationLine, ...] = (),
) -> Explanation:
    """The explanation of the statement that *facts* are about, with its chain rule where it has one.

    Args:
        facts: the statement, with what is known when.
        right: the right-hand side of its equation.
        sentence: what it means, in plain words.
        also: the same written another way.
        working: the lines on the way to it.
        notes: where the formula comes from.
        derivation: the same line by line.

    """
    return Explanation(
        facts.statement,
        symbol_of(facts.names, facts.statement.quantity),
        right,
        facts.value,
        sentence,
        also,
        working,
        ChainReader(facts).chain(),
        notes,
        derivation,
    )


def place_of(facts: Facts) -> tuple[int, int]:
    """Layer and unit of the statement."""
    _, layer, unit, _ = facts.statement.quantity
    assert layer is not None
    assert unit is not None
    return layer, unit
