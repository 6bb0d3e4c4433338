"""Where each statement lies in an iteration: an example's block, and the update after the last one.

A block's layout depends on the widths of the layers alone, so the quantity at any offset, and the offset of
any quantity, is a little arithmetic. In a softmax layer each a needs every z, and each delta every dL/da.
So all its z come before its a, and all its dL/da before the rest of the layer's backward statements.
"""

from __future__ import annotations

from itertools import accumulate

from msgspec import Struct

from backprop_tui.engine.quantities import Kind, Quantity
from backprop_tui.network.description import Network
from backprop_tui.network.lazy_numpy import Offsets, np

_BACKWARD = (Kind.ACTIVATION_GRADIENT, Kind.ACTIVATION_DERIVATIVE, Kind.DELTA)
"""What a unit computes in the backward pass before its gradients."""


class LayerLayout(Struct, frozen=True):
    """Where a layer's statements lie: offsets from the block's start (forward, backward) or the update's."""

    number: int
    units: int
    inputs: int
    couples: bool
    forward: int
    backward: int
    update: int
    updates_weights: int
    updates_bias: int

    @property
    def per_unit(self) -> int:
        """Statements of one unit in the backward pass: dL/da, da/dz, delta, its weights, its bias."""
        return self.inputs + 4

    @property
    def updates(self) -> int:
        """Statements of one unit in the update."""
        return self.updates_weights + self.updates_bias


class Layout:
    """The places of an iteration's statements."""

    def __init__(self, network: Network) -> None:
        layers = network.layers
        self.forward = sum(2 * layer.units for layer in layers)
        """How many statements a forward pass has; the loss comes next."""
        forward_ends = list(accumulate((2 * layer.units for layer in layers), initial=0))
        backward_sizes = [layer.units * (layer.inputs + 4) for layer in layers]
        self.block = self.forward + 1 + sum(backward_sizes)
        """How many statements an example has."""
        update_sizes = [
            layer.units * (layer.inputs * (not layer.frozen_weights) + (not layer.frozen_biases))
            for layer in layers
        ]
        self.update = sum(update_sizes)
        """How many statements an update has."""
        self.layers = tuple(
            LayerLayout(
                number=index + 1,
                units=layer.units,
                inputs=layer.inputs,
                couples=layer.activation.couples,
                forward=forward_ends[index],
                backward=self.forward + 1 + sum(backward_sizes[index + 1 :]),
                update=sum(update_sizes[index + 1 :]),
                updates_weights=0 if layer.frozen_weights else layer.inputs,
                updates_bias=0 if layer.frozen_biases else 1,
            )
            for index, layer in enumerate(layers)
        )

    def computed(self, offset: int) -> Quantity:
        """What the statement at an offset of a block computes."""
        if offset == self.forward:
            return Quantity(Kind.LOSS)
        if offset < self.forward:
            plan = next(plan for plan in reversed(self.layers) if plan.forward <= offset)
            rest = offset - plan.forward
            if plan.couples:
                kind, unit = divmod(rest, plan.units)
            else:
                unit, kind = divmod(rest, 2)
            return Quantity(Kind.ACTIVATION if kind else Kind.WEIGHTED_SUM, plan.number, unit)
        plan = next(plan for plan in self.layers if plan.backward <= offset)
        rest = offset - plan.backward
        if plan.couples:
            if rest < plan.units:
                return Quantity(Kind.ACTIVATION_GRADIENT, plan.number, rest)
            unit, place = divmod(rest - plan.units, plan.per_unit - 1)
            place += 1
        else:
            unit, place = divmod(rest, plan.per_unit)
        if place < 3:
            return Quantity(_BACKWARD[place], plan.number, unit)
        if place - 3 < plan.inputs:
            return Quantity(Kind.WEIGHT_GRADIENT, plan.number, unit, place - 3)
        return Quantity(Kind.BIAS_GRADIENT, plan.number, unit)

    def updated(self, offset: int) -> Quantity:
        """What the statement at an offset of the update computes."""
        plan = next(plan for plan in self.layers if plan.updates and plan.update <= offset)
        unit, place = divmod(offset - plan.update, plan.updates)
        if place < plan.updates_weights:
            return Quantity(Kind.WEIGHT_UPDATE, plan.number, unit, place)
        return Quantity(Kind.BIAS_UPDATE, plan.number, unit)

    def offset(self, quantity: Quantity) -> int | None:
        """Where a quantity is computed, from its block's (or the update's) start; None: nowhere (frozen)."""
        kind, layer, unit, below = quantity
        if kind is Kind.LOSS:
            return self.forward
        assert layer is not None
        assert unit is not None
        plan = self.layers[layer - 1]
        if kind in (Kind.WEIGHTED_SUM, Kind.ACTIVATION):
            later = kind is Kind.ACTIVATION
            return plan.forward + (later * plan.units + unit if plan.couples else 2 * unit + later)
        if kind is Kind.WEIGHT_UPDATE:
            assert below is not None
            return plan.update + unit * plan.updates + below if plan.updates_weights else None
        if kind is Kind.BIAS_UPDATE:
            return plan.update + unit * plan.updates + plan.updates_weights if plan.updates_bias else None
        if kind is Kind.WEIGHT_GRADIENT:
            place = 3 + (below or 0)
        else:
            place = 3 + plan.inputs if kind is Kind.BIAS_GRADIENT else _BACKWARD.index(kind)
        if not plan.couples:
            return plan.backward + unit * plan.per_unit + place
        if place == 0:
            return plan.backward + unit
        return plan.backward + plan.units + unit * (plan.per_unit - 1) + place - 1

    def offsets(self, kind: Kind, layer: int) -> Offsets:
        """Where a layer's quantities of a kind are computed, from the start of their example's block.

        Those of the update count from the update's start. The shape is (units,), of weights (units, inputs),
        of the loss (). Frozen parameters have the place that they would have.
        """
        if kind is Kind.LOSS:
            return np.array(self.forward)
        plan = self.layers[layer - 1]
        start = self.offset(Quantity(kind, layer, 0, 0)) or 0
        if kind in (Kind.WEIGHTED_SUM, Kind.ACTIVATION):
            stride = 1 if plan.couples else 2
        elif kind in (Kind.WEIGHT_UPDATE, Kind.BIAS_UPDATE):
            stride = plan.updates
        elif plan.couples:
            stride = 1 if kind is Kind.ACTIVATION_GRADIENT else plan.per_unit - 1
        else:
            stride = plan.per_unit
        places = start + stride * np.arange(plan.units)
        if kind in (Kind.WEIGHT_GRADIENT, Kind.WEIGHT_UPDATE):
            return places[:, None] + np.arange(plan.inputs)
        return places
