"""The passes of a model, and which of them a loss was computed of."""

from __future__ import annotations

from collections import deque
from typing import Any, NamedTuple

from backprop_tui.pytorch.recording.memory.copies import Copies
from backprop_tui.pytorch.recording.memory.iterations import NOT_DIRECT, Iteration, Pass

MOST_WAITING = 8
"""Passes of the model for which a loss may still come."""
NO_NEW_PASS = "a loss was computed without a new pass of the model"
SEVERAL = "the model was called several times before the loss; the pass that the loss took is kept"


class Taken(NamedTuple):
    """The pass of which a loss was computed; None where it is not known; and what is to be noted of that."""

    one: Pass | None
    note: str = ""


class Passes:
    """Those whose loss has not been computed."""

    def __init__(self, copies: Copies) -> None:
        self._copies = copies
        self._waiting: deque[Pass] = deque(maxlen=MOST_WAITING)

    def begin(self, arguments: tuple[Any, ...], keywords: dict[str, Any]) -> None:
        """The model is called."""
        copies = self._copies
        self._waiting.append(Pass(copies.of(arguments), copies.of(keywords) if keywords else {}))

    def gave(self, output: Any) -> None:
        """The model has given its output."""
        if self._waiting:
            self._waiting[-1].remember(output)

    def taken(self, current: Iteration, given: tuple[Any, ...], value: Any) -> Taken:
        """A loss was computed: find its pass, which then knows its targets and its loss.

        Args:
            current: with the passes of which a loss was computed before.
            given: what the loss was given.
            value: what it gave.

        """
        waiting = self._waiting
        if len(waiting) == 1 and given and waiting[0].gave(given[0]):  # as it nearly always is
            one, note = waiting.pop(), ""
            one.targets = self._copies.of(given[1:])
        else:
            found, note = self._found(current, given)
            if found is None:
                return Taken(None, note)
            one = found
            others = [tensor for tensor in given if not one.gave(tensor)]
            one.targets = self._copies.of(tuple(others if one.direct else others[1:]))
        one.loss = mean(value)
        return Taken(one, note)

    def _found(self, current: Iteration, given: tuple[Any, ...]) -> Taken:
        waiting = self._waiting
        one = next((one for one in waiting if any(map(one.gave, given))), None)
        again = None if one else next((p for p in current.passes if any(map(p.gave, given))), None)
        if again is not None:
            return Taken(again.again())
        if one is not None:
            note = SEVERAL if len(waiting) > 1 else ""
        elif not waiting:
            return Taken(None, NO_NEW_PASS)
        else:
            one, note = waiting[-1], NOT_DIRECT
            one.direct = False
        waiting.clear()
        return Taken(one, note)


def mean(tensor: Any) -> float:
    """The mean of its numbers."""
    return float(tensor.item() if tensor.numel() == 1 else tensor.detach().double().mean())
