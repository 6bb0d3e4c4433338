"""The edges of the drawing: weights by sign and size, with labels, those that are lit over the others."""

from __future__ import annotations

from typing import NamedTuple

from backprop_tui.engine.quantities import Parameter, Phase
from backprop_tui.history import layer_readings
from backprop_tui.session.session import Session
from backprop_tui.tui.pictures.canvas import Canvas
from backprop_tui.tui.pictures.drawing.gathered import (
    Label,
    Lines,
    draw_gathered,
    draw_gathered_ground,
    shows_looks,
    units_at_work,
)
from backprop_tui.tui.pictures.drawing.geometry import Size
from backprop_tui.tui.pictures.drawing.parameter_labels import ParameterLabels, label_tone
from backprop_tui.tui.pictures.drawing.plan import Gap, Plan
from backprop_tui.tui.pictures.drawing.strokes import Line, Stairs, Stroke
from backprop_tui.tui.pictures.drawing.units import Look
from backprop_tui.tui.pictures.kept_parts import shelf
from backprop_tui.tui.pictures.rows import Tone
from backprop_tui.tui.view import Node

SMALL, LARGE = 0.15, 0.66
"""Parts of a layer's largest weight: an edge below the first is drawn faintly, one above the second heavy."""
LEAST_LABELLED = 16
"""Columns that an edge needs for its weight to be written on it."""
_NEGATIVE, _SMALL, _LARGE = 1, 2, 4


class Weights(NamedTuple):
    """The weights that lead to one unit from the units drawn below it."""

    values: tuple[float, ...]
    looks: bytes
    """How their edges look: bits for negative, for small and for large ones."""
    labels: tuple[str, ...]
    updated: int
    """The inputs before this one were just updated."""


class Edges:
    """The edges of one drawing."""

    def __init__(self, look: Look, plan: Plan) -> None:
        self.look = look
        self.plan = plan
        self.session = look.view.session
        self.single = max(self.session.network.widths) == 1
        self._flat = plan.geometry.size is not Size.TALL and plan.geometry.size is not Size.SHORT
        # Kept: 0.4 of 2.0 ms a key of 16-16-16-4 at 120x40.
        self._kept = shelf(self.session, ("edges", plan.key), look.now)
        self._labels_of = ParameterLabels(look, plan, self._kept)
        self._gaps = [(gap, self._rows(gap)) for gap in plan.gaps if gap.left <= gap.right]

    def ground_key(self) -> tuple[object, ...]:
        """All that ``draw_ground`` depends on, but for the plan."""
        looks = tuple(row.looks for gap, rows in self._gaps if shows_looks(gap) for row in rows)
        return looks, tuple(self._steps_back(gap) for gap, _ in self._gaps)

    def _steps_back(self, gap: Gap) -> bool:
        """Whether the edges of a gap give way to those that are lit."""
        return bool(units_at_work(gap, self.look) if gap.gathered else self._lit(gap))

    def draw_ground(self, canvas: Canvas) -> None:
        """Every edge as it looks where it is not lit; beside others that are lit, it steps back."""
        for gap, rows in self._gaps:
            lit = self._steps_back(gap)
            if gap.gathered:
                if not lit:
                    draw_gathered_ground(canvas, gap, self._lines(rows))
                continue
            lines = Stairs()
            for target, row in zip(gap.targets, rows, strict=True):
                for below, source in enumerate(gap.sources):
                    stroke, tone = self._line(row, below)
                    ends = (gap.left, source.middle), (gap.right, target.middle)
                    lines.add(*ends, stroke, Tone.FAINT if lit else tone)
            lines.draw(canvas)

    def draw(self, canvas: Canvas) -> None:
        """What is not on the ground: what is lit, and labels."""
        for gap, rows in self._gaps:
            if gap.gathered:
                draw_gathered(canvas, gap, self.look, self._lines(rows), self._labels(gap, rows))
                continue
            lit = self._lit(gap)
            for unit, row in enumerate(rows):
                for below in range(len(gap.inputs)):
                    if (unit, below) in lit:
                        continue
                    if self.single:
                        self._edge(canvas, gap, row, unit, below)
                    elif self._labelled(gap):
                        self._label(canvas, gap, row, unit, below)
            for unit, below in lit:
                self._edge(canvas, gap, rows[unit], unit, below)

    def draw_biases(self, canvas: Canvas) -> None:
        """Where each layer has but one, the bias of each under its unit."""
        if self.single and self.plan.below:
            self._labels_of.draw_biases(canvas)

    # What is drawn

    def _rows(self, gap: Gap) -> tuple[Weights, ...]:
        """The weights of a gap, unit by unit; where none has changed those that were read before."""
        ran, size = self.look.now.ran, gap.unit_updates
        done = min(max(0, ran - gap.first + 1), len(gap.units) * size) if gap.updates else 0
        found: tuple[Weights, ...] | None = self._kept.get((gap.layer, done))
        if found is None:
            found = tuple(
                self._row(gap, unit, min(max(0, done - index * size), gap.updates))
                for index, unit in enumerate(gap.units)
            )
            self._kept[gap.layer, done] = found
        return found

    def _row(self, gap: Gap, unit: int, done: int) -> Weights:
        key = ("unit", gap.layer, unit, done)
        found: Weights | None = self._kept.get(key)
        if found is None:
            row = layer_readings.weights(self.session.now, gap.layer, unit).values
            values = tuple(row[below] or 0.0 for below in gap.inputs)
            largest = _largest_given(self.session, gap.layer)
            small, large = SMALL * largest, LARGE * largest
            looks = bytes(
                _NEGATIVE * (value < 0) | _SMALL * (abs(value) < small) | _LARGE * (abs(value) >= large)
                for value in values
            )
            labels = tuple(map(weight_text, values)) if self._labelled(gap) else ()
            found = self._kept[key] = Weights(values, looks, labels, done)
        return found

    def _labelled(self, gap: Gap) -> bool:
        return not self.single and not self._flat and gap.right - gap.left >= LEAST_LABELLED

    def _lit(self, gap: Gap) -> list[tuple[int, int]]:
        """The edges that are lit or pointed at: the places of their units among those drawn."""
        light, spot = self.look.light, self.look.spot
        found = {(edge.unit, edge.below) for edge in light.edges if edge.layer == gap.layer}
        if isinstance(spot, Parameter) and spot.layer == gap.layer:
            found.add((spot.unit, spot.below))
        if light.unit is not None:
            layer, unit = light.unit
            if light.phase is Phase.FORWARD and layer == gap.layer:
                found |= {(unit, below) for below in gap.inputs}
            elif light.phase is not Phase.FORWARD and layer == gap.layer - 1:
                found |= {(above, unit) for above in gap.units}
        return sorted(
            (unit - gap.units.start, below - gap.inputs.start)
            for unit, below in found
            if below is not None and unit in gap.units and below in gap.inputs
        )

    def _lines(self, rows: tuple[Weights, ...]) -> Lines:
        return lambda unit, below: self._line(rows[unit], below)

    def _labels(self, gap: Gap, rows: tuple[Weights, ...]) -> Label:
        def label(unit: int, below: int) -> tuple[str, Tone]:
            edge = Parameter(gap.layer, gap.units[unit], gap.inputs[below])
            tone = label_tone(self.look, edge, gap.inputs[below] < rows[unit].updated)
            return weight_text(rows[unit].values[below]), tone

        return label

    def _line(self, row: Weights, below: int) -> Line:
        """How an edge looks where it is not lit."""
        bits = row.looks[below]
        tone = Tone.FAINT if bits & _SMALL else Tone.NEGATIVE if bits & _NEGATIVE else Tone.POSITIVE
        return Line(Stroke(bool(bits & _NEGATIVE), bool(bits & _LARGE)), tone)

    def _edge(self, canvas: Canvas, gap: Gap, row: Weights, unit: int, below: int) -> None:
        """One edge for itself, with its label."""
        look = self.look
        edge = Parameter(gap.layer, gap.units[unit], gap.inputs[below])
        source, target = gap.sources[below], gap.targets[unit]
        lit, selected = look.light.lights(edge), edge == look.spot
        y0, y1 = source.middle, target.middle
        stroke, tone = self._line(row, below)
        if self.single:  # the only weight of its layer has no other to be large beside
            stroke = stroke._replace(heavy=lit or selected)
        tone = look.light.tone if lit else Tone.CURSOR if selected else tone
        if selected and y0 == y1:
            canvas.put(gap.left, y0, "═" * gap.width, tone)
        elif y0 == y1 and canvas.lines_only(gap.left, y0, gap.width):
            canvas.put(gap.left, y0, stroke.level * gap.width, tone)
        else:  # over its own line in the ground, and those that cross it
            line = Stairs()
            line.add((gap.left, y0), (gap.right, y1), stroke, tone)
            line.draw(canvas)
        if lit or self.single:
            backward = look.light.phase in (Phase.BACKWARD, Phase.UPDATE) and lit
            if backward and look.light.phase is Phase.BACKWARD:
                canvas.put(gap.left, y0, "◀", tone)
            elif (not backward or self.single) and not (
                self._flat and Node(edge.layer, edge.unit) == look.spot
            ):
                canvas.put(gap.right, y1, "▶", tone)
        if self.single:
            self._labels_of.draw_weight(canvas, gap, edge, source, target)
        elif self._labelled(gap):
            self._label(canvas, gap, row, unit, below)

    # Labels

    def _label(self, canvas: Canvas, gap: Gap, row: Weights, unit: int, below: int) -> None:
        """The weight on its edge, where there is room."""
        text = row.labels[below]
        start, end = gap.sources[below].middle, gap.targets[unit].middle
        for x, y in _label_places(gap.left, gap.right, start, end, len(text)):
            if canvas.lines_only(x - 1, y, len(text) + 2):
                edge = Parameter(gap.layer, gap.units[unit], gap.inputs[below])
                updated = below + gap.inputs.start < row.updated
                canvas.put(x, y, text, label_tone(self.look, edge, updated))
                return


def _label_places(left: int, right: int, start: int, end: int, length: int) -> tuple[tuple[int, int], ...]:
    """Where a label may begin, on an edge from one row to another, the best place first."""
    return tuple(
        (round(left + (right - left) * place) - length // 2, round(start + (end - start) * place))
        for place in (0.7, 0.55, 0.8, 0.4, 0.3)
    )


def weight_text(weight: float) -> str:
    """A weight as it is written on its edge: with its sign, and never as 0 where it is not."""
    text = f"{weight:+.2f}" if abs(weight) >= 0.005 or not weight else f"{weight:+.0e}"
    return text.replace("-", "−")


def _largest_given(session: Session, layer: int) -> float:
    """The largest size of a layer's weights before the first update; 1 where all are 0."""
    given = session.network.layers[layer - 1].weights
    return max(max(map(abs, row)) for row in given) or 1.0
