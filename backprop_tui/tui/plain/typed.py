"""What a typed line means: keys, or a command by its name with an argument."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from backprop_tui.tui.commands.command import Command
from backprop_tui.tui.commands.groups.moves import moves
from backprop_tui.tui.commands.keymap import Keymap, command_named
from backprop_tui.tui.commands.table import BY_NAME

MOVES = frozenset(command.name for command in moves())
"""The commands that go forwards and back."""


class Typed(NamedTuple):
    """A command by its name, with what was typed after it."""

    name: str
    argument: str = ""


def typed(line: str, keys: Keymap) -> Iterator[Typed]:
    """The commands that a line means, in their order.

    ``goto 12:5``, ``g 12:5``, ``:goto 12:5`` and ``:g 12:5`` name a command, or its key, with an argument;
    ``f b S`` and ``ctrl+z`` are keys, as is ``fbS``: only moves may stand together, or a misspelt word would
    do many things. A word that is neither is taken for a command, which is refused with the nearest right
    one.

    Args:
        line: as it was typed.
        keys: those in force.
    """
    line = line.strip()
    if line.startswith(":") and line != ":":
        yield named(line.removeprefix(":"), keys)
        return
    words = line.split()
    if words and words[0] in BY_NAME and words[0] not in keys.by_key:
        yield named(line, keys)
        return
    found: list[Typed] = []
    for place, word in enumerate(words):
        command, rest = keys.by_key.get(word), words[place + 1 :]
        if command is not None and _is_argument(rest, command, keys, alone=place == 0):
            found.append(Typed(command.name, line.split(maxsplit=place + 1)[-1]))
            break
        names = _keys(word, keys)
        if not names:
            found = [Typed(word, " ".join(rest))]
            break
        found.extend(map(Typed, names))
    yield from found


def named(line: str, keys: Keymap) -> Typed:
    """The command that a line names, or whose key begins it, with the rest of the line as its argument."""
    name, _, argument = line.strip().partition(" ")
    return Typed(command_named(name, keys), argument.strip())


def _is_argument(words: list[str], command: Command, keys: Keymap, *, alone: bool) -> bool:
    """Whether the words after a command's key are its argument, not keys in their turn.

    They are where the command would ask for it anyway, and where one of them is no key. A lone word that is a
    key as well (``r 5``, ``d 4``, ``~ b``) is an argument if the command's examples have such a word.
    """
    if not words or command.tell is None:
        return False
    if command.asks or not all(_keys(word, keys) for word in words):
        return True
    examples = command.argument.split()
    numbers = words[0].isdecimal() and examples[0][:1].isdecimal()
    return alone and len(words) == 1 and (numbers or words[0] in examples)


def _keys(word: str, keys: Keymap) -> list[str]:
    """The names of the commands whose keys a word is; none where it is something else."""
    if word in keys.by_key:
        return [keys.by_key[word].name]
    names = [keys.by_key[key].name for key in word if key in keys.by_key]
    return names if len(names) == len(word) and set(names) <= MOVES else []
