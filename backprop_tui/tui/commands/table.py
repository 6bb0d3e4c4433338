"""The one table of commands. Bindings, footer, help, palette and the README's key list are made from it.

A row acts on the desk, and knows no screen.
"""

from __future__ import annotations

from backprop_tui.tui.commands.command import Command
from backprop_tui.tui.commands.groups.exploring import EXPLORING
from backprop_tui.tui.commands.groups.going import PLACES, RUNNING
from backprop_tui.tui.commands.groups.learning import LEARNING
from backprop_tui.tui.commands.groups.looking import LOOKING
from backprop_tui.tui.commands.groups.moves import moves
from backprop_tui.tui.commands.groups.stopping import STOPPING

COMMANDS: tuple[Command, ...] = (
    *moves(),
    *PLACES,
    *RUNNING,
    *EXPLORING,
    *STOPPING,
    *LEARNING,
    *LOOKING,
)
"""In the order of the help."""

BY_NAME = {command.name: command for command in COMMANDS}

_RANKS = {
    "help": 9,
    "continue": 6,
    "break": 5,
    "goto": 4,
    "run": 3,
    "quit": 2,
    "layer": 1,
    "open": 1,
    "digits": 0,
    "picture": 4,
}

_TAUGHT = (
    ("next-page", "next page", 11),
    ("previous-page", "page back", 7),
    ("answer", "answer", 10),
    ("lesson", "page", 10),
)
_WHILE_TAUGHT = {"forward": 9, "step": 7, "unit": 7, "epoch": 7}
"""Pages ask for whole passes; and the way back a page stands on the page's own border."""
FOOTER = tuple(
    (command.keys[0], command.footer, _RANKS.get(command.name, 8)) for command in COMMANDS if command.footer
)
"""Keys and labels of the footer with a rank; where there is no room, the lowest rank goes first."""

LESSON_FOOTER = (
    *((BY_NAME[name].keys[0], label, rank) for name, label, rank in _TAUGHT),
    *((key, label, _WHILE_TAUGHT.get(label, rank)) for key, label, rank in FOOTER),
)
"""The same while a lesson is open."""
