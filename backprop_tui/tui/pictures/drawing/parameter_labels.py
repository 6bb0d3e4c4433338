"""What is written of the only weight and bias of each layer: name, value and gradient."""

from __future__ import annotations

from itertools import pairwise
from typing import Any, NamedTuple

from backprop_tui.engine.quantities import Parameter
from backprop_tui.history.readings import Freshness, Reading
from backprop_tui.tui.pictures.canvas import Canvas
from backprop_tui.tui.pictures.drawing.geometry import Box, Column, Size
from backprop_tui.tui.pictures.drawing.plan import Gap, Plan
from backprop_tui.tui.pictures.drawing.units import Look, tight
from backprop_tui.tui.pictures.kept_parts import parameter_places, shelf, stage
from backprop_tui.tui.pictures.rows import Tone


class Written(NamedTuple):
    """What is written of a parameter where each layer has but one."""

    name: str
    text: str
    short: str
    """The value in as many cells as a chain has for it."""
    gradient: str | None
    """None where the present example has not come to it."""
    updated: bool


class ParameterLabels:
    """The labels of one drawing."""

    def __init__(self, look: Look, plan: Plan, kept: dict[Any, Any]) -> None:
        self._look, self._plan, self._kept = look, plan, kept
        self._session = look.view.session
        self._chain = plan.geometry.size is Size.CHAIN
        # Kept: a quarter of the drawing of eight single units at 120x40.
        self._places = shelf(self._session, "places of parameters")

    def draw_weight(self, canvas: Canvas, gap: Gap, edge: Parameter, source: Box, target: Box) -> None:
        """The only weight between two layers."""
        if self._chain:
            self._chain_label(canvas, edge, (gap.left + gap.right + 1) // 2, target.middle - 1)
        else:
            self._long_label(canvas, gap, edge, source, target)

    def _long_label(self, canvas: Canvas, gap: Gap, edge: Parameter, source: Box, target: Box) -> None:
        """Name and value above the only edge between two layers, its gradient below it."""
        parameter = self._parameter(edge)
        tone = label_tone(self._look, edge, parameter.updated)
        centre, room = (gap.left + gap.right + 1) // 2, gap.right - gap.left
        text = f"{parameter.name} {parameter.text}"
        if room >= len(text):
            y = target.middle - 1
        else:
            y = min(source.y, target.y) - 1 if self._plan.above > 1 else target.y
        start = max(0, centre - len(text) // 2)
        if canvas.free(max(0, start - 1), y, len(text) + min(1, start) + 1):
            canvas.put(start, y, text, tone)
        if parameter.gradient is not None and room >= 8:
            for line, words in enumerate((f"dL/d{parameter.name}", parameter.gradient), target.middle + 1):
                canvas.put(centre - len(words) // 2, line, words, Tone.BACKWARD)

    def _chain_label(self, canvas: Canvas, edge: Parameter, centre: int, y: int) -> None:
        """The value of a parameter of a chain, with its name where there is room."""
        parameter = self._parameter(edge)
        column = self._plan.geometry.columns[0]
        text = f"{parameter.name} {parameter.text}"
        if len(text) > column.width + self._plan.geometry.gap - 2:
            text = parameter.short
        canvas.put(centre - len(text) // 2, y, text, label_tone(self._look, edge, parameter.updated))

    def draw_biases(self, canvas: Canvas) -> None:
        """The only bias of each layer under its unit, its gradient below it: all of them named, or none."""
        columns = [column for column in self._plan.geometry.columns if column.layer]
        for column in columns:
            edge, y = Parameter(column.layer, 0, None), self._below(column)
            if self._chain:
                self._chain_label(canvas, edge, column.x + column.width // 2, y)
            else:
                name, value, *_, updated = self._parameter(edge)
                text = f"{name} {value}"
                x = column.x + max(0, (column.width - len(text)) // 2)
                canvas.put(x, y, text, label_tone(self._look, edge, updated))
        if not self._chain:
            self._bias_gradients(canvas, columns)

    def _below(self, column: Column) -> int:
        return self._plan.above + column.boxes[0].y + column.boxes[0].height

    def _bias_gradients(self, canvas: Canvas, columns: list[Column]) -> None:
        """Named in the middle below their boxes if there is room, else where their boxes end, else bare."""
        found: list[tuple[Column, str, str]] = []
        for column in columns:
            name, _, _, gradient, _ = self._parameter(Parameter(column.layer, 0, None))
            if gradient is not None and self._below(column) + 1 < canvas.height:
                found.append((column, f"dL/d{name} {gradient}", gradient))
        for share in (2, 1):
            named = [
                (min(_start(column, len(text), share), canvas.width - len(text)), text)
                for column, text, _ in found
            ]
            ys = [self._below(column) + 1 for column, *_ in found]
            apart = all(x + len(text) < after for (x, text), (after, _) in pairwise(named))
            free = (
                canvas.free(max(0, x - 1), y, len(text) + min(1, x))
                for (x, text), y in zip(named, ys, strict=True)
            )
            if apart and all(x >= 0 for x, _ in named) and all(free):
                break
        else:
            named = [(column.x + max(0, (column.width - len(text)) // 2), text) for column, _, text in found]
        for (x, text), (column, *_) in zip(named, found, strict=True):
            canvas.put(x, self._below(column) + 1, text, Tone.BACKWARD)

    def _parameter(self, edge: Parameter) -> Written:
        places = self._places.get(edge)
        if places is None:
            places = self._places[edge] = parameter_places(self._session, *edge)
        key = (edge, stage(places, self._look.now.ran))
        found: Written | None = self._kept.get(key)
        if found is None:
            view, session = self._look.view, self._session
            gradient = session.now.read(edge.gradient)
            new = session.now.read(edge.update)
            value = session.now.parameter(edge).value
            found = self._kept[key] = Written(
                session.names.parameter(*edge),
                view.text(value if edge.is_bias else value or 0.0),
                tight(view, Reading(value, Freshness.CURRENT), self._plan.geometry.columns[0].width)[0],
                view.text(gradient.value) if gradient.freshness is Freshness.CURRENT else None,
                new.freshness is Freshness.CURRENT,
            )
        return found


def _start(column: Column, cells: int, share: int) -> int:
    """Where a text begins of which, if it is wider than its column, a *share*-th sticks out to the left."""
    room = column.width - cells
    return column.x + (room // 2 if room >= 0 else room // share)


def label_tone(look: Look, edge: Parameter, updated: bool) -> Tone:
    """How a parameter's label looks: lit, pointed at, just updated in this iteration, or plain."""
    if edge in look.light.edges or edge == look.spot:
        return look.lit_tone
    return Tone.UPDATE if updated else Tone.TEXT
