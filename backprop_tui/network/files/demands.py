"""Checks of single values in a document: each raises a NetworkError that says what was expected."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import isfinite

from backprop_tui.network.errors import NetworkError, described, nearest, one_of

MOST_VALUES = 4_000_000
"""How many inputs and targets a network may have, of all examples together."""


def printable_text(place: str, text: str) -> str:
    """Text of at most 1000 characters, with spaces for characters that cannot be printed."""
    text = "".join(c if c.isprintable() else " " for c in text)
    if len(text) > 1000:
        raise NetworkError(place, "at most 1000 characters", str(len(text)))
    return text


def whole_number(place: str, value: int, *, least: int, most: int) -> int:
    """A whole number between two others."""
    if value < least:
        raise NetworkError(place, f"at least {least}", value)
    if value > most:
        raise NetworkError(place, f"at most {most}", value)
    return value


def finite_number(place: str, value: object) -> float:
    """A number that is finite."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise NetworkError(place, "a number", described(value))
    try:
        number = float(value)
    except OverflowError:
        raise NetworkError(place, "a number that fits a 64-bit float", value) from None
    if not isfinite(number):
        raise NetworkError(place, "a finite number", value)
    return number


def require_finite(place: str, row: Sequence[float]) -> None:
    """Refuse a row that holds an infinity or NaN; the error names the column."""
    if isfinite(sum(row)):  # an infinity or NaN spoils the sum; the sum of finite numbers may overflow, too
        return
    for column, value in enumerate(row):
        if not isfinite(value):
            raise NetworkError(f"{place}[{column}]", "a finite number", value)


def known_word(place: str, word: str, words: Iterable[str], what: str = "") -> None:
    """Require one of some words; *what* says what they are, for the message."""
    words = list(words)
    if word not in words:
        expected = f"{what} ({', '.join(words) or 'it has none'})" if what else one_of(words)
        raise NetworkError(place, expected, described(word), hint=nearest(word, words))


def few_enough(place: str, examples: int, inputs: int, outputs: int) -> None:
    """Refuse more examples than a description may hold."""
    if examples * (inputs + outputs) > MOST_VALUES:
        most = MOST_VALUES // (inputs + outputs)
        found = f"{examples:,}" if examples < 10**18 else "more than can be counted"
        raise NetworkError(place, f"at most {most:,} examples of {inputs + outputs:,} numbers", found)


def counted(count: int, noun: str) -> str:
    """A number with its noun: ``1 column``, ``2 columns``."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
