"""Where the moves of a page end: at the boundaries of the debugger, in statements that are written out."""

from __future__ import annotations

from collections.abc import Sequence

from backprop_tui.program.boundaries import Grain, next_boundary
from backprop_tui.program.statements import Program


def stops(program: Program, times: Sequence[int], grain: Grain) -> list[int]:
    """How many of the statements have run at each place where a move of *grain* ends, the start among them.

    Statements that are not written out lie between two that are: a boundary among them counts for the one
    before.

    Args:
        program: whose boundaries.
        times: the times at which the statements that are written out have just run.
        grain: how far a move goes.
    """
    found = [0]
    for count, time in enumerate(times, 1):
        following = times[count] if count < len(times) else None
        if following is None or next_boundary(program, grain, time - 1) < following:
            found.append(count)
    return found
