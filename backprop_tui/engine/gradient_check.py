"""Every analytic gradient against a central difference.

The numerical gradient of L at w is (L(w + h) − L(w − h)) / 2h, with an error of the order h²; here two step
sizes are combined so that the error's leading term cancels (Richardson extrapolation; Numerical Recipes,
section 5.7).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import compress
from math import isfinite

from backprop_tui.engine.moved_losses import MovedLosses
from backprop_tui.engine.quantities import Parameter
from backprop_tui.engine.reference import backward, forward
from backprop_tui.engine.state import Parameters
from backprop_tui.engine.training import Trainer
from backprop_tui.network.description import Network
from backprop_tui.network.lazy_numpy import Array, Indices, Marks, np
from backprop_tui.network.notebook import ShownInNotebooks

STEP = 1e-3
TOLERANCE = 1e-6
NEGLIGIBLE = 1e-7
"""Gradients are compared relative to their own size, but to no less than this times the largest."""
SMALLEST = 1e-12
"""And to no less than this, where the largest is 0 or nearly so."""

ROUNDING = 4 * 2.0**-52 / TOLERANCE
"""And to no less than this times L/h: the last digits of L are all that a smaller slope would change."""

STEPS = (1.0, 8.0, 2.0**-3, 2.0**-6, 2.0**-9, 2.0**-12)
"""The multiples of the step that are tried until gradients agree; the longer is less prone to rounding."""

BLOCK = 2**16
"""How many numbers an array holds at most, unless one parameter alone makes it longer."""


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
    """Whether an activation has a kink so near that the slopes on its two sides differ."""


@dataclass(frozen=True, eq=False)
class GradientCheck(ShownInNotebooks):
    """The result of comparing every gradient: arrays with a number a parameter.

    The parameters stand layer by layer and unit by unit, of each its weights and then its bias.

    >>> from backprop_tui import check, load
    >>> result = check(load())
    >>> result.analytic.shape, result.passed, result.max_relative_error < 1e-9
    ((4,), True, True)
    >>> [f"{one.analytic:.4f}" for one in result.compared]
    ['-0.0070', '-0.0141', '-0.0459', '-0.0816']
    """

    widths: tuple[int, ...]
    analytic: Array
    numeric: Array
    relative_errors: Array
    kinks: Marks
    tolerance: float = TOLERANCE

    @property
    def checked(self) -> int:
        """How many parameters could be compared."""
        return len(self.kinks) - int(np.count_nonzero(self.kinks))

    @property
    def max_relative_error(self) -> float:
        """The largest relative error; NaN where one is not a number."""
        errors = self.relative_errors[~self.kinks]
        return float(np.max(errors)) if len(errors) else 0.0

    @property
    def passed(self) -> bool:
        """Whether all agree."""
        return not self._disagree.any()

    @cached_property
    def compared(self) -> tuple[Compared, ...]:
        """Every parameter's gradient."""
        return tuple(self._compared())

    @cached_property
    def disagreeing(self) -> tuple[Compared, ...]:
        """The parameters whose gradients do not agree."""
        return tuple(compress(self._compared(), self._disagree.tolist()))

    @property
    def _disagree(self) -> Marks:
        return ~self.kinks & ~(self.relative_errors <= self.tolerance)

    def _compared(self) -> Iterator[Compared]:
        arrays = (self.analytic, self.numeric, self.relative_errors, self.kinks)
        for place, numbers in zip(
            self._places(), zip(*(a.tolist() for a in arrays), strict=True), strict=True
        ):
            yield Compared(*place, *numbers)

    def _places(self) -> Iterator[Parameter]:
        for layer in range(1, len(self.widths)):
            for unit in range(self.widths[layer]):
                yield from Parameter.of_unit(layer, unit, self.widths[layer - 1])


def check_gradients(
    trainer: Trainer, parameters: Parameters | None = None, progress: Callable[[int], None] | None = None
) -> GradientCheck:
    """Compare the gradient of the loss over all examples, for every weight and bias.

    Args:
        trainer: the network and its data.
        parameters: where to compare; left out, at the initial parameters.
        progress: told, from time to time, how many parameters are done.

    """
    network, x, y = trainer.network, trainer.inputs, trainer.targets
    if parameters is None:
        parameters = trainer.initial_state().parameters
    pass_ = forward(network, parameters, x, y)
    _, gradient = backward(network, parameters, pass_, y)
    scale = max((float(np.max(np.abs(g))) for g in (*gradient.weights, *gradient.biases)), default=0.0)
    with np.errstate(all="ignore"):
        loss = abs(float(_of_batch(network)(pass_.loss)))
    nearby = MovedLosses(network, parameters, pass_, y)
    least = max(NEGLIGIBLE * scale, SMALLEST)
    values, slopes = _flat(parameters), _flat(gradient)
    numeric, errors = np.empty_like(slopes), np.empty_like(slopes)
    kinks = np.empty(len(slopes), dtype=bool)
    done = 0
    for number, layer in enumerate(network.layers):
        count = layer.units * (layer.inputs + 1)
        length = max(1, BLOCK // (4 * nearby.numbers(number)))
        for start in range(0, count, length):
            indices = np.arange(start, min(start + length, count))
            block = slice(done, done + len(indices))
            steps = STEP * np.maximum(1.0, np.abs(values[block]))
            floor = (
                np.maximum(least, ROUNDING * loss / steps) if isfinite(loss) else np.full_like(steps, least)
            )
            numeric[block], errors[block], kinks[block] = _compare(
                _of_batch(network),
                nearby,
                number,
                np.divmod(indices, layer.inputs + 1),
                steps,
                slopes[block],
                floor,
            )
            done = block.stop
            if progress:
                progress(done)
    return GradientCheck(network.widths, slopes, numeric, errors, kinks)


def _flat(parameters: Parameters) -> Array:
    """A number a parameter, in the order of the result."""
    rows = zip(parameters.weights, parameters.biases, strict=True)
    return np.concatenate([np.column_stack(pair).ravel() for pair in rows])


def _of_batch(network: Network) -> Callable[..., Array]:
    """The loss of a batch from its examples' losses."""
    return np.sum if network.training.sums_examples else np.mean


def _compare(
    of_batch: Callable[..., Array],
    nearby: MovedLosses,
    layer: int,
    places: tuple[Indices, Indices],
    h: Array,
    analytic: Array,
    least: Array,
) -> tuple[Array, Array, Marks]:
    """The slopes of the loss, their relative errors, and whether every step crossed a kink.

    Where they disagree other steps are tried and the best result counts: a longer step, where rounding in L
    matters less, and shorter ones, since near a kink of f or a jump of f″ (as elu has at 0) the difference is
    wrong by the order of h.
    """
    units, belows = places
    numeric, errors = np.full(len(h), np.nan), np.full(len(h), np.nan)
    kinks = np.ones(len(h), dtype=bool)
    left = np.arange(len(h))
    for factor in STEPS:
        tried = left[~kinks[left]] if factor > 1.0 else left
        step = factor * h[tried]
        moves = np.multiply.outer((-1.0, -0.5, 0.5, 1.0), step)
        losses, crossed = nearby.losses(layer, units[tried], belows[tried], moves)
        with np.errstate(all="ignore"):
            narrow = of_batch(losses[2] - losses[1], axis=-1) / step
            wide = of_batch(losses[3] - losses[0], axis=-1) / (2 * step)
            smooth = ~crossed.any(axis=0)
            slope = np.where(smooth, (4 * narrow - wide) / 3, narrow)
            error = _relative_error(analytic[tried], slope, least[tried])
            better = (error < errors[tried]) | np.isnan(errors[tried])
        taken = kinks[tried] | (smooth & better)
        numeric[tried[taken]], errors[tried[taken]] = slope[taken], error[taken]
        kinks[tried[smooth]] = False
        left = left[kinks[left] | ~(errors[left] <= TOLERANCE)]
        if not len(left):
            break
    return numeric, errors, kinks


def _relative_error(analytic: Array, numeric: Array, least: Array) -> Array:
    size = np.maximum(np.maximum(np.abs(analytic), np.abs(numeric)), least)
    return np.asarray(np.abs(analytic - numeric) / size)
