"""The units of a drawing: boxes with their numbers, biases below them, and the loss above the outputs."""

from __future__ import annotations

from backprop_tui.engine.quantities import Kind, Parameter, Quantity
from backprop_tui.export.drawing import slots
from backprop_tui.export.drawing.pen import Pen, text
from backprop_tui.export.drawing.places import (
    CAPTION,
    NAME_ROW,
    ROW,
    SIZE,
    Box,
    Column,
    layer_caption,
    shortened,
    widest_number,
)
from backprop_tui.export.drawing.symbols import spans
from backprop_tui.export.markup import element, words
from backprop_tui.history.readings import Freshness, Reading

TITLE = SIZE + 1
"""The size of the letters of a unit's name."""


def column_svg(pen: Pen, column: Column) -> str:
    """A layer: what it is, its units, and how many of them are not drawn."""
    middle = column.x + column.width / 2
    top = min(box.y for box in column.boxes) - 7
    caption = words(shortened(layer_caption(pen.moment.run.network, column.layer), 16))
    if column.layer == pen.last:  # beside the line that leads up to the loss
        drawn = text(column.x + 8, top, caption, "caption", size=11.0)
    else:
        drawn = text(middle, top, caption, "caption", anchor="middle", size=11.0)
    if column.hidden:
        more = text(middle, column.hidden_y + 4, words(f"⋮ {column.hidden:,} more"), "more", anchor="middle")
        drawn += pen.part("others", slots.hidden_units_part(column.layer), more)
    drawn += "".join(_unit(pen, column.layer, box) for box in column.boxes)
    return drawn + (_loss(pen, column) if column.layer == pen.last else "")


def _unit(pen: Pen, layer: int, box: Box) -> str:
    frame = element(
        "rect", None, class_="frame", x=box.x, y=box.y, width=box.width, height=box.height, rx=7.0
    )
    name = spans(shortened(pen.names.unit(layer, box.unit)), TITLE)
    rows = _rows(pen, layer, box.unit)
    if pen.plan.tall:
        inner = text(box.centre, box.y + 15, name, "title", anchor="middle", size=TITLE)
        inner += "".join(_row(pen, box, place, row) for place, row in enumerate(rows))
    else:
        y = box.middle + 4.5
        inner = text(box.x + 8, y, name, "title", size=TITLE) + _in_a_row(pen, box, y, rows)
    unit = pen.part("unit", slots.unit_part(layer, box.unit), frame, inner)
    return unit + (_bias(pen, layer, box) if layer and pen.plan.tall else "")


_Row = tuple[str, str, Reading]
"""Symbol, address and number."""


def _rows(pen: Pen, layer: int, unit: int) -> list[_Row]:
    if layer == 0:
        return [("", slots.input_slot(unit), _given(pen.moment.input(unit)))]
    rows = []
    for symbol, kind in (("z", Kind.WEIGHTED_SUM), ("a", Kind.ACTIVATION), ("δ", Kind.DELTA)):
        quantity = Quantity(kind, layer, unit)
        rows.append((symbol, slots.slot(quantity), pen.moment.read(quantity)))
    if layer == pen.last:
        rows.append(("y", slots.target_slot(unit), _given(pen.moment.target(unit))))
    return rows


def _row(pen: Pen, box: Box, place: int, row: _Row) -> str:
    symbol, address, reading = row
    y = box.y + NAME_ROW + ROW * (place + 1) - 2
    if not symbol:
        return pen.number(box.centre, y, address, reading, "middle")
    return text(box.x + 8, y, words(symbol), "symbol") + pen.number(box.right - 7, y, address, reading)


def _in_a_row(pen: Pen, box: Box, y: float, rows: list[_Row]) -> str:
    """The activation, and right of it the error signal."""
    shown = [row for row in rows if row[0] in ("", "a", "δ")]
    room = widest_number(pen.plan.digits) + 16
    x = box.right - 7 - room * (len(shown) - 1)
    written = ""
    for symbol, address, reading in shown:
        if symbol:
            written += text(x - room + 5, y, words(symbol), "symbol")
        written += pen.number(x, y, address, reading)
        x += room
    return written


def _bias(pen: Pen, layer: int, box: Box) -> str:
    bias = Parameter(layer, box.unit, None)
    name, low = shortened(pen.names.bias(layer, box.unit), 8), box.y + box.height
    return pen.part(
        "bias",
        slots.parameter_part(bias),
        pen.parameter(bias, name, box.centre, low + 13),
        pen.gradient(bias, name, box.centre, low + 26),
    )


def _loss(pen: Pen, column: Column) -> str:
    first = column.boxes[0]
    y = first.y - CAPTION - 24
    frame = element("rect", None, class_="frame", x=column.x, y=y, width=column.width, height=24.0, rx=12.0)
    return pen.part(
        "loss",
        slots.LOSS,
        element("path", None, class_="link", d=f"M{first.x + first.width - 12:g} {first.y:g}v{-CAPTION:g}"),
        frame,
        text(column.x + 12, y + 16.5, spans("L", TITLE), "title", size=TITLE),
        pen.number(column.x + column.width - 9, y + 16.5, slots.LOSS, pen.moment.loss),
    )


def _given(value: float) -> Reading:
    return Reading(value, Freshness.CURRENT)
