"""Identifiers as mathematics: ``dL_dw_h1_x2`` becomes the derivative of L by w with the indices h₁ and x₂."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

from backprop_tui.export.notation.tree import Derivative, Mean, Name, Node, Summation, Words
from backprop_tui.network.names import shown

_NAMED: Mapping[str, Node] = MappingProxyType(
    {
        "alpha": Name("α"),
        "eps": Name("ε"),
        "weight_decay": Words("weight decay"),
        "lr_decay": Words("rate decay"),
        "momentum": Words("momentum"),
        "new": Words("new"),
        "step": Words("step"),
        "decayed": Words("decayed"),
    }
)
"""The optimizers' own words."""
_BASES = MappingProxyType({"beta": "β"})
_REST = re.compile(r"Σ (\d+) more")
_PIECE = re.compile(r"(.*?[^\d])(\d+)", re.DOTALL)
_LETTERS = re.compile(r"[^\W\d_]")


def symbol(identifier: str) -> Node:
    """An identifier, or what the screen shows for it, as mathematics.

    ``dL_dw2`` and ``dL/dw2`` are the derivative of L by w₂; ``mean_dL_dw2`` is its mean over the batch,
    ``sum_dL_dw2`` its sum;
    ``h2_1`` has the indices 2 and 1.
    """
    text = shown(identifier)
    if text.startswith("mean "):
        return Mean(symbol(text[5:]))
    if text.startswith("sum "):
        return Summation(symbol(text[4:]))
    if rest := _REST.fullmatch(text):
        return Summation(Words(f"{rest[1]} more"))
    above, fraction, below = text.partition("/")
    if fraction and above.startswith("d") and below.startswith("d") and min(len(above), len(below)) > 1:
        return Derivative(symbol(above[1:]), symbol(below[1:]))
    return _NAMED.get(text) or _name(text)


def _name(text: str) -> Name:
    """A name by the scheme of identifiers: pieces between ``_``, digits at the end of a piece as an index."""
    pieces = [piece for piece in text.split("_") if piece]
    if len(pieces) > 1 and pieces[-1] == "hat":
        return Name(pieces[0], _indices(pieces[1:-1]), hat=True)
    if not pieces or not _LETTERS.match(pieces[0]):
        return Name(text)
    first = _piece(pieces[0])
    return Name(first.base, (*first.indices, *_indices(pieces[1:])))


def _indices(pieces: list[str]) -> tuple[Name | str, ...]:
    """The pieces after the first; a bare number belongs to the piece before: h2, 1 is unit 1 of layer 2."""
    found: list[Name | str] = []
    for piece in pieces:
        last = found[-1] if found else None
        if not piece.isdigit():
            found.append(_piece(piece))
        elif isinstance(last, Name) and last.indices:
            found[-1] = Name(last.base, (*last.indices, piece))
        else:
            found.append(piece)
    return tuple(found)


def _piece(text: str) -> Name:
    match = _PIECE.fullmatch(text)
    if match is None:
        return Name(text)
    return Name(_BASES.get(match[1], match[1]), (match[2],))
