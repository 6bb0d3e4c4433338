"""Every number at the present step, in tables that the page fills in as it is stepped."""

from __future__ import annotations

from collections.abc import Iterator

from backprop_tui.engine.quantities import Kind, Parameter, Quantity
from backprop_tui.export.calculation import Calculation
from backprop_tui.export.drawing import slots
from backprop_tui.export.markup import element
from backprop_tui.export.mathematics import symbol
from backprop_tui.export.notation.mathml import math

_KINDS = (
    Kind.WEIGHTED_SUM,
    Kind.ACTIVATION,
    Kind.ACTIVATION_GRADIENT,
    Kind.ACTIVATION_DERIVATIVE,
    Kind.DELTA,
)


def values_html(calculation: Calculation) -> str:
    """The units and the parameters that are written out."""
    units = _table(("unit", "z", "a", "∂L/∂a", "∂a/∂z", "∂L/∂z"), _units(calculation))
    return units + _table(("parameter", "value", "gradient"), _parameters(calculation))


def _units(calculation: Calculation) -> Iterator[tuple[str, list[str]]]:
    names, last = calculation.names, len(calculation.network.layers)
    for layer in calculation.layers:
        for unit in layer.units:
            name = math(symbol(names.unit(layer.number, unit)))
            if layer.number == 0:
                yield name, ["", slots.input_slot(unit)]
            else:
                yield name, [slots.slot(Quantity(kind, layer.number, unit)) for kind in _KINDS]
            if layer.number == last:
                yield math(symbol(names.target(unit))), ["", slots.target_slot(unit)]


def _parameters(calculation: Calculation) -> Iterator[tuple[str, list[str]]]:
    drawn = {layer.number: layer.units for layer in calculation.layers}
    for layer in reversed(calculation.layers):
        for unit in layer.units if layer.number else ():
            for below in (*drawn[layer.number - 1], None):
                one = Parameter(layer.number, unit, below)
                name = math(symbol(calculation.names.parameter(*one)))
                yield name, [slots.slot(one.update), slots.slot(one.gradient)]


def _table(titles: tuple[str, ...], rows: Iterator[tuple[str, list[str]]]) -> str:
    head = element("tr", "".join(element("th", title, scope="col") for title in titles))
    body = ""
    for name, addresses in rows:
        cells = [element("td", "–", data_slot=one) if one else element("td", "") for one in addresses]
        cells += [element("td", "")] * (len(titles) - 1 - len(cells))
        body += element("tr", element("th", name, scope="row") + "".join(cells))
    table = element("table", element("thead", head) + element("tbody", body), class_="figures")
    return element("div", table, class_="scroll")
