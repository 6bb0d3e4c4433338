"""What is known of a whole layer or of all weights of a unit at a moment, read off arrays at once.

The same as reading quantity by quantity with ``Session.read``, at a cost that does not grow with the network.
A layer's quantities are computed one after another, so that those of the present are always the first ones.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, TypeVar
from weakref import WeakKeyDictionary

from backprop_tui.engine.quantities import Kind, Quantity
from backprop_tui.history.edits import Target
from backprop_tui.history.timeline import Timeline
from backprop_tui.network.lazy_numpy import Array, np
from backprop_tui.session.session import Session

MOST_KEPT = 200
"""How many results are remembered for a run."""

_Result = TypeVar("_Result")
_kept: WeakKeyDictionary[Timeline, dict[tuple[object, ...], object]] = WeakKeyDictionary()


def kept(timeline: Timeline, key: tuple[object, ...], make: Callable[[], _Result]) -> _Result:
    """What *make* makes, remembered for as long as the run lives; *key* tells all that it depends on."""
    results = _kept.setdefault(timeline, {})
    found = results.get(key)
    if found is None:
        if len(results) >= MOST_KEPT:
            results.clear()
        found = results[key] = make()
    return found  # type: ignore[return-value]


class Known(NamedTuple):
    """Numbers of a layer's units or of a unit's weights, in order."""

    values: tuple[float | None, ...]
    """None: not computed yet."""
    current: int
    """So many of them, the first ones, belong to the present; the others are left from before."""
    key: tuple[object, ...]
    """Tells them apart from all others of the same run."""


def inputs(session: Session) -> Known:
    """The inputs of the example that is being worked on."""
    count, example = session.network.widths[0], session.now.example
    if session.edits:
        row = tuple(session.now.input(unit) for unit in range(count))
        return Known(row, count, ("edited", *row))
    return Known(session.network.data.inputs[example], count, ("x", example))


def of_units(session: Session, kind: Kind, layer: int) -> Known:
    """One quantity (z, a, dL/da, da/dz or delta) of every unit of a layer."""
    count = session.network.widths[layer]
    first, second = Quantity(kind, layer, 0), Quantity(kind, layer, 1)
    return _known(session, first, second, Quantity(kind, layer, count - 1), count)


def gradients(session: Session, layer: int, unit: int) -> Known:
    """The gradients of a unit's weights."""
    count = session.network.widths[layer - 1]
    first, second, last = (Quantity(Kind.WEIGHT_GRADIENT, layer, unit, i) for i in (0, 1, count - 1))
    return _known(session, first, second, last, count)


def weights(session: Session, layer: int, unit: int) -> Known:
    """The weights of a unit, all of them known at any time."""
    described = session.network.layers[layer - 1]
    count = described.inputs
    if not session.time:
        row: tuple[float | None, ...] = described.weights[unit]
        key: tuple[object, ...] = ("w", layer, unit, 0, 0)
    else:
        number = session.program.iteration_at(session.time - 1)
        done = updated(session, layer, unit)
        key = ("w", layer, unit, number, done)
        iteration = session.run.timeline.iteration(number)
        new = iteration.after.parameters.weights[layer - 1][unit]
        old = iteration.before.parameters.weights[layer - 1][unit]
        row = (*new[:done].tolist(), *old[done:].tolist())
    changed = _set_by_hand(session, layer, unit)
    if changed:
        values = list(row)
        for below in changed:
            values[below] = session.now.parameter(layer, unit, below).value
        row = tuple(values)
        key += (session.time,)
    return Known(row, count, key)


def changes(session: Session, layer: int, unit: int) -> Known:
    """How far the present update has moved a unit's weights; None where it has not come to one."""
    count = session.network.widths[layer - 1]
    done = updated(session, layer, unit)
    if not done:
        return Known((None,) * count, count, ("absent", count))
    number = session.program.iteration_at(session.time - 1)
    moved = _moved(session, number, layer)[unit, :done]
    row = (*moved.tolist(), *(None,) * (count - done))
    return Known(row, count, ("dw", layer, unit, number, done))


def movements(session: Session, layer: int) -> Known:
    """How far the present update has moved each unit: the length of the change of its weights and bias."""
    described = session.network.layers[layer - 1]
    count = described.units
    last = None if not described.frozen_biases else described.inputs - 1
    kind = Kind.WEIGHT_UPDATE if described.frozen_biases else Kind.BIAS_UPDATE
    first, second = Quantity(kind, layer, 0, last), Quantity(kind, layer, 1, last)
    done = _count(session, first, second, count)
    if not done:
        return Known((None,) * count, count, ("absent", count))
    number = session.program.iteration_at(session.time - 1)

    def lengths() -> list[float]:
        with np.errstate(all="ignore"):
            found = np.sqrt(np.square(_moved(session, number, layer)).sum(axis=1))
        return [float(length) for length in found]

    row = (*kept(session.run.timeline, ("lengths", layer, number), lengths)[:done], *(None,) * (count - done))
    return Known(row, count, ("moved", layer, number, done))


def updated(session: Session, layer: int, unit: int) -> int:
    """How many of a unit's weights the present update has come to."""
    first, second = (Quantity(Kind.WEIGHT_UPDATE, layer, unit, below) for below in (0, 1))
    return _count(session, first, second, session.network.widths[layer - 1])


def _moved(session: Session, number: int, layer: int) -> Array:
    """The change of a layer's weights, and last of its biases, of the shape (units, inputs + 1)."""

    def moved() -> Array:
        iteration = session.run.timeline.iteration(number)
        old, new = iteration.before.parameters, iteration.after.parameters
        with np.errstate(all="ignore"):
            return np.column_stack(
                [
                    new.weights[layer - 1] - old.weights[layer - 1],
                    new.biases[layer - 1] - old.biases[layer - 1],
                ]
            )

    return kept(session.run.timeline, ("moved by", layer, number), moved)


def _set_by_hand(session: Session, layer: int, unit: int) -> list[int]:
    """The inputs whose weights to a unit a person has set by now."""
    return [
        edit.below
        for edit in session.run.timeline.edits
        if edit.target is Target.PARAMETER
        and (edit.layer, edit.unit) == (layer, unit)
        and edit.below is not None
        and edit.time <= session.time
    ]


def _count(session: Session, first: Quantity, second: Quantity, count: int) -> int:
    """How many of some quantities, computed at even distances, have been computed for the present example."""
    program, time = session.program, session.time
    if not time:
        return 0
    scope = program.scope_start(time)
    start = program.next_time(first, scope)
    if start is None or start > time:
        return 0
    after = program.next_time(second, scope) if count > 1 else None
    return min(count, (time - start) // (after - start) + 1) if after else 1


def _known(session: Session, first: Quantity, second: Quantity, last: Quantity, count: int) -> Known:
    """Quantities computed at even distances: those of the present, then what is left of the others."""
    program, time = session.program, session.time
    current = _count(session, first, second, count)
    key: tuple[object, ...] = (first, current)
    row: list[float | None] = []
    if current:
        now = program.statement(program.scope_start(time))
        row = _row(session, first, now.iteration, now.slot or 0)[:current]
        key = (*key, now.iteration, now.slot)
    if current < count:
        before = program.last_time(last, time)
        if before is None:
            row += [None] * (count - current)
        else:
            then = program.statement(before - 1)
            row += _row(session, first, then.iteration, then.slot or 0)[current:]
            key = (*key, then.iteration, then.slot)
    return Known(tuple(row), current, key)


def _row(session: Session, quantity: Quantity, number: int, slot: int) -> list[float | None]:
    """A quantity of all units of its layer, or of all weights of its unit, for one example."""
    kind, layer, unit, _ = quantity
    assert layer is not None
    iteration = session.run.timeline.iteration(number)
    if kind is Kind.WEIGHT_GRADIENT:
        below = iteration.forward.a[layer - 1][slot]
        if layer == 1 and slot in iteration.used_inputs:
            below = iteration.used_inputs[slot][unit]
        with np.errstate(all="ignore"):
            product: Array = iteration.backward.delta[layer - 1][slot, unit] * below
        return [*product.tolist()]
    arrays = {
        Kind.WEIGHTED_SUM: iteration.forward.z,
        Kind.ACTIVATION: iteration.forward.a[1:],
        Kind.ACTIVATION_GRADIENT: iteration.backward.dL_da,
        Kind.ACTIVATION_DERIVATIVE: iteration.backward.da_dz,
        Kind.DELTA: iteration.backward.delta,
    }[kind]
    return [*arrays[layer - 1][slot].tolist()]
