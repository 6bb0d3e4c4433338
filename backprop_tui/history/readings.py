"""The value of every quantity at a time, and whether it is current, stale or not computed yet."""

from __future__ import annotations

from enum import StrEnum
from functools import reduce
from operator import getitem
from typing import Any

from msgspec import Struct

from backprop_tui.engine.iteration import Iteration
from backprop_tui.engine.quantities import Parameter, Quantity
from backprop_tui.history.timeline import Timeline


class Freshness(StrEnum):
    """How old a value is."""

    CURRENT = "current"
    STALE = "stale"
    """Left from an earlier example, iteration or epoch."""
    ABSENT = "absent"
    """Not computed yet."""


class Reading(Struct, frozen=True):
    """A quantity's value at a time, and when it was computed (0 for what is given from the start)."""

    value: float | None
    freshness: Freshness
    time: int = 0


ABSENT = Reading(None, Freshness.ABSENT)


class Readings:
    """Reads quantities from a timeline, at a cost that does not depend on the network's size."""

    def __init__(self, timeline: Timeline) -> None:
        self._program = timeline.program
        self._timeline = timeline

    def at(self, time: int) -> float:
        """What the statement that ends at *time* computed."""
        statement = self._program.statement(time - 1)
        iteration = self._timeline.iteration(statement.iteration)
        return iteration.value(statement.quantity, statement.slot)

    def read(self, quantity: Quantity, time: int) -> Reading:
        """The latest value of a quantity at *time*."""
        found = self._program.latest(quantity, time)
        if found is None:
            return ABSENT
        computed, iteration, slot = found
        fresh = computed > self._program.scope_start(time)
        return Reading(
            self._timeline.iteration(iteration).value(quantity, slot),
            Freshness.CURRENT if fresh else Freshness.STALE,
            computed,
        )

    def parameter(self, parameter: Parameter, time: int) -> Reading:
        """The value that a weight or bias has at *time*."""
        found = self._program.latest(parameter.update, time)
        edits = self._timeline.edits
        for edit in reversed(edits) if edits else ():
            if (found[0] if found else 0) <= edit.time <= time and edit.sets.parameter == parameter:
                return Reading(edit.value, Freshness.CURRENT, edit.time)
        if found is not None:
            computed, iteration, _ = found
            after = self._timeline.iteration(iteration).after
            return Reading(after.parameters.value(parameter), Freshness.CURRENT, computed)
        given = self._timeline.network.layers[parameter.layer - 1]
        rows: Any = parameter.pick(given.weights, given.biases)
        return Reading(reduce(getitem, parameter.place, rows), Freshness.CURRENT)

    def mean_gradient(self, parameter: Parameter, time: int) -> float:
        """The gradient averaged over the batch, in the iteration of the statement that ends at *time*."""
        return self._iteration_before(time).gradient.value(parameter)

    def optimizer_state(self, parameter: Parameter, time: int) -> dict[str, float]:
        """The optimizer's state of a parameter before that iteration's update."""
        return self._iteration_before(time).before.optimizer_state(parameter)

    def example(self, time: int) -> int:
        """The example (its row in the data) that is being worked on at *time*: next to come, or just done.

        Between iterations it is the one just done; in the update, the last of the batch; at the very start,
        the first.
        """
        if time <= 0:
            return self._timeline.example(0, 0)
        statement = self._program.statement(time - 1)
        return self._timeline.example(statement.iteration, -1 if statement.slot is None else statement.slot)

    def _iteration_before(self, time: int) -> Iteration:
        return self._timeline.iteration(self._program.iteration_at(time - 1))
