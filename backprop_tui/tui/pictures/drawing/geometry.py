"""Where the units of a network are drawn: as large as fits, windowed where not all fit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import Enum

from msgspec import Struct

from backprop_tui.program.number_text import width as number_width

LEAST_GAP = 3
"""Columns between two layers, at least."""
EASY_GAP = 6
"""Columns between two layers in which edges can be told apart."""
MOST_GAP = 26
WIDE = 24
"""A network with more units than this in a layer is drawn as blocks."""
LEAST_WIDTH, LEAST_HEIGHT = 34, 7
"""Blocks need a pane of this size."""


class Size(Enum):
    """How much of a unit is drawn, by its rows."""

    TALL = 5
    """A box with name, z, a and delta."""
    SHORT = 3
    """A box with name and one value."""
    FLAT = 1
    """Name and one value on a line."""
    CHAIN = 4
    """Name, z, a and delta one below the other, without a frame; for layers of one unit."""
    NARROW = 2
    """Name, and one value below it."""
    DOT = 0
    """The same, the value reaching into the gaps on either side."""


BOXED = (Size.TALL, Size.SHORT, Size.FLAT)
"""The sizes that are tried where not all layers have to fit, the largest first."""


class Box(Struct, frozen=True):
    """The place of a unit: left, top, width and height in cells."""

    x: int
    y: int
    width: int
    height: int
    stem: int | None = None
    """Rows from its top to the one at which edges meet it; None: half of them."""

    @property
    def middle(self) -> int:
        """The row at which edges meet it."""
        return self.y + (self.height // 2 if self.stem is None else self.stem)

    def moved(self, rows: int) -> Box:
        """The same so many rows further down."""
        return Box(self.x, self.y + rows, self.width, self.height, self.stem)


class Column(Struct, frozen=True):
    """A layer's column: which of its units are drawn, and where."""

    layer: int
    first: int
    """The first unit drawn."""
    boxes: tuple[Box, ...]
    hidden_above: int
    hidden_below: int
    x: int
    width: int

    @property
    def units(self) -> range:
        """The units drawn."""
        return range(self.first, self.first + len(self.boxes))


class Geometry(Struct, frozen=True):
    """The columns drawn, and how many layers are left out on either side."""

    size: Size
    columns: tuple[Column, ...]
    hidden_left: int
    hidden_right: int
    digits: int | None
    """Decimals for which there is room."""
    gap: int
    """Columns between two layers."""

    @property
    def layers(self) -> range:
        """The layers drawn."""
        return range(self.columns[0].layer, self.columns[-1].layer + 1)

    @property
    def complete(self) -> bool:
        """Whether every layer is drawn."""
        return not (self.hidden_left or self.hidden_right)

    @property
    def whole(self) -> bool:
        """Whether every unit is drawn."""
        return self.complete and not any(one.hidden_above or one.hidden_below for one in self.columns)

    def box(self, layer: int, unit: int) -> Box | None:
        """Where a unit is drawn; None where it is not."""
        for column in self.columns:
            if column.layer == layer and unit in column.units:
                return column.boxes[unit - column.first]
        return None

    def at(self, x: int, y: int) -> tuple[int, int] | None:
        """The layer and unit drawn at a cell; None where there is none."""
        for column in self.columns:
            for unit, box in zip(column.units, column.boxes, strict=True):
                if box.x <= x < box.x + box.width and box.y <= y < box.y + box.height:
                    return column.layer, unit
        return None

    def edge_at(self, x: int, y: int) -> tuple[int, int, int] | None:
        """Layer, unit and input of the edge that passes within two rows of a cell; None where none does."""
        for below, above in zip(self.columns, self.columns[1:], strict=False):
            left, right = below.x + below.width, above.x - 1
            if not left <= x <= right:
                continue
            along = (x - left) / max(1, right - left)
            edges = [
                (
                    abs(source.middle + (target.middle - source.middle) * along - y),
                    above.layer,
                    unit,
                    below_unit,
                )
                for unit, target in zip(above.units, above.boxes, strict=True)
                for below_unit, source in zip(below.units, below.boxes, strict=True)
            ]
            distance, layer, unit, below_unit = min(edges)
            return (layer, unit, below_unit) if distance <= 2 else None
        return None


def is_large(widths: Sequence[int], width: int, height: int) -> bool:
    """Whether a network is drawn as blocks in a pane of that size."""
    return max(widths) > WIDE and width >= LEAST_WIDTH and height >= LEAST_HEIGHT


def arrange(
    widths: Sequence[int],
    name_widths: Sequence[int],
    canvas: tuple[int, int],
    digits: int | None,
    active: tuple[int, int],
    below: tuple[int, int] | None = None,
) -> Geometry:
    """Choose the largest size at which everything fits; else draw what is around the *active* unit.

    Args:
        widths: units a layer, the input first.
        name_widths: cells that the longest unit name of each layer takes.
        canvas: width and height of the drawing.
        digits: decimals shown, on which a unit's width depends.
        active: the layer and unit that must be drawn.
        below: where an edge is at work, the layer and unit at its lower end.

    """
    width, height = canvas
    number = number_width(digits)
    layers = len(widths)

    def unit_width(size: Size, layer: int) -> int:
        if size is Size.TALL:
            return max(number + (4 if layer else 2), name_widths[layer] + 6)
        if size is Size.SHORT:
            return max(number + 4, name_widths[layer] + 6)
        return name_widths[layer] + number + 1

    def rows(size: Size, layer: int) -> int:
        if size is Size.TALL:
            if layer == 0:
                return 3
            return 6 if layer == layers - 1 and height >= 8 else 5
        return int(size.value)

    spans = {size: [unit_width(size, layer) for layer in range(layers)] for size in BOXED}
    for size in BOXED:
        across = sum(spans[size]) + LEAST_GAP * (layers - 1)
        down = max(
            n * rows(size, layer) + (n - 1) * (size is not Size.FLAT) for layer, n in enumerate(widths)
        )
        if across <= width and down <= height:
            break
    mark = 1 if size is Size.FLAT else 0  # the column left of a unit's name in which its mark stands
    width -= mark
    first, last = _window(spans[size], width, active[0] if below is None else below[0])
    if last < active[0]:
        first, last = _window(spans[size], width, active[0])
    points = dict([below or active, active])
    shown = range(first, last + 1)
    room = width - sum(spans[size][layer] for layer in shown)
    gap = min(MOST_GAP, room // (len(shown) - 1)) if len(shown) > 1 else 0
    x = mark + (room - gap * (len(shown) - 1)) // 2
    columns = []
    for layer in shown:
        columns.append(
            column(layer, widths[layer], rows(size, layer), size, x, spans[size][layer], height, points)
        )
        x += spans[size][layer] + gap
    return Geometry(size, tuple(columns), first, layers - 1 - last, digits, gap)


def _window(spans: Sequence[int], width: int, active: int) -> tuple[int, int]:
    """The first and last layer drawn: as many around the active one as fit."""
    first = last = active
    used = spans[active]
    while True:
        after = last + 1 < len(spans) and used + LEAST_GAP + spans[last + 1] <= width
        before = first > 0 and used + LEAST_GAP + spans[first - 1] <= width
        if after and (last - active <= active - first or not before):
            last += 1
            used += LEAST_GAP + spans[last]
        elif before:
            first -= 1
            used += LEAST_GAP + spans[first]
        else:
            return first, last


def column(
    layer: int, units: int, rows: int, size: Size, x: int, width: int, height: int, points: Mapping[int, int]
) -> Column:
    """The column of a layer: its units evenly apart; where not all fit, the page with the one of *points*."""
    framed = size in (Size.TALL, Size.SHORT)
    gap = least = int(framed)
    if units * rows + (units - 1) * gap <= height:
        spare = height - units * rows
        gap = min(spare // (units + 1) if units > 1 else 0, 4 if framed else 3) if spare else gap
        gap = max(gap, least)
        first, count = 0, units
    else:
        count = max(1, (height - 2 + gap) // (rows + gap))
        first = min(points.get(layer, 0) // count * count, units - count)
    total = count * rows + (count - 1) * gap
    top = max(0, (height - total) // 2)
    if units == 1:  # the middles of single units are on one row, whatever their heights
        top = max(0, min(height - rows, (height - 1) // 2 - rows // 2))
    stem = None if framed or size is Size.FLAT else 0
    boxes = tuple(Box(x, top + index * (rows + gap), width, rows, stem) for index in range(count))
    return Column(layer, first, boxes, first, units - first - count, x, width)


def column_of(layer: int, units: int, x: int, width: int, height: int, active: tuple[int, int]) -> Column:
    """A list of a layer's units, one a line from the top, those around the *active* one where not all fit."""
    if units <= height:
        first, count, top = 0, units, 0
    else:
        marks = height >= 3
        count = max(1, height - 2 * marks)
        first = min(max(0, active[1] - count // 2), units - count)
        top = int(marks)
    boxes = tuple(Box(x, top + index, width, 1) for index in range(count))
    return Column(layer, first, boxes, first, units - first - count, x, width)
