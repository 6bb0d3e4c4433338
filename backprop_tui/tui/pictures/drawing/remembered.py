"""Parts of pictures, remembered from step to step.

What is drawn of a unit or of a parameter changes only where one of its own statements runs, where another
example begins, and where a person sets a value. So a part is remembered under the *scope* (the example at
work), how many of its statements have run there (its *stage*), and how it is looked at.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Hashable
from functools import lru_cache
from operator import attrgetter
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

from backprop_tui.engine.quantities import Kind, Parameter, Quantity
from backprop_tui.history.timeline import Timeline
from backprop_tui.program.statements import Program
from backprop_tui.session.session import Session

MOST_SHELVES = 24
"""How many scopes and ways of looking at them are remembered for a run."""
MOST_PARTS = 1024
"""How many parts are remembered for each of them."""

_BY_TIME = attrgetter("time")
_kept: WeakKeyDictionary[Timeline, dict[Hashable, dict[Any, Any]]] = WeakKeyDictionary()


class Moment(NamedTuple):
    """Where a session is, as far as numbers depend on it."""

    scope: int
    """The time at which the example at work began."""
    ran: int
    """How many statements have run since then, the update counted on from its last example."""
    edits: tuple[int, int]
    """How many edits were made before now, and by now."""


def moment(session: Session) -> Moment:
    """The moment of a session."""
    time = session.time
    scope = session.program.scope_start(time)
    edits = session.run.timeline.edits
    if not edits:
        return Moment(scope, time - scope, (0, 0))
    made = bisect_left(edits, time, key=_BY_TIME), bisect_right(edits, time, key=_BY_TIME)
    return Moment(scope, time - scope, made)


def shelf(session: Session, looks: Hashable, now: Moment | None = None) -> dict[Any, Any]:
    """Where parts that look so are remembered, for a moment's example or for the whole run.

    Of a run that is gone nothing is remembered, so that one with other edits has parts of its own.
    """
    shelves = _kept.setdefault(session.run.timeline, {})
    key = (now and (now.scope, now.edits), looks)
    found = shelves.pop(key, None)
    if found is None or len(found) > MOST_PARTS:
        found = {}
        if len(shelves) >= MOST_SHELVES:
            del shelves[next(iter(shelves))]
    shelves[key] = found
    return found


def forget() -> None:
    """Forget every part, so that all are drawn anew."""
    _kept.clear()
    for places in (unit_places, parameter_places):
        places.cache_clear()


_OF_UNIT = (Kind.WEIGHTED_SUM, Kind.ACTIVATION, Kind.ACTIVATION_DERIVATIVE, Kind.DELTA)

Places = tuple[int, ...]
"""How far into their scope some statements run, in order."""


@lru_cache(maxsize=4096)
def unit_places(program: Program, layer: int, unit: int) -> Places:
    """When z, a, da/dz and delta of a unit are computed; an input's never."""
    if layer == 0:
        return ()
    found = (program.place_in_scope(Quantity(kind, layer, unit)) for kind in _OF_UNIT)
    return tuple(place for place in found if place is not None)


@lru_cache(maxsize=4096)
def parameter_places(program: Program, layer: int, unit: int, below: int | None) -> Places:
    """When a parameter's gradient is computed, the update begins, and the parameter is updated."""
    parameter = Parameter(layer, unit, below)
    gradient, update = map(program.place_in_scope, (parameter.gradient, parameter.update))
    return tuple(place for place in (gradient, program.layout.block + 1, update) if place is not None)


def stage(places: Places, ran: int) -> int:
    """How many of some statements have run."""
    return bisect_right(places, ran)
