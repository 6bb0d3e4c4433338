"""The names of keys: how a person may write them, and which a terminal can send at all."""

from __future__ import annotations

from backprop_tui.network.errors import NetworkError, described, nearest

_MOVING = ("up", "down", "left", "right", "home", "end", "pageup", "pagedown", "insert", "delete")
_LETTERS = "abcdefghijklmnopqrstuvwxyz"

NAMED = (
    *("escape", "enter", "tab", "backspace", "space", "shift+tab"),
    *_MOVING,
    *(f"f{number}" for number in range(1, 13)),
    *(f"{with_}+{key}" for with_ in ("shift", "ctrl", "ctrl+shift") for key in _MOVING[:6]),
    *(f"ctrl+{letter}" for letter in _LETTERS),
)
"""The keys that have a name of more than one character."""

SAME = {
    "ctrl+i": "tab",
    "ctrl+m": "enter",
    "ctrl+h": "backspace",
}
"""Keys for which a terminal sends the same as for others."""
KEPT = {"ctrl+c": "it is the terminal's", "ctrl+j": "a terminal sends it for enter"}
"""Keys that no command can have, and why."""

_EXPECTED = "the name of a key"


def key_name(place: str, written: object) -> str:
    """A key as the table of commands writes it.

    Args:
        place: where it stands, for the message.
        written: what stands there: a character, or a name in any case.

    Raises:
        NetworkError: it is no key, or none that a terminal can send.
    """
    if not isinstance(written, str):
        raise NetworkError(place, _EXPECTED, described(written))
    if len(written) == 1 and written.isprintable():
        return "space" if written == " " else written
    name = written.lower()
    if name in SAME:
        raise NetworkError(place, _EXPECTED, described(written), hint=f"a terminal sends {SAME[name]} for it")
    if name in KEPT:
        raise NetworkError(place, _EXPECTED, described(written), hint=KEPT[name])
    if name in NAMED:
        return name
    raise NetworkError(place, _EXPECTED, described(written), hint=_hint(name))


def is_key(written: str) -> bool:
    """Whether it is the name of a key that a terminal can send."""
    return (len(written) == 1 and written.isprintable()) or written.lower() in NAMED


def _hint(name: str) -> str:
    with_, _, key = name.rpartition("+")
    if with_ == "shift" and len(key) == 1:
        return f"write {key.upper()}" if key in _LETTERS else "write the character that it gives"
    return nearest(name, NAMED) or "a character, or as in enter, f1, pageup, ctrl+k, shift+up"
