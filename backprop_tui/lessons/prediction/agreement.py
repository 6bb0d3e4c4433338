"""When two numbers agree to so many significant digits."""

from __future__ import annotations

from decimal import ROUND_DOWN, Decimal

_SLACK = Decimal("1.000000001")
"""A half that a float cannot hold exactly counts as a half."""


def agrees(said: float, value: float, digits: int = 2) -> bool:
    """Whether a number that a person gives is *value* to so many significant digits.

    It lies within half a unit of the value's last digit that counts, or is the value cut off after it. The
    sign must be the same; 0 agrees with 0 alone.

    >>> [agrees(said, -0.0459) for said in (-0.046, -0.045, -0.0464, -0.0465, 0.0459)]
    [True, True, True, False, False]
    """
    if said == 0 or value == 0:
        return said == value
    if (said > 0) != (value > 0):
        return False
    size, exact = abs(Decimal(said)), abs(Decimal(value))
    unit = Decimal(1).scaleb(exact.adjusted() - digits + 1)
    cut_off = exact.quantize(unit, ROUND_DOWN)
    return abs(size - exact) <= unit / 2 * _SLACK or float(cut_off) == abs(said)
