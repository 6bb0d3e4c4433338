"""Numbers as a person reads them: the digits asked for, a true minus sign, and 0 only for a true zero."""

from __future__ import annotations

from math import isinf, isnan

DIGITS: tuple[int | None, ...] = (4, 6, 9, None)
"""The choices: decimals shown, 4 as on paper; None for every digit there is."""

ABSENT = "–"
"""What stands for a number that has not been computed yet."""


def number(value: float | None, digits: int | None = 4) -> str:
    """*value* with so many decimals; a whole number as it is.

    A number too small or too large for that is written with an exponent, so that only a true zero reads
    as zero; with *digits* None every digit of the float is shown.
    """
    if value is None:
        return ABSENT
    if isinstance(value, int):
        return str(value)
    value = float(value)
    if isnan(value):
        return "nan"
    if isinf(value):
        return "inf" if value > 0 else "−inf"
    if digits is None:
        return repr(value).replace("-", "−")
    size = abs(value)
    text = f"{value:.{digits}f}" if size < 1e5 else ""
    if not any(c in "123456789" for c in text):
        text = f"{value:.{max(0, digits - 2)}e}" if size else text.replace("-", "")
    return text.replace("-", "−")


def width(digits: int | None) -> int:
    """How many cells the longest ordinary number takes, from −99.9999 up to every digit there is."""
    return 22 if digits is None else digits + 4
