"""The losses: one row each, with formula, value, derivative and explanation together.

A loss is of one example: targets y and outputs a have the shape (examples, units), its value (examples,).
Over several examples losses are averaged. Definitions are PyTorch's
(https://docs.pytorch.org/docs/stable/nn.html#loss-functions); ``squared_error`` carries the textbook's ½.

An entropy after the activation it belongs to (sigmoid, softmax) is computed from z, where it neither
overflows nor rounds to nothing: its row has that fused loss.

``given_gradient`` stands in for a loss that lies outside of what is described: the gradient g that came back
to the outputs from there is given in the place of targets, and L = Σ g·a has that very gradient.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from msgspec import Struct

from backprop_tui.network.lazy_numpy import Array, np

LOG_FLOOR = -100.0
"""PyTorch's BCELoss takes no logarithm to be below this."""
SLOPE_FLOOR = 9.999999960041972e-13
"""PyTorch's BCELoss takes a(1 − a) to be at least this, which it keeps in single precision."""


class FusedLoss(Struct, frozen=True, eq=False):
    """An activation after which a loss is computed from z: exact, and short."""

    activation: str
    value: Callable[[Array, Array], Array]
    """L from y and z."""
    delta: Callable[[Array, Array], Array]
    """dL/dz from y and a."""
    delta_formula: str
    """dL/dz in terms of ``{a}``, ``{y}``, ``{n}`` and, where the targets need not sum to 1, ``{sum_y}``."""
    why: str
    """Why the chain rule collapses to so little."""


class Loss(Struct, frozen=True, eq=False):
    """One loss function L(y, a)."""

    name: str
    """As written in a network file."""
    prefix: str
    """What stands before the sum over the outputs: ``½``, ``−``, ``1/n·`` (``{n}``: number of outputs)."""
    term: str
    """One output's share of the sum, in terms of ``{y}`` and ``{a}``."""
    value: Callable[[Array, Array], Array]
    gradient_formula: str
    """dL/da of one output in terms of ``{y}``, ``{a}`` and ``{n}``."""
    gradient: Callable[[Array, Array], Array]
    remark: str
    of_probabilities: bool = False
    """Whether it takes the logarithm of predictions, which have to lie between 0 and 1."""
    averages_outputs: bool = False
    """Whether the sum is divided by the number of outputs."""
    fused: FusedLoss | None = None


def _bounded(log: Array) -> Array:
    return np.asarray(np.maximum(log, LOG_FLOOR))


def _binary_entropies(y: Array, a: Array) -> Array:
    """Of each output."""
    return -(y * _bounded(np.log(a)) + (1.0 - y) * _bounded(np.log1p(-a)))


def _binary_entropies_gradient(y: Array, a: Array) -> Array:
    return (a - y) / np.maximum(a * (1.0 - a), SLOPE_FLOOR)


def _binary_entropies_from_z(y: Array, z: Array) -> Array:
    return np.maximum(z, 0.0) - z * y + np.log1p(np.exp(-np.abs(z)))


def _cross_entropy(y: Array, a: Array) -> Array:
    return np.asarray(-np.sum(np.where(y == 0.0, 0.0, y * np.log(a)), axis=-1))


def _cross_entropy_from_z(y: Array, z: Array) -> Array:
    shifted = z - np.max(z, axis=-1, keepdims=True)
    log_a = shifted - np.log(np.sum(np.exp(shifted), axis=-1, keepdims=True))
    return np.asarray(-np.sum(np.where(y == 0.0, 0.0, y * log_a), axis=-1))


_ROWS = (
    Loss(
        "squared_error",
        prefix="½",
        term="({y} − {a})²",
        value=lambda y, a: np.asarray(0.5 * np.sum((y - a) * (y - a), axis=-1)),
        gradient_formula="−({y} − {a})",
        gradient=lambda y, a: -(y - a),
        remark="The ½ cancels the 2 of the square in the derivative.",
    ),
    Loss(
        "mean_squared_error",
        prefix="",
        term="({y} − {a})²",
        value=lambda y, a: np.asarray(np.mean((y - a) * (y - a), axis=-1)),
        gradient_formula="−2·({y} − {a})",
        gradient=lambda y, a: -2.0 * (y - a) / a.shape[-1],
        remark="It is the mean of the outputs' squared errors.",
        averages_outputs=True,
    ),
    Loss(
        "summed_squared_error",
        prefix="",
        term="({y} − {a})²",
        value=lambda y, a: np.asarray(np.sum((y - a) * (y - a), axis=-1)),
        gradient_formula="−2·({y} − {a})",
        gradient=lambda y, a: -2.0 * (y - a),
        remark="It is the sum of the outputs' squared errors.",
    ),
    Loss(
        "binary_cross_entropy",
        prefix="",
        term="−({y}·ln {a} + (1 − {y})·ln(1 − {a}))",
        value=lambda y, a: np.asarray(np.mean(_binary_entropies(y, a), axis=-1)),
        gradient_formula="({a} − {y})/({a}{*}(1 − {a}))",
        gradient=lambda y, a: _binary_entropies_gradient(y, a) / a.shape[-1],
        remark="Each output answers yes or no; a confident wrong answer costs most.",
        of_probabilities=True,
        averages_outputs=True,
        fused=FusedLoss(
            "sigmoid",
            value=lambda y, z: np.asarray(np.mean(_binary_entropies_from_z(y, z), axis=-1)),
            delta=lambda y, a: (a - y) / a.shape[-1],
            delta_formula="{a} − {y}",
            why="the sigmoid's slope a(1 − a) cancels the denominator of dL/da",
        ),
    ),
    Loss(
        "summed_binary_cross_entropy",
        prefix="",
        term="−({y}·ln {a} + (1 − {y})·ln(1 − {a}))",
        value=lambda y, a: np.asarray(np.sum(_binary_entropies(y, a), axis=-1)),
        gradient_formula="({a} − {y})/({a}{*}(1 − {a}))",
        gradient=_binary_entropies_gradient,
        remark="Each output answers yes or no; their costs add up.",
        of_probabilities=True,
        fused=FusedLoss(
            "sigmoid",
            value=lambda y, z: np.asarray(np.sum(_binary_entropies_from_z(y, z), axis=-1)),
            delta=lambda y, a: a - y,
            delta_formula="{a} − {y}",
            why="the sigmoid's slope a(1 − a) cancels the denominator of dL/da",
        ),
    ),
    Loss(
        "cross_entropy",
        prefix="−",
        term="{y}·ln {a}",
        value=_cross_entropy,
        gradient_formula="−{y}/{a}",
        gradient=lambda y, a: np.where(y == 0.0, 0.0, -y / a),
        remark="Only the share of the right class counts.",
        of_probabilities=True,
        fused=FusedLoss(
            "softmax",
            value=_cross_entropy_from_z,
            delta=lambda y, a: a * np.sum(y, axis=-1, keepdims=True) - y,
            delta_formula="{a}{sum_y} − {y}",
            why="each −y/a is multiplied by the softmax's a, and the shares add up to 1",
        ),
    ),
    Loss(
        "given_gradient",
        prefix="",
        term="{y}·{a}",
        value=lambda y, a: np.asarray(np.sum(y * a, axis=-1)),
        gradient_formula="{y}",
        gradient=lambda y, a: y.copy(),
        remark="The loss lies outside; its gradient came back to here and is given in the place of targets.",
    ),
)

LOSSES: Mapping[str, Loss] = MappingProxyType({row.name: row for row in _ROWS})
"""Every loss by name."""
