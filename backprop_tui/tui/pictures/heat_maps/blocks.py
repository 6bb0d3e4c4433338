"""Where the parts of a large network are drawn: its layers as blocks of cells, and one unit in detail.

From left to right every layer is a block, the input a picture where its length is a square; before the
layer of the unit in question stand that unit's weights, laid out as the layer below. Under the blocks is a
list of the units around it with their numbers, and beside that, or under the pictures, the largest terms.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from itertools import product
from math import ceil, isqrt

from msgspec import Struct

from backprop_tui.program.number_text import width as number_width
from backprop_tui.tui.pictures.drawing.geometry import Box, Column, Geometry, Size, column_of
from backprop_tui.tui.pictures.heat_maps.heat import Grid

SMALLEST_PICTURE = 16
"""An input of so many numbers or more is a picture where their number is a square."""
LOW = 10
"""A pane lower than this has one line above a block; others two: what it is, and its scale."""
LEAST_SLOT = 7
"""Columns that a block's two captions need."""
LEAST_TERM = 22
"""Columns that a term of a sum needs."""
MOST_STRETCH = 2.5
"""Pixels that a cell takes down for each that it takes across; 2 is true to shape, 1 the least."""
LEAST_LINE = 14
"""Columns that a unit in the list needs."""
LEAST_LIST = 3
"""Lines that the list of units needs."""


class Block(Struct, frozen=True):
    """A heat map's place: from *x*, its captions in the first lines, the cells below them."""

    layer: int
    x: int
    slot: int
    """Columns that it may take with its captions."""
    grid: Grid
    head: int
    """Lines above the cells."""
    weights: bool = False
    """Whether it shows the weights, from this layer, of the unit in question."""

    @property
    def bottom(self) -> int:
        """The first line below it."""
        return self.head + self.grid.height

    def index(self, x: int, y: int) -> int | None:
        """The unit of the layer, or the input of the weight, at a cell of the drawing; None outside."""
        if not (self.x <= x < self.x + self.grid.width and self.head <= y < self.bottom):
            return None
        return self.grid.index((y - self.head) // self.grid.down, (x - self.x) // self.grid.across)


class LargeGeometry(Geometry, frozen=True):
    """The places of the blocks; the list of units is the one column."""

    blocks: tuple[Block, ...] = ()
    active: tuple[int, int] = (1, 0)
    """The layer and unit in question."""
    terms: Box | None = None
    """Where the largest terms are listed; None where there is no room."""

    def at(self, x: int, y: int) -> tuple[int, int] | None:
        """The layer and unit drawn at a cell, in the list or in a block; None where there is none."""
        listed = Geometry.at(self, x, y)
        if listed is not None:
            return listed
        for block in self.blocks:
            if not block.weights and (unit := block.index(x, y)) is not None:
                return block.layer, unit
        return None

    def edge_at(self, x: int, y: int) -> tuple[int, int, int] | None:
        """Layer, unit and input of the weight drawn at a cell; None where there is none."""
        for block in self.blocks:
            if block.weights and (below := block.index(x, y)) is not None:
                return *self.active, below
        return None


class _Plan(Struct, frozen=True):
    """Blocks that fit side by side, and what they leave free."""

    blocks: tuple[Block, ...]
    hidden_left: int
    hidden_right: int
    gap: int


def arrange_large(
    widths: tuple[int, ...],
    name_widths: tuple[int, ...],
    canvas: tuple[int, int],
    digits: int | None,
    active: tuple[int, int],
) -> LargeGeometry:
    """Blocks as large as fit, the list of units around the *active* one, and room for its largest terms.

    Args:
        widths: units a layer, the input first.
        name_widths: cells that the longest unit name of each layer takes.
        canvas: width and height of the drawing.
        digits: decimals shown.
        active: the layer and unit that must be listed.
    """
    width, height = canvas
    layer = active[0]
    plan = _plan(widths, width, height, layer)
    list_width = name_widths[layer] + number_width(digits) + 2
    left, top = _free(plan.blocks, width, height)
    x = max(1, left)  # a mark stands left of it
    list_width = min(list_width, width - x)
    low = column_of(layer, widths[layer], x, list_width, height - top, active)
    boxes = tuple(Box(box.x, box.y + top, box.width, box.height) for box in low.boxes)
    column = Column(layer, low.first, boxes, low.hidden_above, low.hidden_below, low.x, low.width)
    terms = _terms(plan.blocks, (width, height), (x + list_width + 2, top))
    return LargeGeometry(
        Size.FLAT,
        (column,),
        plan.hidden_left,
        plan.hidden_right,
        digits,
        plan.gap,
        plan.blocks,
        active,
        terms,
    )


def _free(blocks: tuple[Block, ...], width: int, height: int) -> tuple[int, int]:
    """Left and top of the room under the blocks: where the low ones begin, right of the last high one."""
    if not blocks:
        return 0, 0
    best: tuple[int, int, int] | None = None
    for number in range(len(blocks) + 1):
        rest = blocks[number:]
        left = rest[0].x if rest else blocks[-1].x + blocks[-1].slot + 1
        top = max((block.bottom for block in rest), default=blocks[0].head)
        if rest:
            top += height - top > LEAST_LIST + 1
        if width - left < LEAST_LINE or height - top < 1:
            continue
        room = min(height - top, 12) * min(width - left, LEAST_LINE + LEAST_TERM + 3)
        if best is None or room > best[0]:
            best = (room, left, top)
    return best[1:] if best else (0, height - 1)


def _terms(blocks: tuple[Block, ...], canvas: tuple[int, int], after: tuple[int, int]) -> Box | None:
    """Room for the terms: right of the list, else under the blocks on the left."""
    (width, height), (left, top) = canvas, after
    choices: list[Box] = []
    if width - left >= LEAST_TERM and height - top >= 2:
        choices.append(Box(left, top, width - left, height - top))
    high = [block for block in blocks if block.x < left - 2]
    below = max((block.bottom for block in high if block.bottom > top), default=top)
    end = max((block.x + block.slot for block in high if block.bottom > top), default=0)
    if end >= LEAST_TERM and height - below >= 2:
        choices.append(Box(0, below, end, height - below))
    return max(choices, key=lambda box: min(box.height, 8) * min(box.width, 44), default=None)


@lru_cache(maxsize=64)  # saves 0.3 ms a key of 64-32-10 at 120x40, of 2, and 0.8 of 784-128-10
def _plan(widths: tuple[int, ...], width: int, height: int, layer: int) -> _Plan:
    """The best way to lay out the blocks that leaves room for the list of units."""
    head = 1 if height < LOW else 2
    rows = height - head
    found: _Plan | None = None
    most = (width + 1) // (LEAST_SLOT + 1)
    for hidden in range(max(0, len(widths) - most), len(widths) - 1):
        first, last = _shown(len(widths), hidden, layer)
        shown = range(first, last + 1)
        below = layer - 1 if layer and layer - 1 >= first else None
        for gap, margin in ((2, 1), (1, 1), (1, 0)):
            for picture_rows, cell, list_rows in product(
                _heights(rows, picture=first == 0 and is_picture(widths[0])),
                (2, 1),
                ((rows // 2, LEAST_LIST) if rows > 12 else (LEAST_LIST,)),
            ):
                found = _packed(
                    widths,
                    shown,
                    below,
                    (width, margin, gap, head),
                    (picture_rows, max(1, rows - list_rows), cell),
                )
                if found is not None and _has_room(found, width, height):
                    return _Plan(found.blocks, first, len(widths) - 1 - last, gap)
    first, last = (max(0, layer - 1), max(1, layer))
    return _Plan((), first, len(widths) - 1 - last, 1)


def _has_room(plan: _Plan, width: int, height: int) -> bool:
    """Whether at least some lines are left for the list of units."""
    _, top = _free(plan.blocks, width, height)
    return height - top >= LEAST_LIST


def _shown(layers: int, hidden: int, layer: int) -> tuple[int, int]:
    """The first and last layer shown when so many are not, those around *layer*."""
    count = layers - hidden
    first = min(max(0, layer - count // 2), layers - count)
    return first, first + count - 1


def _heights(rows: int, *, picture: bool) -> range:
    """How high a picture may be, the best choice first."""
    return range(rows, max(2, rows // 2) - 1, -1) if picture else range(rows, rows - 1, -1)


def _packed(
    widths: Sequence[int],
    shown: range,
    below: int | None,
    across: tuple[int, int, int, int],
    heights: tuple[int, int, int],
) -> _Plan | None:
    """Blocks side by side, the flat ones as low as fits; None where they do not fit."""
    width, margin, gap, head = across
    picture_rows, flat_rows, cell = heights
    kinds: list[tuple[int, bool]] = []
    for number in shown:
        kinds.append((number, False))
        if number == below:
            kinds.append((number, True))
    pictures = sum(number == 0 and is_picture(widths[0]) for number, _ in kinds)
    room = width - margin - gap * (len(kinds) - 1)
    flats = len(kinds) - pictures
    grids: dict[int, Grid] = {}
    if pictures:
        most = (room - flats * LEAST_SLOT) // pictures
        square = picture_grid(isqrt(widths[0]), most, picture_rows, most_zoom=2)
        if square is None or (cell == 2 and square.across < 2 and not square.pooled):
            return None
        grids[0] = square
        room -= pictures * max(LEAST_SLOT, square.width)
    for low in range(1, flat_rows + 1):
        total = 0
        for number, _ in kinds:
            if number == 0 and pictures:
                continue
            grids[number] = flat_grid(widths[number], low, cell, room)
            total += max(LEAST_SLOT, grids[number].width)
        if total <= room and not any(grid.pooled and not grid.side for grid in grids.values()):
            return _placed(kinds, grids, (margin, gap, head))
    if cell == 2 or flats == 0:
        return _placed(kinds, grids, (margin, gap, head)) if flats == 0 and room >= 0 else None
    share = room // flats
    for number, _ in kinds:
        if not (number == 0 and pictures):
            grids[number] = flat_grid(widths[number], min(flat_rows, 4), 1, max(LEAST_SLOT, share))
    total = sum(max(LEAST_SLOT, grids[n].width) for n, _ in kinds if not (n == 0 and pictures))
    return _placed(kinds, grids, (margin, gap, head)) if total <= room and share >= LEAST_SLOT else None


def _placed(kinds: list[tuple[int, bool]], grids: dict[int, Grid], spaces: tuple[int, int, int]) -> _Plan:
    margin, gap, head = spaces
    blocks: list[Block] = []
    x = margin
    for number, weights in kinds:
        slot = max(LEAST_SLOT, grids[number].width)
        blocks.append(Block(number, x, slot, grids[number], head, weights))
        x += slot + gap
    return _Plan(tuple(blocks), 0, 0, gap)


def is_picture(count: int) -> bool:
    """Whether so many inputs are drawn as a picture."""
    return count >= SMALLEST_PICTURE and isqrt(count) ** 2 == count


def picture_grid(side: int, width: int, rows: int, most_zoom: int = 1) -> Grid | None:
    """A square picture in at most so many columns and rows; None where it does not fit.

    A cell is about twice as high as wide, so a pixel is two columns wide; where pixels must share cells,
    they do so that the picture stays about square.
    """
    for zoom in range(most_zoom, 0, -1):
        if side * zoom <= rows and 2 * side * zoom <= width:
            return Grid(side * side, side, side, 2 * zoom, zoom, side)
    if width < 1 or rows < 1:
        return None
    lowest = ceil(side / rows)
    wide = max(ceil(side / width), ceil(lowest / MOST_STRETCH))
    down = max(lowest, wide)
    if down > MOST_STRETCH * wide:
        return None
    return Grid(side * side, ceil(side / wide), ceil(side / down), 1, 1, side, (wide, down))


def flat_grid(count: int, rows: int, across: int, width: int) -> Grid:
    """So many numbers in at most so many rows: with as even rows as can be, shared cells where they must."""
    pool = max(1, ceil(count / max(1, rows * (width // across))))
    cells = ceil(count / pool)
    columns = ceil(cells / rows)
    for even in range(columns, min(2 * columns, max(columns, width // across)) + 1):
        if cells % even == 0:
            columns = even
            break
    return Grid(count, columns, ceil(cells / columns), across, pool=(pool, 1))
