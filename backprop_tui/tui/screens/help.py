"""The help screen: every key from the table of commands, and what the signs on the screen mean."""

from __future__ import annotations

from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.widgets import Static

from backprop_tui.tui.commands.table import COMMANDS
from backprop_tui.tui.screens.overlay import Overlay

_SIGNS = (
    ("▶ ● ◀ ▲", "forward, loss, backward, update"),
    ("–", "not computed yet"),
    ("(0.5622)", "left from an earlier example or epoch"),
    ("━━ heavy", "lit: what the statement just run is about"),
    ("══ double", "what you point at"),
    ("── ╌╌", "a positive and a negative weight; slanted: solid and dotted"),
    ("z", "pre-activation: the weighted sum of a unit"),
    ("a", "activation: a = f(z)"),
    ("δ", "error signal dL/dz of a unit"),
    ("η", "learning rate"),
    ("reused", "computed before, for a layer above, and used again"),
)


class HelpScreen(Overlay[None]):
    """Keys and signs."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,question_mark,enter", "dismiss(None)", "Close", show=False),
    ]

    def compose(self) -> ComposeResult:
        """One scrolling text."""
        with VerticalScroll(id="help") as scroll:
            scroll.border_title = "Help"
            scroll.border_subtitle = "escape closes"
            yield Static(help_text())


def help_text() -> Text:
    """What the help screen says."""
    text = Text("Shift turns time around: s runs a statement, S takes it back.\n", "italic")
    group = ""
    for command in COMMANDS:
        if command.group != group:
            group = command.group
            text.append(f"\n{group}\n", "bold underline")
        text.append(f"  {'  '.join(command.keys):<14}", "bold")
        text.append(f"{command.help}\n")
    text.append("\nSigns and words\n", "bold underline")
    for sign, meaning in _SIGNS:
        text.append(f"  {sign:<14}", "bold")
        text.append(f"{meaning}\n")
    return text
