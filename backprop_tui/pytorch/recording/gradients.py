"""How long the gradient is after the backward pass and when the optimizer takes it, without a second look."""

from __future__ import annotations

import math
from operator import is_
from typing import Any

import torch

from backprop_tui.pytorch.recording.surroundings.shards import own_part

PLAIN = frozenset({torch.float32, torch.float64})
HALF = frozenset({torch.float16, torch.bfloat16})
AT_FIRST, THEN_EVERY = 20, 50
"""Updates at first, and one in so many later, at which what seems untouched is looked at again."""
LONGER = 1.1
"""And so much longer than all that were measured again is one that is measured again."""
SAME = 1e-6
"""How far apart two lengths of one gradient may be that were summed in another order."""
ALIKE = 1e-3
"""How far the ratios of lengths may be apart that were scaled by one factor, in float32."""
ALIKE_HALF = 2e-2
"""The same in float16 and bfloat16."""


class Gradients:
    """The gradients of all that an optimizer updates."""

    def __init__(self, optimizer: Any) -> None:
        self._optimizer = optimizer
        self._seen: list[Any] = []
        self._versions: list[int] = []
        """How often each had been written to in place when it was measured."""
        self._lengths: list[float] = []
        self._before: list[tuple[int, int]] = []
        """What was there before a backward pass, and how often it had been written to."""
        self._plain = 0
        """How many gradients there are, where all are of the usual kind: their kind is looked at once."""
        self._updates = 0
        self._longest = 0.0
        """The longest that was measured again."""
        self._written_past_count = False
        """Whether the loop has been seen to change gradients without the count of writes going up."""

    def measure(self) -> float:
        """The length of the whole, and remember what was measured."""
        seen = self._seen = self._found()
        self._versions = [one._version for one in seen]
        self._lengths = self._measured(seen)
        return length(self._lengths)

    def measure_again(self) -> tuple[float, bool, bool | None]:
        """The length now; let go of the gradients.

        Returns:
            the length; whether something has touched them since ``measure``; and whether it scaled all by one
            factor, as clipping by norm does and clipping by value does not. For the latter the length of each
            parameter's gradient is compared with what it was; None where that tells nothing.

        """
        seen, before, found = self._seen, self._lengths, self._found()
        same = len(found) == len(seen) and all(map(is_, found, seen))
        self._seen = []
        counted = not same or self._versions != [one._version for one in found]
        if not counted and self._as_before(found):
            return length(before), False, None
        now = self._lengths = self._measured(found)
        uniformly = None
        if len(before) == len(now) > 1:
            half = any(one.dtype in HALF for one in found)
            uniformly = scaled_uniformly(before, now, ALIKE_HALF if half else ALIKE)
        return length(now), True, uniformly

    def _as_before(self, found: list[Any]) -> bool:
        """Whether they are as long as they were: a write through ``.data``, or by a scaler, is not counted.

        A loop does the same at each update, but what clips bites only where a gradient is long.
        """
        before = self._lengths
        self._updates += 1
        now = length(before)
        if not (self._written_past_count or looked_at(self._updates) or now > LONGER * self._longest):
            return True
        self._longest = max(self._longest, now)
        alike = all(map(_same, self._measured(found), before))
        self._written_past_count |= not alike
        return alike

    def _measured(self, gradients: list[Any]) -> list[float]:
        if len(gradients) != self._plain:
            self._plain = 0
            if not all(map(_plain, gradients)):
                return any_lengths(gradients)
            self._plain = len(gradients)
        try:
            return plain_lengths(gradients)
        except RuntimeError:  # one of them is not dense or not in one piece
            self._plain = 0
            return any_lengths(gradients)

    @property
    def any(self) -> bool:
        """Whether there were some when they were measured last."""
        return bool(self._lengths)

    def still(self) -> list[list[int]]:
        """Of each group the places of the parameters that had none then: no update changes them."""
        groups = [group["params"] for group in self._optimizer.param_groups]
        if len(self._lengths) == sum(map(len, groups)):  # as it nearly always is
            return [[] for _ in groups]
        return [[at for at, one in enumerate(group) if one.grad is None] for group in groups]

    def cleared(self) -> bool:
        """Whether there is none, or all are 0, before a backward pass."""
        found = self._found()
        self._before = [(id(one), one._version) for one in found]
        return not any(map(_any, found))

    def reached(self) -> bool:
        """Whether a backward pass, just measured, has left something; torch.autograd.grad leaves nothing."""
        if not self._before:
            return bool(self._seen)
        return bool(self._seen) and [(id(one), one._version) for one in self._seen] != self._before

    def _found(self) -> list[Any]:
        return [
            gradient
            for group in self._optimizer.param_groups
            for one in group["params"]
            if (gradient := one.grad) is not None
        ]


def looked_at(updates: int) -> bool:
    """Whether what PyTorch does not count, as a write through ``.data``, is looked for at an update.

    A loop does the same at each.

    Args:
        updates: how many there have been, with this one.

    """
    return updates <= AT_FIRST or updates % THEN_EVERY == 0


def _same(one: float, other: float) -> bool:
    return math.isclose(one, other, rel_tol=SAME) or (math.isnan(one) and math.isnan(other))


def length(parts: list[float]) -> float:
    """The length of the whole of the lengths of parts."""
    return math.hypot(*parts)


def plain_lengths(gradients: list[Any]) -> list[float]:
    """The length of each by a product of its own, which is the quickest way on a CPU.

    Raises:
        RuntimeError: one has no such product.

    """
    found = []
    for one in gradients:
        flat = one if one.dim() == 1 else one.view(-1)
        square = torch.dot(flat, flat).item()
        found.append(math.sqrt(square) if 1e-30 < square < 1e30 else _with_care(one, square))
    return found


def _plain(gradient: Any) -> bool:
    return type(gradient) is torch.Tensor and gradient.dtype in PLAIN and bool(gradient.is_cpu)


def scaled_uniformly(before: list[float], now: list[float], tolerance: float) -> bool | None:
    """Whether lengths differ by one factor; None where they are not finite or all 0."""
    if not all(map(math.isfinite, (*before, *now))):
        return None
    ratios = [new / old for old, new in zip(before, now, strict=True) if old]
    if len(ratios) < 2:
        return None
    return max(ratios) - min(ratios) <= tolerance * max(ratios)


def any_lengths(gradients: list[Any]) -> list[float]:
    """Of gradients of any kind, wherever they are, with one wait for all of them."""
    if not gradients:
        return []
    with torch.no_grad():
        dense = [_values(one) for one in gradients]
        wide = torch.float32 if all(one.dtype in HALF for one in dense) else None
        given = dense if wide else [one.float() if one.dtype in HALF else one for one in dense]
        norms = [one.double() for one in torch._foreach_norm(given, dtype=wide)]
        if len({one.device for one in norms}) > 1:
            norms = [one.cpu() for one in norms]
        found: list[float] = torch.stack(norms).tolist()
    return [
        norm if 1e-15 < norm < 1e15 else _with_care(one, norm) for one, norm in zip(dense, found, strict=True)
    ]


def _with_care(gradient: Any, found: float) -> float:
    """In float64, where squares of float32 neither overflow nor vanish."""
    if math.isnan(found):
        return found
    with torch.no_grad():
        return float(torch.linalg.vector_norm(gradient.double()))


def _values(gradient: Any) -> Any:
    gradient = own_part(gradient.detach())
    return gradient.coalesce().values() if gradient.is_sparse else gradient


def _any(gradient: Any) -> bool:
    """Whether something in it is not 0."""
    values = _values(gradient)
    if values.is_complex() or not values.numel():
        return bool(torch.count_nonzero(values))
    return any(bool(one) for one in torch.aminmax(values))
