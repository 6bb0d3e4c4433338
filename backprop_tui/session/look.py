"""How a person looks at a session: digits, scale, pane and theme, as they are saved with it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Literal, get_args

import msgspec
from msgspec import Struct

from backprop_tui.network.errors import NetworkError, described, one_of

MOST_FIELDS = 1000
_LONGEST = 1000
_NAME = r"[a-z][a-z0-9_]{0,39}"

Digits = Literal[4, 6, 9, "all"]
Value = str | bool | int
"""What a field may hold, one of another version included."""


class Look(Struct, frozen=True):
    """How a person looks at a session; None in a field leaves the screen's own choice.

    ``Look.read`` checks what comes from a file, except for the names of panes and themes: the screen ignores
    those that it does not have.
    """

    digits: Digits | None = None
    """Decimals shown."""
    log_scale: bool | None = None
    """Whether the loss is shown on a logarithmic scale."""
    changes: bool | None = None
    """Whether the table of values shows what the last move changed."""
    pane: str | None = None
    """The pane that has the focus."""
    picture: str | None = None
    """The picture that was chosen."""
    theme: str | None = None
    lesson: str | None = None
    """The name or file of the lesson that is open."""
    page: int | None = None
    """Its page, from 1."""
    others: Mapping[str, Value] = {}
    """Fields of other versions: kept, and written again."""

    @classmethod
    def read(cls, place: str, given: object) -> Look:
        """The look that a table describes.

        Args:
            place: where the table stands, for the message.
            given: the table, as it was read.

        Raises:
            NetworkError: something in it is wrong; it names the place.
        """
        if not isinstance(given, dict):
            raise NetworkError(place, "a table", described(given))
        if len(given) > MOST_FIELDS:
            raise NetworkError(place, f"at most {MOST_FIELDS:,} fields", f"{len(given):,}")
        for name, value in given.items():
            if not isinstance(name, str) or not re.fullmatch(_NAME, name, re.ASCII):
                raise NetworkError(place, "names of small letters, digits and _", described(name))
            if not _holds(name, value):
                raise NetworkError(f"{place}.{name}", _EXPECTED.get(name, _ANYTHING), described(value))
        others = {name: value for name, value in given.items() if name not in _FIELDS}
        known = {name: value for name, value in given.items() if name in _FIELDS}
        return cls(**known, others=others)

    def table(self) -> dict[str, Value]:
        """The look as a table, without the fields that are None."""
        said = {name: value for name in _FIELDS if (value := getattr(self, name)) is not None}
        return {**said, **self.others}


PLAIN = Look()
"""A look without any choice."""

_FIELDS: dict[str, Any] = {
    "digits": Digits,
    "log_scale": bool,
    "changes": bool,
    "pane": str,
    "picture": str,
    "theme": str,
    "lesson": str,
    "page": int,
}
_ANYTHING = f"text of at most {_LONGEST} characters, a whole number, true or false"
_EXPECTED = {
    "digits": one_of(map(described, get_args(Digits))),
    "log_scale": "true or false",
    "changes": "true or false",
    "pane": f"text of at most {_LONGEST} characters",
    "picture": f"text of at most {_LONGEST} characters",
    "theme": f"text of at most {_LONGEST} characters",
    "lesson": f"text of at most {_LONGEST} characters",
    "page": "a whole number",
}


def _holds(name: str, value: object) -> bool:
    """Whether a field may hold a value."""
    try:
        found = msgspec.convert(value, _FIELDS.get(name, Value), strict=True)
    except msgspec.ValidationError:
        return False
    if isinstance(found, str):
        return len(found) <= _LONGEST and found.isprintable()
    return bool(found.bit_length() < 64)
