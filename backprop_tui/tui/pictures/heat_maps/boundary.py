"""What a unit answers over the plane of two inputs, with the examples upon it; over one input, as a curve."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from backprop_tui.analysis.captions import line_caption, plane_caption
from backprop_tui.analysis.prediction_grid import (
    PredictionGrid,
    activations_at,
    prediction_line,
    prediction_plane,
)
from backprop_tui.history.parameters_at import parameters_at
from backprop_tui.network.lazy_numpy import Array, np
from backprop_tui.network.rules.activations import Activation
from backprop_tui.session.comparing import Variant, progress
from backprop_tui.tui.pictures.charts.captioned import captioned
from backprop_tui.tui.pictures.charts.compared import LOOKS
from backprop_tui.tui.pictures.heat_maps.heat import cells_of
from backprop_tui.tui.pictures.heat_maps.planes import plot_over
from backprop_tui.tui.pictures.kept_parts import parameters_key, shelf, unmoved
from backprop_tui.tui.pictures.plotting.dots import SOLID
from backprop_tui.tui.pictures.plotting.plot import End, Plot, can_draw, with_ends
from backprop_tui.tui.pictures.plotting.scale import Range, spread
from backprop_tui.tui.pictures.rows import Picture, Tone, filled
from backprop_tui.tui.pictures.waiting import said, waits
from backprop_tui.tui.view import Node, View

QUICK = 1_000_000
"""So many products are done within a frame."""
MOST_EXAMPLES = 2000
"""So many examples are drawn, and counted, at most."""
_MIDDLES = {"sigmoid": 0.5, "softmax": 0.5}
"""Where a unit is undecided: of a share, at one half; of others at 0."""


def boundary_picture(view: View, width: int, height: int) -> Picture | None:
    """The picture; None where it takes longer than a frame."""
    network = view.session.network
    known: Picture | None = _kept(view).get(_key(view, width, height))
    products = sum(layer.units * layer.inputs for layer in network.layers)
    if known is None and products * width * height <= QUICK:
        known = _picture(view, width, height, width, height)
    return known


def boundary_painted(view: View, width: int, height: int) -> Iterator[Picture]:
    """The picture, coarse first."""
    for share in (4, 2, 1):
        yield _picture(view, width, height, max(2, width // share), max(2, height // share))


def _kept(view: View) -> dict[object, Picture]:
    """The latest picture, remembered with the run: most statements leave it as it is."""
    return shelf(view.session, "boundaries")


def _key(view: View, width: int, height: int) -> tuple[object, ...]:
    session = view.session
    beside = tuple((one.run, session.comparing.label(one)) for one in _beside(view))
    return (
        *parameters_key(session),
        unit_shown(view),
        view.spot,
        session.now.example,
        width,
        height,
        view.digits,
        waits(view),
        beside,
    )


def _beside(view: View) -> tuple[Variant, ...]:
    """The runs beside whose curves are drawn as well: over one input, those that are at hand."""
    session, time = view.session, view.time
    if session.network.widths[0] > 1 or not session.comparing.open:
        return ()
    return tuple(one for one in session.comparing.others if progress(one.run, time, time).at_hand)


def unit_shown(view: View) -> Node:
    """The unit pointed at, else the first output."""
    spot = view.spot
    return spot if isinstance(spot, Node) and spot.layer else Node(len(view.session.network.layers), 0)


def _picture(view: View, width: int, height: int, columns: int, rows: int) -> Picture:
    """The picture, of a grid of so many columns and rows; remembered where that is the finest."""
    run = view.session.run
    picture = _drawn(view, width, height, columns, rows)
    if (columns, rows) == (width, height) and unmoved(view.session, run, view.time):
        kept = _kept(view)
        kept.clear()
        kept[_key(view, width, height)] = picture
    return picture


def _drawn(view: View, width: int, height: int, columns: int, rows: int) -> Picture:
    session = view.session
    network, unit = session.network, unit_shown(view)
    parameters = parameters_at(session.run, view.time)
    givens = session.run.timeline.givens(view.time)
    inputs, targets = givens.inputs[:MOST_EXAMPLES], givens.targets[:MOST_EXAMPLES]
    if network.widths[0] == 1:
        line = prediction_line(network, parameters, inputs, unit, count=2 * columns)
        lines = {
            one.name: prediction_line(
                one.network, parameters_at(one.run, view.time), inputs, unit, count=2 * columns
            )
            for one in _beside(view)
        }
        words = _line_words(view, unit)
        return captioned(
            said(view, words if lines else f"{words}; {line_caption(line)}"),
            width,
            height,
            lambda w, h: _curve(view, {**lines, "": line}, inputs, targets, unit, w, h),
        )
    axes = _axes(view, inputs)
    plane = prediction_plane(network, parameters, inputs, unit, axes, (columns, rows))
    middle = _middle(network.layers[unit.layer - 1].activation)
    words = _plane_words(view, unit, axes, middle)
    if unit.layer == len(network.layers):
        answers = activations_at(network, parameters, inputs, unit)
        words = f"{plane_caption(answers, targets[:, unit.unit], middle, view.digits)}; {words}"
    return captioned(
        said(view, words),
        width,
        height,
        lambda w, h: _map(view, plane, inputs, targets, unit, middle, w, h),
    )


def _axes(view: View, inputs: Array) -> tuple[int, int]:
    """The inputs across and up: the one pointed at and the next, else the two that vary most."""
    if isinstance(view.spot, Node) and view.spot.layer == 0:
        return view.spot.unit, (view.spot.unit + 1) % inputs.shape[1]
    if inputs.shape[1] == 2:
        return 0, 1
    first, second = sorted(np.argsort(-np.var(inputs, axis=0), kind="stable")[:2].tolist())
    return first, second


def _middle(activation: Activation) -> float:
    return _MIDDLES.get(activation.name, 0.0)


def _line_words(view: View, unit: Node) -> str:
    names, comparing = view.session.names, view.session.comparing
    words = f"{names.a(*unit)} over {names.unit(0, 0)}"
    if unit.layer == len(view.session.network.layers):
        words = f"{words}, ○ the targets"
    if beside := _beside(view):
        runs = ", ".join(f"{one.name} {comparing.label(one)}" for one in beside)
        words = f"{words}; {comparing.debugged.name} {comparing.label(comparing.debugged)}, dotted {runs}"
    return words


def _plane_words(view: View, unit: Node, axes: tuple[int, int], middle: float) -> str:
    names, network = view.session.names, view.session.network
    across, up = (names.unit(0, axis) for axis in axes)
    words = f"{names.a(*unit)} over {across} (right) and {up} (up), shaded above {middle:g}, striped below"
    words += "; targets ● above it, ○ below" if unit.layer == len(network.layers) else "; ● the examples"
    return words if network.widths[0] == 2 else f"{words}; other inputs at their mean"


def _curve(
    view: View,
    lines: Mapping[str, PredictionGrid],
    inputs: Array,
    targets: Array,
    unit: Node,
    width: int,
    height: int,
) -> Picture:
    """The curves of the runs beside by name, and over them that of the one that is debugged."""
    output = unit.layer == len(view.session.network.layers)
    shown = targets[:, unit.unit].tolist() if output else []
    values = [value for line in lines.values() for value in line.values[0].tolist()]
    xs = lines[""].xs.tolist()
    room = 2 if len(lines) > 1 else 0
    if not can_draw(width, height, Range(xs[0], xs[-1])):
        return filled((), width, height)
    plot = Plot(width - room, height, Range(xs[0], xs[-1]), spread((*values, *shown), 0.08))
    ends: list[End] = []
    for name, line in lines.items():
        tone, dots = LOOKS[name or view.session.comparing.debugged.name] if room else (Tone.FORWARD, SOLID)
        plot.curve(zip(xs, line.values[0].tolist(), strict=True), tone, dots=dots if name else SOLID)
        ends.append(End(float(line.values[0, -1]), name or view.session.comparing.debugged.name, tone))
    example = view.session.now.example
    for number, (x, y) in enumerate(zip(inputs[:, 0].tolist(), shown, strict=False)):
        if number != example:
            plot.point(x, y, "○", Tone.STRONG)
    if example < len(shown):
        plot.point(float(inputs[example, 0]), shown[example], "○", Tone.NOW)
    return with_ends(plot, ends, width) if room else plot.picture()


def _map(
    view: View,
    plane: PredictionGrid,
    inputs: Array,
    targets: Array,
    unit: Node,
    middle: float,
    width: int,
    height: int,
) -> Picture:
    found = plot_over(plane.xs, plane.ys, plane.values, width, height)
    if found is None:
        return filled((), width, height)
    plot, values = found[0], found[1] - middle
    finite = np.abs(values[np.isfinite(values)])
    scale = float(np.max(finite)) if len(finite) else 1.0
    plot.cells(cells_of(values, scale))
    output = unit.layer == len(view.session.network.layers)
    above = (targets[:, unit.unit] > middle).tolist() if output else [True] * len(inputs)
    example = view.session.now.example
    assert plane.up is not None
    places = zip(inputs[:, plane.across].tolist(), inputs[:, plane.up].tolist(), above, strict=True)
    for number, (x, y, high) in enumerate(places):
        plot.point(x, y, "●" if high else "○", Tone.NOW if number == example else Tone.STRONG)
    return plot.picture()
