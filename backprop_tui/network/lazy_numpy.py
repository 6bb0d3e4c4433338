"""NumPy, imported at its first use: opening the debugger needs none of it before the first frame.

Every module takes ``np`` from here, and the types of arrays.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

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

    class _NumPy:
        """Stands for the module; each name is looked up in it once."""

        def __getattr__(self, name: str) -> Any:
            found = getattr(import_module("numpy"), name)
            setattr(self, name, found)
            return found

    np = _NumPy()
