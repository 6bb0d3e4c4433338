"""The run as it was recorded: any iteration can be had again, from the nearest checkpoint and by replay.

Training is deterministic, so a checkpoint of parameters and optimizer memory is all it takes. Checkpoints
are evenly spaced; when they outgrow their budget every second one is dropped and the spacing doubles, so
memory stays bounded over any number of epochs while a replay never runs more iterations than the spacing.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from time import perf_counter

import numpy as np

from backprop_tui.engine.state import TrainingState
from backprop_tui.engine.training import Iteration, Trainer
from backprop_tui.network.description import Network

CHECKPOINT_BYTES = 128 * 2**20
"""What all checkpoints together may hold."""
MOST_CHECKPOINTS = 4096
REMEMBERED_ITERATIONS = 3
SLICE_SECONDS = 0.02


class Timeline:
    """Every iteration of a network's training, computed when asked for."""

    def __init__(self, network: Network) -> None:
        self.trainer = Trainer(network)
        self.losses = array("d")
        """The mean loss of each epoch that has been run whole, from epoch 0."""
        self._initial = self.trainer.initial_state()
        self._checkpoints: dict[int, TrainingState] = {0: self._initial}
        self._spacing = 1
        self._most = max(2, min(MOST_CHECKPOINTS, CHECKPOINT_BYTES // max(1, self._initial.nbytes)))
        self._frontier = 0
        self._frontier_state = self._initial
        self._loss_sum = 0.0
        self._recent: dict[int, Iteration] = {}

    @property
    def initial(self) -> TrainingState:
        """The state before the first update."""
        return self._initial

    def iteration(self, number: int) -> Iteration:
        """Everything that iteration *number* computes."""
        found = self._recent.pop(number, None)
        if found is None:
            found = self.trainer.iterate(self.state(number), number)
        self._recent[number] = found
        if len(self._recent) > REMEMBERED_ITERATIONS:
            del self._recent[next(iter(self._recent))]
        return found

    def state(self, iteration: int) -> TrainingState:
        """The state in which an iteration starts."""
        if (before := self._recent.get(iteration - 1)) is not None and iteration <= self._frontier:
            return before.after
        for _ in self.running_to(iteration):
            pass
        if iteration == self._frontier:
            return self._frontier_state
        start = iteration - iteration % self._spacing
        state = self._checkpoints[start]
        for number in range(start, iteration):
            state = self.trainer.iterate(state, number).after
        return state

    def running_to(self, iteration: int) -> Iterator[int]:
        """Run until the state at the start of *iteration* is known, a slice of time at each step.

        Yields:
            the iteration reached; stopping early leaves a timeline that is whole up to there.

        """
        deadline = perf_counter() + SLICE_SECONDS
        while self._frontier < iteration:
            self._advance()
            if perf_counter() >= deadline:
                yield self._frontier
                deadline = perf_counter() + SLICE_SECONDS

    def _advance(self) -> None:
        number = self._frontier
        done = self._recent.get(number) or self.trainer.iterate(self._frontier_state, number)
        self._frontier += 1
        self._frontier_state = done.after
        with np.errstate(all="ignore"):
            self._loss_sum += float(np.sum(done.forward.loss))
        if self._frontier % self.trainer.iterations_per_epoch == 0:
            self.losses.append(self._loss_sum / len(self.trainer.inputs))
            self._loss_sum = 0.0
        if self._frontier % self._spacing == 0:
            self._checkpoints[self._frontier] = done.after
            if len(self._checkpoints) > self._most:
                self._spacing *= 2
                self._checkpoints = {k: v for k, v in self._checkpoints.items() if k % self._spacing == 0}
