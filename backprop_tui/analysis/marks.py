"""What is to be marked at a time: units that are saturated or dead, layers whose error signal is lost.

Pictures ask at every step, so what was found is remembered with the run for the latest examples asked for. A
unit has a mark from where its slope has been computed for the present example, a layer from its error signal.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from backprop_tui.analysis.gradient_flow import Verdict, flow_at
from backprop_tui.analysis.unit_health import is_saturated, unit_health
from backprop_tui.engine.quantities import Kind, Quantity
from backprop_tui.history.run import Run
from backprop_tui.network.lazy_numpy import np

REMEMBERED = 64
"""How many examples a run remembers the marks of."""


class Mark(StrEnum):
    """What is to be said of a unit."""

    SATURATED = "saturated"
    DEAD = "dead"
    UNDERFLOW = "underflow"
    """The type of PyTorch's numbers made one of its numbers 0."""
    OVERFLOW = "overflow"
    """It made one infinite."""


UnitMarks = Mapping[tuple[int, int], Mark]
"""By layer and unit; healthy units are not in it."""


def unit_marks(run: Run, time: int) -> UnitMarks:
    """The marks of units for the example that is being worked on.

    Where a unit is both it is dead. Only units of activations that saturate are marked so: a ReLU is off for
    one example and on for the next, as it should be.
    """
    if time <= 0:
        return {}
    statement = run.program.statement(time - 1)
    last = run.program.batch_length(statement.iteration) - 1
    key = (statement.iteration, last if statement.slot is None else statement.slot)
    found = run.remembered("unit marks", key, REMEMBERED, lambda: _of_example(run, *key))
    ran = time - run.program.scope_start(time)
    if ran >= run.program.layout.block or not found:
        return found
    return {
        place: mark
        for place, mark in found.items()
        if _computed(run, Quantity(Kind.ACTIVATION_DERIVATIVE, *place), ran)
    }


def layer_marks(run: Run, time: int) -> Mapping[int, Verdict]:
    """The layers, by number, whose error signal vanishes or explodes in the iteration of a time."""
    ran = time - run.program.scope_start(time)
    if ran <= run.program.layout.forward:
        return {}
    return {
        row.layer: row.verdict
        for row in flow_at(run, time)
        if row.verdict
        and _computed(run, Quantity(Kind.DELTA, row.layer, run.network.widths[row.layer] - 1), ran)
    }


def _of_example(run: Run, iteration: int, slot: int) -> UnitMarks:
    """The marks of one example, all of its slopes known."""
    slopes = run.timeline.iteration(iteration).backward.da_dz
    found: dict[tuple[int, int], Mark] = {}
    for number, layer in enumerate(run.network.layers, 1):
        of_layer, activation = slopes[number - 1], layer.activation
        if activation.saturates:
            flat = is_saturated(activation, of_layer[slot])
            found |= {(number, int(unit)): Mark.SATURATED for unit in np.flatnonzero(flat)}
        dead = unit_health(activation, of_layer).dead
        found |= {(number, int(unit)): Mark.DEAD for unit in np.flatnonzero(dead)}
    return found


def _computed(run: Run, quantity: Quantity, ran: int) -> bool:
    """Whether a quantity of an example has been computed where so many of its statements have run."""
    offset = run.program.layout.offset(quantity)
    return offset is not None and offset < ran
