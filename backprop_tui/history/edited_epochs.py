"""Training epoch by epoch with what was set by hand, as ``engine.epochs`` trains without it."""

from __future__ import annotations

from collections.abc import Iterator
from math import isfinite

from backprop_tui.engine.divergence import Bounds, Divergence, first_in
from backprop_tui.engine.epochs import EpochResult
from backprop_tui.history.edits import Target
from backprop_tui.history.run import Run
from backprop_tui.network.lazy_numpy import np


class EditedRun:
    """A run that can be followed, and stopped at any moment; it gives what ``engine.epochs.Run`` gives.

    Args:
        run: what is trained, from its start, with its edits.
        epochs: how many.
        every: how far apart the epochs are whose results are wanted.
    """

    def __init__(self, run: Run, epochs: int, every: int = 1) -> None:
        self.done = 0
        """How many epochs are done."""
        self._run = run
        self._timeline = run.timeline
        self._per_epoch = run.program.iterations_per_epoch
        self._epochs = epochs
        self._every = every
        self._divergence: Divergence | None = None
        inputs = (abs(edit.value) for edit in run.edits if edit.sets.target is Target.INPUT)
        self._bounds = Bounds(run.network, max(inputs, default=0.0))
        self._edited = {run.program.iteration_at(edit.time) // self._per_epoch for edit in run.edits}

    def results(self) -> Iterator[EpochResult | None]:
        """Train.

        Yields:
            the results that are wanted, of the epoch in which the run diverged, and of the last one; between
            them None.
        """
        while (first := self.done) < self._epochs:
            last = min(first + -first % self._every, self._epochs - 1)
            for reached in self._timeline.running_to((last + 1) * self._per_epoch):
                self.done = max(self.done, reached // self._per_epoch)
                yield None
            if self._divergence is None:
                self._divergence = self._diverged(first, last)
                if self._divergence is not None and self._divergence.epoch < last:
                    last = self._divergence.epoch
            self.done = last + 1
            yield self._result(last)

    def last_whole(self) -> EpochResult | None:
        """The result of the last whole epoch, for a run that was stopped; None before the first one ended."""
        return self._result(self.done - 1) if self.done else None

    def _result(self, epoch: int) -> EpochResult:
        start = epoch * self._per_epoch
        predictions = np.empty((self._run.program.examples, self._run.network.widths[-1]))
        for number in range(start, start + self._per_epoch):
            iteration = self._timeline.iteration(number)
            predictions[iteration.examples] = iteration.forward.a[-1]
        loss = self._timeline.losses[epoch]
        return EpochResult(epoch, loss, predictions, iteration.after.parameters, self._divergence)

    def _diverged(self, first: int, last: int) -> Divergence | None:
        """Where the run diverged in epochs *first* to *last*; each is looked at where that may be."""
        states = (self._timeline.state(epoch * self._per_epoch).parameters for epoch in (first, last + 1))
        sure = all(map(self._bounds.surely_finite, states))
        sure = sure and all(map(isfinite, self._timeline.losses[first : last + 1]))
        for epoch in range(first, last + 1):
            if sure and epoch not in self._edited:
                continue
            start = epoch * self._per_epoch
            iterations = map(self._timeline.iteration, range(start, start + self._per_epoch))
            if found := first_in(self._run.network, iterations, epoch):
                return found
        return None
