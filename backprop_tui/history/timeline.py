"""The recorded run: any iteration can be computed again by replay from the nearest checkpoint.

Training is deterministic, so checkpoints of the training state suffice. They are evenly spaced and
stay within a budget (``checkpoints``), so a replay never runs more iterations than the spacing.

One thread may advance a timeline while another reads it: computing holds the lock for a few milliseconds at
a time, and cached iterations are read without it.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import takewhile
from operator import attrgetter, itemgetter
from threading import RLock
from time import perf_counter

from backprop_tui.engine.iteration import Batches, Givens, Iteration
from backprop_tui.engine.state import TrainingState
from backprop_tui.engine.training import Trainer, mean_loss
from backprop_tui.history.checkpoints import Checkpoints
from backprop_tui.history.edited_iteration import EditedIteration
from backprop_tui.history.edits import Edit, givens, takes_effect, with_parameter, with_value
from backprop_tui.network.description import Network
from backprop_tui.network.rules.optimizers import Options
from backprop_tui.program.statements import Program

FOREVER = 2**62
"""Later than any time."""
REMEMBERED_ITERATIONS = 4
"""A moment's values are of its iteration and of the one before, and two moments may be compared."""
SLICE_SECONDS = 0.008
MOST_AT_ONCE = 2**14
_BY_TIME = attrgetter("time")


class Timeline:
    """Every iteration of a network's training with some edits, computed when asked for."""

    def __init__(self, network: Network, edits: Sequence[Edit] = (), budget: int | None = None) -> None:
        self.network = network
        self.edits = tuple(sorted(edits, key=_BY_TIME))
        """By time; of the same time, in the order in which they were made."""
        self.losses = array("d")
        """The mean loss of each epoch that has been run whole, from epoch 0."""
        self.program = Program(network)
        self._batches = Batches(network)
        self._lock = RLock()
        self.checkpoints = Checkpoints(network, budget)
        self._front: tuple[int, TrainingState | None] = (0, None)
        """The frontier and the state there, exchanged together: another thread may be reading them."""
        self._open_losses: list[float] = []
        """Those of the examples of the epoch in which the frontier lies."""
        self._at_once = 1
        """How many iterations fit into a part of a slice, as measured."""
        self._replayed: tuple[int, TrainingState] | None = None
        self._recent: dict[int, Iteration] = {}
        self._givens: dict[int, Givens] = {}
        self._used = sorted(
            ((takes_effect(edit, self.program), edit) for edit in self.edits), key=itemgetter(0)
        )
        """The edits with the times from which training uses them."""

    @cached_property
    def trainer(self) -> Trainer:
        """What runs the iterations; made at the first one, since it needs the data as arrays."""
        return Trainer(self.network)

    @cached_property
    def initial(self) -> TrainingState:
        """The state before the first update, and before any edit."""
        return self.trainer.initial_state()

    def example(self, iteration: int, slot: int) -> int:
        """The row of the data that stands at a place of an iteration's batch; −1 is the last."""
        return self._batches.example(iteration, slot)

    def with_edits(self, edits: Sequence[Edit]) -> Timeline:
        """The run with other edits; what lies before the first difference is taken over."""
        other = Timeline(self.network, edits, self.checkpoints.budget)
        same = sum(
            1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(self.edits, other.edits, strict=False))
        )
        changed = [edit.time for edit in (*self.edits[same:], *other.edits[same:])]
        if not changed:
            return self
        with self._lock:
            per_epoch = self.program.iterations_per_epoch
            kept = min(self._frontier, self.program.iteration_at(min(changed)))
            kept -= kept % per_epoch
            other.trainer, other.initial = self.trainer, self.initial
            other._front = kept, self._raw_state(kept)
            other.losses = self.losses[: kept // per_epoch]
            other.checkpoints.copied_until(kept, self.checkpoints)
        return other

    def next_edit(self, time: int) -> int:
        """The time of the first edit after *time*."""
        place = bisect_right(self.edits, time, key=_BY_TIME)
        return self.edits[place].time if place < len(self.edits) else FOREVER

    def last_edit(self, time: int) -> int:
        """The time of the last edit by *time*, 0 where there is none."""
        place = bisect_right(self.edits, time, key=_BY_TIME)
        return self.edits[place - 1].time if place else 0

    def givens(self, time: int) -> Givens:
        """The data and settings that the statement which runs at *time* finds."""
        if not self.edits:
            return self.trainer.givens
        count = bisect_right(self.edits, time, key=_BY_TIME)
        if count not in self._givens:
            self._givens[count] = givens(self.trainer, self.edits[:count])
        return self._givens[count]

    def input(self, example: int, unit: int, time: int) -> float:
        """An input of an example as the statement that runs at *time* finds it."""
        if not self.edits:
            return self.network.data.inputs[example][unit]
        return float(self.givens(time).inputs[example, unit])

    def target(self, example: int, unit: int, time: int) -> float:
        """A target of an example as that statement finds it."""
        if not self.edits:
            return self.network.data.targets[example][unit]
        return float(self.givens(time).targets[example, unit])

    def settings(self, time: int, iteration: int | None = None) -> Options:
        """The optimizer's options that it finds; *iteration*: those scheduled for another than its own."""
        training = self.network.training
        if not self.edits and not training.schedule:
            return training.settings
        at = self.program.iteration_at(time) if iteration is None else iteration
        return self.trainer.in_force(self.givens(time), at).settings

    def learning_rate(self, time: int) -> float:
        """The learning rate that it finds."""
        return self.settings(time)["learning_rate"]

    def iteration(self, number: int) -> Iteration:
        """Everything that iteration *number* computes."""
        found = self._recent.get(number)
        if found is not None:
            return found
        with self._lock:
            found = self._run(self._raw_state(number), number)
            self._recent[number] = found
            if len(self._recent) > REMEMBERED_ITERATIONS:
                del self._recent[next(iter(self._recent))]
        return found

    def state(self, iteration: int) -> TrainingState:
        """The state in which an iteration starts, edits made at that moment included."""
        with self._lock:
            state = self._raw_state(iteration)
        for edit in self._edits_from(self.program.iteration_start(iteration)):
            state = with_parameter(state, edit)
        return state

    def running_to(self, iteration: int, *, ahead: bool = False) -> Iterator[int]:
        """Run until every iteration before *iteration* has been run once, a slice of time at each step.

        Args:
            iteration: where to.
            ahead: run some more where anything is to be run, as many as take a few milliseconds: for a
                caller who will want the next ones soon.

        Yields:
            the iteration reached; stopping early leaves a timeline that is whole up to there.
        """
        if ahead and self._frontier < iteration:
            iteration += self._at_once
        deadline = perf_counter() + SLICE_SECONDS
        while self._frontier < iteration:
            with self._lock:
                self._advance(iteration)
            if perf_counter() >= deadline:
                yield self._frontier
                deadline = perf_counter() + SLICE_SECONDS

    def going_to(self, iteration: int) -> Iterator[int]:
        """The same, then replay until the state at the start of *iteration* is at hand.

        Yields:
            the iteration reached.
        """
        yield from self.running_to(iteration)
        deadline = perf_counter() + SLICE_SECONDS
        while not self._known(iteration):
            with self._lock:
                self._replay(iteration)
            if perf_counter() >= deadline:
                yield self._nearest(iteration)[0]
                deadline = perf_counter() + SLICE_SECONDS

    @property
    def _frontier(self) -> int:
        """The first iteration that has not been run yet."""
        return self._front[0]

    def at_hand(self, iteration: int) -> bool:
        """Whether iteration *iteration* and the one before can be computed at once, without replay."""
        frontier = self._frontier
        return iteration <= frontier + 1 and iteration - self._nearest(min(iteration, frontier))[0] <= 1

    def reached(self, iteration: int) -> bool:
        """Whether every iteration before *iteration* has been run once."""
        return self._frontier >= iteration

    def remembers(self, iteration: int) -> bool:
        """Whether everything that an iteration computed is at hand, so that reading it takes no time."""
        return iteration in self._recent

    def distance(self, iteration: int) -> int:
        """How many iterations have to be run or replayed for the state in which *iteration* starts."""
        frontier = self._frontier
        return iteration - (frontier if iteration > frontier else self._nearest(iteration)[0])

    def _raw_state(self, iteration: int) -> TrainingState:
        """The state after the iteration before, without edits made at that moment."""
        for _ in self.going_to(iteration):
            pass
        return self._nearest(iteration)[1]

    def _known(self, iteration: int) -> bool:
        return self._nearest(iteration)[0] == iteration

    def _nearest(self, iteration: int) -> tuple[int, TrainingState]:
        """The latest iteration, no later than *iteration*, whose state is at hand, and that state."""
        frontier, latest = self._front
        if iteration == frontier:
            return iteration, latest or self.initial
        if (before := self._recent.get(iteration - 1)) is not None:
            return iteration, before.after
        start, state = self.checkpoints.nearest(iteration)
        replayed = self._replayed
        if replayed is not None and start <= replayed[0] <= iteration:
            return replayed
        return start, state or self.initial

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
        start = self.program.iteration_start(number)
        for edit in self._edits_from(start):
            state = with_parameter(state, edit)
        done = self.trainer.iterate(state, number, self.givens(start))
        later = self._edits_from(start + 1, self.program.iteration_start(number + 1))
        if later:
            current = done.before.parameters
            for edit in later:
                current = with_value(current, edit)
                givens = self.trainer.in_force(self.givens(edit.time), number)
                place = edit.time - start
                edited = EditedIteration(self.network, self.program, done, current, givens, place)
                done = edited.iteration()
        return done

    def _run_on(self, state: TrainingState, number: int, end: int) -> tuple[TrainingState, list[float], int]:
        """Some iterations from *number* on, to before *end* at the latest.

        Returns:
            the state after them, the losses of their examples, and the iteration then reached.
        """
        start = self.program.iteration_start(number)
        place = bisect_left(self._used, start, key=itemgetter(0))
        if place < len(self._used):
            end = min(end, self.program.iteration_at(self._used[place][0]))
        done = self._recent.get(number)
        if done is not None or end <= number:
            done = done or self._run(state, number)
            return done.after, done.forward.loss.tolist(), number + 1
        end = min(end, number + self._at_once)
        givens = self.givens(start) if self.edits else None
        began = perf_counter()
        state, losses = self.trainer.advance(state, number, end - number, givens)
        each = (perf_counter() - began) / (end - number)
        self._at_once = max(1, min(int(SLICE_SECONDS / 2 / max(each, 1e-9)), 2 * self._at_once, MOST_AT_ONCE))
        return state, losses, end

    def _replay(self, iteration: int) -> None:
        """Replay one slice on the way to an iteration that has been run before."""
        number, state = self._nearest(iteration)
        state, _, number = self._run_on(state, number, iteration)
        self._replayed = (number, state)

    def _advance(self, iteration: int) -> None:
        """Run from the frontier on, to the next checkpoint or to *iteration* at the latest."""
        number, latest = self._front
        checkpoint = self.checkpoints.after(number)
        state, losses, reached = self._run_on(latest or self.initial, number, min(iteration, checkpoint))
        self._record(losses)
        if reached == checkpoint:
            self.checkpoints.keep(checkpoint, state)
        self._front = reached, state

    def _record(self, losses: list[float]) -> None:
        """Append the losses of further examples."""
        count = self.program.examples
        if count == 1:
            self.losses.extend(losses)
            return
        waiting = self._open_losses + losses
        whole = len(waiting) - len(waiting) % count
        self.losses.extend(mean_loss(waiting[start : start + count]) for start in range(0, whole, count))
        self._open_losses = waiting[whole:]
