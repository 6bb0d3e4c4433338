"""The values of a whole layer, or of all weights of a unit, at a moment, read from arrays at once.

The same values as ``Moment.read`` gives one by one, for a large layer much quicker. A layer's quantities are
computed in order, so the ones computed in the present iteration always come first.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import NamedTuple, TypeVar

from backprop_tui.engine.quantities import Kind, Parameter, Quantity
from backprop_tui.history.moment import Moment
from backprop_tui.history.run import Run
from backprop_tui.network.lazy_numpy import Array, np

MOST_KEPT = 200
"""How many results are cached for a run."""

_Result = TypeVar("_Result")


def kept(run: Run, key: Hashable, make: Callable[[], _Result]) -> _Result:
    """The result of *make*, cached with the run under *key*, which holds all that it depends on."""
    results = run.shelves.setdefault("layers", {})
    found: _Result | None = results.get(key)
    if found is None:
        if len(results) >= MOST_KEPT:
            results.clear()
        found = results[key] = make()
    return found


class Known(NamedTuple):
    """Numbers of a layer's units or of a unit's weights, in order."""

    values: tuple[float | None, ...]
    """None: not computed yet."""
    current: int
    """How many of them, from the first on, are of the present; the others are older."""
    key: tuple[object, ...]
    """Tells them apart from all others of the same run."""


def inputs(now: Moment) -> Known:
    """The inputs of the example that is being worked on."""
    count, example = now.run.network.widths[0], now.example
    if now.run.edits:
        row = tuple(now.input(unit) for unit in range(count))
        return Known(row, count, ("edited", *row))
    return Known(now.run.network.data.inputs[example], count, ("x", example))


def of_units(now: Moment, kind: Kind, layer: int) -> Known:
    """One quantity (z, a, dL/da, da/dz or delta) of every unit of a layer."""
    count = now.run.network.widths[layer]
    first, second = Quantity(kind, layer, 0), Quantity(kind, layer, 1)
    return _known(now, first, second, Quantity(kind, layer, count - 1), count)


def gradients(now: Moment, layer: int, unit: int) -> Known:
    """The gradients of a unit's weights."""
    count = now.run.network.widths[layer - 1]
    first, second, last = (Parameter(layer, unit, below).gradient for below in (0, 1, count - 1))
    return _known(now, first, second, last, count)


def weights(now: Moment, layer: int, unit: int) -> Known:
    """The weights of a unit, all of them known at any time."""
    described = now.run.network.layers[layer - 1]
    count = described.inputs
    if not now.time:
        row: tuple[float | None, ...] = described.weights[unit]
        key: tuple[object, ...] = ("w", layer, unit, 0, 0)
    else:
        number = now.run.program.iteration_at(now.time - 1)
        done = updated(now, layer, unit)
        key = ("w", layer, unit, number, done)
        iteration = now.run.timeline.iteration(number)
        new = iteration.after.parameters.weights[layer - 1][unit]
        old = iteration.before.parameters.weights[layer - 1][unit]
        row = (*new[:done].tolist(), *old[done:].tolist())
    by_hand = now.set_by_hand
    if any(one[:2] == (layer, unit) for one in by_hand):
        present = zip(Parameter.of_unit(layer, unit, count), row, strict=False)
        row = tuple(now.parameter(one).value if one in by_hand else value for one, value in present)
        key += (now.time,)
    return Known(row, count, key)


def changes(now: Moment, layer: int, unit: int) -> Known:
    """How far the present update has moved a unit's weights; None for those not updated yet."""
    count = now.run.network.widths[layer - 1]
    done = updated(now, layer, unit)
    if not done:
        return Known((None,) * count, count, ("absent", count))
    number = now.run.program.iteration_at(now.time - 1)
    moved = _moved(now, number, layer)[unit, :done]
    row = (*moved.tolist(), *(None,) * (count - done))
    return Known(row, count, ("dw", layer, unit, number, done))


def movements(now: Moment, layer: int) -> Known:
    """How far the present update has moved each unit: the length of the change of its weights and bias."""
    described = now.run.network.layers[layer - 1]
    count = described.units
    last = described.inputs - 1 if described.frozen_biases else None
    first, second = (Parameter(layer, unit, last).update for unit in (0, 1))
    done = _count(now, first, second, count)
    if not done:
        return Known((None,) * count, count, ("absent", count))
    number = now.run.program.iteration_at(now.time - 1)

    def lengths() -> list[float]:
        with np.errstate(all="ignore"):
            found = np.sqrt(np.square(_moved(now, number, layer)).sum(axis=1))
        return [float(length) for length in found]

    row = (*kept(now.run, ("lengths", layer, number), lengths)[:done], *(None,) * (count - done))
    return Known(row, count, ("moved", layer, number, done))


def updated(now: Moment, layer: int, unit: int) -> int:
    """How many of a unit's weights the present update has changed."""
    first, second = (Parameter(layer, unit, below).update for below in (0, 1))
    return _count(now, first, second, now.run.network.widths[layer - 1])


def _moved(now: Moment, number: int, layer: int) -> Array:
    """The change of a layer's weights, and last of its biases, of the shape (units, inputs + 1)."""

    def moved() -> Array:
        return np.column_stack(now.run.timeline.iteration(number).moved(layer))

    return kept(now.run, ("moved by", layer, number), moved)


def _count(now: Moment, first: Quantity, second: Quantity, count: int) -> int:
    """How many of *count* quantities, computed at even intervals, are known for the present example."""
    program, time = now.run.program, now.time
    if not time:
        return 0
    scope = program.scope_start(time)
    start = program.next_time(first, scope)
    if start is None or start > time:
        return 0
    after = program.next_time(second, scope) if count > 1 else None
    return min(count, (time - start) // (after - start) + 1) if after else 1


def _known(now: Moment, first: Quantity, second: Quantity, last: Quantity, count: int) -> Known:
    """Quantities computed at even intervals: the present values first, then the older ones of the rest."""
    program, time = now.run.program, now.time
    current = _count(now, first, second, count)
    key: tuple[object, ...] = (first, current)
    row: list[float | None] = []
    if current:
        newest = program.statement(program.scope_start(time))
        row = _row(now, first, newest.iteration, newest.slot or 0)[:current]
        key = (*key, newest.iteration, newest.slot)
    if current < count:
        before = program.last_time(last, time)
        if before is None:
            row += [None] * (count - current)
        else:
            then = program.statement(before - 1)
            row += _row(now, first, then.iteration, then.slot or 0)[current:]
            key = (*key, then.iteration, then.slot)
    return Known(tuple(row), current, key)


def _row(now: Moment, quantity: Quantity, number: int, slot: int) -> list[float | None]:
    """A quantity of all units of its layer, or of all weights of its unit, for one example."""
    kind, layer, unit, _ = quantity
    assert layer is not None
    assert unit is not None
    iteration = now.run.timeline.iteration(number)
    if kind is Kind.WEIGHT_GRADIENT:
        return [*iteration.of_weights(kind, layer, unit, slot).tolist()]
    return [*iteration.of_layer(kind, layer, slot).tolist()]
