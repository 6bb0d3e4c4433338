"""A common mistake: its name, what to say of it, and the number it leads to."""

from __future__ import annotations

from collections.abc import Iterator
from typing import SupportsFloat

from msgspec import Struct

from backprop_tui.network.names import shown
from backprop_tui.program.formulas import Term
from backprop_tui.program.number_text import number

Advice = tuple[str | Term, ...]
"""Words, and among them names that are shown with their values."""

FAST = "\N{NO-BREAK SPACE}"
"""Keeps a name and its value on one line."""


class Mistake(Struct, frozen=True, eq=False):
    """Something that often goes wrong."""

    name: str
    """What it is called: ``slope left out``."""
    value: float
    """The number to which it leads."""
    advice: Advice
    """What to say of it."""


Mistakes = Iterator[Mistake]
"""The commonest first."""


def mistake(name: str, value: SupportsFloat, *advice: str | Term) -> Mistake:
    """A mistake with its words."""
    return Mistake(name, float(value), advice)


def said(name: str) -> str:
    """The name of an activation or a loss in words."""
    return name.replace("_", " ")


def an(name: str) -> str:
    """The same with an article."""
    return f"{'an' if name[0] in 'aei' else 'a'} {said(name)}"


def text_of(advice: Advice, digits: int | None) -> str:
    """Advice as text, with so many decimals."""
    return "".join(
        part if isinstance(part, str) else f"{shown(part.symbol)}{FAST}={FAST}{number(part.value, digits)}"
        for part in advice
    )
