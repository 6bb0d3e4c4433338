"""What a typed line means: keys, or a command by its name with an argument."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from backprop_tui.tui.commands.keymap import Keymap
from backprop_tui.tui.commands.moves import moves
from backprop_tui.tui.commands.table import BY_NAME

MOVES = frozenset(command.name for command in moves())
"""The commands that go forwards and back."""


class Typed(NamedTuple):
    """A command by its name, with what was typed after it."""

    name: str
    argument: str = ""


def typed(line: str, keys: Keymap) -> Iterator[Typed]:
    """The commands that a line means, in their order.

    ``goto 12:5`` and ``:goto 12:5`` name a command; ``f b S`` and ``ctrl+z`` are keys, as is ``fbS``: only
    moves may stand together, or a misspelt word would do many things. A word that is neither is taken for a
    command, which is refused with the nearest right one.

    Args:
        line: as it was typed.
        keys: those in force.
    """
    name, _, argument = line.strip().removeprefix(":").partition(" ")
    if line.lstrip().startswith(":") or (name in BY_NAME and name not in keys.by_key):
        yield Typed(name, argument.strip())
        return
    found = [_keys(word, keys) for word in line.split()]
    if not all(found):
        yield Typed(name, argument.strip())
        return
    for commands in found:
        yield from map(Typed, commands)


def _keys(word: str, keys: Keymap) -> list[str]:
    """The names of the commands whose keys a word is; none where it is something else."""
    if word in keys.by_key:
        return [keys.by_key[word].name]
    names = [keys.by_key[key].name for key in word if key in keys.by_key]
    return names if len(names) == len(word) and set(names) <= MOVES else []
