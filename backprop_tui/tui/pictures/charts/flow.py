"""The flow of the error signal: a row a layer from the loss down, and what each step multiplied it with.

The bars lie on a logarithmic scale, on which products add up: a layer's begin where those of the layer above
ended, first the weight factor (thin), then the slope factor (thick; double where both passed).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from math import ceil, floor, isfinite, log10

from backprop_tui.analysis.beside_pytorch.rounding_marks import lost_signals
from backprop_tui.analysis.captions import flow_caption
from backprop_tui.analysis.gradient_flow import GradientFlow, LayerFlow, flow_at
from backprop_tui.analysis.marks import Mark
from backprop_tui.engine.quantities import Kind
from backprop_tui.program.number_text import ABSENT, number
from backprop_tui.tui.pictures.charts.captioned import captioned, only_words
from backprop_tui.tui.pictures.charts.layer_rows import (
    LogScale,
    in_sight,
    layer_name,
    layer_pointed_at,
    lowest_reached,
)
from backprop_tui.tui.pictures.marks import ALL_MARKS
from backprop_tui.tui.pictures.rows import Picture, Row, Span, Tone, filled, fitted, plain
from backprop_tui.tui.pictures.waiting import said
from backprop_tui.tui.requests import Request
from backprop_tui.tui.view import View

_NUMBERS = 24
"""The columns of numbers: the size of the error signal, the weight factor and the slope factor."""
_LEAST_BARS = 6
"""Narrower bars are left out."""
_SIGNS, _WORDS = 3, 13
"""Columns for marks: of signs alone, and with a word."""


_SHORTER = (
    ("The iteration before: ", "Before: "),
    ("the slope factors", "slopes"),
    ("the weights", "weights"),
    ("its error signal comes", "its signal comes"),
)
"""What is said in fewer words where there is no room for all."""


def flow_picture(view: View, width: int, height: int) -> Picture:
    """The rows, in exactly *height* rows of *width* cells."""
    lowest = lowest_reached(view, Kind.DELTA)
    number = view.session.program.iteration_at(max(0, view.time - 1))
    if lowest is None and number == 0:
        batch = view.session.program.batch_length(number)
        key = view.key("b" if batch == 1 else "u")
        what = "the backward pass" if batch == 1 else f"the batch of {batch} examples"
        return only_words(f"There is no error signal to follow yet: {key} runs {what}.", width, height)
    if lowest is None:
        flow = flow_at(view.session.run, view.session.program.iteration_start(number))
        number -= 1
        words, lowest = f"The iteration before: {flow_caption(flow, 'it')}", 1
    else:
        flow = flow_at(view.session.run, view.time)
        words = flow_caption(tuple(layer for layer in flow if layer.layer >= lowest), "it")
    lost = lost_signals(view.session.run, number)
    fewer = words
    for long, short in _SHORTER:
        fewer = fewer.replace(long, short)
    shorter = (fewer, fewer.rpartition(", ")[0] or fewer)

    def draw(width: int, height: int) -> Picture:
        return _Table(view, flow, lost, lowest, width).picture(height)

    return captioned(said(view, words), width, height, draw, shorter=shorter)


class _Table:
    """A layer's row: its name, its error signal, the two factors, their bars, and marks."""

    def __init__(
        self, view: View, flow: GradientFlow, lost: Mapping[int, Mark], lowest: int, width: int
    ) -> None:
        self._flow, self._lost, self._lowest, self._width = flow, lost, lowest, width
        self._names = [layer_name(view, layer.layer) for layer in flow]
        self._name_width = max(map(len, self._names))
        self._here = view.subject.quantity.layer if view.subject else None
        room = width - self._name_width - _NUMBERS - 2
        self._marks = (_WORDS if room >= _LEAST_BARS + _WORDS + 8 else _SIGNS) + bool(lost)
        self._scale = _scale([one for one in flow if one.layer >= lowest], room - self._marks)

    def picture(self, height: int) -> Picture:
        """As many layers as there is room for, the present one among them."""
        rows: list[Row] = []
        if height > len(self._flow):
            rows.append(self._head())
        for place in in_sight([layer.layer for layer in self._flow], self._here, height - len(rows)):
            above = self._flow[place - 1] if place else None
            rows.append(fitted(self._row(self._flow[place], self._names[place], above), self._width))
        return filled(rows, self._width, height)

    def _head(self) -> Row:
        spans: list[Span] = [(" " * (self._name_width + 1) + "‖δ‖".rjust(8), Tone.MUTED)]
        spans += [("weights".rjust(8), Tone.FORWARD), ("slopes".rjust(8), Tone.BACKWARD)]
        if self._scale.columns >= _LEAST_BARS:
            spans.append((f"  {self._scale.ends()}", Tone.MUTED))
        return tuple(spans)

    def _row(self, layer: LayerFlow, name: str, above: LayerFlow | None) -> list[Span]:
        here = layer.layer == self._here
        spans: list[Span] = [("▶" if here else " ", Tone.STRONG)]
        spans.append((name.ljust(self._name_width), Tone.STRONG if here else Tone.TEXT))
        if layer.layer < self._lowest:
            return [*spans, (ABSENT.rjust(8), Tone.MUTED)]
        spans += [
            (_size(layer.delta_norm).rjust(8), Tone.TEXT),
            (_factor(layer.weight_factor).rjust(8), Tone.FORWARD),
            (_factor(layer.slope_factor).rjust(8), Tone.BACKWARD),
        ]
        if self._scale.columns >= _LEAST_BARS:
            spans += [("  ", Tone.TEXT), *_bars(layer, above, self._scale)]
        return [*spans, *self._signs(layer)]

    def _signs(self, layer: LayerFlow) -> list[Span]:
        """The signs of what is wrong, the first with its word where there is room."""
        lost = self._lost.get(layer.layer)
        words = [layer.verdict, "dead" if layer.dead else "saturated" if layer.saturated else None, lost]
        found = [ALL_MARKS[word] for word in words if word]
        if not found:
            return []
        signs = "".join(mark.sign for mark in found)
        return [(f" {signs} {found[0].word}" if self._marks >= _WORDS else f" {signs}", Tone.WARNING)]


def _scale(flow: Sequence[LayerFlow], columns: int) -> LogScale:
    """Whole powers of ten that hold every product, and what the weights alone make of it."""
    values = [1.0]
    for above, layer in pairwise(flow):
        values += [layer.product, above.product * (layer.weight_factor or 0.0)]
    powers = [log10(value) for value in values if value > 0.0 and isfinite(value)]
    low, high = floor(min(powers) + 1e-9), ceil(max(powers) - 1e-9)
    return LogScale(low, high if high > low else low + 1, columns)


def _bars(layer: LayerFlow, above: LayerFlow | None, scale: LogScale) -> list[Span]:
    """The weight factor's bar, the slope factor's, and where they lead."""
    end = scale.column(layer.product)
    cells: list[Span] = [(" ", Tone.TEXT)] * scale.columns
    if above is not None and layer.weight_factor is not None:
        start, middle = scale.column(above.product), scale.column(above.product * layer.weight_factor)
        if start != middle:
            for column in range(min(start, middle), max(start, middle) + 1):
                cells[column] = ("─", Tone.FORWARD)
        for column in range(min(middle, end), max(middle, end) + 1):
            cells[column] = ("═" if cells[column][0] == "─" else "━", Tone.BACKWARD)
    cells[end] = ("●" if layer.product else "○", Tone.STRONG)
    return cells


def _size(value: float) -> str:
    if not isfinite(value) or value == 0.0 or 1e-3 <= value < 1e3:
        return number(value, 4)
    return f"{value:.1e}".replace("-", "−")


def _factor(value: float | None) -> str:
    if value is None:
        return ""
    return f"×{value:.3g}".replace("-", "−") if isfinite(value) else f"×{number(value)}"


def flow_pointed_at(view: View, width: int, height: int, x: int, y: int) -> Request | None:
    """Point at the first unit of the layer whose row was clicked."""
    return layer_pointed_at(view, plain(flow_picture(view, width, height))[y])
