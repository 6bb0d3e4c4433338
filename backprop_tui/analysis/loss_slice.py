"""The loss along one line through parameter space: the point, its tangent, and the step of the update.

Along one parameter everything else stays as it is. Along the update's own direction all parameters move
together: at 0 is the point, at 1 where the update leads.
"""

from __future__ import annotations

from math import isfinite
from typing import NamedTuple

from msgspec import Struct

from backprop_tui.analysis.point import Point, point_at
from backprop_tui.engine.equations import loss
from backprop_tui.engine.moved_losses import MovedLosses
from backprop_tui.engine.quantities import Parameter
from backprop_tui.engine.reference import Forward, forward
from backprop_tui.engine.state import Parameters
from backprop_tui.history.run import Run
from backprop_tui.network.lazy_numpy import Array, np

POINTS = 129
"""How many values a slice has, unless asked otherwise."""
AN_ACTIVATION = 100
"""To compute one takes as long as so many products."""
NUMBERS_AT_ONCE = 2**18
"""How many numbers an array holds at most, unless one move alone makes it longer."""
FARTHEST = 1e3
"""A step longer than so many times the parameter's own size is not kept in sight."""


class Surroundings(NamedTuple):
    """What all slices through one point share."""

    point: Point
    pass_: Forward
    """The forward pass there."""
    nearby: MovedLosses
    gradient: Parameters
    after: Parameters | None
    """The parameters after the update, where its step is to be shown."""
    loss_after: float | None


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
    if parameter is None:
        point, after = point_at(run, time), _after(run, time)
        return slice_along_update(point, after, count, ends)
    around = surroundings_at(run, time)
    if parameter.frozen(run.network):
        around = around._replace(after=None, loss_after=None)
    return _slice(around, parameter, count, ends)


def surroundings_at(run: Run, time: int) -> Surroundings:
    """What all slices of the iteration in which a time lies share.

    The run remembers the latest, which saves 0.2 ms a key of 5; of 1000-900-110 twenty.
    """

    def surroundings() -> Surroundings:
        return _surroundings(point_at(run, time), _after(run, time))

    return run.remembered("slices", _key(run, time), 1, surroundings)


def products(run: Run, time: int, parameter: Parameter, count: int = POINTS) -> int:
    """About how many products a slice takes; an activation counts as so many as take as long.

    The passes at the point count as long as the run does not remember them.
    """
    network = run.network
    above, examples = network.layers[parameter.layer - 1 :], network.batch_size
    whole = above[0].activation.couples or len(above) == 1
    moved = sum(layer.units for layer in (above if whole else above[1:]))
    sums = sum(layer.units * layer.inputs for layer in above[2:])
    known = _key(run, time) in run.shelves.get("slices", {})
    passes = 0 if known else 4 * sum(layer.units * layer.inputs for layer in network.layers)
    return examples * (passes + count * (sums + AN_ACTIVATION * moved))


def _key(run: Run, time: int) -> tuple[int, int]:
    return run.program.iteration_at(max(0, time - 1)), sum(edit.time <= time for edit in run.edits)


def _after(run: Run, time: int) -> Parameters:
    return run.timeline.iteration(run.program.iteration_at(max(0, time - 1))).after.parameters


def _surroundings(point: Point, after: Parameters | None) -> Surroundings:
    pass_ = point.forward()
    nearby = MovedLosses(point.network, point.parameters, pass_, point.targets)
    loss_after = None if after is None else _loss(point, after)
    return Surroundings(point, pass_, nearby, point.gradient(pass_), after, loss_after)


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
    return _slice(_surroundings(point, after), parameter, count, ends)


def _slice(
    around: Surroundings, parameter: Parameter, count: int, ends: tuple[float, float] | None
) -> LossSlice:
    start = around.point.parameters.value(parameter)
    landing = None if around.after is None else around.after.value(parameter)
    with np.errstate(all="ignore"):
        values = np.linspace(*(ends or ends_around(start, landing)), count)
    places = np.append(values, start if landing is None else (start, landing))
    losses = _losses_along(around.nearby, around.point, parameter, places)
    return LossSlice(
        parameter,
        values,
        losses[:count],
        start,
        float(losses[count]),
        around.gradient.value(parameter),
        landing,
        None if landing is None else float(losses[-1]),
        around.loss_after,
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
    start, landing = float(point.loss(pass_.loss)), _loss(point, after)
    return LossSlice(None, values, losses, 0.0, start, slope, 1.0, landing, landing)


def losses_along(point: Point, pass_: Forward, parameter: Parameter, values: Array) -> Array:
    """The mean loss at each value of a parameter, everything else as it is.

    Args:
        point: the point and its batch.
        pass_: the forward pass there.
        parameter: the parameter.
        values: of the shape (values,).

    """
    nearby = MovedLosses(point.network, point.parameters, pass_, point.targets)
    return _losses_along(nearby, point, parameter, values)


def _losses_along(nearby: MovedLosses, point: Point, parameter: Parameter, values: Array) -> Array:
    layer, unit, _ = parameter
    units = np.array([unit])
    belows = np.array([parameter.number(point.network.widths[layer - 1])])
    with np.errstate(all="ignore"):
        moves = (values - point.parameters.value(parameter))[:, None]
    found = np.empty(len(values))
    length = max(1, NUMBERS_AT_ONCE // nearby.numbers(layer - 1))
    for first in range(0, len(values), length):
        part = slice(first, first + length)
        losses, _ = nearby.losses(layer - 1, units, belows, moves[part])
        found[part] = point.loss(losses[:, 0])
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
            losses[place] = point.loss(loss(network, point.targets, z, a))
    return losses


def _loss(point: Point, parameters: Parameters) -> float:
    """The mean loss of the point's batch with other parameters."""
    return float(point.loss(forward(point.network, parameters, point.inputs, point.targets).loss))
