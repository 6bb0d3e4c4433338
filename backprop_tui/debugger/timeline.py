"""The run as it was recorded: any iteration can be had again, from the nearest checkpoint and by replay.

Training is deterministic, so a checkpoint of parameters and optimizer memory is all it takes. Checkpoints
are evenly spaced; when they outgrow their budget every second one is dropped and the spacing doubles, so
memory stays bounded over any number of epochs while a replay never runs more iterations than the spacing.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from itertools import takewhile
from operator import attrgetter, itemgetter
from time import perf_counter

from backprop_tui.debugger.edits import Edit, Revision, surroundings, takes_effect, with_parameter, with_value
from backprop_tui.debugger.program import Program
from backprop_tui.engine.state import TrainingState
from backprop_tui.engine.training import Iteration, Surroundings, Trainer
from backprop_tui.network.arrays import np
from backprop_tui.network.description import Network

CHECKPOINT_BYTES = 128 * 2**20
"""What all checkpoints together may hold."""
MOST_CHECKPOINTS = 4096
REMEMBERED_ITERATIONS = 3
SLICE_SECONDS = 0.008
_BY_TIME = attrgetter("time")


class Timeline:
    """Every iteration of a network's training with some edits, computed when asked for."""

    def __init__(self, network: Network, edits: Sequence[Edit] = ()) -> None:
        self.trainer = Trainer(network)
        self.edits = tuple(sorted(edits, key=lambda edit: edit.time))
        """By time; of the same time, in the order in which they were made."""
        self.losses = array("d")
        """The mean loss of each epoch that has been run whole, from epoch 0."""
        self._program = Program(network)
        self._initial = self.trainer.initial_state()
        self._checkpoints: dict[int, TrainingState] = {0: self._initial}
        self._spacing = 1
        self._most = max(2, min(MOST_CHECKPOINTS, CHECKPOINT_BYTES // max(1, self._initial.nbytes)))
        self._frontier = 0
        self._frontier_state = self._initial
        self._loss_sum = 0.0
        self._recent: dict[int, Iteration] = {}
        self._around: dict[int, Surroundings] = {}
        self._used = sorted(
            ((takes_effect(edit, self._program), edit) for edit in self.edits), key=itemgetter(0)
        )
        """The edits with the times from which training uses them."""

    @property
    def initial(self) -> TrainingState:
        """The state before the first update, and before any edit."""
        return self._initial

    def with_edits(self, edits: Sequence[Edit]) -> Timeline:
        """The run with other edits; what lies before the first difference is taken over."""
        other = Timeline(self.trainer.network, edits)
        same = sum(
            1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(self.edits, other.edits, strict=False))
        )
        changed = [edit.time for edit in (*self.edits[same:], *other.edits[same:])]
        if not changed:
            return self
        per_epoch = self.trainer.iterations_per_epoch
        kept = min(self._frontier, self._program.iteration_at(min(changed)))
        kept -= kept % per_epoch
        other._frontier = kept
        other._frontier_state = self._raw_state(kept)
        other.losses = self.losses[: kept // per_epoch]
        other._spacing = self._spacing
        other._checkpoints = {number: state for number, state in self._checkpoints.items() if number <= kept}
        return other

    def surroundings(self, time: int) -> Surroundings:
        """The data and settings that the statement which runs at *time* finds."""
        if not self.edits:
            return self.trainer.surroundings
        count = bisect_right(self.edits, time, key=_BY_TIME)
        if count not in self._around:
            self._around[count] = surroundings(self.trainer, self.edits[:count])
        return self._around[count]

    def iteration(self, number: int) -> Iteration:
        """Everything that iteration *number* computes."""
        found = self._recent.pop(number, None)
        if found is None:
            found = self._run(self._raw_state(number), number)
        self._recent[number] = found
        if len(self._recent) > REMEMBERED_ITERATIONS:
            del self._recent[next(iter(self._recent))]
        return found

    def state(self, iteration: int) -> TrainingState:
        """The state in which an iteration starts, edits made at that moment included."""
        state = self._raw_state(iteration)
        for edit in self._edits_from(self._program.iteration_start(iteration)):
            state = with_parameter(state, edit)
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

    def _raw_state(self, iteration: int) -> TrainingState:
        """The state after the iteration before, without edits made at that moment."""
        if (before := self._recent.get(iteration - 1)) is not None and iteration <= self._frontier:
            return before.after
        for _ in self.running_to(iteration):
            pass
        if iteration == self._frontier:
            return self._frontier_state
        start = iteration - iteration % self._spacing
        state = self._checkpoints[start]
        for number in range(start, iteration):
            state = self._run(state, number).after
        return state

    def _edits_from(self, start: int, end: int | None = None) -> list[Edit]:
        """The edits used from *start* to before *end* on; without *end*, those from *start* on exactly."""
        if not self._used:
            return []
        end = start + 1 if end is None else end
        first, last = (bisect_left(self._used, time, key=itemgetter(0)) for time in (start, end))
        return [edit for _, edit in self._used[first:last]]

    def _run(self, state: TrainingState, number: int) -> Iteration:
        """One iteration from the state after the one before, with the edits that fall into it."""
        if not self.edits:
            return self.trainer.iterate(state, number)
        start = self._program.iteration_start(number)
        for edit in self._edits_from(start):
            state = with_parameter(state, edit)
        done = self.trainer.iterate(state, number, self.surroundings(start))
        current = state.parameters
        for edit in self._edits_from(start + 1, self._program.iteration_start(number + 1)):
            current = with_value(current, edit)
            around = self.surroundings(edit.time)
            revision = Revision(self.trainer, self._program, done, current, around, edit.time - start)
            done = revision.iteration()
        return done

    def _advance(self) -> None:
        number = self._frontier
        done = self._recent.get(number) or self._run(self._frontier_state, number)
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
