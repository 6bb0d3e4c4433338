"""The drawing of the network: units with their values, edges by sign and size, and what just happened lit."""

from __future__ import annotations

from itertools import groupby

from msgspec.structs import replace

from backprop_tui.engine.quantities import Parameter
from backprop_tui.network.description import Network
from backprop_tui.program.number_text import DIGITS
from backprop_tui.tui.pictures import on_demand
from backprop_tui.tui.pictures.canvas import Canvas
from backprop_tui.tui.pictures.drawing.edges import Edges
from backprop_tui.tui.pictures.drawing.geometry import EASY_GAP, WIDE, Geometry, Size, arrange, is_large
from backprop_tui.tui.pictures.drawing.highlight import light
from backprop_tui.tui.pictures.drawing.narrow import LEAST_ROWS, chain, narrowed
from backprop_tui.tui.pictures.drawing.plan import Plan, plan_key, planned
from backprop_tui.tui.pictures.drawing.strip import LEAST_HEIGHT, layer_names, strip
from backprop_tui.tui.pictures.drawing.units import Look, draw_units, unit_line
from backprop_tui.tui.pictures.kept_parts import progress, shelf
from backprop_tui.tui.pictures.rows import Picture, Row, Tone, filled, fitted, shortened
from backprop_tui.tui.view import Node, View

MOST_GROUNDS = 16
"""Grounds remembered for a plan: for each layer at work one."""


def active_unit(view: View) -> Node:
    """The unit that must be in sight: what the person points at, or where the last statement was."""
    if view.spot is not None and view.cursor is None:
        if isinstance(view.spot, Parameter):
            return Node(view.spot.layer, view.spot.unit)
        return view.spot
    subject = view.subject
    if subject is None:
        return Node(1, 0)
    layer, unit = subject.quantity.layer, subject.quantity.unit
    if layer is None or unit is None:
        return Node(len(view.session.network.layers), 0)
    return Node(layer, unit)


def unit_below(view: View) -> Node | None:
    """The unit at the lower end of the edge that must be in sight; None where there is no such edge."""
    if view.spot is not None and view.cursor is None:
        edge = view.spot if isinstance(view.spot, Parameter) else None
    else:
        edge = view.subject.quantity.parameter if view.subject is not None else None
    return None if edge is None or edge.below is None else Node(edge.layer - 1, edge.below)


def geometry(view: View, width: int, height: int) -> Geometry:
    """Where everything is drawn, with as many of the digits asked for as let all layers fit.

    Rows are kept for captions and for labels above and below the boxes.
    """
    return _large(view, width, height) or _small(view, width, height)


def _large(view: View, width: int, height: int) -> Geometry | None:
    """The blocks of a large network; None where it is none, or where there is no room for any."""
    network, names = view.session.network, view.session.names
    if not is_large(network.widths, width, height):
        return None
    return on_demand.blocks(
        network.widths, names.unit_widths, (width, height), view.digits, active_unit(view)
    )


def _small(view: View, width: int, height: int) -> Geometry:
    """Units and edges; where not all layers can be drawn, under a row for the strip."""
    above, below = margins(view, height)
    rows = height - above - below
    found = _fitting(view, (max(1, width), max(1, rows)))
    if not has_strip(found, height):
        return found
    found = _fitting(view, (max(1, width), max(1, rows - 1)))
    columns = [replace(column, boxes=tuple(box.moved(1) for box in column.boxes)) for column in found.columns]
    return replace(found, columns=tuple(columns))


def has_strip(geometry: Geometry, height: int) -> bool:
    """Whether a strip over the drawing shows which of the layers are drawn."""
    return not geometry.complete and height >= LEAST_HEIGHT


def _fitting(view: View, size: tuple[int, int]) -> Geometry:
    """As large as lets all layers fit, with fewer digits, then narrower; else around the unit at work."""
    widths, name_widths = view.session.network.widths, view.session.names.unit_widths
    active, below = active_unit(view), unit_below(view)
    fewer = [*DIGITS[::-1], 3, 2]
    choices = []
    for digits in fewer[fewer.index(view.digits) :]:
        found = arrange(widths, name_widths, size, digits, active, below)
        if found.complete and (found.gap >= EASY_GAP or found.size is not Size.FLAT):
            return found
        choices.append(found)
    narrow = _narrow(view, size, active)
    if narrow is not None and max(widths) == 1:
        return narrow
    for found in choices:
        if found.complete:
            return found
    if narrow is not None:
        return narrow
    return max(choices, key=lambda one: len(one.columns))


def _narrow(view: View, size: tuple[int, int], active: Node) -> Geometry | None:
    widths, name_widths = view.session.network.widths, view.session.names.unit_widths
    if max(widths) == 1:
        return chain(name_widths, size, view.digits, active.layer)
    return narrowed(widths, name_widths, size)


def _plan(view: View, width: int, height: int) -> Plan:
    """The places of everything in the drawing, worked out once for all units that leave it as it is.

    Kept: 0.2 of 1.6 ms a key of 16-16-16-4 at 120x40.
    """
    plans = shelf(view.session, "plans")
    key = (width, height, view.digits)
    found: Plan | None = plans.get(key) or plans.get((*key, active_unit(view), unit_below(view)))
    if found is None:
        drawn = _small(view, width, height)
        own = plan_key(drawn, (width, height))
        found = plans.get(own)
        if found is None:
            found = plans[own] = planned(view.session, drawn, (width, height), margins(view, height))
        plans[key if drawn.whole else (*key, active_unit(view), unit_below(view))] = found
    return found


def margins(view: View, height: int) -> tuple[int, int]:
    """Rows kept above (captions, weights) and below (biases) the boxes."""
    if max(view.session.network.widths) > WIDE:
        return (0, 0)
    if max(view.session.network.widths) == 1:
        return (2, 1) if height >= 8 else (1, 0) if height >= 6 else (0, 0)
    return (1, 0) if height >= 6 else (0, 0)


def network_picture(view: View, width: int, height: int) -> Picture:
    """The drawing, in exactly *height* rows of *width* cells."""
    if width < 6 or height < 1:
        return filled([], width, height)
    large = _large(view, width, height)
    if large is not None:
        return on_demand.overview(view, large, width, height, _listed(_look(view, large), large))
    return _drawn(view, _plan(view, width, height), width, height)


def _look(view: View, geometry: Geometry) -> Look:
    """What the drawing shows, with the digits for which there is room."""
    marks = view.marks
    if view.digits != geometry.digits:
        view = view.but(digits=geometry.digits)
    widths = view.session.network.widths
    return Look(
        view,
        progress(view.session),
        light(view.subject, len(widths) - 1, widths[-1]),
        None if view.cursor else view.spot,
        Tone.CURSOR if view.exploring else Tone.NOW,
        marks,
    )


def _drawn(view: View, plan: Plan, width: int, height: int) -> Picture:
    look = _look(view, plan.geometry)
    edges = Edges(look, plan)
    canvas = _ground(view, plan, edges, width, height).copy()
    draw_units(canvas, look, plan)
    _draw_hidden_units(canvas, plan)
    edges.draw(canvas)
    edges.draw_biases(canvas)
    picture = canvas.picture()
    return (_strip(view, plan, width), *picture[1:]) if has_strip(plan.geometry, height) else picture


def _strip(view: View, plan: Plan, width: int) -> Row:
    names, present = layer_names(view.session), active_unit(view).layer
    return fitted(strip(names, plan.geometry.layers, present, Tone.NOW, width), width)


def _ground(view: View, plan: Plan, edges: Edges, width: int, height: int) -> Canvas:
    """What stays from step to step, under everything else: captions, and edges that are not lit.

    Kept: a quarter of a key of 16-16-16-4 and a third of one of 2-8-8-1 at 80x24.
    """
    kept = shelf(view.session, ("ground", plan.key))
    key = edges.ground_key()
    found: Canvas | None = kept.get(key)
    if found is None:
        if len(kept) >= MOST_GROUNDS:
            kept.clear()
        found = kept[key] = Canvas(width, height)
        if plan.above:
            _draw_captions(found, view, plan, int(has_strip(plan.geometry, height)))
        if plan.geometry.size is Size.CHAIN:
            _draw_legend(found, plan)
        edges.draw_ground(found)
    return found


def _draw_legend(canvas: Canvas, plan: Plan) -> None:
    """What the rows of a chain are."""
    box = plan.units[0].box
    labels = "w", "", "z", "a", "δ", "y" if box.height > LEAST_ROWS else ""
    for row, label in enumerate((*labels[: box.height + 1], "b" if plan.below else ""), box.y - 1):
        if plan.above or row >= box.y:
            canvas.put(0, row, label, Tone.MUTED)


def _draw_captions(canvas: Canvas, view: View, plan: Plan, y: int) -> None:
    network = view.session.network
    if plan.geometry.size is Size.CHAIN:
        if y >= plan.units[0].box.y - 1:  # the row of the weights
            return
        words = _chain_caption(network)
        canvas.put(max(0, (canvas.width - len(words)) // 2), y, shortened(words, canvas.width), Tone.MUTED)
        return
    for column in plan.geometry.columns:
        words = network.layers[column.layer - 1].activation_name if column.layer else "input"
        if (units := network.widths[column.layer]) > 1:
            words = f"{words} ×{units}"
        x = column.x + max(0, (column.width - len(words)) // 2)
        canvas.put(x, y, shortened(words, column.width + 2), Tone.MUTED)


def _chain_caption(network: Network) -> str:
    """The activations of a chain, in the order of its layers."""
    runs = [(name, len(list(run))) for name, run in groupby(one.activation_name for one in network.layers)]
    return "input, " + ", ".join(f"{count} × {name}" if count > 1 else name for name, count in runs)


def _draw_hidden_units(canvas: Canvas, plan: Plan) -> None:
    for column in plan.geometry.columns:
        for count, y in (
            (column.hidden_above, plan.above + int(has_strip(plan.geometry, canvas.height))),
            (column.hidden_below, canvas.height - plan.below - 1),
        ):
            if count:
                words = f"⋮ {count} more".center(column.width)[: column.width]
                canvas.put(column.x, y, words, Tone.MUTED)


def _listed(look: Look, geometry: Geometry) -> list[tuple[int, Row]]:
    """The lines of a list of units, from the column left of it, each with its row in the drawing."""
    (column,) = geometry.columns
    rows: list[tuple[int, Row]] = []
    if column.hidden_above:
        rows.append((column.boxes[0].y - 1, ((f" ⋮ {column.hidden_above} more", Tone.MUTED),)))
    for unit, box in zip(column.units, column.boxes, strict=True):
        rows.append((box.y, unit_line(look, Node(column.layer, unit), box.width)))
    if column.hidden_below:
        rows.append((column.boxes[-1].y + 1, ((f" ⋮ {column.hidden_below} more", Tone.MUTED),)))
    return rows
