"""The fields of a ``[session]`` table: each function gives what stands at a place, or refuses it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from backprop_tui.network.errors import MISSING, NetworkError, described, nearest

MOST = 1000
"""Edits, breakpoints and watches that a session may have, each."""
_Item = TypeVar("_Item")


def few(what: str, items: Iterable[_Item]) -> list[_Item]:
    """At most so many items as a file may hold."""
    found = list(items)
    if len(found) > MOST:
        raise NetworkError(f"session.{what}", f"at most {MOST:,} {what}", f"{len(found):,}")
    return found


def table_of(place: str, given: object, fields: Sequence[str], required: Sequence[str]) -> dict[str, object]:
    """A table of known fields, the required ones among them."""
    if not isinstance(given, dict):
        raise NetworkError(place, "a table", described(given))
    for word in given:
        if word not in fields:
            hint = nearest(str(word), fields) or "it may have " + ", ".join(fields)
            raise NetworkError(place, "a known field", described(word), hint=hint)
    for field in required:
        if field not in given:
            raise NetworkError(f"{place}.{field}", "a value", MISSING)
    return given


def items_of(place: str, table: dict[str, object], read: Callable[[str, object], _Item]) -> list[_Item]:
    """The items of a list in a table, read one by one; none where the list is left out."""
    name = place.rpartition(".")[2]
    given = table.get(name, [])
    if not isinstance(given, list):
        raise NetworkError(place, "a list", described(given))
    return [read(f"{place}[{number}]", item) for number, item in enumerate(few(name, given))]


def all_different(place: str, texts: list[str]) -> None:
    """Refuse a text that stands there twice."""
    first: dict[str, int] = {}
    for number, text in enumerate(texts):
        if text in first:
            hint = f"the same as {place}[{first[text]}]"
            raise NetworkError(f"{place}[{number}]", "each only once", described(text), hint=hint)
        first[text] = number


def text_of(place: str, given: object, expected: str) -> str:
    """Text."""
    if not isinstance(given, str):
        raise NetworkError(place, f"{expected}, as text", described(given))
    return given


def whole_of(place: str, given: object, most: int) -> int:
    """A whole number from 0 to the most."""
    if not isinstance(given, int) or isinstance(given, bool):
        raise NetworkError(place, "a whole number", described(given))
    if not 0 <= given <= most:
        raise NetworkError(place, f"0 to {most}", described(given))
    return given
