"""Positions in time: printed as ``12:17``, epoch and step, and read from what a person or a file says."""

from __future__ import annotations

import re
from typing import NamedTuple, Self

from backprop_tui.network.errors import BackpropError

MOST_EPOCHS = 10**9
"""No position lies further on."""
# Patterns are compiled when they are first used: at the start none is.
_WRITTEN = r"(\d{1,20}):(\d{1,20})"
_EPOCH = r"\d{1,20}"
_EPOCHS = r"[+\-−]\d{1,20}"


class PositionError(BackpropError):
    """A position that one cannot go to; says why, and what to write instead.

    >>> from backprop_tui import PositionError, Session, load
    >>> try:
    ...     Session(load()).go("3:20")
    ... except PositionError as error:
    ...     print(error)
    an epoch has 19 steps, not 20
    """


class Position(NamedTuple):
    """A place in time: *step* statements of an epoch have run. Epochs count from 0."""

    epoch: int
    step: int

    def __str__(self) -> str:
        return f"{self.epoch}:{self.step}"

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """The position written as ``12:17``; None where *text* is none."""
        match = re.fullmatch(_WRITTEN, text, re.ASCII)
        return cls(int(match[1]), int(match[2])) if match else None


def iteration_typed(text: str) -> int | None:
    """The number of the iteration written as ``iteration 4,317``; None where *text* names none."""
    word, _, number = text.strip().partition(" ")
    digits = number.replace(",", "").strip()
    return int(digits) if word.lower() == "iteration" and re.fullmatch(_EPOCH, digits, re.ASCII) else None


def is_count(text: str) -> bool:
    """Whether a person typed a number of epochs, without a sign."""
    return re.fullmatch(_EPOCH, text, re.ASCII) is not None


def typed(text: str) -> Position | int:
    """What a person typed: ``12:17``, ``12`` (an epoch's start), or how many epochs to go: ``+100``, ``-5``.

    Raises:
        PositionError: it is none of these.

    """
    text = text.strip()
    if position := Position.parse(text):
        return position
    if re.fullmatch(_EPOCH, text, re.ASCII):
        return Position(int(text), 0)
    if re.fullmatch(_EPOCHS, text, re.ASCII):
        return int(text.replace("−", "-"))
    raise PositionError(f"{text[:40]!r} is no position: try 12, 12:17, +100, -5, iteration 3, start or end")
