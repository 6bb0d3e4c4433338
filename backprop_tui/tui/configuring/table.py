"""The one table of settings: what each is called, what it may be, and what holds where nothing is said."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, cast, get_args

from msgspec import Struct

from backprop_tui.network.errors import NetworkError, described, nearest, one_of
from backprop_tui.session.look import Digits
from backprop_tui.tui.colours.themes import STANDARD, names
from backprop_tui.tui.commands.keymap import SHIPPED_KEYS
from backprop_tui.tui.configuring.keys import read_keys
from backprop_tui.tui.desk.travel.running import SPEED, SPEEDS
from backprop_tui.tui.pictures.registry import AUTO, NAMES


class Setting(Struct, frozen=True):
    """Something that a person can set."""

    name: str
    about: str
    """What it is, as the file that is written for a person says it."""
    shipped: Any
    """What holds where nothing is set."""
    read: Callable[[str, object], Any]
    """The value that stands at a place of the file.

    Raises:
        NetworkError: it is none; it names the place.
    """
    choices: tuple[str, ...] = ()
    """The values there are, where they are words."""


def _a_word(words: Iterable[str]) -> Callable[[str, object], str]:
    known = tuple(words)

    def read(place: str, found: object) -> str:
        if isinstance(found, str) and found in known:
            return found
        hint = nearest(found, known) if isinstance(found, str) else ""
        raise NetworkError(place, one_of(known), described(found), hint=hint)

    return read


def _digits(place: str, found: object) -> Digits:
    for choice in get_args(Digits):
        if found == choice and type(found) is type(choice):
            return cast(Digits, choice)
    raise NetworkError(place, one_of(map(described, get_args(Digits))), described(found))


def _speed(place: str, found: object) -> float:
    least, most = SPEEDS
    if isinstance(found, int | float) and not isinstance(found, bool) and least <= found <= most:
        return float(found)
    raise NetworkError(place, f"a number from {least:g} to {most:g}", described(found))


SETTINGS: tuple[Setting, ...] = (
    Setting(
        "theme",
        "Colours: backprop-dark, backprop-light; for eyes that confuse these hues, backprop-red-green and\n"
        "backprop-blue-yellow; backprop-projector. Or Textual's: "
        + ", ".join(name for name in names() if not name.startswith("backprop-"))
        + ".",
        STANDARD,
        _a_word(names()),
        names(),
    ),
    Setting(
        "digits",
        f"Decimals shown: {', '.join(map(described, get_args(Digits)))}.\n"
        "`trace`, `flow` and `export` take them too.",
        4,
        _digits,
        tuple(map(str, get_args(Digits))),
    ),
    Setting(
        "picture",
        f"The picture at the start: {', '.join(NAMES)}; or {AUTO}, the one that suits what is shown.",
        AUTO,
        _a_word((*NAMES, AUTO)),
        (*NAMES, AUTO),
    ),
    Setting(
        "speed",
        f"Moves a second of a run by itself, from {SPEEDS[0]:g} to {SPEEDS[1]:g}.",
        SPEED,
        _speed,
    ),
    Setting(
        "keys",
        "Keys of commands, by the command's name: one key, a list of them, or [] for none. A character is\n"
        "itself (capitals are with shift); others are enter, tab, space, pageup, f1, ctrl+k, shift+up, …\n"
        "A key that another command has is free once that command has another one.",
        SHIPPED_KEYS,
        read_keys,
    ),
)
"""Reading, `config`, and the file that is written for a person all go by it."""

BY_NAME = {setting.name: setting for setting in SETTINGS}
