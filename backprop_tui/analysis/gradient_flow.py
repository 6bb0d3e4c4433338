"""How the error signal δ grows or shrinks on its way down the layers, and what does it: weights or slopes.

For the examples of a batch, with δ of a layer as the matrix (examples, units), W as (units, inputs) and
Frobenius norms, the factor of layer l is split into two:

    ‖δ(l)‖ / ‖δ(l+1)‖  =  ‖δ(l+1)·W(l+1)‖ / ‖δ(l+1)‖  ·  ‖δ(l)‖ / ‖δ(l+1)·W(l+1)‖
    factor             =  weight factor               ·  slope factor

This holds for any activation: where one couples the units of its layer (softmax), the slope factor is what
the whole Jacobian does. It holds for a fused loss as well, since that concerns the output layer's δ alone.
"""

from __future__ import annotations

from enum import StrEnum
from math import inf, nan

from msgspec import Struct

from backprop_tui.analysis.norms import length
from backprop_tui.analysis.unit_health import unit_health
from backprop_tui.engine.iteration import Iteration
from backprop_tui.history.run import Run
from backprop_tui.network.description import Network

VANISHING_BELOW = 1e-2
EXPLODING_ABOVE = 1e2
"""For the product of all factors from the output down to a layer."""

REMEMBERED = 8
"""How many iterations a run remembers the flow of."""


class Verdict(StrEnum):
    """What has become of the error signal on its way down to a layer."""

    VANISHING = "vanishing"
    EXPLODING = "exploding"


class LayerFlow(Struct, frozen=True):
    """The error signal of one layer. The output layer, from which the way begins, has no factors."""

    layer: int
    """From 1, the first above the input."""
    delta_norm: float
    weight_factor: float | None
    slope_factor: float | None
    factor: float | None
    """Both together; of two error signals that are 0, not a number."""
    product: float
    """Of all factors from the output down to this layer; of the output layer 1."""
    saturated: float
    """The share of all units and examples that are saturated."""
    dead: float
    """The share of the units that are dead."""
    verdict: Verdict | None


GradientFlow = tuple[LayerFlow, ...]
"""A layer after the other, from the output down."""


def gradient_flow(network: Network, iteration: Iteration) -> GradientFlow:
    """The flow of the error signal over the whole batch of an iteration."""
    backward = iteration.backward
    found: list[LayerFlow] = []
    for number in range(len(network.layers), 0, -1):
        norm = length(backward.delta[number - 1])
        weight_factor = slope_factor = factor = None
        product = 1.0
        if found:
            sent_down, above = length(backward.dL_da[number - 1]), found[-1].delta_norm
            weight_factor, slope_factor = _ratio(sent_down, above), _ratio(norm, sent_down)
            factor, product = _ratio(norm, above), _ratio(norm, found[0].delta_norm)
        health = unit_health(network.layers[number - 1].activation, backward.da_dz[number - 1])
        found.append(
            LayerFlow(
                layer=number,
                delta_norm=norm,
                weight_factor=weight_factor,
                slope_factor=slope_factor,
                factor=factor,
                product=product,
                saturated=health.saturated_share,
                dead=health.dead_share,
                verdict=verdict_on(product),
            )
        )
    return tuple(found)


def flow_at(run: Run, time: int) -> GradientFlow:
    """The flow of the iteration in which a time lies; between two iterations, of the one just done.

    The run remembers the last few, so that asking again costs nothing.
    """
    number = run.program.iteration_at(max(0, time - 1))

    def flow() -> GradientFlow:
        return gradient_flow(run.network, run.timeline.iteration(number))

    return run.remembered("gradient flow", number, REMEMBERED, flow)


def verdict_on(product: float) -> Verdict | None:
    """What a product of factors from the output down says; of no number, nothing."""
    if product < VANISHING_BELOW:
        return Verdict.VANISHING
    return Verdict.EXPLODING if product > EXPLODING_ABOVE else None


def _ratio(part: float, whole: float) -> float:
    if whole == 0.0:
        return inf if part > 0.0 else nan
    return part / whole
