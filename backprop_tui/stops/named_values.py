"""Values that have a name: when each is computed, and its value at any time.

A value stays the same until it is computed again, so a search skips the times between. These times are found
by arithmetic; only reading a value asks the timeline, which runs iterations that have not been run yet.
"""

from __future__ import annotations

from typing import ClassVar

from backprop_tui.engine.iteration import Iteration
from backprop_tui.engine.quantities import Quantity
from backprop_tui.history.run import Run
from backprop_tui.history.timeline import FOREVER
from backprop_tui.program.identifiers import Source, What


class NamedValue:
    """When it is computed, and its value."""

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
        """The span of time around *time* in which the value stays the same, and the value."""
        last = self.last_time(time)
        low, high = max(last or 0, self.run.timeline.last_edit(time)), self.next_change(time)
        return low, high, self.value(time, last)

    def next_change(self, time: int) -> int:
        """The first time after *time* at which it is computed or an edit is made."""
        return min(self.next_time(time), self.run.timeline.next_edit(time))


class Computed(NamedValue):
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
        return None if last is None else self.run.readings.at(last)


class ParameterValue(Computed):
    """A weight or a bias."""

    def value(self, time: int, last: int | None) -> float | None:
        parameter = self.quantity.parameter
        assert parameter is not None
        return self.run.readings.parameter(parameter, time).value


class Example(Computed):
    """The example at work, and what is given with it: it changes with the first statement of a block."""

    trains = False

    def __init__(self, run: Run, source: Source) -> None:
        super().__init__(run, source, run.program.statement(0).quantity)

    def value(self, time: int, last: int | None) -> float | None:
        example = self.run.readings.example(time)
        if self.source.what is What.WORD:
            return float(example)
        timeline, unit = self.run.timeline, self.source.unit or 0
        given = timeline.input if self.source.what is What.INPUT else timeline.target
        return given(example, unit, time)


class Step(NamedValue):
    """How many statements of the epoch have run."""

    trains = False

    def next_time(self, time: int) -> int:
        return time + 1

    def last_time(self, time: int) -> int | None:
        return time or None

    def value(self, time: int, last: int | None) -> float | None:
        return float(self.run.program.position(time)[1])


class Epoch(NamedValue):
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


class IterationNumber(NamedValue):
    """The iteration, new with its first statement."""

    trains = False

    def _at(self, time: int) -> int:
        return self.run.program.iteration_at(time - 1) if time else -1

    def next_time(self, time: int) -> int:
        return self.run.program.iteration_start(self._at(time) + 1) + 1

    def last_time(self, time: int) -> int | None:
        return self.run.program.iteration_start(self._at(time)) + 1 if time else None

    def value(self, time: int, last: int | None) -> float | None:
        return float(self.run.network.first_iteration + max(0, self._at(time)))


class LearningRate(NamedValue):
    """The learning rate, which an edit changes, or where there is a schedule the start of an iteration."""

    trains = False

    def next_time(self, time: int) -> int:
        if "learning_rate" not in self.run.network.training.schedule:
            return FOREVER
        return self.run.program.iteration_start(self.run.program.iteration_at(time) + 1)

    def last_time(self, time: int) -> int | None:
        if "learning_rate" not in self.run.network.training.schedule:
            return None
        return self.run.program.iteration_start(self.run.program.iteration_at(time)) or None

    def value(self, time: int, last: int | None) -> float | None:
        return self.run.timeline.learning_rate(time)


class Loss(NamedValue):
    """The mean loss of an epoch, known with the loss of its last example."""

    def __init__(self, run: Run, source: Source) -> None:
        super().__init__(run, source)
        last = run.program.iterations_per_epoch - 1
        self._place = (
            run.program.backward_end(last) - run.program.layout.block + run.program.layout.forward + 1
        )

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


class BatchEnd(NamedValue):
    """What is known when the batch's last backward pass is over."""

    def next_time(self, time: int) -> int:
        program = self.run.program
        iteration = program.iteration_at(time)
        found = self.run.program.backward_end(iteration)
        return found if found > time else self.run.program.backward_end(iteration + 1)

    def last_time(self, time: int) -> int | None:
        if not time:
            return None
        iteration = self.run.program.iteration_at(time - 1)
        found = self.run.program.backward_end(iteration)
        if found <= time:
            return found
        return self.run.program.backward_end(iteration - 1) if iteration else None

    def value(self, time: int, last: int | None) -> float | None:
        if last is None:
            return None
        return self.of(self.run.timeline.iteration(self.run.program.iteration_at(last - 1)))

    def of(self, iteration: Iteration) -> float:
        """The value after *iteration*."""
        raise NotImplementedError
