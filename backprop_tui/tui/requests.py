"""Requests: what a person asks for by pointing in a pane, whether with an arrow key or with the mouse."""

from __future__ import annotations

from typing import NamedTuple

from backprop_tui.program.statements import Statement
from backprop_tui.tui.view import Spot


class Point(NamedTuple):
    """Point at a unit or a parameter."""

    spot: Spot


class Read(NamedTuple):
    """Put the listing's cursor on a statement."""

    statement: Statement


class Choose(NamedTuple):
    """Choose one of the terms of what is shown, by its number."""

    term: int


class Go(NamedTuple):
    """Go to a time."""

    time: int


class Zoom(NamedTuple):
    """Show a pane over the whole screen, or all of them again."""

    pane: str


class Mark(NamedTuple):
    """Point at one of the choices of a lesson's question."""

    choice: int


class Take(NamedTuple):
    """Answer a lesson's question with one of its choices."""

    choice: int


Request = Point | Read | Choose | Go | Zoom | Mark | Take
