"""Layers drawn narrowly, so that all of a deep network fit: names over their values, without frames."""

from __future__ import annotations

from collections.abc import Sequence

from backprop_tui.program.number_text import width as number_width
from backprop_tui.tui.pictures.drawing.geometry import (
    LEAST_GAP,
    MOST_GAP,
    Box,
    Column,
    Geometry,
    Size,
    column,
)

LEGEND = 2
"""Columns left of a chain, in which the rows are named."""
LEAST_VALUE = 5
"""Cells in which a value can be written, such as −4e−6."""
LEAST_ROWS = 4
"""Rows of a chain: name, z, a and delta."""
SHORT_VALUE = 6
"""Cells that a value takes under a name, with its symbol."""
_UNIT_ROWS = 2
_SIZES = ((Size.NARROW, SHORT_VALUE), (Size.DOT, SHORT_VALUE - 2), (Size.DOT, 2))
"""What is tried, with the least columns of a layer."""


def chain(
    name_widths: Sequence[int], canvas: tuple[int, int], digits: int | None, layer: int
) -> Geometry | None:
    """One unit a layer, each a name over its values; None where the canvas is too small for that.

    Where not all layers fit, those around *layer* are drawn.
    """
    width, height = canvas
    least = max(LEAST_VALUE + 1, max(name_widths) + 2)
    layers, room = len(name_widths), width - LEGEND
    shown = min(layers, (room + 1) // least)
    if shown < min(layers, 2) or height < LEAST_ROWS:
        return None
    pitch = min((room + 1) // shown, number_width(digits) + MOST_GAP)
    span = min(pitch - 1, max(number_width(digits), *name_widths))
    first = min(max(0, layer - shown // 2), layers - shown)
    rows = LEAST_ROWS + (height > LEAST_ROWS)
    x, y = LEGEND + (room - shown * pitch + pitch - span) // 2, (height - rows) // 2
    columns = tuple(
        Column(first + place, 0, (Box(x + place * pitch, y, span, rows, 0),), 0, 0, x + place * pitch, span)
        for place in range(shown)
    )
    return Geometry(Size.CHAIN, columns, first, layers - first - shown, digits, pitch - span)


def narrowed(widths: Sequence[int], name_widths: Sequence[int], canvas: tuple[int, int]) -> Geometry | None:
    """All units of all layers, each a name over one value; None where not all fit."""
    for size, least in _SIZES:
        spans = [max(name, least) for name in name_widths]
        room = canvas[0] - 2 - sum(spans)  # a column on either side, for a mark or for the end of a value
        if max(widths) * _UNIT_ROWS <= canvas[1] and room >= LEAST_GAP * (len(widths) - 1):
            return _side_by_side(size, widths, spans, room, canvas[1])
    return None


def _side_by_side(
    size: Size, widths: Sequence[int], spans: Sequence[int], room: int, height: int
) -> Geometry:
    gap = min(MOST_GAP, room // (len(widths) - 1))
    x = 1 + (room - gap * (len(widths) - 1)) // 2
    columns = []
    for layer, units in enumerate(widths):
        columns.append(column(layer, units, _UNIT_ROWS, size, x, spans[layer], height, {}))
        x += spans[layer] + gap
    return Geometry(size, tuple(columns), 0, 0, 4, gap)
