"""What stands where in a drawing: an address for every number, unit, weight and bias, made of places alone.

No name that a file gives is part of an address, so any name is harmless there.
"""

from __future__ import annotations

from backprop_tui.engine.quantities import Kind, Parameter, Quantity

LOSS = "loss"
"""The loss: the address of its number, and of its part of the drawing."""

_WORDS = {
    Kind.WEIGHTED_SUM: "z",
    Kind.ACTIVATION: "a",
    Kind.ACTIVATION_GRADIENT: "dL-da",
    Kind.ACTIVATION_DERIVATIVE: "da-dz",
    Kind.DELTA: "delta",
    Kind.WEIGHT_GRADIENT: "dL-dw",
    Kind.BIAS_GRADIENT: "dL-db",
    Kind.WEIGHT_UPDATE: "w",
    Kind.BIAS_UPDATE: "b",
}


def slot(quantity: Quantity) -> str:
    """Where the number of a quantity stands; an update's is its parameter's.

    >>> slot(Quantity(Kind.WEIGHT_GRADIENT, 2, 0, 0)), slot(Quantity(Kind.LOSS))
    ('dL-dw-2-0-0', 'loss')
    """
    if quantity.kind is Kind.LOSS:
        return LOSS
    return "-".join([_WORDS[quantity.kind], *(str(place) for place in quantity[1:] if place is not None)])


def input_slot(unit: int) -> str:
    """Where an input of the example stands."""
    return f"x-{unit}"


def target_slot(unit: int) -> str:
    """Where a target of the example stands."""
    return f"y-{unit}"


def unit_part(layer: int, unit: int) -> str:
    """A unit of the drawing."""
    return f"unit-{layer}-{unit}"


def parameter_part(parameter: Parameter) -> str:
    """A weight (its line and label) or a bias of the drawing."""
    return slot(parameter.update)


def hidden_units_part(layer: int) -> str:
    """What stands for the units of a layer that are not drawn."""
    return f"more-{layer}"
