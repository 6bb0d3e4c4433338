"""What panes and prompt tell the screen."""

from __future__ import annotations

from dataclasses import dataclass

from textual.message import Message

from backprop_tui.program.statements import Statement
from backprop_tui.tui.view import Spot


@dataclass
class Pointed(Message):
    """A person points at a unit or a parameter."""

    spot: Spot


@dataclass
class Followed(Message):
    """A person moved the listing's cursor to a statement."""

    statement: Statement


@dataclass
class Wanted(Message):
    """A person wants to go to a time."""

    moment: int


@dataclass
class TermChosen(Message):
    """A person chose one of the terms of what is shown."""

    term: int


@dataclass
class Said(Message):
    """A person finished a line; *verb* is the command it is for, empty where the line names it."""

    verb: str
    text: str
