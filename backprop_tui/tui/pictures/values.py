"""The table of values: units with z, a, da/dz and delta; parameters with value, gradient, change and new."""

from __future__ import annotations

from backprop_tui.debugger.program import Kind, Phase, Quantity
from backprop_tui.debugger.values import Freshness, Reading
from backprop_tui.tui.pictures.network import light
from backprop_tui.tui.pictures.rows import Picture, Row, Span, Tone, filled, shortened
from backprop_tui.tui.view import Edge, Node, Spot, View

_UNIT_COLUMNS = ("z", "a", "da/dz", "δ dL/dz")
_PARAMETER_COLUMNS = ("value", "gradient", "change", "new")


def values_length(view: View) -> int:
    """How many lines the table has, headings included."""
    widths = view.session.network.widths
    return 1 + sum(widths) + widths[-1] + 1 + view.session.network.parameters


def values_picture(view: View, width: int, height: int, top: int = 0) -> Picture:
    """The lines of the table from *top* on, in exactly *height* rows of *width* cells."""
    rows = [_row(view, line, width) for line in range(top, min(top + height, values_length(view)))]
    return filled(rows, width, height)


def spot_at(view: View, line: int) -> Spot | None:
    """The unit or parameter on a line of the table; None on headings and targets."""
    widths = view.session.network.widths
    line -= 1
    if line < 0:
        return None
    for layer, units in enumerate(widths):
        if line < units:
            return Node(layer, line)
        line -= units
    line -= widths[-1] + 1
    if line < 0:
        return None
    for layer in range(len(widths) - 1, 0, -1):
        per_unit = widths[layer - 1] + 1
        if line < widths[layer] * per_unit:
            unit, place = divmod(line, per_unit)
            return Edge(layer, unit, place if place < widths[layer - 1] else None)
        line -= widths[layer] * per_unit
    return None


def line_of(view: View) -> int | None:
    """The line of what the panes show; None where there is none."""
    network = view.session.network
    widths = network.widths
    spot = view.spot if view.cursor is None else None
    if spot is None:
        subject = view.subject
        if subject is None:
            return None
        kind, layer, unit, below = subject.quantity
        if layer is None or unit is None:
            return None
        of_parameter = (Kind.WEIGHT_GRADIENT, Kind.BIAS_GRADIENT, Kind.WEIGHT_UPDATE, Kind.BIAS_UPDATE)
        spot = Edge(layer, unit, below) if kind in of_parameter else Node(layer, unit)
    if isinstance(spot, Node):
        return 1 + sum(widths[: spot.layer]) + spot.unit
    line = 1 + sum(widths) + widths[-1] + 1
    line += sum(widths[layer] * (widths[layer - 1] + 1) for layer in range(spot.layer + 1, len(widths)))
    inputs = widths[spot.layer - 1]
    return line + spot.unit * (inputs + 1) + (inputs if spot.input is None else spot.input)


def _row(view: View, line: int, width: int) -> Row:
    widths = view.session.network.widths
    label = max(6, min(14, width - 4 * 9 - 1))
    cell = max(7, (width - label - 1) // 4)
    if line == 0:
        return _headings("unit", _UNIT_COLUMNS, label, cell)
    if line == 1 + sum(widths) + widths[-1]:
        return _headings("parameter", _PARAMETER_COLUMNS, label, cell)
    spot = spot_at(view, line)
    if spot is None:
        unit = line - 1 - sum(widths)
        value = Reading(view.session.expected(unit), Freshness.CURRENT)
        name = view.session.names.target(unit)
        return _cells(view, name, [None, value, None, None], (label, cell), Tone.MUTED)
    tone = _tone(view, spot)
    if isinstance(spot, Node):
        return _cells(view, view.session.names.unit(*spot), _unit_readings(view, spot), (label, cell), tone)
    name = view.session.names.parameter(*spot)
    return _cells(view, name, _parameter_readings(view, spot), (label, cell), tone)


def _headings(first: str, columns: tuple[str, ...], label: int, cell: int) -> Row:
    text = f" {shortened(first, label - 1):<{label - 1}}" + "".join(
        f"{shortened(c, cell - 1):>{cell - 1}} " for c in columns
    )
    return ((text, Tone.MUTED),)


def _cells(view: View, name: str, readings: list[Reading | None], sizes: tuple[int, int], tone: Tone) -> Row:
    label, cell = sizes
    spans: list[Span] = [(f" {shortened(name, label - 1):<{label - 1}}", tone)]
    for reading in readings:
        if reading is None:
            spans.append((" " * cell, Tone.TEXT))
        else:
            text, value_tone = view.cell(reading, cell)
            spans.append((text if len(text) <= cell else shortened(text, cell), value_tone))
    return tuple(spans)


def _tone(view: View, spot: Spot) -> Tone:
    layers = len(view.session.network.layers)
    lit = light(view.subject, layers, view.session.network.widths[-1])
    edges = lit.edges
    if (isinstance(spot, Edge) and spot in edges) or (
        isinstance(spot, Node) and spot in lit.nodes and not edges
    ):
        return Tone.CURSOR if view.exploring else Tone.NOW
    return Tone.CURSOR if spot == view.spot and view.cursor is None else Tone.STRONG


def _unit_readings(view: View, node: Node) -> list[Reading | None]:
    if node.layer == 0:
        return [None, Reading(view.session.input(node.unit), Freshness.CURRENT), None, None]
    kinds = (Kind.WEIGHTED_SUM, Kind.ACTIVATION, Kind.ACTIVATION_DERIVATIVE, Kind.DELTA)
    return [view.session.read(Quantity(kind, *node)) for kind in kinds]


def _parameter_readings(view: View, edge: Edge) -> list[Reading | None]:
    """Value in this iteration, gradient (in the update: the batch's mean), change, and new value."""
    session = view.session
    bias = edge.input is None
    old = session.parameter_before(*edge)
    gradient = session.read(Quantity(Kind.BIAS_GRADIENT if bias else Kind.WEIGHT_GRADIENT, *edge))
    if session.phase is Phase.UPDATE and gradient.freshness is Freshness.CURRENT:
        gradient = Reading(session.mean_gradient(*edge), Freshness.CURRENT)
    new = session.read(Quantity(Kind.BIAS_UPDATE if bias else Kind.WEIGHT_UPDATE, *edge))
    absent = Reading(None, Freshness.ABSENT)
    if new.freshness is not Freshness.CURRENT or new.value is None or old.value is None:
        return [old, gradient, absent, absent]
    return [old, gradient, Reading(new.value - old.value, Freshness.CURRENT), new]
