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
from backprop_tui.stops.parsing.parser import Parser
from backprop_tui.stops.parsing.tokens import ConditionError

__all__ = ["LONGEST", "Condition", "ConditionError", "parse", "parse_expression"]

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

    def __str__(self) -> str:
        return written(self.root)


def parse(text: str, network: Network) -> Condition:
    """The condition that *text* means for *network*.

    Raises:
        ConditionError: it means none.

    """
    condition = parse_expression(text, network)
    if not condition.is_truth:
        raise ConditionError("this is a number: compare it with something", 1, f"as in {text.strip()} > 0")
    return condition


def parse_expression(text: str, network: Network) -> Condition:
    """The condition or number that *text* means for *network*.

    Raises:
        ConditionError: it means none.

    """
    if len(text) > LONGEST:
        raise ConditionError(f"longer than {LONGEST} characters", LONGEST + 1)
    return Condition(text.strip(), Parser(text, network).whole())
