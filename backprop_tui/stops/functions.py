"""The functions and comparisons of the language of conditions: a row each, with what a function gives.

A new function is a row here, and its name among the reserved words in ``network.names``. Parser, completion
and messages read the row.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from math import inf, isnan, nan
from operator import eq, ge, gt, le, lt, ne
from types import MappingProxyType

from msgspec import Struct

from backprop_tui.network.lazy_numpy import np


class Function(Struct, frozen=True):
    """A function of numbers, or of how a number has changed."""

    name: str
    says: str
    """What it gives."""
    of: Callable[..., float]
    """Its value, from its arguments; where it looks back, from its argument's value now and before."""
    of_several: bool = False
    """Whether it is of two arguments or more, not of one."""
    in_time: bool = False
    """Whether it looks back, at what its argument was before it was last computed."""
    truth: bool = False
    """Whether it gives true or false."""


COMPARISONS: Mapping[str, Callable[[float, float], bool]] = MappingProxyType(
    {"<": lt, "<=": le, ">": gt, ">=": ge, "==": eq, "!=": ne}
)
"""Whether two numbers compare so, by the sign."""


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


def _sqrt(x: float) -> float:
    return math.sqrt(x) if x >= 0 else nan


def _exp(x: float) -> float:
    try:
        return math.exp(x)
    except OverflowError:
        return inf


def _log(x: float) -> float:
    if x > 0:
        return math.log(x)
    return -inf if x == 0 else nan


def _sign(x: float) -> float:
    return nan if isnan(x) else float((x > 0) - (x < 0))


def _least(*values: float) -> float:
    return nan if any(map(isnan, values)) else min(values)


def _greatest(*values: float) -> float:
    return nan if any(map(isnan, values)) else max(values)


def _differs(now: float, before: float) -> bool:
    return now != before and not (isnan(now) and isnan(before))


def _turned(now: float, before: float) -> bool:
    return not isnan(now) and not isnan(before) and _sign(now) != _sign(before)


_ROWS = (
    Function("abs", "absolute value", abs),
    Function("min", "the least of several numbers", _least, of_several=True),
    Function("max", "the greatest of several numbers", _greatest, of_several=True),
    Function("sqrt", "square root", _sqrt),
    Function("exp", "e to the power of", _exp),
    Function("log", "natural logarithm", _log),
    Function("sign", "−1, 0 or 1", _sign),
    Function("previous", "the value before the latest computation", lambda now, before: before, in_time=True),
    Function("change", "the value less the previous one", lambda now, before: now - before, in_time=True),
    Function("changed", "whether it differs from the previous one", _differs, in_time=True, truth=True),
    Function(
        "changed_sign", "whether its sign differs from the previous one's", _turned, in_time=True, truth=True
    ),
)

FUNCTIONS: Mapping[str, Function] = MappingProxyType({row.name: row for row in _ROWS})
"""Every function by name."""
