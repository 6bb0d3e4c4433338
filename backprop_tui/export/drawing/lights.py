"""What a statement lights up in a drawing: what it computes, and what it is computed from."""

from __future__ import annotations

from collections.abc import Iterator
from math import prod

from msgspec import Struct

from backprop_tui.engine.quantities import Kind, Parameter
from backprop_tui.export.drawing import slots
from backprop_tui.network.description import Network
from backprop_tui.program.chain_rule import MOST_PATHS
from backprop_tui.program.statements import Statement

MOST_READ = 60
"""So many parts are lit at most as what a statement is computed from."""


class Light(Struct, frozen=True):
    """Parts of a drawing, by their addresses."""

    lit: tuple[str, ...]
    """What the statement is about."""
    read: tuple[str, ...]
    """What it is computed from; of a gradient, the way from the loss to it, where few paths lead there."""


def light(network: Network, statement: Statement) -> Light:
    """What a statement lights up."""
    kind, layer, unit, below = statement.quantity
    last = len(network.layers)
    if layer is None or unit is None:
        outputs = [slots.unit_part(last, output) for output in range(network.widths[-1])]
        return Light((slots.LOSS,), _few(outputs))
    own = slots.unit_part(layer, unit)
    parameter = statement.quantity.parameter
    if parameter is not None:
        lit = slots.parameter_part(parameter)
        if kind in (Kind.WEIGHT_UPDATE, Kind.BIAS_UPDATE):
            return Light((lit,), ())
        read = [own] if below is None else [own, slots.unit_part(layer - 1, below)]
        return Light((lit,), _few([*read, *_way_from_loss(network, layer, unit)]))
    if kind is Kind.WEIGHTED_SUM:
        row = Parameter.of_unit(layer, unit, network.widths[layer - 1])
        inputs = [slots.unit_part(layer - 1, one) for one in range(network.widths[layer - 1])]
        return Light((own,), _few([*map(slots.parameter_part, row), *inputs]))
    if kind is Kind.ACTIVATION_GRADIENT:
        if layer == last:
            return Light((own,), (slots.LOSS,))
        above = range(network.widths[layer + 1])
        weights = [slots.parameter_part(Parameter(layer + 1, one, unit)) for one in above]
        return Light((own,), _few([*weights, *(slots.unit_part(layer + 1, one) for one in above)]))
    return Light((own,), ())


def _way_from_loss(network: Network, layer: int, unit: int) -> Iterator[str]:
    """The loss, and the units and weights on all paths from there to a unit, where they are written out."""
    if prod(network.widths[layer + 1 :]) > MOST_PATHS:
        return
    yield slots.LOSS
    reached = [unit]
    for number in range(layer + 1, len(network.widths)):
        above = range(network.widths[number])
        for one in above:
            yield slots.unit_part(number, one)
            yield from (slots.parameter_part(Parameter(number, one, source)) for source in reached)
        reached = list(above)


def _few(parts: list[str]) -> tuple[str, ...]:
    """The parts, or none where they are so many that lighting them up would show nothing."""
    return tuple(parts) if len(parts) <= MOST_READ else ()
