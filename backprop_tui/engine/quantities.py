"""What an iteration computes: the kinds of quantities, and the phases in which they are computed."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple


class Phase(StrEnum):
    """A part of an iteration."""

    FORWARD = "forward"
    LOSS = "loss"
    BACKWARD = "backward"
    UPDATE = "update"


class Kind(StrEnum):
    """What sort of quantity a statement computes."""

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


class Quantity(NamedTuple):
    """Something that a statement computes, again in every iteration.

    Layers count from 0 (the input), units and inputs from 0; None where there is none (the loss has no unit,
    a bias has no input).
    """

    kind: Kind
    layer: int | None = None
    unit: int | None = None
    input: int | None = None

    @property
    def phase(self) -> Phase:
        """The part of an iteration that computes it."""
        return PHASE_OF[self.kind]
