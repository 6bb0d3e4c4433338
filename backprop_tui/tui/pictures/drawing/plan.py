"""Where everything of a drawing is, worked out once for a network and a pane."""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

from backprop_tui.engine.quantities import Kind, Quantity
from backprop_tui.session.session import Session
from backprop_tui.tui.pictures.drawing.geometry import Box, Column, Geometry, Size
from backprop_tui.tui.pictures.kept_parts import Places, unit_places
from backprop_tui.tui.view import Node

LEAST_ROOM = 6
"""Columns between two layers in which a line for each edge can be told apart."""
MOST_LINES = 6
"""So many edges between two layers are drawn as a line each."""
LEAST_FAN = 3
"""Edges to or from the only unit of a layer, from which on they are gathered."""


class Unit(NamedTuple):
    """A unit that is drawn."""

    node: Node
    box: Box
    places: Places
    """When its values are computed."""


class Gap(NamedTuple):
    """What is between two layers that are drawn side by side."""

    layer: int
    """The layer above."""
    units: range
    inputs: range
    left: int
    right: int
    """The columns in which edges begin and end."""
    end: int
    """The column in which they end where the one before a unit is kept for its mark."""
    sources: tuple[Box, ...]
    targets: tuple[Box, ...]
    first: int
    """When the first weight of the first unit that is drawn is updated."""
    unit_updates: int
    """How many statements the update of a unit has."""
    updates: int
    """How many of a unit's weights the update changes: none where they are frozen."""
    fan: bool
    """Whether one of the layers has but one unit."""
    gathered: bool
    """Whether the edges are too many for a line each, and run together."""

    @property
    def width(self) -> int:
        """Columns between the layers."""
        return self.right - self.left + 1


_Layer = tuple[Column, tuple[Box, ...]]
"""A column with its boxes in their rows of the drawing."""


class Plan(NamedTuple):
    """The places of a drawing."""

    geometry: Geometry
    key: tuple[object, ...]
    """Tells it apart from all others of the same network."""
    above: int
    below: int
    """Rows kept above and below the boxes."""
    units: tuple[Unit, ...]
    gaps: tuple[Gap, ...]


def plan_key(geometry: Geometry, size: tuple[int, int]) -> tuple[object, ...]:
    """What tells a plan apart from all others of the same network."""
    return size, geometry.digits, tuple((column.layer, column.first) for column in geometry.columns)


def planned(session: Session, geometry: Geometry, size: tuple[int, int], margins: tuple[int, int]) -> Plan:
    """The plan of a drawing of a size, with so many rows above and below the boxes."""
    boxes = [tuple(box.moved(margins[0]) for box in column.boxes) for column in geometry.columns]
    layers = list(zip(geometry.columns, boxes, strict=True))
    units = tuple(
        Unit(Node(column.layer, unit), box, unit_places(session, column.layer, unit))
        for column, moved in layers
        for unit, box in zip(column.units, moved, strict=True)
    )
    gaps = tuple(_gap(session, geometry.size, *pair) for pair in pairwise(layers))
    return Plan(geometry, plan_key(geometry, size), *margins, units, gaps)


def name_place(name: str, box: Box) -> int:
    """Where the name of a unit of a chain begins."""
    return box.x + max(0, (box.width - len(name)) // 2)


def _ends(session: Session, size: Size, below: Column, above: Column) -> tuple[int, int]:
    """The columns between two layers in which edges begin and end; in a chain, from name to name."""
    if size is not Size.CHAIN:
        return below.x + below.width, above.x - 1
    start, end = (session.names.unit(column.layer, 0) for column in (below, above))
    return name_place(start, below.boxes[0]) + len(start), name_place(end, above.boxes[0]) - 1


def _gap(session: Session, size: Size, below: _Layer, above: _Layer) -> Gap:
    (column_below, sources), (column, targets) = below, above
    left, right = _ends(session, size, column_below, column)
    described = session.network.layers[column.layer - 1]
    updates = 0 if described.frozen_weights else described.inputs
    first = session.program.place_in_scope(Quantity(Kind.WEIGHT_UPDATE, column.layer, column.first, 0))
    return Gap(
        column.layer,
        column.units,
        column_below.units,
        left,
        right,
        right - (size not in (Size.TALL, Size.SHORT)),
        sources,
        targets,
        first or 0,
        updates + (not described.frozen_biases),
        updates,
        min(len(sources), len(targets)) == 1,
        _gathered(len(sources), len(targets), right - left + 1),
    )


def _gathered(sources: int, targets: int, width: int) -> bool:
    """Whether so many edges in so many columns run together."""
    edges = sources * targets
    if edges > 1 and width < LEAST_ROOM:
        return True
    return edges >= LEAST_FAN if min(sources, targets) == 1 else edges > MOST_LINES
