"""What an iteration computes: the kinds of quantities, and the phases in which they are computed."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from typing import NamedTuple, TypeVar

from backprop_tui.network.description import Network
from backprop_tui.network.names import Names

_Weights = TypeVar("_Weights")
_Biases = TypeVar("_Biases")


class Phase(StrEnum):
    """A part of an iteration; they run in this order.

    >>> from backprop_tui import Phase
    >>> [phase.value for phase in Phase]
    ['forward', 'loss', 'backward', 'update']
    """

    FORWARD = "forward"
    LOSS = "loss"
    BACKWARD = "backward"
    UPDATE = "update"


class Kind(StrEnum):
    """What sort of quantity a statement computes; its value is the ``kind`` of ``trace --json``.

    >>> from backprop_tui import Kind, load, statements
    >>> [one.symbol for one in statements(load()) if one.statement.quantity.kind is Kind.DELTA]
    ['dL_dz_o', 'dL_dz_h']
    """

    WEIGHTED_SUM = "weighted_sum"
    ACTIVATION = "activation"
    LOSS = "loss"
    ACTIVATION_GRADIENT = "activation_gradient"
    ACTIVATION_DERIVATIVE = "activation_derivative"
    DELTA = "delta"
    WEIGHT_GRADIENT = "weight_gradient"
    BIAS_GRADIENT = "bias_gradient"
    WEIGHT_UPDATE = "weight_update"
    BIAS_UPDATE = "bias_update"


PHASE_OF = {
    Kind.WEIGHTED_SUM: Phase.FORWARD,
    Kind.ACTIVATION: Phase.FORWARD,
    Kind.LOSS: Phase.LOSS,
    Kind.ACTIVATION_GRADIENT: Phase.BACKWARD,
    Kind.ACTIVATION_DERIVATIVE: Phase.BACKWARD,
    Kind.DELTA: Phase.BACKWARD,
    Kind.WEIGHT_GRADIENT: Phase.BACKWARD,
    Kind.BIAS_GRADIENT: Phase.BACKWARD,
    Kind.WEIGHT_UPDATE: Phase.UPDATE,
    Kind.BIAS_UPDATE: Phase.UPDATE,
}
_OF_PARAMETER = (Kind.WEIGHT_GRADIENT, Kind.BIAS_GRADIENT, Kind.WEIGHT_UPDATE, Kind.BIAS_UPDATE)


class Quantity(NamedTuple):
    """Something that a statement computes, again in every iteration.

    Layers count from 0 (the input), units and inputs from 0; None where there is none (the loss has no unit,
    a bias has no input).

    >>> from backprop_tui import Grain, Kind, Quantity, Session, load
    >>> session = Session(load())
    >>> session.forward(Grain.FORWARD)
    >>> loss = Quantity(Kind.LOSS, layer=2)
    >>> print(loss.phase, session.now.read(loss).value)
    loss 0.06330635480524958
    """

    kind: Kind
    layer: int | None = None
    unit: int | None = None
    input: int | None = None

    @property
    def phase(self) -> Phase:
        """The part of an iteration that computes it."""
        return PHASE_OF[self.kind]

    @property
    def parameter(self) -> Parameter | None:
        """The parameter that it is the gradient or the new value of; None where it is neither."""
        if self.kind not in _OF_PARAMETER or self.layer is None or self.unit is None:
            return None
        return Parameter(self.layer, self.unit, self.input)


class Parameter(NamedTuple):
    """A weight, or where *below* is None a bias.

    Layers count from 1 (the first above the input), units and inputs from 0.

    >>> from backprop_tui import Grain, Parameter, Session, load
    >>> session = Session(load())
    >>> session.forward(Grain.BACKWARD)
    >>> w2 = Parameter(layer=2, unit=0, below=0)
    >>> session.now.parameter(w2).value, session.now.read(w2.gradient).value
    (0.7, -0.045851404744315157)
    """

    layer: int
    unit: int
    below: int | None
    """The input of the weight: a unit of the layer below."""

    @property
    def is_bias(self) -> bool:
        """Whether it is a bias."""
        return self.below is None

    @property
    def place(self) -> tuple[int, ...]:
        """Where it is in its layer's weights, of the shape (units, inputs), or biases, (units,)."""
        return (self.unit,) if self.below is None else (self.unit, self.below)

    def pick(self, weights: _Weights, biases: _Biases) -> _Weights | _Biases:
        """What concerns it: that of all weights, or that of all biases."""
        return biases if self.is_bias else weights

    @staticmethod
    def of_unit(layer: int, unit: int, inputs: int) -> Iterator[Parameter]:
        """The parameters of a unit with so many inputs: its weights, then its bias."""
        return (Parameter(layer, unit, below) for below in (*range(inputs), None))

    def number(self, inputs: int) -> int:
        """Which of its unit's parameters it is, from 0; the bias comes after the *inputs* weights."""
        return inputs if self.below is None else self.below

    def frozen(self, network: Network) -> bool:
        """Whether the update leaves it alone."""
        layer = network.layers[self.layer - 1]
        return self.pick(layer.frozen_weights, layer.frozen_biases)

    @property
    def gradient(self) -> Quantity:
        """Its gradient, computed for each example."""
        return Quantity(Kind.BIAS_GRADIENT if self.is_bias else Kind.WEIGHT_GRADIENT, *self)

    @property
    def update(self) -> Quantity:
        """Its new value, computed in each iteration's update."""
        return Quantity(Kind.BIAS_UPDATE if self.is_bias else Kind.WEIGHT_UPDATE, *self)


def symbol_of(names: Names, quantity: Quantity) -> str:
    """The identifier of a quantity; of an update, the parameter's."""
    kind, layer, unit, _ = quantity
    if kind is Kind.LOSS:
        return "L"
    if parameter := quantity.parameter:
        name = names.parameter(*parameter)
        return name if quantity.phase is Phase.UPDATE else "dL_d" + name
    assert layer is not None
    assert unit is not None
    match kind:
        case Kind.WEIGHTED_SUM:
            return names.z(layer, unit)
        case Kind.ACTIVATION:
            return names.a(layer, unit)
        case Kind.ACTIVATION_GRADIENT:
            return names.dL_da(layer, unit)
        case Kind.ACTIVATION_DERIVATIVE:
            return names.da_dz(layer, unit)
        case _:
            return names.delta(layer, unit)
