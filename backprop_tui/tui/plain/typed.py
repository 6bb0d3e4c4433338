"""What a typed line means: keys, or a command by its name with an argument."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from backprop_tui.tui.commands.keymap import Keymap
from backprop_tui.tui.commands.table import BY_NAME


class Typed(NamedTuple):
    """A command by its name, with what was typed after it."""

    name: str
    argument: str = ""


def typed(line: str, keys: Keymap) -> Iterator[Typed]:
    """The commands that a line means, in their order.

    ``goto 12:5`` and ``:goto 12:5`` name a command; ``f b S``, ``fbS`` and ``ctrl+z`` are keys. A word
    that is no key and no command is taken for the name of one, so that it is refused with the nearest right one.

    Args:
        line: as it was typed.
        keys: those in force.
    """
    name, _, argument = line.strip().removeprefix(":").partition(" ")
    if line.lstrip().startswith(":") or (name in BY_NAME and name not in keys.by_key):
        yield Typed(name, argument.strip())
        return
    words = line.split()
    if not all(word in keys.by_key or all(key in keys.by_key for key in word) for word in words):
        yield Typed(name, argument.strip())
        return
    for word in words:
        for key in [word] if word in keys.by_key else word:
            yield Typed(keys.by_key[key].name)
