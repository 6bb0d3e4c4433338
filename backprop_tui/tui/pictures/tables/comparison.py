"""The table of values of runs side by side: a line a quantity, here, in the other run, and the ratio."""

from __future__ import annotations

from functools import cached_property
from typing import NamedTuple

from backprop_tui.engine.quantities import Kind, Parameter, Quantity
from backprop_tui.history.moment import Moment
from backprop_tui.history.readings import ABSENT, Freshness, Reading
from backprop_tui.session.comparing import Variant, progress
from backprop_tui.tui.pictures.rows import Picture, Row, Tone, filled, shortened
from backprop_tui.tui.view import Node, Spot, View

_OF_UNIT = (
    Kind.WEIGHTED_SUM,
    Kind.ACTIVATION,
    Kind.ACTIVATION_GRADIENT,
    Kind.ACTIVATION_DERIVATIVE,
    Kind.DELTA,
)
_HEAD = 2
"""Lines above those of units: headings, and the loss."""
_LABEL = 14
_WIDE = 13
"""Narrower columns say only the runs' names."""


class _Line(NamedTuple):
    """What stands on a line: a quantity, or where there is none the parameter itself."""

    spot: Spot | None
    quantity: Quantity | None


class Comparison:
    """The lines of the table for a view."""

    def __init__(self, view: View) -> None:
        self._view = view
        self._widths = view.session.network.widths

    @property
    def length(self) -> int:
        """How many lines there are, headings included."""
        network = self._view.session.network
        return _HEAD + len(_OF_UNIT) * sum(self._widths[1:]) + 2 * network.parameters

    def spot_at(self, line: int) -> Spot | None:
        """The unit or parameter on a line; None on the first ones."""
        return self._line(line).spot if _HEAD <= line < self.length else None

    def line_of(self, quantity: Quantity) -> int:
        """The line of what a statement computes."""
        widths = self._widths
        kind, layer, unit, _ = quantity
        if layer is None or unit is None:
            return _HEAD - 1
        if kind in _OF_UNIT:
            return _HEAD + len(_OF_UNIT) * (sum(widths[1:layer]) + unit) + _OF_UNIT.index(kind)
        parameter = quantity.parameter
        assert parameter is not None
        place = sum(widths[one] * (widths[one - 1] + 1) for one in range(layer + 1, len(widths)))
        inputs = widths[layer - 1]
        place += unit * (inputs + 1) + parameter.number(inputs)
        gradient = kind in (Kind.WEIGHT_GRADIENT, Kind.BIAS_GRADIENT)
        return _HEAD + len(_OF_UNIT) * sum(widths[1:]) + 2 * place + gradient

    def subject_line(self) -> int | None:
        """The line of what the panes show; None where there is none."""
        subject, spot = self._view.subject, self._view.spot
        if isinstance(spot, Parameter) and self._view.cursor is None:
            return self.line_of(spot.update)
        return None if subject is None else self.line_of(subject.quantity)

    def picture(self, width: int, height: int, top: int) -> Picture:
        """The headings, and the lines from the one after *top* on, in *height* rows of *width* cells."""
        lines = range(top + 1, min(top + height, self.length))
        cell = max(8, (width - _LABEL) // 3)
        return filled([self._headings(cell), *(self._row(line, cell) for line in lines)], width, height)

    # Rows

    def _headings(self, cell: int) -> Row:
        this, other = self._runs
        label = self._view.session.comparing.label
        words = label(other) if self._there else "computing …"
        texts = (f"{this.name} {label(this)}", f"{other.name} {words}", f"{other.name}/{this.name}")
        if cell < _WIDE:
            texts = (this.name, other.name if self._there else f"{other.name} …", texts[2])
        names = "".join(f"{shortened(text, cell - 2):>{cell - 1}} " for text in texts)
        return ((" " * _LABEL, Tone.MUTED), (names, Tone.MUTED))

    def _row(self, line: int, cell: int) -> Row:
        view = self._view
        found = self._line(line)
        name = (
            view.name(found.quantity) if found.quantity else view.session.names.parameter(*found.spot or ())
        )
        readings = (
            self._read(view.session.now, found),
            (self._read(self._there, found) if self._there else ABSENT),
        )
        tone = Tone.STRONG
        if line == self._chosen:
            tone = Tone.CURSOR if view.exploring else Tone.NOW
        cells = (*readings, self._ratio(*readings))
        return (
            (f" {shortened(name, _LABEL - 1):<{_LABEL - 1}}", tone),
            *(view.cell(reading, cell) for reading in cells),
        )

    @property
    def _runs(self) -> tuple[Variant, Variant]:
        """The run that is debugged, and the other."""
        comparing = self._view.session.comparing
        assert comparing.other is not None
        return comparing.debugged, comparing.other

    @cached_property
    def _chosen(self) -> int | None:
        return self.subject_line()

    @cached_property
    def _there(self) -> Moment | None:
        """The other run at the present time; None as long as it is being computed."""
        other, time = self._runs[1], self._view.time
        return Moment(other.run, time) if progress(other.run, time, time).at_hand else None

    @staticmethod
    def _read(now: Moment, line: _Line) -> Reading:
        if line.quantity is not None:
            return now.read(line.quantity)
        assert isinstance(line.spot, Parameter)
        return now.parameter(line.spot)

    @staticmethod
    def _ratio(this: Reading, other: Reading) -> Reading:
        if not this.value or other.value is None:
            return ABSENT
        stale = Freshness.STALE in (this.freshness, other.freshness)
        fresh = Freshness.STALE if stale else Freshness.CURRENT
        return Reading(other.value / this.value, fresh)

    def _line(self, line: int) -> _Line:
        line -= _HEAD
        if line < 0:
            return _Line(None, Quantity(Kind.LOSS))
        widths = self._widths
        for layer in range(1, len(widths)):
            count = len(_OF_UNIT) * widths[layer]
            if line < count:
                unit, kind = divmod(line, len(_OF_UNIT))
                return _Line(Node(layer, unit), Quantity(_OF_UNIT[kind], layer, unit))
            line -= count
        for layer in range(len(widths) - 1, 0, -1):
            per_unit = widths[layer - 1] + 1
            count = 2 * widths[layer] * per_unit
            if line < count:
                place, gradient = divmod(line, 2)
                unit, below = divmod(place, per_unit)
                parameter = Parameter(layer, unit, below if below < per_unit - 1 else None)
                return _Line(parameter, parameter.gradient if gradient else None)
            line -= count
        raise IndexError(line)
