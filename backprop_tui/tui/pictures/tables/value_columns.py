"""Which columns the table of values has room for: whole names, the digits that were chosen, a blank between.

A pane too narrow for all four has those that matter in the present phase, and an ellipsis in its headings.
"""

from __future__ import annotations

from typing import NamedTuple

from rich.cells import cell_len

from backprop_tui.engine.quantities import Phase
from backprop_tui.history.readings import Freshness, Reading
from backprop_tui.program import number_text
from backprop_tui.session.session import Session
from backprop_tui.tui.pictures.kept_parts import shelf
from backprop_tui.tui.pictures.rows import Row, Span, Tone, shortened
from backprop_tui.tui.view import View

UNIT_COLUMNS = ("z", "a", "da/dz", "δ dL/dz")
_GRADIENT = "gradient"
PARAMETER_COLUMNS = ("value", _GRADIENT, "change", "new")
_ALL = len(UNIT_COLUMNS)
_LABEL = 14
"""Cells for names where there is room for more."""
_LONGEST_LABEL = 16
_SHORTER = {"parameter": "param"}
_HEADINGS = len(" parameter value")
_BRACKETS = 2
_MARK = 2
"""Cells that the sign of a marked unit takes beside its name."""
_BY_WEIGHT: dict[Phase, tuple[str, str]] = {
    Phase.FORWARD: ("a z δ da", "value gradient new change"),
    Phase.LOSS: ("a z δ da", "value gradient new change"),
    Phase.BACKWARD: ("δ a da z", "gradient value new change"),
    Phase.UPDATE: ("δ a da z", "new value gradient change"),
}
"""The columns in the order in which they are kept, those of units and those of parameters."""


class Columns(NamedTuple):
    """How the width of a pane is shared out."""

    label: int
    """Cells for the name, the blank before it included."""
    cell: int
    """Cells for a number, the blank before it included."""
    roomy: bool
    """Whether every cell has room for brackets and stands clear of the edge."""
    units: tuple[int, ...]
    parameters: tuple[int, ...]
    """The places of the columns that are shown, from left to right."""

    def headings(self, first: str, names: tuple[str, ...]) -> Row:
        """A row of headings; an ellipsis says that there are more columns than shown."""
        shown = [names[place] for place in (self.units if names is UNIT_COLUMNS else self.parameters)]
        if len(shown) < _ALL:
            shown[-1] += " …"
        elif self.cell <= len(_GRADIENT):
            shown = ["grad" if one == _GRADIENT else one for one in shown]
        end = " " if self.roomy else ""
        text = "".join(f"{shortened(one + end, self.cell - 1):>{self.cell}}" for one in shown)
        text = " " * self.label + text
        room = len(text) - len(text.lstrip()) - 2
        if len(first) > room:
            first = _SHORTER.get(first, first)
        return ((f" {shortened(first, room):<{room}} {text.lstrip()}", Tone.MUTED),)

    def row(self, view: View, name: str, readings: list[Reading | None], tone: Tone) -> Row:
        """A row of numbers; *readings* are those of the columns that are shown, None where there is none."""
        label = shortened(name, self.label - 1)
        spans: list[Span] = [(" " + label + " " * (self.label - 1 - cell_len(label)), tone)]
        nothing = " " * self.cell, Tone.TEXT
        spans += [nothing if reading is None else self._cell(view, reading) for reading in readings]
        return tuple(spans)

    def _cell(self, view: View, reading: Reading) -> Span:
        if self.roomy:
            text, tone = view.cell(reading, self.cell - 1)
        else:
            stale = reading.freshness is Freshness.STALE
            text = view.text(reading.value, self.cell - 1 - (_BRACKETS if stale else 0))
            text = f"({text})" if stale else text
            tone = Tone.STALE if stale else Tone.TEXT
            tone = Tone.MUTED if reading.freshness is Freshness.ABSENT else tone
        return shortened(text, self.cell - 1).rjust(self.cell), tone


def columns(view: View, width: int) -> Columns:
    """The columns for a pane of *width* cells, at the present moment."""
    least = number_text.width(view.digits)
    easy = least + _BRACKETS
    longest = 1 + _longest_name(view.session)
    all_of_them = tuple(range(_ALL))
    if longest <= _LABEL and (cell := (width - _LABEL - 1) // _ALL) >= easy:
        return Columns(_LABEL, cell, True, all_of_them, all_of_them)
    label = max(2, min(longest, max(_LONGEST_LABEL, width // 3), width - 8))
    count = max(1, min(_ALL, (width - label) // least))
    for wider in range(label, max(label, _HEADINGS - least) + 1):  # the heading of the names is a long word
        cell = (width - wider) // count
        if cell >= least and wider + cell >= _HEADINGS + (cell >= easy):
            label = wider
            break
    cell = max(2, (width - label) // count)
    if count == _ALL:
        return Columns(label, cell, cell >= easy, all_of_them, all_of_them)
    units, parameters = _BY_WEIGHT[view.session.now.phase or Phase.FORWARD]
    return Columns(
        label,
        cell,
        cell >= easy,
        _kept(units, UNIT_COLUMNS, count),
        _kept(parameters, PARAMETER_COLUMNS, count),
    )


def _kept(by_weight: str, names: tuple[str, ...], count: int) -> tuple[int, ...]:
    """The places of the first *count* columns, in the order of the table."""
    wanted = by_weight.split()[:count]
    return tuple(
        place for place, name in enumerate(names) if name.partition("/")[0].partition(" ")[0] in wanted
    )


def _longest_name(session: Session) -> int:
    """Cells for the longest name of a unit, a sign beside it, or of a parameter; without looking at all."""
    kept = shelf(session, "longest name of a value")
    if "cells" not in kept:
        network, names = session.network, session.names
        widths = network.widths
        given = (network.input_names, *(layer.unit_names for layer in network.layers))
        units = [
            max(map(cell_len, given[layer] or (names.unit(layer, 0), names.unit(layer, count - 1))))
            for layer, count in enumerate(widths)
        ]
        parameters = list(map(cell_len, network.named_parameters))
        for layer in range(1, len(widths)):
            if not network.layers[layer - 1].weight_names:
                single = max(widths) == 1
                parameters.append(1 + len(str(layer)) if single else 3 + units[layer] + units[layer - 1])
            parameters.append(cell_len(names.bias(layer, widths[layer] - 1)))
        kept["cells"] = max(*parameters, *(cells + _MARK for cells in units))
    found: int = kept["cells"]
    return found
