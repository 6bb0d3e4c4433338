"""The curve of a unit's activation, with the point (z, a) and the tangent, whose slope is da/dz.

For the loss and its derivative, the loss against the prediction.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import groupby

from backprop_tui.analysis.activation_curve import ActivationCurve, Curve, activation_curve, loss_curve
from backprop_tui.analysis.captions import activation_caption
from backprop_tui.engine.quantities import Kind, Parameter, Quantity
from backprop_tui.history.readings import Freshness
from backprop_tui.network.lazy_numpy import np
from backprop_tui.tui.pictures.charts.captioned import captioned, only_words
from backprop_tui.tui.pictures.plotting.dots import DOTTED
from backprop_tui.tui.pictures.plotting.plot import Plot, can_draw
from backprop_tui.tui.pictures.plotting.scale import Range, spread
from backprop_tui.tui.pictures.rows import Picture, Tone, filled
from backprop_tui.tui.pictures.waiting import said
from backprop_tui.tui.view import Node, View

REACH = 0.35
"""How far the tangent goes to both sides of its point, as a share of the axis."""


def activation_picture(view: View, width: int, height: int) -> Picture:
    """The curve, in exactly *height* rows of *width* cells."""
    if (output := _prediction(view)) is not None:
        return _loss_over_prediction(view, output, width, height)
    unit = _unit(view)
    now, layer = view.session.now, view.session.network.layers[unit.layer - 1]
    units = range(layer.units) if layer.activation.couples else (unit.unit,)
    readings = [now.read(Quantity(Kind.WEIGHTED_SUM, unit.layer, number)) for number in units]
    name = view.session.names.unit(*unit)
    z = np.zeros(layer.units)
    for number, reading in zip(units, readings, strict=True):
        z[number] = 0.0 if reading.value is None else reading.value
    curve = activation_curve(layer.activation, z, unit.unit)
    known = all(reading.value is not None for reading in readings)
    shorter: list[str] = []
    if not known:
        words = f"{layer.activation.name}, the activation of {name}: z has not been computed yet"
    else:
        stale = any(reading.freshness is Freshness.STALE for reading in readings)
        words, *shorter = _words(view, unit, layer.activation.name, curve, stale)

    def draw(width: int, height: int) -> Picture:
        return _drawn(curve, width, height, spread((*curve.ys.tolist(), curve.y), 0.08), known)

    return captioned(said(view, words), width, height, draw, shorter=shorter)


def _words(view: View, unit: Node, function: str, curve: ActivationCurve, stale: bool) -> tuple[str, ...]:
    """What is to be seen, in fewer and fewer words; of what has not been computed yet, what it will be."""
    name, now = view.session.names.unit(*unit), view.session.now
    z, a = view.text(curve.x), view.text(curve.y)
    there = {
        kind: stale or now.read(Quantity(kind, *unit)).freshness is Freshness.CURRENT
        for kind in (Kind.ACTIVATION, Kind.ACTIVATION_DERIVATIVE)
    }
    if not there[Kind.ACTIVATION]:
        a = f"will be {a}"
    meaning = activation_caption(curve, ahead=not there[Kind.ACTIVATION_DERIVATIVE])
    if stale:
        meaning += "; left from before"
    short = f"{function} of {name}: {meaning}"
    return f"{function} of {name}, z {z}, a {a}: {meaning}", short, short.rpartition(", ")[0] or short


def _unit(view: View) -> Node:
    """The unit that is shown: the one pointed at, else that of the statement, else the first of all."""
    if isinstance(view.spot, Node) and view.spot.layer > 0:
        return view.spot
    subject = view.subject
    quantity = subject.quantity if subject else None
    if isinstance(view.spot, Parameter):
        return Node(view.spot.layer, view.spot.unit)
    if quantity is None or quantity.layer is None or quantity.unit is None:
        return Node(len(view.session.network.layers) if quantity else 1, 0)
    return Node(quantity.layer, quantity.unit)


def _prediction(view: View) -> int | None:
    """The output whose share of the loss is shown; None where an activation is."""
    if view.spot is not None or view.subject is None:
        return None
    quantity = view.subject.quantity
    if quantity.kind is Kind.LOSS:
        return 0
    last = quantity.layer == len(view.session.network.layers)
    return quantity.unit if last and quantity.kind is Kind.ACTIVATION_GRADIENT else None


def _loss_over_prediction(view: View, output: int, width: int, height: int) -> Picture:
    session = view.session
    layer, outputs = len(session.network.layers), range(session.network.widths[-1])
    a = [session.now.read(Quantity(Kind.ACTIVATION, layer, unit)).value for unit in outputs]
    if any(value is None for value in a):
        return only_words("The prediction has not been computed yet.", width, height)
    y = np.array([session.now.target(unit) for unit in outputs])
    curve = loss_curve(session.network.training.loss, y, np.array(a, dtype=np.float64), output)
    name = session.names.a(layer, output)
    there = session.now.read(Quantity(Kind.ACTIVATION_GRADIENT, layer, output)).freshness
    slope = f"slope {'' if there is Freshness.CURRENT else 'will be '}{view.text(curve.slope)}"
    shorter = [f"L over {name}: {slope}"]
    words = f"L over the prediction {name}: {slope}"
    if curve.slope:
        towards = "up" if curve.slope < 0 else "down"
        way = f"{towards} from {view.text(curve.x)} to the target {view.text(float(y[output]))}"
        words, shorter = f"{words}, so {way}", [f"{shorter[0]}, {way}", *shorter]

    def draw(width: int, height: int) -> Picture:
        return _drawn(curve, width, height, spread((*curve.ys.tolist(), 0.0, curve.y)), True)

    return captioned(said(view, words), width, height, draw, shorter=shorter)


def _drawn(curve: Curve, width: int, height: int, ys: Range, known: bool) -> Picture:
    xs = Range(float(curve.xs[0]), float(curve.xs[-1]))
    if not can_draw(width, height, xs, ys):
        return filled((), width, height)
    saturated = curve.saturated.tobytes() if isinstance(curve, ActivationCurve) else None
    ground = _ground(curve.xs.tobytes(), curve.ys.tobytes(), saturated, (width, height), (xs, ys))
    if not known:
        return ground.picture()
    plot, half = ground.copy(), REACH * xs.length
    ends = np.array([curve.x - half, curve.x + half])
    plot.curve(zip(ends.tolist(), curve.tangent(ends).tolist(), strict=True), Tone.BACKWARD, dots=DOTTED)
    plot.point(curve.x, curve.y, "●", Tone.NOW)
    return plot.picture()


@lru_cache(maxsize=32)  # saves 0.3 ms a key of 5: between statements only point and tangent move
def _ground(
    xs: bytes, ys: bytes, saturated: bytes | None, size: tuple[int, int], ranges: tuple[Range, Range]
) -> Plot:
    """The curve without point and tangent; of an activation, with its flat ends shaded."""
    values = np.frombuffer(xs).tolist()
    plot = Plot(*size, *ranges)
    if saturated is not None:
        for flat, run in groupby(zip(values, saturated, strict=True), lambda place: place[1]):
            within = [x for x, _ in run]
            if flat:
                plot.shade(within[0], within[-1])
        plot.column(0.0, Tone.FAINT)
    plot.curve(zip(values, np.frombuffer(ys).tolist(), strict=True), Tone.FORWARD)
    return plot
