"""When a condition has the recording written."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

from backprop_tui.pytorch.recording.memory.iterations import Iteration, Pass
from backprop_tui.pytorch.recording.triggering.conditions import Values, judge, parsed
from backprop_tui.pytorch.recording.triggering.values import values_of

LOOKING_BACK = 5
"""Iterations whose values a condition may ask for: ``previous`` may be nested four deep."""
MOST_WINDOWS = 8
"""Windows that it has written, and the first of numbers that are not finite; later ones are counted."""


class Trigger:
    """A condition, from iteration to iteration."""

    def __init__(self, when: str) -> None:
        """Read it.

        Args:
            when: the condition; empty for none.

        Raises:
            PyTorchError: it cannot be read.

        """
        condition = parsed(when) if when else None
        self.said = str(condition)
        """As it is said again."""
        self.count = 0
        """How often it has become true."""
        self._judge = judge(condition.root) if condition else None
        self._values: deque[Values] = deque(maxlen=LOOKING_BACK)
        self._held = self._not_finite = False

    def fires(self, current: Iteration, attempt: Sequence[Pass] = ()) -> bool:
        """Whether it has become true and the recording is to be written.

        Args:
            current: the iteration.
            attempt: passes of it that were given up, where it is theirs that count.

        """
        if self._judge is None:
            return False
        values = values_of(current, attempt)
        self._values.append(values)
        before, self._held = self._held, self._judge(self._values)
        began = self._held and bool(values["not_finite"]) and not self._not_finite
        self._not_finite |= began
        if not self._held or (before and not began):
            return False
        self.count += 1
        return began or self.count <= MOST_WINDOWS
