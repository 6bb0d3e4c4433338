"""What panes tell the screen."""

from __future__ import annotations

from dataclasses import dataclass

from textual.message import Message

from backprop_tui.session.session import Session
from backprop_tui.tui.requests import Request


@dataclass
class Asked(Message):
    """A person asks for something with the mouse."""

    request: Request
    session: Session
    """What is debugged there; by the time that this arrives, it may be another."""
