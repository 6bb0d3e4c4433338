"""Performing a command: by its key, by its name, or by its name with an argument, as typed."""

from __future__ import annotations

from backprop_tui.network.errors import BackpropError, nearest
from backprop_tui.program.positions import PositionError
from backprop_tui.tui.commands.command import Command
from backprop_tui.tui.commands.keymap import Keymap, command_named
from backprop_tui.tui.commands.table import BY_NAME
from backprop_tui.tui.desk.desk import Desk


def perform(command: Command, desk: Desk, argument: str = "") -> bool:
    """Run a command; what it refuses is told, and gives False."""
    try:
        if not argument:
            command.run(desk)
        elif command.tell is not None:
            command.tell(desk, argument)
        else:
            desk.terminal.warn(f"{command.name} takes no argument", "No argument expected")
            return False
    except BackpropError as error:
        desk.terminal.warn(
            str(error), "No such position" if isinstance(error, PositionError) else command.refused
        )
        return False
    return True


def say(desk: Desk, name: str, argument: str) -> bool:
    """Run a command as typed.

    Args:
        desk: what it acts on.
        name: the command's; of none, nothing is done.
        argument: what was typed after it.

    Returns:
        whether the line is done with; else it stays, to be corrected.
    """
    command = BY_NAME.get(name)
    if not name or (command is not None and command.argument and command.asks and not argument):
        return True
    if command is None:
        hint = nearest(name, BY_NAME) or f"{desk.view.key('?')} lists them"
        desk.terminal.warn(f"{name[:40]} ({hint})", "No such command")
        return False
    return perform(command, desk, argument)


def said(desk: Desk, verb: str, line: str, keys: Keymap) -> bool:
    """The same of a whole line.

    Args:
        desk: what it acts on.
        verb: the command that the line is for; empty where the line names it, or begins with its key.
        line: as it was typed.
        keys: those in force.
    """
    if not verb:
        verb, _, line = line.partition(" ")
        verb = command_named(verb, keys)
    return say(desk, verb, line.strip())
