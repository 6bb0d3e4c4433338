"""Every analytic gradient against a central difference.

The numerical gradient of L at w is (L(w + h) − L(w − h)) / 2h, with an error of the order h²; here two step
sizes are combined so that the error's leading term cancels (Richardson extrapolation; Numerical Recipes,
section 5.7).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import isfinite

from backprop_tui.engine.passes import backward, forward, mean_gradient
from backprop_tui.engine.state import Parameters
from backprop_tui.engine.training import Trainer
from backprop_tui.network.arrays import Array, np

STEP = 1e-3
TOLERANCE = 1e-6
NEGLIGIBLE = 1e-7
"""Gradients are compared relative to their own size, but to no less than this times the largest."""
SMALLEST = 1e-12
"""And to no less than this, where the largest is 0 or nearly so."""

ROUNDING = 4 * 2.0**-52 / TOLERANCE
"""And to no less than this times L/h: the last digits of L are all that a smaller slope would change."""


@dataclass(frozen=True, slots=True)
class Compared:
    """One parameter's gradient, computed in both ways."""

    layer: int
    unit: int
    below: int | None
    """The input's unit, or None for the bias."""
    analytic: float
    numeric: float
    relative_error: float
    kink: bool
    """Whether an activation has a corner so near that the slope on its two sides differs."""


@dataclass(frozen=True, slots=True)
class GradientCheck:
    """The result of comparing every gradient."""

    compared: tuple[Compared, ...]
    tolerance: float = TOLERANCE

    @property
    def checked(self) -> int:
        """How many parameters could be compared."""
        return sum(not one.kink for one in self.compared)

    @property
    def max_relative_error(self) -> float:
        """The largest relative error; NaN where one is not a number."""
        errors = [one.relative_error for one in self.compared if not one.kink]
        return float(np.max(errors)) if errors else 0.0

    @property
    def passed(self) -> bool:
        """Whether all agree."""
        return all(one.relative_error <= self.tolerance for one in self.compared if not one.kink)

    @property
    def disagreeing(self) -> tuple[Compared, ...]:
        """The parameters whose gradients do not agree."""
        return tuple(c for c in self.compared if not c.kink and not c.relative_error <= self.tolerance)


def check_gradients(trainer: Trainer, parameters: Parameters | None = None) -> GradientCheck:
    """Compare the gradient of the loss over all examples, for every weight and bias.

    Args:
        trainer: the network and its data.
        parameters: where to compare; left out, at the initial parameters.

    """
    network, x, y = trainer.network, trainer.inputs, trainer.targets
    if parameters is None:
        parameters = trainer.initial_state().parameters
    pass_ = forward(network, parameters, x, y)
    gradient = mean_gradient(pass_, backward(network, parameters, pass_, y))
    scale = max((float(np.max(np.abs(g))) for g in (*gradient.weights, *gradient.biases)), default=0.0)
    corners = _side_of_corners(trainer)
    results: list[Compared] = []
    for number in range(len(network.layers)):
        for unit in range(network.layers[number].units):
            for below in (*range(network.layers[number].inputs), None):
                array = parameters.biases[number] if below is None else parameters.weights[number]
                index = (unit,) if below is None else (unit, below)
                slopes = gradient.biases[number] if below is None else gradient.weights[number]
                analytic = float(slopes[index])

                def loss_at(
                    offset: float,
                    number: int = number,
                    below: int | None = below,
                    index: tuple[int, ...] = index,
                    array: Array = array,
                ) -> tuple[float, object]:
                    moved = array.copy()
                    moved[index] += offset
                    there = _replaced(parameters, number, moved, bias=below is None)
                    there_pass = forward(network, there, x, y)
                    with np.errstate(all="ignore"):
                        return float(np.mean(there_pass.loss)), corners(there_pass.z)

                numeric, error, kink = _compare(
                    loss_at, analytic, abs(float(array[index])), max(NEGLIGIBLE * scale, SMALLEST)
                )
                results.append(Compared(number + 1, unit, below, analytic, numeric, error, kink))
    return GradientCheck(tuple(results))


def _compare(
    loss_at: Callable[[float], tuple[float, object]], analytic: float, magnitude: float, least: float
) -> tuple[float, float, bool]:
    """The slope of the loss at 0, its relative error, and whether a corner stood in the way at every step.

    Where they disagree a smaller step has the last word: near a jump of f″ (as elu has at 0) the difference
    itself is wrong by the order of h.
    """
    h = STEP * max(1.0, magnitude)
    loss = abs(loss_at(0.0)[0])
    if isfinite(loss):
        least = max(least, ROUNDING * loss / h)
    found: list[tuple[float, float]] = []
    for _ in range(5):
        points = [loss_at(offset) for offset in (-h, -h / 2, 0.0, h / 2, h)]
        narrow = (points[3][0] - points[1][0]) / h
        if all(side == points[0][1] for _, side in points):
            wide = (points[4][0] - points[0][0]) / (2 * h)
            numeric = (4 * narrow - wide) / 3
            found.append((_relative_error(analytic, numeric, least), numeric))
            if found[-1][0] <= TOLERANCE:
                break
        h /= 8
    if not found:
        return narrow, _relative_error(analytic, narrow, least), True
    error, numeric = min(found, key=lambda one: (one[0] != one[0], one[0]))
    return numeric, error, False


def _relative_error(analytic: float, numeric: float, least: float) -> float:
    return abs(analytic - numeric) / max(abs(analytic), abs(numeric), least)


def _side_of_corners(trainer: Trainer) -> Callable[[tuple[Array, ...]], object]:
    """A function that tells on which side of its activation's corners every z is."""
    kinks = [
        (number, corner)
        for number, layer in enumerate(trainer.network.layers)
        for corner in layer.activation.kinks
    ]
    return lambda zs: tuple(np.sign(zs[number] - corner).tobytes() for number, corner in kinks)


def _replaced(parameters: Parameters, number: int, array: Array, *, bias: bool) -> Parameters:
    arrays = list(parameters.biases if bias else parameters.weights)
    arrays[number] = array
    if bias:
        return Parameters(parameters.weights, tuple(arrays))
    return Parameters(tuple(arrays), parameters.biases)
