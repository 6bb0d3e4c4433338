"""Parts of pictures, kept with a run from step to step.

What is drawn of a unit or of a parameter changes only where one of its own statements runs, where another
example begins, and where a person sets a value. So a part is kept under the *scope* (the example at
work), how many of its statements have run there (its *stage*), and how it is looked at.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Hashable
from operator import attrgetter
from typing import Any, NamedTuple

from backprop_tui.engine.quantities import Kind, Parameter, Quantity
from backprop_tui.history.run import Run
from backprop_tui.session.session import Session

MOST_SHELVES = 48
"""How many scopes and ways of looking at them are remembered for a run."""
MOST_PARTS = 1024
"""How many parts are remembered for each of them."""

_BY_TIME = attrgetter("time")


class Progress(NamedTuple):
    """How far a session has come, as far as numbers depend on it."""

    scope: int
    """The time at which the example at work began."""
    ran: int
    """How many statements have run since then, the update counted on from its last example."""
    edits: tuple[int, int]
    """How many edits were made before now, and by now."""


def progress(session: Session) -> Progress:
    """The progress of a session."""
    time = session.time
    scope = session.program.scope_start(time)
    edits = session.run.timeline.edits
    if not edits:
        return Progress(scope, time - scope, (0, 0))
    made = bisect_left(edits, time, key=_BY_TIME), bisect_right(edits, time, key=_BY_TIME)
    return Progress(scope, time - scope, made)


def shelf(session: Session, looks: Hashable, now: Progress | None = None) -> dict[Any, Any]:
    """Where parts that look so are kept, for the present example or for the whole run.

    They are gone with the run; one with other edits has parts of its own.
    """
    shelves: dict[Any, dict[Any, Any]] = session.run.shelves.setdefault("pictures", {})
    key = (now and (now.scope, now.edits), looks)
    found = shelves.pop(key, None)
    if found is None or len(found) > MOST_PARTS:
        found = {}
        if len(shelves) >= MOST_SHELVES:
            del shelves[next(iter(shelves))]
    shelves[key] = found
    return found


def unmoved(session: Session, run: Run, time: int) -> bool:
    """Whether a session still debugs a run at a time: what a thread has painted of it is kept only then."""
    return session.run is run and session.time == time


def parameters_key(session: Session) -> tuple[int, ...]:
    """What the present parameters depend on: the iteration, how far its update has come, and edits by now."""
    program, time = session.program, session.time
    number = program.iteration_at(max(0, time - 1))
    begun = program.iteration_start(number) + program.batch_length(number) * program.layout.block
    return number, max(0, time - begun), bisect_right(session.run.timeline.edits, time, key=_BY_TIME)


_OF_UNIT = (Kind.WEIGHTED_SUM, Kind.ACTIVATION, Kind.ACTIVATION_DERIVATIVE, Kind.DELTA)

Places = tuple[int, ...]
"""How far into their scope some statements run, in order."""


def unit_places(session: Session, layer: int, unit: int) -> Places:
    """When z, a, da/dz and delta of a unit are computed; an input's never."""
    if layer == 0:
        return ()
    places = (session.program.place_in_scope(Quantity(kind, layer, unit)) for kind in _OF_UNIT)
    return tuple(place for place in places if place is not None)


def parameter_places(session: Session, layer: int, unit: int, below: int | None) -> Places:
    """When a parameter's gradient is computed, the update begins, and the parameter is updated."""
    program, parameter = session.program, Parameter(layer, unit, below)
    gradient, update = map(program.place_in_scope, (parameter.gradient, parameter.update))
    return tuple(place for place in (gradient, program.layout.block + 1, update) if place is not None)


def stage(places: Places, ran: int) -> int:
    """How many of some statements have run."""
    return bisect_right(places, ran)
