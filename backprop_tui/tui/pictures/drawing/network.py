"""The drawing of the network: units with their values, edges by sign and size, and what just happened lit."""

from __future__ import annotations

from backprop_tui.engine.quantities import Parameter
from backprop_tui.program.number_text import DIGITS
from backprop_tui.tui.pictures import on_demand
from backprop_tui.tui.pictures.canvas import Canvas
from backprop_tui.tui.pictures.drawing.edges import Edges
from backprop_tui.tui.pictures.drawing.geometry import EASY_GAP, WIDE, Geometry, Size, arrange, is_large
from backprop_tui.tui.pictures.drawing.highlight import light
from backprop_tui.tui.pictures.drawing.plan import Plan, planned
from backprop_tui.tui.pictures.drawing.units import Look, draw_units, unit_line
from backprop_tui.tui.pictures.kept_parts import progress, shelf
from backprop_tui.tui.pictures.rows import Picture, Row, Tone, filled, shortened
from backprop_tui.tui.view import Node, View


def _whole(
    widths: tuple[int, ...], name_widths: tuple[int, ...], size: tuple[int, int], digits: int | None
) -> Geometry | None:
    """Where every unit is drawn; None where not all fit, so that it matters which one must be in sight."""
    found = arrange(widths, name_widths, size, digits, (0, 0))
    hidden = any(column.hidden_above or column.hidden_below for column in found.columns)
    return None if hidden or not found.complete else found


def _windowed(
    widths: tuple[int, ...],
    name_widths: tuple[int, ...],
    size: tuple[int, int],
    digits: int | None,
    active: Node,
) -> Geometry:
    return arrange(widths, name_widths, size, digits, active)


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
    """Units and edges, with fewer digits where that lets all layers fit."""
    widths, name_widths = view.session.network.widths, view.session.names.unit_widths
    above, below = margins(view, height)
    size = (max(1, width), max(1, height - above - below))
    active = active_unit(view)
    fewer = [*DIGITS[::-1], 3, 2]
    choices = []
    for digits in fewer[fewer.index(view.digits) :]:
        found = _whole(widths, name_widths, size, digits)
        found = found or _windowed(widths, name_widths, size, digits, active)
        if found.complete and (found.gap >= EASY_GAP or found.size is not Size.FLAT):
            return found
        choices.append(found)
    for found in choices:
        if found.complete:
            return found
    return choices[fewer.index(4) - fewer.index(view.digits)] if view.digits in DIGITS else choices[0]


def _plan(view: View, width: int, height: int) -> Plan:
    """The places of everything in the drawing, worked out once for all units that leave it as it is.

    Kept: 0.2 of 1.6 ms a key of 16-16-16-4 at 120x40.
    """
    plans = shelf(view.session, "plans")
    key = (width, height, view.digits, active_unit(view))
    found: Plan | None = plans.get(key)
    if found is None:
        made = planned(view.session, _small(view, width, height), (width, height), margins(view, height))
        found = plans[key] = plans.setdefault(made.key, made)
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
    if view.digits != geometry.digits:
        view = view.but(digits=geometry.digits)
    widths = view.session.network.widths
    return Look(
        view,
        progress(view.session),
        light(view.subject, len(widths) - 1, widths[-1]),
        None if view.cursor else view.spot,
        Tone.CURSOR if view.exploring else Tone.NOW,
    )


def _drawn(view: View, plan: Plan, width: int, height: int) -> Picture:
    look = _look(view, plan.geometry)
    edges = Edges(look, plan)
    canvas = _ground(view, plan, edges, width, height).copy()
    draw_units(canvas, look, plan)
    _draw_hidden_units(canvas, plan)
    edges.draw(canvas)
    if edges.single and plan.below:
        edges.draw_biases(canvas)
    _draw_hidden_layers(canvas, plan)
    return canvas.picture()


def _ground(view: View, plan: Plan, edges: Edges, width: int, height: int) -> Canvas:
    """What stays from step to step, under everything else: captions, and edges that are not lit.

    Kept: a quarter of a key of 16-16-16-4 and a third of one of 2-8-8-1 at 80x24.
    """
    kept = shelf(view.session, ("ground", plan.key))
    key = edges.ground_key()
    found: Canvas | None = kept.get(key)
    if found is None:
        kept.clear()
        found = kept[key] = Canvas(width, height)
        if plan.above:
            _draw_captions(found, view, plan)
        edges.draw_ground(found)
    return found


def _draw_captions(canvas: Canvas, view: View, plan: Plan) -> None:
    network = view.session.network
    for column in plan.geometry.columns:
        words = network.layers[column.layer - 1].activation_name if column.layer else "input"
        if (units := network.widths[column.layer]) > 1:
            words = f"{words} ×{units}"
        x = column.x + max(0, (column.width - len(words)) // 2)
        canvas.put(x, 0, shortened(words, column.width + 2), Tone.FAINT)


def _draw_hidden_units(canvas: Canvas, plan: Plan) -> None:
    for column in plan.geometry.columns:
        for count, y in (
            (column.hidden_above, plan.above),
            (column.hidden_below, canvas.height - plan.below - 1),
        ):
            if count:
                words = f"⋮ {count} more".center(column.width)[: column.width]
                canvas.put(column.x, y, words, Tone.MUTED)


def _draw_hidden_layers(canvas: Canvas, plan: Plan) -> None:
    for count, x in ((plan.geometry.hidden_left, 0), (plan.geometry.hidden_right, canvas.width - 4)):
        if count:
            words = f"‹ {count} layer{'s' if count > 1 else ''} ›"
            words = words[:-2] if x == 0 else words[2:]
            x = min(x, canvas.width - len(words))
            canvas.put(x, canvas.height - 1, words, Tone.MUTED)


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
