"""The weights of a unit at a moment, all at once."""

from __future__ import annotations

from backprop_tui.history.edits import Target
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
    changed = set_by_hand(session, layer, unit)
    if changed:
        values = list(row)
        for below in changed:
            values[below] = session.now.parameter(layer, unit, below).value or 0.0
        row = tuple(values)
    return row


def set_by_hand(session: Session, layer: int, unit: int) -> list[int]:
    """The inputs whose weights to a unit a person has set by now."""
    return [
        edit.below
        for edit in session.run.timeline.edits
        if edit.target is Target.PARAMETER
        and (edit.layer, edit.unit) == (layer, unit)
        and edit.below is not None
        and edit.time <= session.time
    ]
