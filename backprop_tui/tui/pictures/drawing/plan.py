"""Where everything of a drawing is, worked out once for a network and a pane."""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

from backprop_tui.engine.quantities import Kind, Quantity
from backprop_tui.session.session import Session
from backprop_tui.tui.pictures.drawing.geometry import LEAST_GAP, Box, Column, Geometry
from backprop_tui.tui.pictures.kept_parts import Places, unit_places
from backprop_tui.tui.view import Node

DENSE_EDGES = 24
"""Between two layers more edges than this are drawn faintly, so that those that are lit stand out."""
MOST_EDGES = 1500
"""Between two layers no more edges than this are drawn; of more, only those that are lit."""


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
    sources: tuple[Box, ...]
    targets: tuple[Box, ...]
    first: int
    """When the first weight of the first unit that is drawn is updated."""
    unit_updates: int
    """How many statements the update of a unit has."""
    updates: int
    """How many of a unit's weights the update changes: none where they are frozen."""

    @property
    def edges(self) -> int:
        """How many edges there are."""
        return len(self.sources) * len(self.targets)

    @property
    def few(self) -> bool:
        """Whether there is room to draw each edge for itself, straight where it is level."""
        return self.edges <= 2

    @property
    def dense(self) -> bool:
        """Whether the edges are too many to tell apart."""
        return self.edges > DENSE_EDGES

    @property
    def in_ground(self) -> bool:
        """Whether all edges are drawn, those that are lit over the others."""
        return not (self.few or self.only_lit)

    @property
    def only_lit(self) -> bool:
        """Whether no other edges are drawn than those that are lit."""
        narrow = self.right - self.left < LEAST_GAP
        return self.edges > MOST_EDGES or (self.edges > 4 and narrow)


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


def planned(session: Session, geometry: Geometry, size: tuple[int, int], margins: tuple[int, int]) -> Plan:
    """The plan of a drawing of a size, with so many rows above and below the boxes."""
    window = tuple((column.layer, column.first) for column in geometry.columns)
    boxes = [
        tuple(Box(box.x, box.y + margins[0], box.width, box.height) for box in column.boxes)
        for column in geometry.columns
    ]
    layers = list(zip(geometry.columns, boxes, strict=True))
    units = tuple(
        Unit(Node(column.layer, unit), box, unit_places(session, column.layer, unit))
        for column, moved in layers
        for unit, box in zip(column.units, moved, strict=True)
    )
    gaps = tuple(_gap(session, *pair) for pair in pairwise(layers))
    return Plan(geometry, (size, geometry.digits, window), *margins, units, gaps)


def _gap(session: Session, below: _Layer, above: _Layer) -> Gap:
    (column_below, sources), (column, targets) = below, above
    described = session.network.layers[column.layer - 1]
    updates = 0 if described.frozen_weights else described.inputs
    first = session.program.place_in_scope(Quantity(Kind.WEIGHT_UPDATE, column.layer, column.first, 0))
    return Gap(
        column.layer,
        column.units,
        column_below.units,
        column_below.x + column_below.width,
        column.x - 1,
        sources,
        targets,
        first or 0,
        updates + (not described.frozen_biases),
        updates,
    )
