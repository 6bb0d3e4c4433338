"""The largest terms of the sum that made a unit's number: w·a of a weighted sum, delta·w of a dL/da."""

from __future__ import annotations

from typing import NamedTuple

from backprop_tui.engine.quantities import Kind, Parameter, Phase, Quantity
from backprop_tui.history import layer_readings
from backprop_tui.history.edits import Target
from backprop_tui.history.readings import Freshness, Reading
from backprop_tui.network.lazy_numpy import Array, np
from backprop_tui.network.names import shown
from backprop_tui.session.session import Session


class Contribution(NamedTuple):
    """One term: what it comes from, its factors and their product."""

    name: str
    left: float
    right: float | None
    """None where the term is no product, as a bias."""
    product: float


class Contributions(NamedTuple):
    """The largest terms of a sum, the largest first."""

    symbol: str
    """What the terms come to, as the screen names it."""
    total: Reading
    terms: tuple[Contribution, ...]
    others: int
    """How many terms there are beside these."""
    operator: str = "·"
    """What stands between the factors."""
    title: str = ""
    """What the terms are, where they are not those of the total."""


def contributions(
    session: Session, layer: int, unit: int, kind: Kind | None, most: int
) -> Contributions | None:
    """The largest terms of what is being computed at a unit; None where nothing of it is computed yet.

    Args:
        session: the run at its moment.
        layer: the unit's layer.
        unit: its number.
        kind: what the screen shows of it; decides which of its sums is meant.
        most: how many terms at most.
    """
    if layer == 0 or not session.time:
        return None
    moving = kind in (Kind.WEIGHT_UPDATE, Kind.BIAS_UPDATE) or session.now.phase is Phase.UPDATE
    if moving and layer_readings.updated(session.now, layer, unit):
        return _changes(session, layer, unit, most)
    delta = session.now.read(Quantity(Kind.DELTA, layer, unit))
    if kind in (Kind.WEIGHT_GRADIENT, Kind.BIAS_GRADIENT) and delta.freshness is Freshness.CURRENT:
        return _gradients(session, layer, unit, delta, most)
    if layer < len(session.network.layers):
        back = session.now.read(Quantity(Kind.ACTIVATION_GRADIENT, layer, unit))
        if back.freshness is Freshness.CURRENT and kind not in (Kind.WEIGHTED_SUM, Kind.ACTIVATION):
            return _error(session, layer, unit, back, most)
    z = session.now.read(Quantity(Kind.WEIGHTED_SUM, layer, unit))
    return _sum(session, layer, unit, z, most) if z.freshness is Freshness.CURRENT else None


def largest(products: Array, most: int) -> list[int]:
    """The indices of the *most* largest in size, the largest first; what is not a number comes before all."""
    size = np.where(np.isnan(products), np.inf, np.abs(products))
    if len(size) > 16 * most:
        among = np.sort(np.argpartition(-size, most)[:most])
        return [int(index) for index in among[np.argsort(-size[among], kind="stable")]]
    return [int(index) for index in np.argsort(-size, kind="stable")[:most]]


def _sum(session: Session, layer: int, unit: int, z: Reading, most: int) -> Contributions:
    """Z = Σ w·a + b, as the statement that computed it found them."""
    statement = session.program.statement(z.time - 1)
    iteration = session.run.timeline.iteration(statement.iteration)
    a = iteration.of_layer(Kind.ACTIVATION, layer - 1, statement.slot)
    w = iteration.before.parameters.weights[layer - 1][unit]
    if session.edits:
        a, w = _edited(session, layer, unit, z.time - 1, a, w)
    with np.errstate(all="ignore"):
        products = w * a
    bias = session.run.readings.parameter(Parameter(layer, unit, None), z.time - 1).value or 0.0
    chosen = largest(np.append(products, bias), most)
    names, inputs = session.names, len(products)
    terms = tuple(
        Contribution(names.unit(layer - 1, i), float(a[i]), float(w[i]), float(products[i]))
        if i < inputs
        else Contribution(names.bias(layer, unit), bias, None, bias)
        for i in chosen
    )
    return Contributions(shown(names.z(layer, unit)), z, terms, inputs + 1 - len(terms))


def _edited(session: Session, layer: int, unit: int, time: int, a: Array, w: Array) -> tuple[Array, Array]:
    """Inputs and weights as they were at a time, edits included."""
    a, w = a.copy(), w.copy()
    for edit in session.run.timeline.edits:
        place, input_ = edit.sets.parameter, edit.sets.unit
        if place and place[:2] == (layer, unit) and not place.is_bias:
            w[place.place[1]] = session.run.readings.parameter(place, time).value
        elif edit.sets.target is Target.INPUT and layer == 1:
            a[input_] = session.run.timeline.input(session.now.example, input_, time)
    return a, w


def _error(session: Session, layer: int, unit: int, back: Reading, most: int) -> Contributions:
    """dL/da = Σ delta·w over the units above."""
    statement = session.program.statement(back.time - 1)
    iteration = session.run.timeline.iteration(statement.iteration)
    delta = iteration.of_layer(Kind.DELTA, layer + 1, statement.slot)
    w = iteration.before.parameters.weights[layer][:, unit]
    changed = [
        place.unit
        for edit in session.run.edits
        if (place := edit.sets.parameter) and (place.layer, place.below) == (layer + 1, unit)
    ]
    if changed:
        w = w.copy()
        for above in changed:
            w[above] = session.run.readings.parameter(Parameter(layer + 1, above, unit), back.time - 1).value
    with np.errstate(all="ignore"):
        products = delta * w
    names = session.names
    terms = tuple(
        Contribution(f"δ_{names.unit(layer + 1, k)}", float(delta[k]), float(w[k]), float(products[k]))
        for k in largest(products, most)
    )
    return Contributions(shown(names.dL_da(layer, unit)), back, terms, len(products) - len(terms))


def _gradients(session: Session, layer: int, unit: int, delta: Reading, most: int) -> Contributions:
    """The gradients dL/dw = delta·a that are computed already."""
    known = layer_readings.gradients(session.now, layer, unit)
    row = np.array(known.values[: known.current], dtype=np.float64)
    statement = session.program.statement(delta.time - 1)
    iteration = session.run.timeline.iteration(statement.iteration)
    a = iteration.of_layer(Kind.ACTIVATION, layer - 1, statement.slot)
    names = session.names
    terms = tuple(
        Contribution(names.unit(layer - 1, i), delta.value or 0.0, float(a[i]), float(row[i]))
        for i in largest(row, most)
    )
    symbol = f"δ_{names.unit(layer, unit)}"
    return Contributions(symbol, delta, terms, len(known.values) - len(terms), title="largest dL/dw")


def _changes(session: Session, layer: int, unit: int, most: int) -> Contributions:
    """The weights that the present update has moved furthest: the old value and the change."""
    known = layer_readings.changes(session.now, layer, unit)
    done = layer_readings.updated(session.now, layer, unit)
    row = np.array(known.values[:done], dtype=np.float64)
    terms = []
    for i in largest(row, most):
        old = session.now.parameter_before(Parameter(layer, unit, i)).value or 0.0
        name = session.names.unit(layer - 1, i)
        terms.append(Contribution(name, old, old + float(row[i]), float(row[i])))
    symbol = session.names.unit(layer, unit)
    reading = Reading(None, Freshness.ABSENT)
    return Contributions(symbol, reading, tuple(terms), len(known.values) - len(terms), "→")
