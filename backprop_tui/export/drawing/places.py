"""Where the units of a network are drawn: which of them, how large, and how far apart."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from backprop_tui.network.description import Network
from backprop_tui.network.names import Names
from backprop_tui.program.number_text import width as number_width

MOST_TALL = 4
"""Units a layer of which each is drawn as a box with a row for each of its numbers."""
MOST_FLAT = 10
"""Places for the units of a layer in a drawing; of more units the first ones and the last are drawn."""
MOST_LAYERS = 12
"""Places for layers; of more layers the first and the last ones are drawn."""
MOST_NAME = 14
"""Characters of a name that are written; a longer one is cut."""

SIZE = 12.0
"""The size of a number's letters; the drawing's unit of length is the same as theirs."""
LABEL = SIZE - 1.5
"""The size of the letters of a weight's or a bias's label."""
ROW = 15.0
"""From one row of numbers to the next."""
NAME_ROW = 18.0
CAPTION = 20.0
"""Kept above for what the layers are."""
LOSS_ROWS = 26.0
"""Kept above the outputs for the loss."""
BIAS_ROWS = 30.0
"""Kept below a unit for its bias and the gradient of that."""
MARGIN = 6.0
BETWEEN = 12.0
"""Free between two units."""
LEAST_LABEL = 14.0
"""From one label to the next, at least."""
TWO_LINES = 27.0
"""From one label to the next where each has a second line."""


class Box(Struct, frozen=True):
    """The place of a unit."""

    unit: int
    x: float
    y: float
    width: float
    height: float

    @property
    def middle(self) -> float:
        """How far down its edges meet it."""
        return self.y + self.height / 2

    @property
    def right(self) -> float:
        """Its right side."""
        return self.x + self.width

    @property
    def centre(self) -> float:
        """The middle of its width."""
        return self.x + self.width / 2


class Column(Struct, frozen=True):
    """The units of a layer that are drawn, and how many are not."""

    layer: int
    x: float
    width: float
    boxes: tuple[Box, ...]
    hidden: int
    hidden_y: float
    """Where that is said."""


class Gap(Struct, frozen=True):
    """Between two columns that are drawn side by side."""

    left: float
    right: float
    share: float
    """How far along its edge a label stands, from the left."""
    lines: int
    """How many lines there is room for in a label: none, the value, or the gradient as well."""
    hidden: int
    """How many layers between the two are not drawn."""


class Places(Struct, frozen=True):
    """The places of a drawing."""

    columns: tuple[Column, ...]
    gaps: tuple[Gap, ...]
    tall: bool
    """Whether each unit has a row for each of its numbers."""
    digits: int | None
    width: float
    height: float


def text_width(text: str, size: float = SIZE) -> float:
    """The most room that a text takes in any of the typefaces of a drawing."""
    return size * sum({".": 0.33, "−": 0.84, "(": 0.4, ")": 0.4, " ": 0.33}.get(sign, 0.64) for sign in text)


def widest_number(digits: int | None) -> float:
    """The room of the longest ordinary number: one in the brackets of a stale one, or with an exponent."""
    room = number_width(digits) - 4
    power = "−0." + "0" * max(0, room - 2) + "e−00"
    return max(text_width("(−0." + "0" * room + ")"), text_width(power))


def longest(digits: int | None) -> int:
    """Signs of the longest number for which there is room; one with an exponent, in brackets, has more.

    Such a one stands in smaller letters.
    """
    return number_width(digits) + 1


def shortened(name: str, most: int = MOST_NAME) -> str:
    """A name that is not too long, or its beginning."""
    return name if len(name) <= most else name[: most - 1] + "…"


def drawn_units(units: int, chosen: Sequence[int] | None = None) -> list[int | None]:
    """The units of a layer that are drawn, in order; None stands for those that are not.

    Args:
        units: how many it has.
        chosen: those to be drawn, as far as there is room; left out, all.
    """
    wanted = list(range(units) if chosen is None else chosen)
    if len(wanted) > MOST_FLAT:
        wanted = [*wanted[: MOST_FLAT - 2], wanted[-1]]
    if len(wanted) == units:
        return [*wanted]
    return [*wanted[:-1], None, wanted[-1]]


def drawn_layers(layers: int) -> list[int]:
    """The layers that are drawn."""
    if layers <= MOST_LAYERS:
        return list(range(layers))
    first = MOST_LAYERS // 2
    return [*range(first), *range(layers - (MOST_LAYERS - first), layers)]


def places(
    network: Network, names: Names, digits: int | None, chosen: Sequence[Sequence[int]] | None = None
) -> Places:
    """Where everything is drawn, at a size at which its numbers can be read.

    Args:
        network: what is drawn.
        names: the names in it.
        digits: decimals of its numbers.
        chosen: of each layer, the input layer first, the units to be drawn; left out, all for which there
            is room.
    """
    layers = drawn_layers(len(network.widths))
    items = {
        layer: drawn_units(network.widths[layer], None if chosen is None else chosen[layer])
        for layer in layers
    }
    tall = max(map(len, items.values())) <= MOST_TALL
    last = len(network.widths) - 1
    heights = {layer: _height(layer, last, tall=tall) for layer in layers}
    stride = max(heights.values()) + (BIAS_ROWS + BETWEEN if tall else BETWEEN / 2)
    most = max(map(len, items.values()))
    first_of = {layer: (most - len(items[layer])) / 2 * stride for layer in layers}
    above = {layer: CAPTION + (LOSS_ROWS if layer == last else 0.0) + heights[layer] / 2 for layer in layers}
    top = max(above[layer] - first_of[layer] for layer in layers)
    columns: list[Column] = []
    gaps: list[Gap] = []
    x = MARGIN
    for number, layer in enumerate(layers):
        width = _width(network, names, layer, items[layer], digits, tall=tall)
        if number:
            gap = _gap(network, names, layers[number - 1 : number + 1], items, digits, x, stride)
            gaps.append(gap)
            x = gap.right
        columns.append(
            _column(layer, items[layer], x, top + first_of[layer], (width, heights[layer]), stride, network)
        )
        x += width
    low = max(box.y + box.height for column in columns for box in column.boxes)
    return Places(
        columns=tuple(columns),
        gaps=tuple(gaps),
        tall=tall,
        digits=digits,
        width=round(x + MARGIN, 1),
        height=round(low + (BIAS_ROWS if tall else 0.0) + MARGIN, 1),
    )


def _height(layer: int, last: int, *, tall: bool) -> float:
    if not tall:
        return ROW + 9
    rows = 1 if layer == 0 else 4 if layer == last else 3
    return NAME_ROW + rows * ROW + 6


def _width(
    network: Network,
    names: Names,
    layer: int,
    items: Sequence[int | None],
    digits: int | None,
    *,
    tall: bool,
) -> float:
    units = [unit for unit in items if unit is not None]
    name = max(text_width(shortened(names.unit(layer, unit)), SIZE + 1) for unit in units)
    number = widest_number(digits) if layer else text_width("−0." + "0" * (number_width(digits) - 4))
    caption = text_width(shortened(layer_caption(network, layer), 16), 11)
    if tall:
        inner = max(name, number + (16 if layer else 0))
    else:
        inner = name + number + (2 * 16 + number if layer else 8)
    return round(max(inner + 14, caption), 1)


def layer_caption(network: Network, layer: int) -> str:
    """What a layer is: ``input``, ``sigmoid``, ``relu ×8``."""
    words = network.layers[layer - 1].activation_name if layer else "input"
    return f"{words} ×{network.widths[layer]}" if network.widths[layer] > MOST_TALL else words


def _gap(
    network: Network,
    names: Names,
    layers: Sequence[int],
    items: dict[int, list[int | None]],
    digits: int | None,
    x: float,
    stride: float,
) -> Gap:
    """Between two layers: so wide that a label fits on every edge, where any do.

    With m targets, labels a share 1/(m + 1) of the way along their edges lie stride/(m + 1) apart, all of
    them; with fewer sources than targets the same holds from the other end.
    """
    below, layer = layers
    if layer != below + 1:
        return Gap(x, x + 96.0, 0.5, 0, layer - below - 1)
    sources, targets = len(items[below]), len(items[layer])
    fewer = min(sources, targets)
    apart = stride / (fewer + 1)
    if apart < LEAST_LABEL or None in items[below] or None in items[layer]:
        width = 64.0 + 9.0 * min(sources * targets, 12) ** 0.5
        return Gap(x, round(x + width, 1), 0.5, 0, 0)
    share = 1 / (fewer + 1) if fewer == targets else 1 - 1 / (fewer + 1)
    label = max(
        text_width(edge_name(names, layer, unit, source, single=sources * targets == 1))
        for unit in items[layer]
        for source in items[below]
        if unit is not None and source is not None
    )
    needed = (label + widest_number(digits)) * LABEL / SIZE
    width = needed + 14 if sources * targets == 1 else max((needed / 2 + 9) * (fewer + 1), needed + 30)
    return Gap(x, round(x + width, 1), share, 2 if apart >= TWO_LINES else 1, 0)


def edge_name(names: Names, layer: int, unit: int, below: int, *, single: bool) -> str:
    """The name of a weight before its value, where it is short; on an edge alone a longer one too."""
    name = names.weight(layer, unit, below)
    most = MOST_NAME if single else 3
    return name + " " if len(name) <= most else ""


def _column(
    layer: int,
    items: Sequence[int | None],
    x: float,
    first: float,
    size: tuple[float, float],
    stride: float,
    network: Network,
) -> Column:
    width, height = size
    boxes = [
        Box(unit, round(x, 1), round(first + place * stride - height / 2, 1), width, height)
        for place, unit in enumerate(items)
        if unit is not None
    ]
    hidden = network.widths[layer] - len(boxes)
    hidden_y = first + items.index(None) * stride if hidden else 0.0
    return Column(layer, round(x, 1), width, tuple(boxes), hidden, round(hidden_y, 1))
