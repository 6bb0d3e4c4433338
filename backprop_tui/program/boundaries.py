"""The boundaries at which moves end: of statements, units, layers, passes, updates and epochs."""

from __future__ import annotations

from enum import StrEnum

from backprop_tui.engine.quantities import Phase
from backprop_tui.program.statements import Program


class Grain(StrEnum):
    """How far one move goes.

    >>> from backprop_tui import Grain, Session, load
    >>> session = Session(load())
    >>> session.forward(Grain.UNIT)
    >>> session.position
    '0:2'
    """

    STATEMENT = "statement"
    UNIT = "unit"
    LAYER = "layer"
    FORWARD = "forward"
    BACKWARD = "backward"
    UPDATE = "update"
    EPOCH = "epoch"


def next_boundary(program: Program, grain: Grain, time: int) -> int:
    """The first boundary of *grain* after *time*."""
    if grain is Grain.STATEMENT:
        return time + 1
    if grain is Grain.EPOCH:
        return (time // program.statements + 1) * program.statements
    if grain in (Grain.UNIT, Grain.LAYER):
        return _tile(program, time, grain)[1]
    iteration = program.iteration_at(time)
    if grain is Grain.UPDATE:
        return program.iteration_start(iteration + 1)
    first = program.layout.forward + 1 if grain is Grain.FORWARD else program.layout.block
    start = program.iteration_start(iteration)
    slot = max(0, (time - start - first) // program.layout.block + 1)
    if slot < program.batch_length(iteration):
        return start + slot * program.layout.block + first
    return program.iteration_start(iteration + 1) + first


def previous_boundary(program: Program, grain: Grain, time: int) -> int:
    """The last boundary of *grain* before *time*; 0, the very start, is one of every grain."""
    if time <= 1:
        return 0
    if grain is Grain.STATEMENT:
        return time - 1
    if grain is Grain.EPOCH:
        return (time - 1) // program.statements * program.statements
    if grain in (Grain.UNIT, Grain.LAYER):
        return _tile(program, time - 1, grain)[0]
    iteration = program.iteration_at(time - 1)
    start = program.iteration_start(iteration)
    if grain is Grain.UPDATE:
        return start
    first = program.layout.forward + 1 if grain is Grain.FORWARD else program.layout.block
    slot = min(-(-(time - start - first) // program.layout.block) - 1, program.batch_length(iteration) - 1)
    if slot >= 0:
        return start + slot * program.layout.block + first
    if iteration == 0:
        return 0
    before = program.iteration_start(iteration - 1)
    return before + (program.batch_length(iteration - 1) - 1) * program.layout.block + first


def _tile(program: Program, index: int, grain: Grain) -> tuple[int, int]:
    """Start and end of the unit's or layer's statements among which the one at time *index* is."""
    statement = program.statement(index)
    _, _, offset = program.place_in_epoch(index)
    block = index - offset
    phase, layer, unit = statement.phase, statement.quantity.layer, statement.quantity.unit
    if layer is None or unit is None:
        return index, index + 1
    plan = program.layout.layers[layer - 1]
    shared = plan.units if plan.couples else 0
    if phase is Phase.FORWARD:
        first, size = plan.forward, 1 if plan.couples else 2
    elif phase is Phase.BACKWARD:
        first, size = plan.backward, plan.per_unit - 1 if plan.couples else plan.per_unit
    else:
        first, size, shared = plan.update, plan.updates, 0
    if grain is Grain.LAYER:
        return block + first, block + first + shared + plan.units * size
    if offset - first < shared:
        unit = 0
    low = first + shared + unit * size
    return block + (first if unit == 0 else low), block + low + size
