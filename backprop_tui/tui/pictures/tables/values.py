"""The table of values: units with z, a, da/dz and delta; parameters with value, gradient, change and new."""

from __future__ import annotations

from backprop_tui.engine.quantities import Kind, Parameter, Phase, Quantity
from backprop_tui.history.readings import ABSENT, Freshness, Reading
from backprop_tui.session.session import Session
from backprop_tui.tui.pictures.drawing.highlight import light
from backprop_tui.tui.pictures.kept_parts import (
    Places,
    parameter_places,
    progress,
    shelf,
    stage,
    unit_places,
)
from backprop_tui.tui.pictures.marks import marked
from backprop_tui.tui.pictures.rows import BLANK, Picture, Row, Tone, fitted
from backprop_tui.tui.pictures.tables.value_columns import (
    PARAMETER_COLUMNS,
    UNIT_COLUMNS,
    Columns,
    columns,
)
from backprop_tui.tui.view import Node, Spot, View


def values_length(view: View) -> int:
    """How many lines the table has, headings included."""
    widths = view.session.network.widths
    return 1 + sum(widths) + widths[-1] + 1 + view.session.network.parameters


def values_picture(view: View, width: int, height: int, top: int = 0) -> Picture:
    """The lines of the table from *top* on, in exactly *height* rows of *width* cells."""
    session = view.session
    network = session.network
    now = progress(session)
    # Kept: 0.5 of 2.1 ms a key of 16-16-16-4 at 120x40; of the lines' places 0.1 of 1.5.
    shared = columns(view, width)
    rows = shelf(session, ("values", shared, width, view.digits), now)
    found = light(view.subject, len(network.layers), network.widths[-1])
    lit: frozenset[Spot] = found.edges or found.nodes
    lit_tone = Tone.CURSOR if view.exploring else Tone.NOW
    chosen = view.spot if view.cursor is None else None
    marks = view.marks
    lines = shelf(session, "lines of values")
    picture: list[Row] = []
    for line in range(top, min(top + height, values_length(view))):
        if (found_line := lines.get(line)) is None:
            found_line = lines[line] = _line(session, line)
        spot, places = found_line
        tone = Tone.STRONG
        if spot is not None:
            tone = lit_tone if spot in lit else Tone.CURSOR if spot == chosen else Tone.STRONG
        mark = marks.get(spot) if isinstance(spot, Node) else None
        key = (line, stage(places, now.ran), tone, mark)
        row = rows.get(key)
        if row is None:
            row = rows[key] = fitted(_row(view, line, spot, tone, shared), width)
        picture.append(row)
    picture += [fitted(BLANK, width)] * (height - len(picture))
    return tuple(picture)


def _line(session: Session, line: int) -> tuple[Spot | None, Places]:
    """The unit or parameter on a line of the table, and when what stands there changes."""
    spot = _spot(session.network.widths, line)
    if spot is None:
        return None, ()
    return spot, unit_places(session, *spot) if isinstance(spot, Node) else parameter_places(session, *spot)


def spot_at(view: View, line: int) -> Spot | None:
    """The unit or parameter on a line of the table; None on headings and targets."""
    return _spot(view.session.network.widths, line)


def _spot(widths: tuple[int, ...], line: int) -> Spot | None:
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
            return Parameter(layer, unit, place if place < widths[layer - 1] else None)
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
        _, layer, unit, _ = subject.quantity
        if layer is None or unit is None:
            return None
        spot = subject.quantity.parameter or Node(layer, unit)
    if isinstance(spot, Node):
        return 1 + sum(widths[: spot.layer]) + spot.unit
    line = 1 + sum(widths) + widths[-1] + 1
    line += sum(widths[layer] * (widths[layer - 1] + 1) for layer in range(spot.layer + 1, len(widths)))
    inputs = widths[spot.layer - 1]
    return line + spot.unit * (inputs + 1) + spot.number(inputs)


def _row(view: View, line: int, spot: Spot | None, tone: Tone, shared: Columns) -> Row:
    names, widths = view.session.names, view.session.network.widths
    if line == 0:
        return shared.headings("unit", UNIT_COLUMNS)
    if line == 1 + sum(widths) + widths[-1]:
        return shared.headings("parameter", PARAMETER_COLUMNS)
    if isinstance(spot, Parameter):
        readings, chosen = parameter_readings(view, spot), shared.parameters
        name = names.parameter(*spot)
    elif spot is not None:
        readings, chosen = unit_readings(view, spot), shared.units
        name = marked(view, spot)
    else:
        unit = line - 1 - sum(widths)
        value = Reading(view.session.now.target(unit), Freshness.CURRENT)
        readings, chosen = [None, value, None, None], shared.units
        name, tone = names.target(unit), Tone.MUTED
    return shared.row(view, name, [readings[place] for place in chosen], tone)


def unit_readings(view: View, node: Node) -> list[Reading | None]:
    """A unit's z, a, da/dz and delta; None where it has none."""
    if node.layer == 0:
        return [None, Reading(view.session.now.input(node.unit), Freshness.CURRENT), None, None]
    kinds = (Kind.WEIGHTED_SUM, Kind.ACTIVATION, Kind.ACTIVATION_DERIVATIVE, Kind.DELTA)
    return [view.session.now.read(Quantity(kind, *node)) for kind in kinds]


def parameter_readings(view: View, parameter: Parameter) -> list[Reading | None]:
    """Value in this iteration, gradient (in the update: the batch's mean), change, and new value."""
    session = view.session
    old = session.now.parameter_before(parameter)
    gradient = session.now.read(parameter.gradient)
    if session.now.phase is Phase.UPDATE and gradient.freshness is Freshness.CURRENT:
        gradient = Reading(session.now.mean_gradient(parameter), Freshness.CURRENT)
    new = session.now.read(parameter.update)
    if new.freshness is not Freshness.CURRENT or new.value is None or old.value is None:
        return [old, gradient, ABSENT, ABSENT]
    return [old, gradient, Reading(new.value - old.value, Freshness.CURRENT), new]
