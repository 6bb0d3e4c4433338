"""Copies of tensors, in memory that is used again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import torch

from backprop_tui.pytorch.recording.surroundings.shards import own_part


class Copies:
    """Copies in the memory of those that are no longer kept: fresh memory is slow at first."""

    def __init__(self) -> None:
        self._free: dict[Any, list[Any]] = {}

    def of(self, what: Any) -> Any:
        """As ``copied``."""
        if type(what) is torch.Tensor and not what.is_nested:
            free = self._free.get((what.shape, what.dtype))
            if not free or not what.is_contiguous():
                return copied(what)
            return free.pop().copy_(what.detach() if what.requires_grad else what)
        return tuple([self.of(one) for one in what]) if type(what) is tuple else copied(what)

    def free(self, tensors: Iterable[Any]) -> None:
        """Take the memory of what is forgotten; of what was free before, let go."""
        self._free = {}
        for one in tensors:
            if type(one) is torch.Tensor and not one.is_nested and one.is_contiguous():
                self._free.setdefault((one.shape, one.dtype), []).append(one)


def copied(what: Any) -> Any:
    """Tensors copied to the CPU, in tuples, lists and dictionaries as they are."""
    if isinstance(what, torch.Tensor):
        return own_part(what.detach()).to("cpu", copy=True)
    if isinstance(what, (tuple, list)):
        return (tuple if isinstance(what, tuple) else list)(map(copied, what))
    return {str(key): copied(value) for key, value in what.items()} if isinstance(what, Mapping) else what


def first_tensor(what: Any) -> Any:
    """The first tensor in tuples, lists and dictionaries; None where there is none."""
    if isinstance(what, torch.Tensor):
        return what
    inside = what.values() if isinstance(what, Mapping) else what if isinstance(what, (tuple, list)) else ()
    return next((found for found in map(first_tensor, inside) if found is not None), None)
