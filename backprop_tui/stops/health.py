"""Tests of a network's health: whether it is finite, dead or saturated, and how large its gradient is."""

from __future__ import annotations

from bisect import bisect_right
from math import isfinite

from backprop_tui.analysis.norms import length, squares
from backprop_tui.engine.iteration import Iteration
from backprop_tui.engine.quantities import PHASE_OF, Kind, Phase, Quantity
from backprop_tui.history.run import Run
from backprop_tui.network.lazy_numpy import Marks, np
from backprop_tui.program.identifiers import Source
from backprop_tui.stops.named_values import BatchEnd, Computed, NamedValue

_IN_BLOCK = [kind for kind, phase in PHASE_OF.items() if phase in (Phase.FORWARD, Phase.BACKWARD)]


class GradientNorm(BatchEnd):
    """The length of the batch's gradient, of the parameters that an update moves."""

    def of(self, iteration: Iteration) -> float:
        gradient, layers = iteration.gradient, self.run.network.layers
        weights = [g for g, layer in zip(gradient.weights, layers, strict=True) if not layer.frozen_weights]
        biases = [g for g, layer in zip(gradient.biases, layers, strict=True) if not layer.frozen_biases]
        return length(*weights, *biases) if weights or biases else 0.0


class Dead(BatchEnd):
    """Whether a unit's slope was 0 for every example of the batch."""

    def of(self, iteration: Iteration) -> float:
        slopes = iteration.backward.da_dz
        layer, unit = self.source.layer, self.source.unit
        if layer is not None:
            return float(not slopes[layer - 1][:, unit].any())
        return float(any(not slope.any(axis=0).all() for slope in slopes))


class Saturated(Computed):
    """Whether one unit's latest slope is almost 0."""

    def __init__(self, run: Run, source: Source) -> None:
        super().__init__(run, source, Quantity(Kind.ACTIVATION_DERIVATIVE, source.layer, source.unit))
        assert source.layer is not None
        self._least = run.network.layers[source.layer - 1].activation.least_slope

    def value(self, time: int, last: int | None) -> float | None:
        return None if last is None else float(self.run.readings.at(last) < self._least)


class Turning(NamedValue):
    """A test whose result may change at any statement; the changes are found an iteration at a time."""

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


class NotFinite(Turning):
    """Whether the statement that has just run computed an infinity or NaN."""

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
            base = start + slot * self.run.program.layout.block + 1
            found += (np.flatnonzero(marks != before) + base).tolist()
            state = bool(marks[-1])
        return first, found

    def _block(self, iteration: Iteration, slot: int) -> Marks:
        """Of each statement of an example's block, whether its value is not finite."""
        layout = self.run.program.layout
        marks = np.zeros(layout.block, dtype=bool)
        marks[layout.forward] = not isfinite(float(iteration.forward.loss[slot]))
        for layer in range(1, len(self.run.network.layers) + 1):
            for kind in _IN_BLOCK:
                marks[layout.offsets(kind, layer)] = ~np.isfinite(iteration.of_layer(kind, layer, slot))
        return marks

    def _updated(self, iteration: Iteration) -> Marks:
        """The same of each statement of the update."""
        layout = self.run.program.layout
        marks = np.zeros(layout.update, dtype=bool)
        for number, layer in enumerate(self.run.network.layers, 1):
            for kind, frozen in (
                (Kind.WEIGHT_UPDATE, layer.frozen_weights),
                (Kind.BIAS_UPDATE, layer.frozen_biases),
            ):
                if not frozen:
                    marks[layout.offsets(kind, number)] = ~np.isfinite(iteration.of_layer(kind, number, None))
        return marks


class AnySaturated(Turning):
    """Whether the latest slope of any unit is almost 0."""

    def __init__(self, run: Run, source: Source) -> None:
        super().__init__(run, source)
        layers = run.network.layers
        self._layers = [number for number, layer in enumerate(layers) if layer.activation.saturates]
        self._least = [layers[number].activation.least_slope for number in self._layers]
        places = [
            run.program.layout.offsets(Kind.ACTIVATION_DERIVATIVE, number + 1) for number in self._layers
        ]
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
        return start, (first + slots * self.run.program.layout.block + self._offsets[ranks]).tolist()

    def _marks(self, number: int) -> Marks:
        """Of each example of a batch, a row each, whether each unit's slope is almost 0."""
        slopes = self.run.timeline.iteration(number).backward.da_dz
        marks = [slopes[layer] < least for layer, least in zip(self._layers, self._least, strict=True)]
        return np.concatenate(marks, axis=1)[:, self._order]


def saturated(run: Run, source: Source) -> NamedValue:
    """Whether a unit is saturated; of no unit, whether any is."""
    return AnySaturated(run, source) if source.layer is None else Saturated(run, source)


def _all_small(iteration: Iteration) -> bool:
    """Whether all quantities of an iteration are certainly finite.

    Where the squares of all factors have a finite sum, their products are finite as well.
    """
    if iteration.used_inputs:
        return False
    forward, backward, after = iteration.forward, iteration.backward, iteration.after.parameters
    computed = (*forward.z, *forward.a, forward.loss, *backward.dL_da, *backward.da_dz, *backward.delta)
    return isfinite(squares(*computed, *after.weights, *after.biases))
