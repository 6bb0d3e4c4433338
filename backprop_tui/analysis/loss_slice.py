"""The loss along one line through parameter space: the point, its tangent, and the step of the update.

Along one parameter everything else stays as it is. Along the update's own direction all parameters move
together: at 0 is the point, at 1 where the update leads.
"""

from __future__ import annotations

from math import isfinite

from msgspec import Struct

from backprop_tui.analysis.point import Point, mean_loss, point_at
from backprop_tui.engine.equations import loss
from backprop_tui.engine.moved_losses import MovedLosses
from backprop_tui.engine.quantities import Parameter
from backprop_tui.engine.reference import Forward, forward
from backprop_tui.engine.state import Parameters
from backprop_tui.history.run import Run
from backprop_tui.network.lazy_numpy import Array, np

POINTS = 129
"""How many values a slice has, unless asked otherwise."""
NUMBERS_AT_ONCE = 2**18
"""How many numbers an array holds at most, unless one move alone makes it longer."""
FARTHEST = 1e3
"""A step longer than so many times the parameter's own size is not kept in sight."""


class LossSlice(Struct, frozen=True, eq=False):
    """The mean loss of a batch along a line."""

    parameter: Parameter | None
    """Along which; None: along the update's direction."""
    values: Array
    """Where the loss was computed, in ascending order."""
    losses: Array
    """The loss at each; infinite or not a number where it is so."""
    start: float
    """The parameter's value at the point."""
    start_loss: float
    gradient: float
    """The slope of the loss at the point."""
    landing: float | None = None
    """Where the update leads; None where it leaves the parameter alone or is not known."""
    landing_loss: float | None = None
    """The loss there, everything else as it is."""
    loss_after: float | None = None
    """The loss of the batch after the whole update, all parameters moved."""

    def tangent(self, values: Array) -> Array:
        """The height of the tangent over some values."""
        with np.errstate(all="ignore"):
            return np.asarray(self.start_loss + self.gradient * (values - self.start))


def slice_at(
    run: Run,
    time: int,
    parameter: Parameter | None,
    count: int = POINTS,
    ends: tuple[float, float] | None = None,
) -> LossSlice:
    """The slice through the point from which the iteration of a time starts, with the step it takes.

    Args:
        run: the run.
        time: the time, whose iteration is at hand.
        parameter: along which; None: along the update's direction.
        count: how many values.
        ends: the lowest and the highest value; left out, what shows point and step.

    """
    point = point_at(run, time)
    after = run.timeline.iteration(run.program.iteration_at(max(0, time - 1))).after.parameters
    if parameter is None:
        return slice_along_update(point, after, count, ends)
    return loss_slice(point, parameter, None if parameter.frozen(run.network) else after, count, ends)


def loss_slice(
    point: Point,
    parameter: Parameter,
    after: Parameters | None = None,
    count: int = POINTS,
    ends: tuple[float, float] | None = None,
) -> LossSlice:
    """The loss along one parameter.

    Args:
        point: the point and its batch.
        parameter: along which.
        after: the parameters after the update, where its step is to be shown.
        count: how many values.
        ends: the lowest and the highest value; left out, what shows point and step.

    """
    pass_ = point.forward()
    start = point.parameters.value(parameter)
    landing = None if after is None else after.value(parameter)
    with np.errstate(all="ignore"):
        values = np.linspace(*(ends or ends_around(start, landing)), count)
    places = [*values, start] if landing is None else [*values, start, landing]
    losses = losses_along(point, pass_, parameter, np.array(places))
    return LossSlice(
        parameter,
        values,
        losses[:count],
        start,
        float(losses[count]),
        point.gradient(pass_).value(parameter),
        landing,
        None if landing is None else float(losses[-1]),
        None if after is None else _loss(point, after),
    )


def slice_along_update(
    point: Point, after: Parameters, count: int = POINTS, ends: tuple[float, float] | None = None
) -> LossSlice:
    """The loss along the line from the point through where the update leads, which lies at 1."""
    pass_ = point.forward()
    gradient, steps = point.gradient(pass_), _difference(after, point.parameters)
    with np.errstate(all="ignore"):
        pairs = zip((*gradient.weights, *gradient.biases), (*steps.weights, *steps.biases), strict=True)
        slope = float(sum(np.vdot(g, step) for g, step in pairs))
    with np.errstate(all="ignore"):
        values = np.linspace(*(ends or (-0.5, 1.5)), count)
    losses = _losses_towards(point, pass_, steps, values)
    start, landing = float(mean_loss(pass_.loss)), _loss(point, after)
    return LossSlice(None, values, losses, 0.0, start, slope, 1.0, landing, landing)


def losses_along(point: Point, pass_: Forward, parameter: Parameter, values: Array) -> Array:
    """The mean loss at each value of a parameter, everything else as it is.

    Args:
        point: the point and its batch.
        pass_: the forward pass there.
        parameter: the parameter.
        values: of the shape (values,).

    """
    layer, unit, _ = parameter
    nearby = MovedLosses(point.network, point.parameters, pass_, point.targets)
    units = np.array([unit])
    belows = np.array([parameter.number(point.network.widths[layer - 1])])
    with np.errstate(all="ignore"):
        moves = (values - point.parameters.value(parameter))[:, None]
    found = np.empty(len(values))
    length = max(1, NUMBERS_AT_ONCE // nearby.numbers(layer - 1))
    for first in range(0, len(values), length):
        part = slice(first, first + length)
        losses, _ = nearby.losses(layer - 1, units, belows, moves[part])
        found[part] = mean_loss(losses[:, 0])
    return found


def ends_around(start: float, landing: float | None = None) -> tuple[float, float]:
    """The lowest and the highest value of a slice that shows the point in its surroundings, and the step."""
    if not isfinite(start):
        return -1.0, 1.0
    half = max(1.0, abs(start))
    step = 0.0 if landing is None else 1.5 * abs(landing - start)
    if step <= FARTHEST * half:
        half = max(half, step)
    return start - half, start + half


def _difference(after: Parameters, before: Parameters) -> Parameters:
    with np.errstate(all="ignore"):
        return Parameters(
            tuple(np.asarray(new - old) for new, old in zip(after.weights, before.weights, strict=True)),
            tuple(np.asarray(new - old) for new, old in zip(after.biases, before.biases, strict=True)),
        )


def _losses_towards(point: Point, pass_: Forward, steps: Parameters, shares: Array) -> Array:
    """The mean loss with all parameters moved by shares of some steps.

    The first weighted sums, most of the work where there are many inputs, change evenly with the share.
    """
    network, before, losses = point.network, point.parameters, np.empty(len(shares))
    with np.errstate(all="ignore"):
        change = point.inputs @ steps.weights[0].T + steps.biases[0]
        for place, share in enumerate(shares.tolist()):
            z = pass_.z[0] + share * change
            a = network.layers[0].activation.value(z)
            for number in range(1, len(network.layers)):
                weights = before.weights[number] + share * steps.weights[number]
                z = a @ weights.T + (before.biases[number] + share * steps.biases[number])
                a = network.layers[number].activation.value(z)
            losses[place] = mean_loss(loss(network, point.targets, z, a))
    return losses


def _loss(point: Point, parameters: Parameters) -> float:
    """The mean loss of the point's batch with other parameters."""
    return float(mean_loss(forward(point.network, parameters, point.inputs, point.targets).loss))
