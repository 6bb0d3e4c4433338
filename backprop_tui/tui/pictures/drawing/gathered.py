"""Edges too many for a line each: all of them as a ladder, and over it those of one unit each for itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from backprop_tui.engine.quantities import Parameter, Phase
from backprop_tui.tui.pictures.canvas import Canvas
from backprop_tui.tui.pictures.drawing.plan import LEAST_ROOM, Gap
from backprop_tui.tui.pictures.drawing.strokes import Line
from backprop_tui.tui.pictures.drawing.trunk import PLAIN, Trunk
from backprop_tui.tui.pictures.drawing.units import Look
from backprop_tui.tui.pictures.rows import Tone
from backprop_tui.tui.view import Node

LEAST_LABELLED = 12
"""Columns between two layers in which the weights can be written on the lines."""

Label = Callable[[int, int], tuple[str, Tone]]
"""What is written on the edge that leads to one place among the targets from one among the sources."""
Lines = Callable[[int, int], Line]
"""How the edge looks that leads to one place among the targets from one among the sources."""


def draw_gathered_ground(canvas: Canvas, gap: Gap, lines: Lines) -> None:
    """All edges of a gap, as a ladder that stands for every one.

    Those of a fan are each drawn with their own look; of others, where there is room, each target's line is
    made of a piece for each source, in their order.
    """
    right = gap.end
    pieces = has_pieces(gap)
    x = right - len(gap.sources) if pieces else (gap.left + right + 1) // 2
    neutral = Line(PLAIN, Tone.MUTED if gap.fan else Tone.FAINT)
    trunk = Trunk(gap.left, x, right, neutral.tone)
    for unit, target in enumerate(gap.targets):
        for below, source in enumerate(gap.sources):
            line = lines(unit, below) if gap.fan else neutral
            before, after = (line, neutral) if len(gap.targets) == 1 else (neutral, line)
            trunk.join(source.middle, target.middle, before, after)
    trunk.draw(canvas)
    if pieces:
        for unit, target in enumerate(gap.targets):
            for below in range(len(gap.sources)):
                stroke, tone = lines(unit, below)
                canvas.put(right - len(gap.sources) + 1 + below, target.middle, stroke.level, tone)


def has_pieces(gap: Gap) -> bool:
    """Whether the line of each target shows the looks of all its edges."""
    return not gap.fan and gap.width >= len(gap.sources) + 3


def shows_looks(gap: Gap) -> bool:
    """Whether the ground shows how each edge of a gap looks."""
    return not gap.gathered or gap.fan or has_pieces(gap)


def units_at_work(gap: Gap, look: Look) -> set[Node]:
    """The units of which the edges in a gap are drawn each for itself; all others then step back."""
    light, spot = look.light, look.spot
    if light.phase is Phase.BACKWARD and light.unit is not None and light.unit.layer == gap.layer - 1:
        return {light.unit} if light.unit.unit in gap.inputs else set()
    nodes = set() if light.phase is Phase.LOSS else set(light.nodes)
    if isinstance(spot, Parameter):
        nodes.add(Node(spot.layer, spot.unit))
    return {node for node in nodes if node.layer == gap.layer and node.unit in gap.units}


def draw_gathered(canvas: Canvas, gap: Gap, look: Look, lines: Lines, label: Label) -> None:
    """The edges of the unit that the present statement is about, over all others; those that it reads lit."""
    marked = dict.fromkeys(look.light.edges, look.light.tone)
    if isinstance(look.spot, Parameter):
        marked[look.spot] = Tone.CURSOR
    for layer, unit in units_at_work(gap, look):
        if layer == gap.layer:
            _draw_to(canvas, gap, unit - gap.units.start, look, lines, marked, label)
        else:
            _draw_from(canvas, gap, unit - gap.inputs.start, lines, look.light.tone, label)


def _draw_to(
    canvas: Canvas,
    gap: Gap,
    place: int,
    look: Look,
    lines: Lines,
    marked: Mapping[Parameter, Tone],
    label: Label,
) -> None:
    """The edges that lead to a unit, each with its own line up to the trunk."""
    row, right = gap.targets[place].middle, gap.end
    node = Node(gap.layer, gap.units[place])
    lit = look.light.phase is Phase.FORWARD and look.light.unit == node
    tone = look.light.tone if lit else Tone.MUTED
    trunk = Trunk(gap.left, right - (gap.width >= LEAST_ROOM or gap.end == gap.right), right, tone)
    found: dict[int, Tone] = {}
    for below, source in enumerate(gap.sources):
        line = lines(place, below)
        trunk.join(source.middle, row, line._replace(tone=tone) if lit else line, Line(PLAIN, tone))
        if marked and (own := marked.get(Parameter(*node, gap.inputs[below]))) is not None:
            found[below] = own
    for below, own in found.items():
        trunk.light(gap.sources[below].middle, row, lines(place, below)._replace(tone=own))
    trunk.draw(canvas)
    if gap.width >= LEAST_LABELLED:
        for below, source in enumerate(gap.sources):
            text, tone = label(place, below)
            canvas.put(gap.left + 1, source.middle, f" {text} ", tone)
    if lit and node != look.spot:
        canvas.put(gap.right, row, "▶", look.light.tone)
    for below, tone in found.items():
        sign = {Phase.BACKWARD: "◀", Phase.UPDATE: "▲"}.get(look.light.phase or Phase.LOSS)
        if sign and tone is not Tone.CURSOR:
            canvas.put(gap.left, gap.sources[below].middle, sign, tone)


def _draw_from(canvas: Canvas, gap: Gap, place: int, lines: Lines, tone: Tone, label: Label) -> None:
    """The edges that lead on from a unit, each with its own line after the trunk."""
    row = gap.sources[place].middle
    trunk = Trunk(gap.left, gap.left + 1, gap.right, tone)
    for unit, target in enumerate(gap.targets):
        trunk.join(row, target.middle, Line(PLAIN, tone), lines(unit, place)._replace(tone=tone))
    trunk.draw(canvas)
    if gap.width >= LEAST_LABELLED:
        for unit, target in enumerate(gap.targets):
            text, own = label(unit, place)
            canvas.put(gap.right - 1 - len(text), target.middle, f" {text}", own)
    canvas.put(gap.left, row, "◀", tone)
