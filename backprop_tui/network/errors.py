"""Errors in what a person wrote: what is wrong, where it stands, and how to correct it."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from enum import Enum
from types import MappingProxyType


class Missing(Enum):
    """The type of ``MISSING``, which stands for a field that is not there, as None cannot."""

    MISSING = "nothing"


MISSING = Missing.MISSING


class BackpropError(ValueError):
    """Something a person wrote cannot be used; the message says what is wrong and what to
    write instead.

    >>> from backprop_tui import BackpropError, Session, load
    >>> try:
    ...     Session(load()).set("a_h", 0.5)
    ... except BackpropError as error:
    ...     print(type(error).__name__)
    EditError
    """


class NetworkError(BackpropError):
    """A network cannot be used as given.

    Attributes:
        source: the file (or the words on the command line) it came from; empty where there is none.
        place: the field, as in ``network.layers[1].weights``; empty where it is the whole.
        found: what stood there, short enough to print on one line; empty where that says nothing.
        expected: what should have stood there.
        hint: the nearest right word, or what to do next.

    >>> from backprop_tui import NetworkError, load
    >>> try:
    ...     load("2-2-1", activation="tahn")
    ... except NetworkError as error:
    ...     print(error.place, error.found, error.hint, sep="; ")
    --activation; "tahn"; did you mean tanh?
    """

    def __init__(
        self, place: str, expected: str, found: object = "", *, hint: str = "", source: str = ""
    ) -> None:
        super().__init__(place, expected, found, hint, source)
        self.source = source
        self.place = place
        self.found = found if isinstance(found, str) else described(found)
        """Text is taken as it is; a person's own text goes through ``described`` first."""
        self.expected = expected
        self.hint = hint

    def from_source(self, source: str) -> NetworkError:
        """The same error, with the file it was found in."""
        return NetworkError(self.place, self.expected, self.found, hint=self.hint, source=source)

    def __str__(self) -> str:
        where = ": ".join(part for part in (self.source, self.place) if part)
        found = f", found {self.found}" if self.found else ""
        hint = f" ({self.hint})" if self.hint else ""
        return f"{where + ': ' if where else ''}expected {self.expected}{found}{hint}"


def described(value: object, limit: int = 60) -> str:
    """*value* as it would stand in a network file, cut to *limit* characters."""
    if value is MISSING:
        return "nothing"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        text = f'"{value[:limit]}"'
    elif isinstance(value, (list, tuple)):
        text = f"a list of {len(value)}"
    elif isinstance(value, dict):
        text = "a table"
    elif isinstance(value, int):
        text = str(value) if value.bit_length() <= 128 else "an integer too large to print"
    else:
        text = repr(value)
    text = "".join(c if c.isprintable() else "?" for c in text)
    return text if len(text) <= limit else text[: limit - 1] + "…"


def one_of(words: Iterable[str]) -> str:
    """A list of words for a message: ``one of a, b, c``."""
    return "one of " + ", ".join(words)


_ALSO_CALLED = MappingProxyType(
    {
        "lr": "learning_rate",
        "eta": "learning_rate",
        "mse": "mean_squared_error",
        "mseloss": "mean_squared_error",
        "bce": "binary_cross_entropy",
        "bceloss": "binary_cross_entropy",
        "ce": "cross_entropy",
        "crossentropyloss": "cross_entropy",
        "swish": "silu",
        "linear": "identity",
        "logistic": "sigmoid",
    }
)
"""What other programs and books call something; no spelling leads from one to the other."""


def nearest(word: str, words: Iterable[str]) -> str:
    """A hint naming the right word nearest to a misspelt one; empty where none is near."""
    close = closest(word, words)
    return f"did you mean {close}?" if close else ""


def closest(word: str, words: Iterable[str]) -> str:
    """The right word nearest to a misspelt one, or to one of another program's; empty where none is near."""
    words, written = list(words), word[:80].lower()
    if (called := _ALSO_CALLED.get(written)) in words:
        return called or ""
    return "".join(get_close_matches(written, words, n=1, cutoff=0.6))
