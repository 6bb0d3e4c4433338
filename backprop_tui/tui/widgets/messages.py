"""Messages: what panes and prompt tell the screen."""

from __future__ import annotations

from dataclasses import dataclass

from textual.message import Message

from backprop_tui.tui.requests import Request


@dataclass
class Asked(Message):
    """A person asks for something with the mouse."""

    request: Request


@dataclass
class Said(Message):
    """A person finished a line; *verb* is the command it is for, empty where the line names it."""

    verb: str
    text: str
