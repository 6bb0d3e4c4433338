"""The edges of the drawing: weights by sign and size, with labels, those that are lit over the others."""

from __future__ import annotations

from typing import NamedTuple

from backprop_tui.engine.quantities import Parameter, Phase
from backprop_tui.history import layer_readings
from backprop_tui.history.readings import Freshness
from backprop_tui.session.session import Session
from backprop_tui.tui.pictures.canvas import Canvas
from backprop_tui.tui.pictures.drawing.geometry import Box, Size
from backprop_tui.tui.pictures.drawing.plan import Gap, Plan
from backprop_tui.tui.pictures.drawing.units import Look
from backprop_tui.tui.pictures.kept_parts import parameter_places, shelf, stage
from backprop_tui.tui.pictures.rows import Tone
from backprop_tui.tui.view import Node

SMALL = 0.15
"""An edge whose weight is less than this part of its layer's largest is drawn faintly."""
LEAST_LABELLED = 16
"""Columns that an edge needs for its weight to be written on it."""
_NEGATIVE, _FAINT = 1, 2


class Weights(NamedTuple):
    """The weights that lead to one unit from the units drawn below it."""

    values: tuple[float, ...]
    looks: bytes
    """How their edges look where they are not lit: bits for negative ones and for faint ones."""
    labels: tuple[str, ...]
    updated: int
    """The inputs before this one were just updated."""


class Written(NamedTuple):
    """What is written of a parameter where each layer has but one."""

    name: str
    text: str
    gradient: str | None
    """None where the present example has not come to it."""
    updated: bool


class Edges:
    """The edges of one drawing."""

    def __init__(self, look: Look, plan: Plan) -> None:
        self.look = look
        self.plan = plan
        self.session = look.view.session
        self.single = max(self.session.network.widths) == 1
        self._flat = plan.geometry.size is Size.FLAT
        # Kept: 0.4 of 2.0 ms a key of 16-16-16-4 at 120x40.
        self._kept = shelf(self.session, ("edges", plan.key), look.now)
        self._gaps = [(gap, self._rows(gap)) for gap in plan.gaps if gap.left <= gap.right]

    def ground_key(self) -> tuple[bytes, ...]:
        """All that ``draw_ground`` depends on, but for the plan."""
        return tuple(row.looks for gap, rows in self._gaps if gap.in_ground for row in rows)

    def draw_ground(self, canvas: Canvas) -> None:
        """Every edge as it looks where it is not lit.

        One that is lit then covers its own line whole, being drawn through the same dots and more.
        """
        for gap, rows in self._gaps:
            if not gap.in_ground:
                continue
            for target, row in zip(gap.targets, rows, strict=True):
                end = (gap.right, target.middle)
                for source, bits in zip(gap.sources, row.looks, strict=True):
                    negative = bool(bits & _NEGATIVE)
                    tone = Tone.FAINT if bits & _FAINT else Tone.NEGATIVE if negative else Tone.POSITIVE
                    canvas.line((gap.left, source.middle), end, tone, dotted=negative, heavy=False)

    def draw(self, canvas: Canvas) -> None:
        """What is not on the ground: what is lit, labels, and edges of which there are few."""
        for gap, rows in self._gaps:
            lit = self._lit(gap)
            if gap.few:
                for unit in range(len(gap.units)):
                    for below in range(len(gap.inputs)):
                        if (unit, below) not in lit:
                            self._edge(canvas, gap, rows[unit], unit, below)
            elif gap.in_ground and self._labelled(gap):
                for unit, row in enumerate(rows):
                    for below in range(len(gap.inputs)):
                        if (unit, below) not in lit:
                            self._label(canvas, gap, row, unit, below)
            for unit, below in lit:
                self._edge(canvas, gap, rows[unit], unit, below)

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
            small = SMALL * _largest_given(self.session, gap.layer)
            looks = bytes(
                _NEGATIVE * (value < 0) | _FAINT * (gap.dense or abs(value) < small) for value in values
            )
            labels = tuple(map(_weight_text, values)) if self._labelled(gap) else ()
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

    def _edge(self, canvas: Canvas, gap: Gap, row: Weights, unit: int, below: int) -> None:
        """One edge for itself, with its label."""
        look = self.look
        edge = Parameter(gap.layer, gap.units[unit], gap.inputs[below])
        source, target = gap.sources[below], gap.targets[unit]
        weight, bits = row.values[below], row.looks[below]
        lit, selected = look.light.lights(edge), edge == look.spot
        heavy = lit or selected
        y0, y1 = source.middle, target.middle
        sign = Tone.FAINT if bits & _FAINT else Tone.NEGATIVE if weight < 0 else Tone.POSITIVE
        tone = look.light.tone if lit else Tone.CURSOR if selected else sign
        if y0 == y1 and gap.few:
            stroke = ("╍" if weight < 0 else "━") if heavy else ("╌" if weight < 0 else "─")
            canvas.stroke(gap.left, gap.right, y0, "═" if selected else stroke, tone)
        else:
            canvas.line((gap.left, y0), (gap.right, y1), tone, dotted=weight < 0, heavy=heavy)
        if lit or self.single:
            backward = look.light.phase in (Phase.BACKWARD, Phase.UPDATE) and lit
            if backward and look.light.phase is Phase.BACKWARD:
                canvas.put(gap.left, y0, "◀", tone)
            elif (not backward or self.single) and not (
                self._flat and Node(edge.layer, edge.unit) == look.spot
            ):
                canvas.put(gap.right, y1, "▶", tone)
        if self.single:
            self._long_label(canvas, gap, edge, source, target)
        elif self._labelled(gap):
            self._label(canvas, gap, row, unit, below)

    # Labels

    def _label(self, canvas: Canvas, gap: Gap, row: Weights, unit: int, below: int) -> None:
        """The weight on its edge, where there is room."""
        text = row.labels[below]
        start, end = gap.sources[below].middle, gap.targets[unit].middle
        for x, y in _label_places(gap.left, gap.right, start, end, len(text)):
            if canvas.free(x - 1, y, len(text) + 2):
                edge = Parameter(gap.layer, gap.units[unit], gap.inputs[below])
                canvas.put(x, y, text, self._label_tone(edge, below + gap.inputs.start < row.updated))
                return

    def _label_tone(self, edge: Parameter, updated: bool) -> Tone:
        """How a parameter's label looks: lit, pointed at, just updated in this iteration, or plain."""
        if edge in self.look.light.edges or edge == self.look.spot:
            return self.look.lit_tone
        return Tone.UPDATE if updated else Tone.TEXT

    def _long_label(self, canvas: Canvas, gap: Gap, edge: Parameter, source: Box, target: Box) -> None:
        """Name and value above the only edge between two layers, its gradient below it."""
        parameter = self._parameter(edge)
        tone = self._label_tone(edge, parameter.updated)
        centre, room = (gap.left + gap.right + 1) // 2, gap.right - gap.left
        text = f"{parameter.name} {parameter.text}"
        if room >= len(text):
            y = target.middle - 1
        else:
            y = min(source.y, target.y) - 1 if self.plan.above > 1 else target.y
        start = max(0, centre - len(text) // 2)
        if canvas.free(max(0, start - 1), y, len(text) + min(1, start) + 1):
            canvas.put(start, y, text, tone)
        if parameter.gradient is not None and room >= 8:
            for line, words in enumerate((f"dL/d{parameter.name}", parameter.gradient), target.middle + 1):
                canvas.put(centre - len(words) // 2, line, words, Tone.BACKWARD)

    def draw_biases(self, canvas: Canvas) -> None:
        """The only bias of each layer under its unit, its gradient below it."""
        for column in self.plan.geometry.columns:
            if column.layer == 0:
                continue
            edge = Parameter(column.layer, 0, None)
            name, value, gradient, updated = self._parameter(edge)
            text = f"{name} {value}"
            y = self.plan.above + column.boxes[0].y + column.boxes[0].height
            x = column.x + max(0, (column.width - len(text)) // 2)
            canvas.put(x, y, text, self._label_tone(edge, updated))
            if gradient is None or y + 1 >= canvas.height:
                continue
            label = f"dL/d{name} {gradient}"
            if len(label) > column.width + 2:
                label = gradient
            x = min(column.x + max(0, (column.width - len(label)) // 2), canvas.width - len(label))
            if not canvas.free(max(0, x - 1), y + 1, len(label) + min(1, x)):
                label = gradient
                x = column.x + max(0, (column.width - len(label)) // 2)
            canvas.put(x, y + 1, label, Tone.BACKWARD)

    def _parameter(self, edge: Parameter) -> Written:
        key = (edge, stage(parameter_places(self.session, *edge), self.look.now.ran))
        found: Written | None = self._kept.get(key)
        if found is None:
            view, session = self.look.view, self.session
            gradient = session.now.read(edge.gradient)
            new = session.now.read(edge.update)
            value = session.now.parameter(edge).value
            found = self._kept[key] = Written(
                session.names.parameter(*edge),
                view.text(value if edge.is_bias else value or 0.0),
                view.text(gradient.value) if gradient.freshness is Freshness.CURRENT else None,
                new.freshness is Freshness.CURRENT,
            )
        return found


def _label_places(left: int, right: int, start: int, end: int, length: int) -> tuple[tuple[int, int], ...]:
    """Where a label may begin, on an edge from one row to another, the best place first."""
    return tuple(
        (round(left + (right - left) * place) - length // 2, round(start + (end - start) * place))
        for place in (0.7, 0.55, 0.8, 0.4, 0.3)
    )


def _weight_text(weight: float) -> str:
    text = f"{weight:+.2f}" if abs(weight) >= 0.005 or not weight else f"{weight:+.0e}"
    return text.replace("-", "−")


def _largest_given(session: Session, layer: int) -> float:
    """The largest size of a layer's weights before the first update; 1 where all are 0."""
    given = session.network.layers[layer - 1].weights
    return max(max(map(abs, row)) for row in given) or 1.0
