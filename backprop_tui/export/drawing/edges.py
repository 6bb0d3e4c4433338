"""The weights of a drawing: a line each, by sign and size, with value and gradient where there is room."""

from __future__ import annotations

from itertools import pairwise

from backprop_tui.engine.quantities import Parameter
from backprop_tui.export.drawing import slots
from backprop_tui.export.drawing.pen import Pen, text
from backprop_tui.export.drawing.places import LABEL, Box, Column, Gap, edge_name
from backprop_tui.export.markup import element, words

THIN, THICK = 0.7, 2.8
"""How thick the lines of a weight of 0 and of the largest between two layers are, where they are few."""
MOST_POINTED = 16
"""Of more lines between two layers none ends in an arrow."""
MANY = 24
"""With so many lines between two layers they are half as thick."""


def edges_svg(pen: Pen) -> str:
    """The lines between all layers that are drawn."""
    drawn = ""
    for (below, above), gap in zip(pairwise(pen.plan.columns), pen.plan.gaps, strict=True):
        drawn += _layers_left_out(gap, below) if gap.hidden else _between(pen, below, above, gap)
    return drawn


def _between(pen: Pen, below: Column, above: Column, gap: Gap) -> str:
    edges = [
        (Parameter(above.layer, box.unit, source.unit), source, box)
        for box in above.boxes
        for source in below.boxes
    ]
    values = [pen.moment.parameter(edge).value or 0.0 for edge, _, _ in edges]
    largest = max((abs(value) for value in values if value == value), default=0.0) or 1.0
    pointed = len(edges) <= MOST_POINTED
    thick = THICK / (1 + len(edges) // 4 * 4 / MANY)
    lines = [
        _line(pen, edge, source, target, value / largest, thick, pointed=pointed)
        for (edge, source, target), value in zip(edges, values, strict=True)
    ]
    labels = [_label(pen, *edge, gap, single=len(edges) == 1) if gap.lines else "" for edge in edges]
    return "".join(lines) + "".join(labels)


def _line(
    pen: Pen, edge: Parameter, source: Box, target: Box, size: float, thick: float, *, pointed: bool
) -> str:
    x1, y1, x2, y2 = source.right, source.middle, target.x, target.middle
    share = min(1.0, abs(size)) if size == size else 0.0
    thickness = round(THIN + (thick - THIN) * share, 2)
    line = f"M{x1:g} {y1:g}L{x2 - 1:g} {y2:g}"
    drawn = element("path", None, class_="wire", d=line, stroke_width=thickness)
    drawn += element("path", None, class_="flow", d=line)
    if pointed:
        drawn += element("path", None, class_="ahead", d=_arrow(x2, y2, x2 - x1, y2 - y1))
        drawn += element("path", None, class_="back", d=_arrow(x1, y1, x1 - x2, y1 - y2))
    return pen.part(f"edge {'minus' if size < 0 else 'plus'}", slots.parameter_part(edge), drawn)


def _label(pen: Pen, edge: Parameter, source: Box, target: Box, gap: Gap, *, single: bool) -> str:
    x = source.right + (target.x - source.right) * gap.share
    y = source.middle + (target.middle - source.middle) * gap.share
    name = edge_name(pen.names, edge.layer, edge.unit, edge.below or 0, single=single).strip()
    part = slots.parameter_part(edge)
    if single:
        return pen.part(
            "weight",
            part,
            pen.parameter(edge, name, x, y - 8),
            pen.gradient(edge, name, x, y + 16, y + 29),
        )
    y = round(y - 2.5 if gap.lines > 1 else y + 3.8, 1)
    width = round(pen.label_width(edge, name) + 6, 1)
    height = LABEL + 3.0 + (12.0 if gap.lines > 1 else 0.0)
    paper = element(
        "rect",
        None,
        class_="paper",
        x=round(x - width / 2, 1),
        y=round(y - LABEL, 1),
        width=width,
        height=height,
    )
    written = pen.parameter(edge, name, x, y)
    gradient = pen.gradient(edge, "", x, y + 12.5) if gap.lines > 1 else ""
    return pen.part("weight", part, paper, written, gradient)


def _layers_left_out(gap: Gap, below: Column) -> str:
    y, middle = below.boxes[len(below.boxes) // 2].middle, (gap.left + gap.right) / 2
    line = element("path", None, class_="link", d=f"M{gap.left:g} {y:g}H{gap.right:g}")
    count = f"⋯ {gap.hidden:,} layer{'s' if gap.hidden > 1 else ''}"
    return line + text(middle, y - 6, words(count), "more", anchor="middle")


def _arrow(x: float, y: float, dx: float, dy: float) -> str:
    """The head of an arrow that ends at a point, along a direction."""
    length = (dx * dx + dy * dy) ** 0.5 or 1.0
    dx, dy = dx / length, dy / length
    left = f"{x - 8 * dx - 3.6 * dy:.1f} {y - 8 * dy + 3.6 * dx:.1f}"
    right = f"{x - 8 * dx + 3.6 * dy:.1f} {y - 8 * dy - 3.6 * dx:.1f}"
    return f"M{x:.1f} {y:.1f}L{left}L{right}z"
