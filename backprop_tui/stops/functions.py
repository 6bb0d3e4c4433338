"""The functions of the language of conditions: a row each, with what it gives and how it is computed."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from math import inf, isnan, nan
from types import MappingProxyType

from msgspec import Struct

from backprop_tui.network.lazy_numpy import np

Numbers = list[float]


class Function(Struct, frozen=True):
    """A function of numbers, or of how a number has changed."""

    name: str
    says: str
    """What it gives."""
    of: Callable[[Numbers], float] | None = None
    """Its value; None: it looks back in time."""
    truth: bool = False
    """Whether it gives true or false."""


def quotient(a: float, b: float) -> float:
    """a/b as IEEE 754 has it: 1/0 is infinite, 0/0 not a number."""
    if b:
        return a / b
    with np.errstate(all="ignore"):
        return float(np.float64(a) / np.float64(b))


def power(a: float, b: float) -> float:
    """A to the power of b as IEEE 754 has it."""
    try:
        return math.pow(a, b)
    except (OverflowError, ValueError):
        with np.errstate(all="ignore"):
            return float(np.float64(a) ** np.float64(b))


def _sqrt(values: Numbers) -> float:
    return math.sqrt(values[0]) if values[0] >= 0 else nan


def _exp(values: Numbers) -> float:
    try:
        return math.exp(values[0])
    except OverflowError:
        return inf


def _log(values: Numbers) -> float:
    x = values[0]
    if x > 0:
        return math.log(x)
    return -inf if x == 0 else nan


def sign(values: Numbers) -> float:
    """−1, 0 or 1."""
    x = values[0]
    return nan if isnan(x) else float((x > 0) - (x < 0))


_ROWS = (
    Function("abs", "absolute value", lambda values: abs(values[0])),
    Function("min", "the least of several numbers", lambda v: nan if any(map(isnan, v)) else min(v)),
    Function("max", "the greatest of several numbers", lambda v: nan if any(map(isnan, v)) else max(v)),
    Function("sqrt", "square root", _sqrt),
    Function("exp", "e to the power of", _exp),
    Function("log", "natural logarithm", _log),
    Function("sign", "−1, 0 or 1", sign),
    Function("previous", "the value before the latest computation"),
    Function("change", "the value less the previous one"),
    Function("changed", "whether it differs from the previous one", truth=True),
    Function("changed_sign", "whether its sign differs from the previous one's", truth=True),
)

FUNCTIONS: Mapping[str, Function] = MappingProxyType({row.name: row for row in _ROWS})
"""Every function by name."""
