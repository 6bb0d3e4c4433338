"""What a module calls while it is recorded."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

import torch


class Hook:
    """A function that a module calls, and no copy of the module: neither one in memory nor one in a file.

    In the place of it a copy has something of the standard library that does nothing, so that a file of the
    whole module is read where this package is not installed.
    """

    def __init__(self, called: Callable[..., Any]) -> None:
        self._called = called

    # Within a compiled model it would be compiled away.
    @torch.compiler.disable  # type: ignore[untyped-decorator]
    def __call__(self, *given: Any) -> Any:
        """As the function."""
        return self._called(*given)

    def __reduce__(self) -> tuple[Any, ...]:
        """As pickle and deepcopy take it."""
        return getattr, (nullcontext(), "__exit__")
