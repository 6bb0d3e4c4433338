"""When the things that a condition names are computed, and what they are worth at any time.

Each source of a condition has its moments: the times at which it is computed anew. Between two of them its
value stays, so that nothing needs to be looked at there. The moments are found by arithmetic; only values
ask the timeline, which runs what has not been run yet.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from math import inf, isfinite, isinf, isnan, sqrt
from typing import ClassVar

from backprop_tui.engine.quantities import Kind, Quantity
from backprop_tui.engine.training import Iteration
from backprop_tui.history.readings import Values
from backprop_tui.history.timeline import Timeline
from backprop_tui.network.description import Network
from backprop_tui.network.lazy_numpy import Array, Marks, np
from backprop_tui.network.rules.activations import Activation
from backprop_tui.program.identifiers import Source, What
from backprop_tui.program.statements import Program

FOREVER = 2**62
"""Later than any time."""
SATURATED_BELOW = 0.01
"""A unit is saturated where its slope is below this share of the activation's greatest."""


class Run:
    """A network's training as conditions see it."""

    def __init__(self, network: Network, program: Program, timeline: Timeline) -> None:
        self.network = network
        self.program = program
        self.timeline = timeline
        self.values = Values(program, timeline)
        self.edits = [edit.time for edit in timeline.edits]
        self.forward, self.block, _ = program.layout

    def next_edit(self, time: int) -> int:
        """The time of the first edit after *time*."""
        place = bisect_right(self.edits, time)
        return self.edits[place] if place < len(self.edits) else FOREVER

    def last_edit(self, time: int) -> int:
        """The time of the last edit by *time*, 0 where there is none."""
        place = bisect_right(self.edits, time)
        return self.edits[place - 1] if place else 0

    def backward_end(self, iteration: int) -> int:
        """The time at which the last backward pass of an iteration is over."""
        return self.program.iteration_start(iteration) + self.program.batch_length(iteration) * self.block


class Moments:
    """One source: when it is computed, and its value."""

    trains: ClassVar[bool] = True
    """Whether its value has to be computed by training; else it is known beforehand."""

    def __init__(self, run: Run, source: Source) -> None:
        self.run = run
        self.source = source
        self._low, self._high = 0, -1
        self._kept: float | None = None

    def next_time(self, time: int) -> int:
        """The first time after *time* at which it has just been computed."""
        raise NotImplementedError

    def last_time(self, time: int) -> int | None:
        """The latest such time by *time*; None where there was none."""
        raise NotImplementedError

    def value(self, time: int, last: int | None) -> float | None:
        """Its value at *time*, *last* being its ``last_time``; None where it is not known."""
        raise NotImplementedError

    def read(self, time: int) -> tuple[float | None, int]:
        """Its value at *time*, and the time until which it stays that."""
        if not self._low <= time < self._high:
            self._low, self._high, self._kept = self.span(time)
        return self._kept, self._high

    def span(self, time: int) -> tuple[int, int, float | None]:
        """From when and until when its value is what it is at *time*, and the value."""
        last = self.last_time(time)
        low, high = max(last or 0, self.run.last_edit(time)), self.next_change(time)
        return low, high, self.value(time, last)

    def next_change(self, time: int) -> int:
        """The first time after *time* at which it is computed or an edit is made."""
        return min(self.next_time(time), self.run.next_edit(time))


class _Computed(Moments):
    """What a statement computes."""

    def __init__(self, run: Run, source: Source, quantity: Quantity | None = None) -> None:
        super().__init__(run, source)
        found = quantity or source.quantity
        assert found is not None
        self.quantity = found

    def next_time(self, time: int) -> int:
        found = self.run.program.next_time(self.quantity, time)
        return FOREVER if found is None else found

    def last_time(self, time: int) -> int | None:
        return self.run.program.last_time(self.quantity, time)

    def value(self, time: int, last: int | None) -> float | None:
        return None if last is None else self.run.values.at(last)


class _Parameter(_Computed):
    """A weight or a bias."""

    def value(self, time: int, last: int | None) -> float | None:
        _, layer, unit, below = self.quantity
        assert layer is not None
        assert unit is not None
        return self.run.values.parameter(layer, unit, below, time).value


class _Example(_Computed):
    """The example at work, and what is given with it: it changes with the first statement of a block."""

    trains = False

    def __init__(self, run: Run, source: Source) -> None:
        super().__init__(run, source, run.program.statement(0).quantity)

    def value(self, time: int, last: int | None) -> float | None:
        example = self.run.values.example(time)
        if self.source.what is What.EXAMPLE:
            return float(example)
        timeline, unit = self.run.timeline, self.source.unit or 0
        given = timeline.input if self.source.what is What.INPUT else timeline.target
        return given(example, unit, time)


class _Step(Moments):
    """How many statements of the epoch have run."""

    trains = False

    def next_time(self, time: int) -> int:
        return time + 1

    def last_time(self, time: int) -> int | None:
        return time or None

    def value(self, time: int, last: int | None) -> float | None:
        return float(self.run.program.position(time)[1])


class _Epoch(Moments):
    """The epoch, new with its first statement."""

    trains = False

    def next_time(self, time: int) -> int:
        statements = self.run.program.statements
        return (time + statements - 1) // statements * statements + 1

    def last_time(self, time: int) -> int | None:
        statements = self.run.program.statements
        return (time - 1) // statements * statements + 1 if time else None

    def value(self, time: int, last: int | None) -> float | None:
        return float(self.run.program.position(time)[0])


class _Iteration(Moments):
    """The iteration, new with its first statement."""

    trains = False

    def _at(self, time: int) -> int:
        return self.run.program.iteration_at(time - 1) if time else -1

    def next_time(self, time: int) -> int:
        return self.run.program.iteration_start(self._at(time) + 1) + 1

    def last_time(self, time: int) -> int | None:
        return self.run.program.iteration_start(self._at(time)) + 1 if time else None

    def value(self, time: int, last: int | None) -> float | None:
        return float(max(0, self._at(time)))


class _LearningRate(Moments):
    """The learning rate, which only an edit changes."""

    trains = False

    def next_time(self, time: int) -> int:
        return FOREVER

    def last_time(self, time: int) -> int | None:
        return None

    def value(self, time: int, last: int | None) -> float | None:
        return self.run.timeline.learning_rate(time)


class _Loss(Moments):
    """The mean loss of an epoch, known with the loss of its last example."""

    def __init__(self, run: Run, source: Source) -> None:
        super().__init__(run, source)
        last = run.program.iterations_per_epoch - 1
        self._place = run.backward_end(last) - run.block + run.forward + 1

    def next_time(self, time: int) -> int:
        statements = self.run.program.statements
        return max(0, (time - self._place) // statements + 1) * statements + self._place

    def last_time(self, time: int) -> int | None:
        statements = self.run.program.statements
        epoch = (time - self._place) // statements
        return epoch * statements + self._place if epoch >= 0 else None

    def value(self, time: int, last: int | None) -> float | None:
        if last is None:
            return None
        epoch = (last - self._place) // self.run.program.statements
        timeline = self.run.timeline
        if epoch >= len(timeline.losses):
            for _ in timeline.running_to((epoch + 1) * self.run.program.iterations_per_epoch, ahead=True):
                pass
        return timeline.losses[epoch]


class _BatchEnd(Moments):
    """What is known when the batch's last backward pass is over."""

    def next_time(self, time: int) -> int:
        program = self.run.program
        iteration = program.iteration_at(time)
        found = self.run.backward_end(iteration)
        return found if found > time else self.run.backward_end(iteration + 1)

    def last_time(self, time: int) -> int | None:
        if not time:
            return None
        iteration = self.run.program.iteration_at(time - 1)
        found = self.run.backward_end(iteration)
        if found <= time:
            return found
        return self.run.backward_end(iteration - 1) if iteration else None

    def value(self, time: int, last: int | None) -> float | None:
        if last is None:
            return None
        return self.of(self.run.timeline.iteration(self.run.program.iteration_at(last - 1)))

    def of(self, iteration: Iteration) -> float:
        """The value after *iteration*."""
        raise NotImplementedError


class _GradientNorm(_BatchEnd):
    """The length of the averaged gradient."""

    def of(self, iteration: Iteration) -> float:
        return _length(*iteration.gradient.weights, *iteration.gradient.biases)


class _Dead(_BatchEnd):
    """Whether a unit's slope was 0 for every example of the batch."""

    def of(self, iteration: Iteration) -> float:
        slopes = iteration.backward.da_dz
        layer, unit = self.source.layer, self.source.unit
        if layer is not None:
            return float(not slopes[layer - 1][:, unit].any())
        return float(any(not slope.any(axis=0).all() for slope in slopes))


class _Saturated(_Computed):
    """Whether one unit's latest slope is next to nothing."""

    def __init__(self, run: Run, source: Source) -> None:
        super().__init__(run, source, Quantity(Kind.ACTIVATION_DERIVATIVE, source.layer, source.unit))
        assert source.layer is not None
        self._least = least_slope(run.network.layers[source.layer - 1].activation)

    def value(self, time: int, last: int | None) -> float | None:
        return None if last is None else float(self.run.values.at(last) < self._least)


class _Turning(Moments):
    """A test that may turn at any statement: an iteration at a time is looked through for where it does."""

    def __init__(self, run: Run, source: Source) -> None:
        super().__init__(run, source)
        self._number = -1
        self._first = False
        self._turns: list[int] = []

    def turns(self, number: int) -> tuple[bool, list[int]]:
        """Whether it is true before an iteration's first turn, and the times at which it turns."""
        raise NotImplementedError

    def next_time(self, time: int) -> int:
        return time + 1

    def last_time(self, time: int) -> int | None:
        return time or None

    def span(self, time: int) -> tuple[int, int, float | None]:
        if not time:
            return 0, 1, 0.0
        program = self.run.program
        number = program.iteration_at(time - 1)
        if number != self._number:
            self._first, self._turns = self.turns(number)
            self._number = number
        count = bisect_right(self._turns, time)
        low = self._turns[count - 1] if count else program.iteration_start(number) + 1
        later = program.iteration_start(number + 1) + 1
        high = self._turns[count] if count < len(self._turns) else later
        return low, high, float(self._first ^ (count % 2 == 1))


class _NotFinite(_Turning):
    """Whether the statement that has just run computed an infinity or no number."""

    def turns(self, number: int) -> tuple[bool, list[int]]:
        iteration = self.run.timeline.iteration(number)
        if _all_small(iteration):
            return False, []
        start = self.run.program.iteration_start(number)
        found: list[int] = []
        state: bool | None = None
        first = False
        for slot in range(len(iteration.examples) + 1):
            update = slot == len(iteration.examples)
            marks = self._updated(iteration) if update else self._block(iteration, slot)
            if not len(marks):
                continue
            if state is None:
                first = state = bool(marks[0])
            before = np.concatenate(([state], marks[:-1]))
            base = start + slot * self.run.block + 1
            found += (np.flatnonzero(marks != before) + base).tolist()
            state = bool(marks[-1])
        return first, found

    def _block(self, iteration: Iteration, slot: int) -> Marks:
        """Of each statement of an example's block, whether its value is not finite."""
        forward, backward, offsets = iteration.forward, iteration.backward, self.run.program.offsets
        marks = np.zeros(self.run.block, dtype=bool)
        marks[self.run.forward] = not isfinite(float(forward.loss[slot]))
        for number in range(len(self.run.network.layers)):
            below = forward.a[number][slot][None, :]
            if number == 0 and slot in iteration.used_inputs:
                below = iteration.used_inputs[slot]
            with np.errstate(all="ignore"):
                products = backward.delta[number][slot][:, None] * below
            for kind, values in (
                (Kind.WEIGHTED_SUM, forward.z[number][slot]),
                (Kind.ACTIVATION, forward.a[number + 1][slot]),
                (Kind.ACTIVATION_GRADIENT, backward.dL_da[number][slot]),
                (Kind.ACTIVATION_DERIVATIVE, backward.da_dz[number][slot]),
                (Kind.DELTA, backward.delta[number][slot]),
                (Kind.BIAS_GRADIENT, backward.delta[number][slot]),
                (Kind.WEIGHT_GRADIENT, products),
            ):
                marks[offsets(kind, number + 1)] = ~np.isfinite(values)
        return marks

    def _updated(self, iteration: Iteration) -> Marks:
        """The same of each statement of the update."""
        after, offsets = iteration.after.parameters, self.run.program.offsets
        marks = np.zeros(self.run.program.layout[2], dtype=bool)
        for number, layer in enumerate(self.run.network.layers):
            if not layer.frozen_weights:
                marks[offsets(Kind.WEIGHT_UPDATE, number + 1)] = ~np.isfinite(after.weights[number])
            if not layer.frozen_biases:
                marks[offsets(Kind.BIAS_UPDATE, number + 1)] = ~np.isfinite(after.biases[number])
        return marks


class _AnySaturated(_Turning):
    """Whether the latest slope of any unit is next to nothing."""

    def __init__(self, run: Run, source: Source) -> None:
        super().__init__(run, source)
        layers = run.network.layers
        self._layers = [number for number, layer in enumerate(layers) if layer.activation.saturates]
        self._least = [least_slope(layers[number].activation) for number in self._layers]
        places = [run.program.offsets(Kind.ACTIVATION_DERIVATIVE, number + 1) for number in self._layers]
        offsets = np.concatenate(places)
        self._order = np.argsort(offsets)
        self._offsets = offsets[self._order]

    def next_time(self, time: int) -> int:
        found = (self.run.program.next_time(self._quantity(n), time) for n in range(len(self._offsets)))
        return min(one for one in found if one is not None)

    def last_time(self, time: int) -> int | None:
        found = (self.run.program.last_time(self._quantity(n), time) for n in range(len(self._offsets)))
        return max((one for one in found if one is not None), default=None)

    def _quantity(self, rank: int) -> Quantity:
        return self.run.program.statement(int(self._offsets[rank])).quantity

    def turns(self, number: int) -> tuple[bool, list[int]]:
        before = self._marks(number - 1)[-1:] if number else np.zeros((1, len(self._offsets)), dtype=bool)
        marks = self._marks(number)
        start = bool(before.any())
        if not start and not marks.any():
            return False, []
        steps = np.diff(np.concatenate((before, marks)).astype(np.int64), axis=0)
        counts = int(before.sum()) + np.cumsum(steps.ravel())
        states = np.concatenate(([start], counts > 0))
        slots, ranks = np.divmod(np.flatnonzero(np.diff(states)), len(self._offsets))
        first = self.run.program.iteration_start(number) + 1
        return start, (first + slots * self.run.block + self._offsets[ranks]).tolist()

    def _marks(self, number: int) -> Marks:
        """Of each example of a batch, a row each, whether each unit's slope is next to nothing."""
        slopes = self.run.timeline.iteration(number).backward.da_dz
        marks = [slopes[layer] < least for layer, least in zip(self._layers, self._least, strict=True)]
        return np.concatenate(marks, axis=1)[:, self._order]


def least_slope(activation: Activation) -> float:
    """The slope below which a unit with a saturating activation counts as saturated.

    The greatest slope is taken from the activation's own row: of softmax, over shares of two units.
    """
    z = np.linspace(-8.0, 8.0, 1601)[:, None] * np.array([1.0, 0.0])
    return SATURATED_BELOW * float(np.max(activation.derivative(z, activation.value(z))))


def _squares(*arrays: Array) -> float:
    """The sum of all squares; infinite or not a number where one is."""
    with np.errstate(all="ignore"):
        return float(sum(np.vdot(array, array) for array in arrays))


def _length(*arrays: Array) -> float:
    """The square root of the sum of all squares, where these overflow or vanish as well."""
    total = _squares(*arrays)
    if 1e-280 < total < inf or isnan(total):
        return sqrt(total)
    with np.errstate(all="ignore"):
        largest = max(float(np.max(np.abs(array))) for array in arrays)
        if largest == 0.0 or isinf(largest):
            return largest
        return largest * sqrt(_squares(*(array / largest for array in arrays)))


def _all_small(iteration: Iteration) -> bool:
    """Whether all that an iteration computes is certainly finite.

    Where the squares of all factors have a finite sum, their products are finite as well.
    """
    if iteration.used_inputs:
        return False
    forward, backward, after = iteration.forward, iteration.backward, iteration.after.parameters
    computed = (*forward.z, *forward.a, forward.loss, *backward.dL_da, *backward.da_dz, *backward.delta)
    return isfinite(_squares(*computed, *after.weights, *after.biases))


_MOMENTS: dict[What, Callable[[Run, Source], Moments]] = {
    What.COMPUTED: _Computed,
    What.PARAMETER: _Parameter,
    What.INPUT: _Example,
    What.TARGET: _Example,
    What.EXAMPLE: _Example,
    What.EPOCH: _Epoch,
    What.STEP: _Step,
    What.ITERATION: _Iteration,
    What.LOSS: _Loss,
    What.LEARNING_RATE: _LearningRate,
    What.GRADIENT_NORM: _GradientNorm,
    What.NOT_FINITE: _NotFinite,
    What.DEAD: _Dead,
}


def moments(run: Run, source: Source) -> Moments:
    """The moments of *source* in *run*."""
    if source.what is What.SATURATED:
        return _AnySaturated(run, source) if source.layer is None else _Saturated(run, source)
    return _MOMENTS[source.what](run, source)
