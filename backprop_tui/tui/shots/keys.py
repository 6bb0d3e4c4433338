"""Keys as a person writes them on the command line: ``f,b,S``, ``g,200,enter``, ``:,"run 10",enter``."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct
from textual.keys import KEY_TO_UNICODE_NAME, REPLACED_KEYS, Keys

from backprop_tui.network.errors import NetworkError, described, nearest
from backprop_tui.tui.commands.table import COMMANDS

MOST_KEYS = 10_000
_OTHERS = {"esc": "escape", "return": "enter", "del": "delete", "pgup": "pageup", "pgdn": "pagedown"}
"""What people call keys that Textual calls otherwise."""
_CHARACTERS = {" ": "space"}
_PLACE = "--press"
_SPECIAL = frozenset(key.value for key in Keys if not key.value.startswith("<"))
_NAMED = frozenset(
    [*KEY_TO_UNICODE_NAME, *REPLACED_KEYS, "colon", "comma", "tilde", "semicolon", "apostrophe", "asterisk"]
)
"""Names of characters, as Textual has them."""
_MODIFIERS = ("ctrl", "shift", "alt")


class Press(Struct, frozen=True):
    """A key to be pressed."""

    key: str
    """As Textual names it."""
    typed: bool = False
    """Whether it is part of a text, typed quickly."""


def pressed(text: str) -> tuple[Press, ...]:
    """The keys that *text* names.

    They are separated by commas. A key is a character, a name from the list of keys, or one of Textual's
    names (``question_mark``, ``pagedown``). Digits are typed one by one, and so is what stands in double
    quotes; the comma itself is ``comma``.

    Raises:
        NetworkError: something in it is no key; it says which.
    """
    keys: list[Press] = []
    for number, part in enumerate(_parts(text), 1):
        keys.extend(_keys(part, number))
        if len(keys) > MOST_KEYS:
            raise NetworkError(_PLACE, f"at most {MOST_KEYS:,} keys", "more")
    return tuple(keys)


def _parts(text: str) -> Iterator[str]:
    """What stands between commas; one within quotes separates nothing."""
    part, quoted = "", False
    for character in text:
        if character == "," and not quoted:
            yield part
            part = ""
            continue
        quoted ^= character == '"' and (quoted or not part)
        part += character
    if quoted:
        raise NetworkError(_PLACE, "a quotation mark at the end of what is typed", described(part))
    if part or text:
        yield part


def _keys(part: str, number: int) -> Iterator[Press]:
    if len(part) > 1 and part[0] == part[-1] == '"':
        yield from (Press(_character(character), True) for character in part[1:-1])
        return
    word = part.strip() or part
    if len(word) == 1:
        yield Press(_character(word))
    elif word.isdecimal() and word.isascii():
        yield from (Press(digit, True) for digit in word)
    elif not word.strip():
        raise NetworkError(
            f"{_PLACE} key {number}", "a key", "nothing", hint="the comma is written comma, the blank space"
        )
    else:
        yield Press(_named(word, number))


def _character(character: str) -> str:
    return _CHARACTERS.get(character, character)


def _named(word: str, number: int) -> str:
    *modifiers, key = word.split("+") if not word.endswith("++") else [*word[:-2].split("+"), "plus"]
    modifiers = [modifier.lower() for modifier in modifiers]
    key = _OTHERS.get(key.lower(), key.lower())
    if modifiers == ["shift"] and len(key) == 1:
        return key.upper()
    whole = "+".join([*modifiers, key])
    if whole in _SPECIAL or whole in _NAMED:
        return whole
    known = len(key) == 1 or key in _SPECIAL or key in _NAMED
    if modifiers and known and set(modifiers) <= set(_MODIFIERS) and len(set(modifiers)) == len(modifiers):
        return "+".join([*sorted(modifiers), key])
    ours = [key for command in COMMANDS for key in command.keys]
    hint = nearest(word, [*ours, *_SPECIAL, *_NAMED]) or 'text to type stands in quotes: g,"12:5",enter'
    raise NetworkError(f"{_PLACE} key {number}", "a key, as in f,b,S or ctrl+z", described(word), hint=hint)
