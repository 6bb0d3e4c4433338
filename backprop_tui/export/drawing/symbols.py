"""Symbols in a drawing: a letter, and what stands smaller below it."""

from __future__ import annotations

from backprop_tui.export.markup import words
from backprop_tui.export.notation.names import symbol
from backprop_tui.export.notation.tree import Name

LOWER = 3
"""How far a subscript stands below."""


def parted(name: str) -> tuple[str, str]:
    """The letter of a name and its subscript, as formulas have them; a word of its own stays one.

    >>> parted("w2"), parted("h2_1"), parted("w_h1_x2"), parted("age")
    (('w', '2'), ('h', '2,1'), ('w', 'h1,x2'), ('age', ''))
    """
    found = symbol(name)
    if isinstance(found, Name) and not found.hat:
        return found.base, ",".join(map(_flat, found.indices))
    return name, ""


def _flat(index: Name | str) -> str:
    if isinstance(index, str):
        return index
    return index.base + ",".join(map(_flat, index.indices))


def spans(name: str, size: float, lead: str = "") -> str:
    """A name in a line of a drawing, its subscript below; *lead* stands before it: ``∂L/∂``.

    What follows on the same line stands ``rise(name)`` higher than its end.
    """
    letter, below = parted(name)
    written = f'<tspan class="name">{words(lead + letter)}</tspan>'
    if below:
        written += f'<tspan class="name" dy="{LOWER}" font-size="{size * 0.75:g}">{words(below)}</tspan>'
    return written


def rise(name: str) -> int | None:
    """How far what follows a name has to be moved, to stand on the line; None: not at all."""
    return -LOWER if parted(name)[1] else None
