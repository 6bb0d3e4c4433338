"""The weights of a unit at a moment, all at once."""

from __future__ import annotations

from backprop_tui.engine.quantities import Parameter
from backprop_tui.session.session import Session


def weight_row(session: Session, layer: int, unit: int, done: int) -> tuple[float, ...]:
    """The weights of a unit, *done* of which the present update has changed."""
    if not session.time:
        row: tuple[float, ...] = session.network.layers[layer - 1].weights[unit]
    else:
        iteration = session.run.timeline.iteration(session.program.iteration_at(session.time - 1))
        new = iteration.after.parameters.weights[layer - 1][unit]
        old = iteration.before.parameters.weights[layer - 1][unit]
        row = (*new[:done].tolist(), *old[done:].tolist())
    changed = session.now.weights_set_by_hand(layer, unit)
    if changed:
        values = list(row)
        for below in changed:
            values[below] = session.now.parameter(Parameter(layer, unit, below)).value or 0.0
        row = tuple(values)
    return row
