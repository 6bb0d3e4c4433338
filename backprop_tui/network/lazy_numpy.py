"""NumPy, imported at its first use: opening the debugger needs none of it before the first frame.

Every module takes ``np`` from here, and the types of arrays.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from backprop_tui.network.lazy_module import lazy_module

__all__ = ["Array", "Indices", "Marks", "Offsets", "np"]

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Array = npt.NDArray[np.float64]
    Marks = npt.NDArray[np.bool_]
    Indices = npt.NDArray[np.intp]
    Offsets = npt.NDArray[np.int64]
else:
    Array = Marks = Indices = Offsets = Any
    np = lazy_module("numpy")
