"""A command: something a person can tell the debugger, as a row of the table."""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct

from backprop_tui.tui.desk.desk import Desk

Run = Callable[[Desk], object]


class Command(Struct, frozen=True):
    """Something a person can tell the debugger."""

    name: str
    keys: tuple[str, ...]
    """As people write them; the first is shown."""
    title: str
    help: str
    group: str
    run: Run
    footer: str = ""
    """Its label in the footer; empty where it is not shown there."""
    argument: str = ""
    """What may be typed after its name, by example; empty where nothing may."""
    tell: Callable[[Desk, str], object] | None = None
    """Run it with what was typed."""
    asks: bool = False
    """Whether without an argument it asks for one."""
    refused: str = "Not understood"
    """What is said above the reason where it cannot do what was typed."""
