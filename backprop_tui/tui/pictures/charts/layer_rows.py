"""What a picture with a row a layer needs: names, rows in sight, a scale for bars, arrows and clicks."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite, log10
from typing import NamedTuple

from backprop_tui.engine.quantities import Kind, Quantity
from backprop_tui.tui.requests import Point, Request
from backprop_tui.tui.view import Node, View


def layer_name(view: View, layer: int) -> str:
    """The name of a layer's only unit, or of its first unit with how many there are: ``h1…8``."""
    first, units = view.session.names.unit(layer, 0), view.session.network.widths[layer]
    return first if units == 1 else f"{first}…{units}"


def in_sight(layers: Sequence[int], here: int | None, room: int) -> range:
    """The places of as many layers as there is room for, *here* among them."""
    place = layers.index(here) if here in layers else 0
    first = max(0, min(place - room // 2, len(layers) - room))
    return range(first, min(len(layers), first + room))


def lowest_reached(view: View, kind: Kind) -> int | None:
    """The lowest layer of which the iteration has computed a kind of quantity for all examples; None: none.

    Args:
        view: what is shown.
        kind: dL/da, da/dz, delta or a gradient.

    """
    program = view.session.program
    iteration = program.iteration_at(max(0, view.time - 1))
    last_block = (program.batch_length(iteration) - 1) * program.layout.block
    ran = view.time - program.iteration_start(iteration) - last_block
    widths = view.session.network.widths
    for layer, units in enumerate(widths[1:], 1):
        below = widths[layer - 1] - 1 if kind is Kind.WEIGHT_GRADIENT else None
        place = program.layout.offset(Quantity(kind, layer, units - 1, below))
        if place is not None and place < ran:
            return layer
    return None


class LogScale(NamedTuple):
    """Powers of ten from the first column of the bars to the last."""

    low: float
    high: float
    columns: int

    def column(self, value: float) -> int:
        """Where a number lies; what is out of sight, at the end that is nearer."""
        if not value > 0.0:
            return 0
        if not isfinite(value):
            return self.columns - 1
        share = (log10(value) - self.low) / (self.high - self.low)
        return min(max(round(share * (self.columns - 1)), 0), self.columns - 1)

    def ends(self) -> str:
        """What stands above the first and the last column; nothing where there is no blank between them."""
        for write in (power, _decimal):
            low, high = write(self.low), write(self.high)
            if len(low) + len(high) < self.columns:
                return f"{low}{high.rjust(self.columns - len(low))}"
        return " " * self.columns


def power(exponent: float) -> str:
    """A power of ten, as an axis has it."""
    return "1" if not exponent else f"1e{exponent:.0f}".replace("-", "−")


def _decimal(exponent: float) -> str:
    """A power of ten written out, where that is shorter."""
    return f"{10.0**exponent:g}" if -2 <= exponent <= 2 else power(exponent)


def layer_pointed_at(view: View, row: str) -> Request | None:
    """Point at the first unit of the layer whose row this is."""
    name = row.lstrip("▶ ").split(" ")[0]
    layers = range(1, len(view.session.network.widths))
    found = next((layer for layer in layers if name == layer_name(view, layer)), None)
    return None if found is None else Point(Node(found, 0))


def layer_arrow(view: View, right: int, down: int) -> Request | None:
    """To the layer below or above."""
    last = len(view.session.network.layers)
    layer = (view.subject.quantity.layer if view.subject else None) or last + 1
    return Point(Node(min(max(layer - down, 1), last), 0)) if down else None
