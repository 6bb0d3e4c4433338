"""Where an update does not follow from the one before, so that a replay has to begin with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from operator import is_
from typing import Any

import torch

from backprop_tui.pytorch.recording.gradients import looked_at
from backprop_tui.pytorch.recording.memory.copies import Copies

WRITTEN = "something else than the optimizer wrote to"
"""… a parameter before this update."""
OTHERWISE = "from this update on the optimizer updates otherwise than before, or other parameters"
MADE_FINITE = "the update before took a gradient that the loop had made finite"
BEGINNINGS = (WRITTEN, OTHERWISE, MADE_FINITE)
"""What notes say of an update that does not follow."""
_WAYS = ("nesterov", "centered", "maximize", "amsgrad", "decoupled_weight_decay")
"""Options of an optimizer that decide what it keeps, or which formula it follows."""


def way(groups: Sequence[Mapping[str, Any]], still: Sequence[Sequence[int]] = ()) -> tuple[Any, ...]:
    """How an optimizer updates: of each group what decides its formula, and which parameters it leaves alone.

    Args:
        groups: the options of its groups.
        still: of each group the places of the parameters without a gradient; left out, as the groups say it.

    """
    return tuple(
        (
            *(bool(group.get(name)) for name in _WAYS),
            bool(group.get("momentum")),
            tuple(still[at] if still else group.get("still") or ()),
        )
        for at, group in enumerate(groups)
    )


class Beginnings:
    """The parameters between two updates, and how the latest update was made."""

    def __init__(self, model: Any, optimizer: Any, copies: Copies) -> None:
        self._model, self._optimizer, self._copies = model, optimizer, copies
        self._names, self._parameters = zip(*model.named_parameters(), strict=True)
        self._moved: list[Any] = []
        """Those that the latest update was of, in the order of the optimizer."""
        self._updates = 0
        self._counts: list[int] = []
        """How often each had been written to after the latest update; none before the first."""
        self._kept: list[Any] = []
        """Copies of that time, where they are to be compared."""
        self._alike = False
        """Whether they have been, and nothing was written."""
        self._state: Any = None
        """What the optimizer keeps: another dictionary where a state was loaded."""
        self._states = 0
        self._seen = False
        """Whether something else than the optimizer has written to them."""
        self._last: tuple[Any, ...] = ()
        """The options and still parameters of the latest update."""

    def written(self) -> str:
        """What to say where something else has written to them since the latest update; else nothing.

        A write through ``.data`` is not counted by PyTorch, so they are compared at times: a loop does the
        same at each update. Where it has been seen to write, they are compared at each, for it may put back
        what was there, as around a validation with averaged parameters.
        """
        return self._written_parameters() or self._written_state()

    def _written_state(self) -> str:
        state = self._optimizer.state
        if self._state is None or (state is self._state and len(state) == self._states):
            return ""
        return f"{WRITTEN} its state before this update"

    def _moving(self) -> list[Any]:
        return [one for group in self._optimizer.param_groups for one in group["params"]]

    def _written_parameters(self) -> str:
        if not all(map(is_, self._moved, self._moving())):
            self._alike = False
            return f"{WRITTEN} {self._exchanged()} before this update"
        counts = [one._version for one in self._parameters]
        if not self._kept and (not self._counts or counts == self._counts):
            return ""
        found = [at for at, pair in enumerate(zip(counts, self._counts, strict=True)) if pair[0] != pair[1]]
        self._seen |= bool(found)
        if self._kept:
            pairs = zip(self._kept, self._parameters, strict=True)
            found = [at for at, pair in enumerate(pairs) if not _same(*pair)]
            self._seen |= bool(found)
            self._alike = not found
        if not found:
            return ""
        others = f" and {len(found) - 1} more" if len(found) > 1 else ""
        return f"{WRITTEN} model.{self._names[found[0]]}{others} before this update"

    def _exchanged(self) -> str:
        """The first parameter that is another one now, in whose place the optimizer updates it."""
        known = set(map(id, self._parameters))
        others = (f"model.{name}" for name, one in self._model.named_parameters() if id(one) not in known)
        return next(others, "the optimizer's parameters")

    def otherwise(self, groups: list[dict[str, Any]], still: list[list[int]]) -> bool:
        """Whether this update is made in another way than the latest."""
        if not self._last:
            return False
        before, left = self._last
        if not still and len(left) == len(groups):
            still = left  # which a closure has yet to make
        return not (before is groups and left == still) and way(before, left) != way(groups, still)

    def updated(self, groups: list[dict[str, Any]], still: list[list[int]]) -> None:
        """An update has been made."""
        self._last = groups, still
        self._updates += 1
        moved, self._moved = self._moved, self._moving()
        if not all(map(is_, moved, self._moved)):
            self._names, self._parameters = zip(*self._model.named_parameters(), strict=True)
        self._state, self._states = self._optimizer.state, len(self._optimizer.state)
        self._counts = [one._version for one in self._parameters]
        compared = self._seen or looked_at(self._updates)
        self._kept = [self._copy(one.detach()) for one in self._parameters] if compared else []
        self._alike = False

    def _copy(self, one: Any) -> Any:
        return self._copies.of(one) if one.is_cpu else one.clone()

    def copies(self) -> dict[int, Any]:
        """Copies of the parameters as they are now, by their ids, where there are some: not to be written to.

        They may be asked for where ``written`` has just said nothing.
        """
        if not (self._alike and all(one.is_cpu for one in self._kept)):
            return {}
        return {id(one): copy for one, copy in zip(self._parameters, self._kept, strict=True)}


def _same(kept: Any, parameter: Any) -> bool:
    now = parameter.detach()
    if (kept.shape, kept.dtype, kept.device) != (now.shape, now.dtype, now.device):
        return False
    return bool(torch.equal(kept, now)) or bool(torch.allclose(kept, now, rtol=0, atol=0, equal_nan=True))
