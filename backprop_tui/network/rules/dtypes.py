"""The types of numbers of a training in PyTorch: what each makes of a number.

All three round to the nearest number that they have, of two as near to the even one, and keep numbers below
their least normal one with fewer and fewer digits (IEEE 754-2019, 4.3.1 and 3.4; bfloat16 is its binary32
with 16 bits fewer).
"""

from __future__ import annotations

from collections.abc import Mapping
from math import copysign, frexp, inf, isfinite, ldexp
from types import MappingProxyType
from typing import Literal

from msgspec import Struct

from backprop_tui.network.lazy_numpy import Array, Marks, np

Fate = Literal["", "underflow", "overflow", "few digits"]
"""What became of a number: nothing to speak of; 0; infinite; or a subnormal number with few digits left."""


class Dtype(Struct, frozen=True):
    """A binary type of numbers: how many digits it has, and how far it reaches."""

    name: str
    bits: int
    """Significant binary digits, the leading one included."""
    least_exponent: int
    """The least normal number is 2 to this."""
    greatest_exponent: int
    """Every finite number is below 2 to one more than this."""

    @property
    def epsilon(self) -> float:
        """From 1 to the next number."""
        return ldexp(1.0, 1 - self.bits)

    @property
    def least(self) -> float:
        """The least number above 0, a subnormal one; what is no larger than half of it becomes 0."""
        return ldexp(1.0, self.least_exponent - self.bits + 1)

    @property
    def least_normal(self) -> float:
        """The least number that has all digits."""
        return ldexp(1.0, self.least_exponent)

    @property
    def greatest(self) -> float:
        """The greatest finite number."""
        return ldexp(2.0 - self.epsilon, self.greatest_exponent)

    @property
    def short(self) -> bool:
        """Whether it has 16 bits, so that ordinary trainings meet its limits."""
        return self.bits <= 11

    def spacing(self, value: float) -> float:
        """How far its numbers lie apart at a finite *value*."""
        exponent = frexp(value)[1] - 1 if value else self.least_exponent
        return ldexp(1.0, max(exponent, self.least_exponent) - self.bits + 1)

    def rounded(self, value: float) -> float:
        """The number of this type that is nearest to *value*."""
        if not isfinite(value) or not value:
            return value
        spacing = self.spacing(value)
        near = round(value / spacing) * spacing
        return copysign(inf if abs(near) > self.greatest else abs(near), value)

    def fate(self, value: float) -> Fate:
        """What rounding to this type does to a number, beyond taking digits of it."""
        if not isfinite(value) or not value:
            return ""
        near = self.rounded(value)
        if not near:
            return "underflow"
        if not isfinite(near):
            return "overflow"
        return "few digits" if abs(near) < self.least_normal and near != value else ""

    def underflows(self, values: Array) -> Marks:
        """Of each number, whether it becomes 0 and is not; of any shape."""
        with np.errstate(all="ignore"):
            return np.asarray((np.abs(values) <= self.least / 2) & (values != 0.0))

    def overflows(self, values: Array) -> Marks:
        """Of each number, whether it becomes infinite and is not; of any shape."""
        beyond = ldexp(2.0 - self.epsilon / 2, self.greatest_exponent)  # halfway, and there the even one
        with np.errstate(all="ignore"):
            return np.asarray((np.abs(values) >= beyond) & np.isfinite(values))


DTYPES: Mapping[str, Dtype] = MappingProxyType(
    {
        row.name: row
        for row in (
            Dtype("float32", 24, -126, 127),
            Dtype("float16", 11, -14, 15),
            Dtype("bfloat16", 8, -126, 127),
        )
    }
)
"""By their names in PyTorch; float64, in which everything is computed here, is none of them."""
