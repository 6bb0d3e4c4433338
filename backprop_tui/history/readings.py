"""What every quantity is worth at a time: computed just now, left from before, or not computed yet."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

from backprop_tui.engine.iteration import Iteration
from backprop_tui.engine.quantities import Kind, Parameter, Quantity
from backprop_tui.history.timeline import Timeline


class Freshness(StrEnum):
    """How a value stands to the present."""

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
    """Reads quantities off a timeline. Reading costs the same whatever the size of the network."""

    def __init__(self, timeline: Timeline) -> None:
        self._program = timeline.program
        self._timeline = timeline

    def at(self, time: int) -> float:
        """What the statement that ends at *time* computed."""
        statement = self._program.statement(time - 1)
        iteration = self._timeline.iteration(statement.iteration)
        return _value(iteration, statement.quantity, statement.slot)

    def read(self, quantity: Quantity, time: int) -> Reading:
        """The latest value of a quantity at *time*."""
        found = self._program.latest(quantity, time)
        if found is None:
            return ABSENT
        computed, iteration, slot = found
        value = _value(self._timeline.iteration(iteration), quantity, slot)
        fresh = computed > self._program.scope_start(time)
        return Reading(value, Freshness.CURRENT if fresh else Freshness.STALE, computed)

    def parameter(self, layer: int, unit: int, below: int | None, time: int) -> Reading:
        """The value that a weight (or, where *below* is None, a bias) has at *time*."""
        quantity = Parameter(layer, unit, below).update
        found = self._program.latest(quantity, time)
        edits = self._timeline.edits
        for edit in reversed(edits) if edits else ():
            if (found[0] if found else 0) <= edit.time <= time and edit.sets_parameter(layer, unit, below):
                return Reading(edit.value, Freshness.CURRENT, edit.time)
        if found is not None:
            computed, iteration, slot = found
            value = _value(self._timeline.iteration(iteration), quantity, slot)
            return Reading(value, Freshness.CURRENT, computed)
        given = self._timeline.network.layers[layer - 1]
        return Reading(given.biases[unit] if below is None else given.weights[unit][below], Freshness.CURRENT)

    def mean_gradient(self, layer: int, unit: int, below: int | None, time: int) -> float:
        """The gradient averaged over the batch, in the iteration of the statement that ends at *time*."""
        gradient = self._iteration_before(time).gradient
        if below is None:
            return float(gradient.biases[layer - 1][unit])
        return float(gradient.weights[layer - 1][unit, below])

    def optimizer_state(self, layer: int, unit: int, below: int | None, time: int) -> dict[str, float]:
        """The optimizer's state of a parameter before that iteration's update."""
        state = self._iteration_before(time).before
        if below is None:
            return {name: float(array[unit]) for name, array in state.bias_state[layer - 1].items()}
        return {name: float(array[unit, below]) for name, array in state.weight_state[layer - 1].items()}

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


def _value(iteration: Iteration, quantity: Quantity, slot: int | None) -> float:
    kind, layer, unit, below = quantity
    if kind is Kind.LOSS:
        return float(iteration.forward.loss[slot])
    assert layer is not None
    if kind is Kind.WEIGHT_UPDATE:
        return float(iteration.after.parameters.weights[layer - 1][unit, below])
    if kind is Kind.BIAS_UPDATE:
        return float(iteration.after.parameters.biases[layer - 1][unit])
    if kind is Kind.BIAS_GRADIENT:
        kind = Kind.DELTA
    if kind is not Kind.WEIGHT_GRADIENT:
        return float(iteration.array(kind, layer)[slot, unit])
    delta = float(iteration.backward.delta[layer - 1][slot, unit])
    if layer == 1 and slot is not None and slot in iteration.used_inputs:
        return delta * float(iteration.used_inputs[slot][unit, below])
    return delta * float(iteration.forward.a[layer - 1][slot, below])
