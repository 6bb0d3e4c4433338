"""The keys in force: those of the table of commands, but for commands to which a person has given others."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

from msgspec import Struct

from backprop_tui.tui.commands.command import Command
from backprop_tui.tui.commands.table import BY_NAME, COMMANDS
from backprop_tui.tui.settings import Keys

_NAMES = {"+": "plus", "-": "minus", "/": "slash", "\\": "backslash", "@": "at", "_": "underscore"}
"""Characters that Textual calls by another name than Unicode does."""
_NAMED = r"\b(?:enter|escape)\b"
"""The keys that the texts of the table name."""

SHIPPED_KEYS: Mapping[str, Keys] = {command.name: command.keys for command in COMMANDS}
"""The keys of each command as the table has them."""


class Keymap(Struct, frozen=True):
    """Which keys are in force."""

    by_key: Mapping[str, Command]
    """The command of each key."""
    keys: Mapping[str, Keys]
    """The keys of each command, by its name."""
    spelt: Mapping[str, str]
    """Of a key of the table that its command has no more, the one to be pressed in its place.

    A command without a key is typed: ``:zoom``. Whatever text names a key looks it up here.
    """


def keymap(chosen: Mapping[str, Keys]) -> Keymap:
    """The keys in force.

    Args:
        chosen: the keys of some commands, by their names; no key stands for two commands.
    """
    keys = {**SHIPPED_KEYS, **chosen}
    spelt = {
        key: keys[name][0] if keys[name] else f":{name}"
        for name in chosen
        for key in SHIPPED_KEYS[name]
        if key not in keys[name]
    }
    by_key = {key: command for command in COMMANDS for key in keys[command.name]}
    return Keymap(by_key, keys, spelt)


SHIPPED = keymap({})
"""The keys of the table."""


def command_named(word: str, keys: Keymap) -> str:
    """The name of the command that a word names, or whose key it is; else the word itself."""
    return keys.by_key[word].name if word not in BY_NAME and word in keys.by_key else word


def in_force(text: str, keys: Keymap) -> str:
    """A text of the table of commands, in which keys may be named, with those that are in force."""
    return re.sub(_NAMED, lambda match: keys.spelt.get(match[0], match[0]), text)


def textual_name(key: str) -> str:
    """A key of the table as Textual names it: punctuation by its name."""
    if len(key) > 1 or key.isalnum():
        return key
    return _NAMES.get(key) or unicodedata.name(key).lower().replace("-", "_").replace(" ", "_")


def owners(keys: Mapping[str, Keys], key: str) -> list[str]:
    """The names of the commands that have a key."""
    return [name for name, theirs in keys.items() if key in theirs]
