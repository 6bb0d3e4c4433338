"""What panes tell the screen."""

from __future__ import annotations

from dataclasses import dataclass

from textual.message import Message

from backprop_tui.tui.requests import Request


@dataclass
class Asked(Message):
    """A person asks for something with the mouse."""

    request: Request
