"""How far rounding to a type of numbers may take a loss and the length of its gradient from exact ones.

It is measured, not guessed. Each number that PyTorch writes down is rounded, which changes it by up to half
an epsilon of its own size, however small the result that is made of it: a cross-entropy near 0 is what is
left of logits of ordinary size and of a sum near 1, and its gradient p − y what is left of a probability
near 1. So the weights and biases of a point, and every number of its passes on the way, are moved at random
by such shares of them, a few times, and what the loss and the length of the gradient then do is taken
``SAFETY`` times (as Parker's Monte Carlo Arithmetic, 1997, and Vignes's CESTAC estimate rounding). A weight
that is moved stands for the products and partial sums at its unit. The last steps of a loss round alike for
all examples, as 1 + e^(−z) to 1, so they are moved to one side for all, in the first two of these trials.
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from backprop_tui.analysis.point import Point
from backprop_tui.engine.equations import Assignment
from backprop_tui.engine.quantities import Kind
from backprop_tui.engine.reference import Forward, backward, forward
from backprop_tui.engine.state import Parameters
from backprop_tui.network.lazy_numpy import Array, np
from backprop_tui.network.rules.losses import LOG_FLOOR

SIDES = (1.0, -1.0, 0.0, 0.0)
"""To which side the last steps of the loss are moved in a trial; 0: each at random."""
SAFETY = 3.0
"""How many times the largest change that was seen is still taken for rounding."""


class Epsilons(Struct, frozen=True):
    """Those of the types of numbers of an iteration."""

    outputs: float
    """Of weighted sums, activations and error signals: the coarsest one."""
    parameters: float
    """Of the parameters, in which autocast computes the loss as well."""


def moved_passes(
    point: Point, epsilons: Epsilons, random: np.random.Generator, side: float, drift: float = 0.0
) -> tuple[Forward, Parameters]:
    """Both passes with every number on the way moved: the forward pass, and the gradient.

    Args:
        point: the parameters and the batch.
        epsilons: of the types of numbers.
        random: draws up and down.
        side: to which the last steps of the loss are moved.
        drift: by which share of themselves the parameters may be off before they are rounded.

    """
    step = epsilons.outputs + drift
    moved = Parameters(
        tuple(_moved(random, one, step) for one in point.parameters.weights),
        tuple(_moved(random, one, step) for one in point.parameters.biases),
    )
    network, last = point.network, len(point.network.layers)
    found: dict[Kind, Array] = {}

    def decide(one: Assignment) -> Array:
        if one.kind is Kind.LOSS:
            z, a = found[Kind.WEIGHTED_SUM], found[Kind.ACTIVATION]
            return one.value + _by(random, loss_rounding(point, epsilons, z, a), side)
        if one.kind is Kind.DELTA and one.layer == last:
            a = found[Kind.ACTIVATION]
            grown = _by(random, signal_rounding(point, epsilons, a, one.value), side)
            return one.value + grown * np.where(one.value < 0.0, -1.0, 1.0)  # all longer, or all shorter
        if one.kind not in (Kind.WEIGHTED_SUM, Kind.ACTIVATION, Kind.DELTA):
            return one.value
        value = one.value
        if not (one.kind is Kind.ACTIVATION and one.layer == last and network.fused_loss):
            value = value * (1.0 + _by(random, np.full(value.shape, 0.5 * epsilons.outputs), 0.0))
        if one.kind is Kind.WEIGHTED_SUM:
            below = found.get(Kind.ACTIVATION, point.inputs)
            far = _by(random, np.full(value.shape, SAFETY * epsilons.outputs), side)
            of_layer = moved.weights[one.layer - 1], moved.biases[one.layer - 1]
            kinks = network.layers[one.layer - 1].activation.kinks
            value = _beside_kinks(*of_layer, kinks, value, below, far)
        found[one.kind] = value
        return value

    pass_ = forward(network, moved, point.inputs, point.targets, decide)
    return pass_, backward(network, moved, pass_, point.targets, decide)[1]


def _beside_kinks(
    weights: Array, biases: Array, kinks: Sequence[float], z: Array, below: Array, far: Array
) -> Array:
    """z, to one side of a kink where rounding may have taken it to that or the other; slopes jump there.

    Args:
        weights: of the layer.
        biases: of the layer.
        kinks: of its activation.
        z: its weighted sums.
        below: the activations that they are of.
        far: how many times the sizes of its terms it may be away, with the side; of the shape of z.

    """
    if not kinks:
        return z
    away = far * (np.abs(below) @ np.abs(weights).T + np.abs(biases))
    for kink in kinks:
        z = np.where(np.abs(z - kink) <= np.abs(away), kink + away, z)
    return np.asarray(z)


def loss_rounding(point: Point, epsilons: Epsilons, z: Array, a: Array) -> Array:
    """By how much PyTorch's last steps to the loss of each example may be off; of the shape (examples,).

    Half an epsilon of each number that is written down there: in ``z − max z − ln Σ e^(z − max z)`` of the
    first difference, of the sum (a share of it is as much in the logarithm), and of the logarithm; in
    ``(1 − y)·z − (min(z, 0) − ln(1 + e^(−|z|)))`` of each part; in ``−y·ln a − (1 − y)·ln(1 − a)`` of a,
    whose distance from 1 is what the second logarithm is of.
    """
    y, kind = point.targets, _loss_class(point)
    if kind in ("CrossEntropyLoss", "NLLLoss"):
        shifted = z - np.max(z, axis=-1, keepdims=True)
        log = np.log(np.sum(np.exp(shifted), axis=-1, keepdims=True))
        return np.asarray(
            0.5 * epsilons.parameters * np.sum(np.abs(y) * (2.0 * np.abs(shifted) + 1.0 + 2.0 * log), -1)
        )
    if kind == "BCEWithLogitsLoss":
        parts = np.abs((1.0 - y) * z) + np.abs(np.minimum(z, 0.0)) + np.log1p(np.exp(-np.abs(z)))
        return _over_outputs(point, 0.5 * epsilons.parameters * parts)
    if kind == "BCELoss":
        gap = 1.0 - a
        lost = gap <= epsilons.outputs  # it may have become 0, whose logarithm is taken to be the floor
        near = np.where(lost, -LOG_FLOOR, epsilons.outputs * a / np.where(lost, 1.0, gap))
        return _over_outputs(point, np.abs(y) * epsilons.outputs + np.abs(1.0 - y) * near)
    return np.zeros(len(y))


def signal_rounding(point: Point, epsilons: Epsilons, a: Array, delta: Array) -> Array:
    """By how much PyTorch's dL/dz of the output layer may be off; of the shape (examples, units).

    In p − y a probability is rounded by a share of itself; one that is e to the power of a logarithm by that
    one's rounding.
    """
    y, kind = point.targets, _loss_class(point)
    own = epsilons.outputs * np.abs(delta)
    if kind in ("CrossEntropyLoss", "NLLLoss"):
        logs = np.abs(np.log(np.maximum(a, np.finfo(np.float64).tiny)))
        return np.asarray(own + epsilons.parameters * a * (1.0 + logs) * np.sum(np.abs(y), -1, keepdims=True))
    if kind in ("BCEWithLogitsLoss", "BCELoss"):
        epsilon = epsilons.parameters if kind == "BCEWithLogitsLoss" else epsilons.outputs
        lost = (1.0 - a <= epsilon) & (kind == "BCELoss")
        shares = y.shape[-1] if point.network.training.loss.averages_outputs else 1
        return np.asarray(own + np.where(lost, np.abs(delta), epsilon * a / shares))
    return np.asarray(own)


def _loss_class(point: Point) -> str:
    return point.network.pytorch.loss if point.network.pytorch and point.network.fused_loss else ""


def _over_outputs(point: Point, parts: Array) -> Array:
    mean = point.network.training.loss.averages_outputs
    return np.asarray(np.mean(parts, axis=-1) if mean else np.sum(parts, axis=-1))


def _by(random: np.random.Generator, sizes: Array, side: float) -> Array:
    """Up to as much as *sizes*, to one side or each to a side of its own."""
    return np.asarray(sizes * (side or random.choice((-1.0, 1.0), sizes.shape)))


def _moved(random: np.random.Generator, values: Array, step: float) -> Array:
    """Each number up or down by up to a share of it: half of that for its whole unit, half for itself."""
    of_units = random.choice((-0.5, 0.5), (len(values), *(1,) * (values.ndim - 1)))
    return np.asarray(values * (1.0 + step * (of_units + random.choice((-0.5, 0.5), values.shape))))
