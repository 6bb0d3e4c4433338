"""The units of note at a time: saturated for the present example, or dead for the whole batch.

A picture asks for them at every step, so they are remembered with the run for the iterations asked last.
Before a unit's slope has been computed in the present iteration it has no mark.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from backprop_tui.analysis.unit_health import is_saturated, unit_health
from backprop_tui.engine.quantities import Phase
from backprop_tui.history.run import Run
from backprop_tui.network.lazy_numpy import Array, np

REMEMBERED = 64
"""How many examples a run remembers the marks of."""


class Mark(StrEnum):
    """What is to be said of a unit."""

    SATURATED = "saturated"
    DEAD = "dead"


Marks = Mapping[tuple[int, int], Mark]
"""By layer and unit; healthy units are not in it."""


def unit_marks(run: Run, time: int) -> Marks:
    """The marks of the example that is being worked on, in the iteration of a time.

    Dead comes before saturated. Saturated are only units of activations that saturate: a ReLU is off for one
    example and on for the next, as it should be.
    """
    if time <= 0:
        return {}
    statement = run.program.statement(time - 1)
    key = (statement.iteration, statement.slot)
    shelf: dict[tuple[int, int | None], Marks] = run.shelves.setdefault("unit marks", {})
    found = shelf.get(key)
    if found is None:
        found = _marks(run, *key)
        if len(shelf) >= REMEMBERED:
            shelf.pop(next(iter(shelf)), None)
        shelf[key] = found
    if statement.phase is Phase.UPDATE or not found:
        return found
    return {place: mark for place, mark in found.items() if _computed(run, place, time)}


def _marks(run: Run, iteration: int, slot: int | None) -> Marks:
    """Those of a whole iteration; in the update of the batch's last example."""
    slopes = run.timeline.iteration(iteration).backward.da_dz
    found: dict[tuple[int, int], Mark] = {}
    for number, layer in enumerate(run.network.layers, 1):
        of_layer: Array = slopes[number - 1]
        activation = layer.activation
        if activation.saturates:
            flat = is_saturated(activation, of_layer[-1 if slot is None else slot])
            found |= {(number, int(unit)): Mark.SATURATED for unit in np.flatnonzero(flat)}
        dead = unit_health(activation, of_layer).dead
        found |= {(number, int(unit)): Mark.DEAD for unit in np.flatnonzero(dead)}
    return found
