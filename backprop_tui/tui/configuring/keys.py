"""The keys of commands as a person sets them: each is one that can be pressed, and has one command."""

from __future__ import annotations

import re
from collections.abc import Mapping
from json import dumps

from backprop_tui.network.errors import NetworkError, described, nearest
from backprop_tui.tui.commands.keymap import SHIPPED_KEYS, owners
from backprop_tui.tui.configuring.key_names import is_key, key_name
from backprop_tui.tui.settings import Keys

_EXPECTED = 'a key, as in "j", or a list of keys'
_PARTS = re.compile(r"[^\s,;\[\]\"']+")
"""Keys that somebody wrote one after the other."""
MOST = 8
"""Keys of one command."""
NEEDED = "quit"
"""The command without whose key nobody could leave."""


def read_keys(place: str, found: object) -> Mapping[str, Keys]:
    """The keys that a table sets, by the command's name.

    Raises:
        NetworkError: a command or a key is none, or a key would have two commands; it names the place.
    """
    if not isinstance(found, dict):
        raise NetworkError(place, "a table of commands with their keys", described(found))
    chosen: dict[str, Keys] = {}
    for name, value in found.items():
        if name not in SHIPPED_KEYS:
            hint = nearest(name, SHIPPED_KEYS) or "`backprop-tui config` lists them"
            raise NetworkError(place, "the name of a command", described(name), hint=hint)
        chosen[name] = _keys_of(f"{place}.{name}", value)
    if chosen.get(NEEDED) == ():
        raise NetworkError(f"{place}.{NEEDED}", "a key: the debugger has to be left", "none")
    _demand_one_command_each(place, chosen)
    return chosen


def _keys_of(place: str, value: object) -> Keys:
    if isinstance(value, str):
        if len(parts := _PARTS.findall(value)) > 1 and all(map(is_key, parts)):
            several = f"several keys are a list: '{place}=[{', '.join(map(dumps, parts))}]'"
            raise NetworkError(place, _EXPECTED, described(value), hint=several)
        return (key_name(place, value),)
    if not isinstance(value, list):
        raise NetworkError(place, _EXPECTED, described(value))
    if len(value) > MOST:
        raise NetworkError(place, f"at most {MOST} keys", str(len(value)))
    keys = tuple(key_name(f"{place}[{index}]", one) for index, one in enumerate(value))
    for index, key in enumerate(keys):
        if key in keys[:index]:
            raise NetworkError(f"{place}[{index}]", "a key that is not there yet", described(key))
    return keys


def _demand_one_command_each(place: str, chosen: Mapping[str, Keys]) -> None:
    """Refuse a key that two commands would have, by both their names."""
    all_keys = {**SHIPPED_KEYS, **chosen}
    for name, keys in chosen.items():
        for key in keys:
            for other in owners(all_keys, key):
                if other != name:
                    where = "in this file, too; " if other in chosen else ""
                    both = f"or both in one go: keys.{name}={key} keys.{other}=…"
                    hint = f"{key} is {other}'s; {where}give {other} another key first, {both}"
                    raise NetworkError(f"{place}.{name}", "a key that no other command has", key, hint=hint)
