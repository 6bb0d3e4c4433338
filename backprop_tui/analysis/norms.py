"""The length of several arrays taken as one vector, also where squares overflow or vanish."""

from __future__ import annotations

from math import inf, isinf, isnan, sqrt

from backprop_tui.network.lazy_numpy import Array, np


def squares(*arrays: Array) -> float:
    """The sum of all squares; infinite or not a number where one is."""
    with np.errstate(all="ignore"):
        return float(sum(np.vdot(array, array) for array in arrays))


def length(*arrays: Array) -> float:
    """The square root of the sum of all squares, where these overflow or vanish as well."""
    total = squares(*arrays)
    if 1e-280 < total < inf or isnan(total):
        return sqrt(total)
    with np.errstate(all="ignore"):
        largest = max(float(np.max(np.abs(array))) for array in arrays)
        if largest == 0.0 or isinf(largest):
            return largest
        return largest * sqrt(squares(*(array / largest for array in arrays)))
