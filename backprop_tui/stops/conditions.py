"""The language of conditions: ``loss < 1e-3 and changed_sign(dL_dw1)``, read into a small tree.

A condition is arithmetic over everything that the program computes, compared and joined by ``and``, ``or``
and ``not``; it is read by the parser of ``parsing`` and can do nothing but be true, false or a number. A
name whose value is not known yet makes a comparison false, and numbers never fail: 1/0 is infinite, 0/0 not a
number.
"""

from __future__ import annotations

from msgspec import Struct

from backprop_tui.network.description import Network
from backprop_tui.program.identifiers import Source
from backprop_tui.stops.condition_tree import Node, is_truth, sources, written
from backprop_tui.stops.parsing.known_names import ALONE, Networks
from backprop_tui.stops.parsing.parser import Parser
from backprop_tui.stops.parsing.tokens import ConditionError

__all__ = [
    "ALONE",
    "LONGEST",
    "Condition",
    "ConditionError",
    "Networks",
    "means_something",
    "parse",
    "parse_expression",
]

LONGEST = 1000
"""Characters of a condition, at most."""


class Condition(Struct, frozen=True):
    """A condition, or any other expression, that has been understood."""

    text: str
    """As it was written."""
    root: Node

    @property
    def is_truth(self) -> bool:
        """Whether it is true or false, not a number."""
        return is_truth(self.root)

    @property
    def sources(self) -> tuple[Source, ...]:
        """All that it depends on, each once."""
        return sources(self.root)

    @property
    def runs(self) -> frozenset[str]:
        """The names of the runs that it names."""
        return frozenset(source.run for source in self.sources if source.run)

    def __str__(self) -> str:
        return written(self.root)


def parse(text: str, network: Network, beside: Networks = ALONE) -> Condition:
    """The condition that *text* means for *network*.

    Args:
        text: what was written.
        network: that of the run which is debugged.
        beside: those of all runs that may be named, by name: ``b.loss``.

    Raises:
        ConditionError: it means none.

    """
    condition = parse_expression(text, network, beside)
    if not condition.is_truth:
        raise ConditionError("this is a number: compare it with something", 1, f"as in {text.strip()} > 0")
    return condition


def parse_expression(text: str, network: Network, beside: Networks = ALONE) -> Condition:
    """The condition or number that *text* means for *network*; the arguments are those of ``parse``.

    Raises:
        ConditionError: it means none.

    """
    if len(text) > LONGEST:
        raise ConditionError(f"longer than {LONGEST} characters", LONGEST + 1)
    return Condition(text.strip(), Parser(text, network, beside).whole())


def means_something(text: str, network: Network, beside: Networks = ALONE) -> bool:
    """Whether *text* is an expression for *network*; the arguments are those of ``parse``."""
    try:
        parse_expression(text, network, beside)
    except ConditionError:
        return False
    return True
