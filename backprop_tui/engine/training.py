"""One iteration after another: forward, loss and backward pass over a batch, then one update.

Two engines run them, made from the same description: generated straight-line code with single numbers
(``scalars``), the quicker for small networks, and NumPy over whole batches (``arrays``).
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from math import fsum

from msgspec.structs import replace

from backprop_tui.engine.iteration import Batches, Engine, Givens, Iteration, RunsIterations
from backprop_tui.engine.state import TrainingState, initial_state
from backprop_tui.network.description import Network
from backprop_tui.network.lazy_module import lazy_module
from backprop_tui.network.lazy_numpy import Array, Indices, np

quicker_engine = lazy_module("backprop_tui.engine.generated.quicker_engine")
"""Imported at the first iteration: it takes 20 ms with the engines, and a first frame runs no iteration."""

__all__ = ["Engine", "Givens", "Iteration", "Trainer", "mean_loss"]


class Trainer:
    """A network together with its data as arrays. It keeps no state: states go in and come out.

    Args:
        network: the description.
        engine: which engine runs them; left out, the one that ``quicker_engine`` takes to be quicker. The two
            agree to the last few digits, so a run stays with one. Where a function of the network cannot be
            written in single numbers it is ``arrays`` in any case.

    """

    def __init__(self, network: Network, engine: Engine | None = None) -> None:
        self.network = network
        self.inputs = np.array(network.data.inputs, dtype=np.float64)
        self.targets = np.array(network.data.targets, dtype=np.float64)
        self.givens = Givens(self.inputs, self.targets, network.training.settings)
        self._batches = Batches(network)
        self.iterations_per_epoch = self._batches.per_epoch
        self._wanted = engine
        self._schedule = network.training.schedule
        self._scheduled: tuple[Givens, dict[int, Givens]] = (self.givens, {})
        """What was last asked for, and for each place in an epoch what is in force there."""

    @cached_property
    def _engine(self) -> RunsIterations:
        found: RunsIterations = quicker_engine.engine_of(self.network, self._batches, self._wanted)
        return found

    @property
    def engine(self) -> Engine:
        """The name of the engine that runs the iterations."""
        return self._engine.name

    def initial_state(self) -> TrainingState:
        """The state before the first update."""
        return initial_state(self.network)

    def order(self, epoch: int) -> Indices:
        """The order in which an epoch uses the examples."""
        return self._batches.order(epoch)

    def batch(self, iteration: int) -> Indices:
        """The examples of an iteration; iterations count from 0 through all epochs."""
        return self._batches.batch(iteration)

    def iterate(self, state: TrainingState, iteration: int, givens: Givens | None = None) -> Iteration:
        """Run iteration number *iteration* from *state*.

        Args:
            state: parameters and optimizer state before it.
            iteration: its number, on which its examples depend.
            givens: other data and settings than the network's own.
        """
        return self._engine.iterate(state, iteration, self.in_force(givens or self.givens, iteration))

    def in_force(self, givens: Givens, iteration: int) -> Givens:
        """*givens* with the options that are scheduled for an iteration and that no person has set."""
        if not self._schedule:
            return givens
        if self._scheduled[0] is not givens:
            self._scheduled = (givens, {})
        known, place = self._scheduled[1], iteration % self.iterations_per_epoch
        found = known.get(place)
        if found is None:
            changed = {
                name: values[place] for name, values in self._schedule.items() if name not in givens.fixed
            }
            found = known[place] = replace(givens, settings={**givens.settings, **changed})
        return found

    def advance(
        self,
        state: TrainingState,
        iteration: int,
        count: int,
        givens: Givens | None = None,
        outputs: list[Sequence[float]] | None = None,
    ) -> tuple[TrainingState, list[float]]:
        """Run *count* iterations from number *iteration* on, keeping nothing of what lies between.

        The result is that of as many calls of ``iterate``, to the last bit. Iterations with the same options
        are run at once.

        Args:
            state: parameters and optimizer state before them.
            iteration: the number of the first.
            count: how many.
            givens: other data and settings than the network's own.
            outputs: where the outputs go, a row an example, in the order of use; None: nowhere.

        Returns:
            the state after them, and the loss of every example in the order in which they were used.
        """
        givens = givens or self.givens
        if not self._schedule:
            return self._engine.advance(state, iteration, count, givens, outputs)
        losses: list[float] = []
        end = iteration + count
        while iteration < end:
            now, reached = self.in_force(givens, iteration), iteration + 1
            while reached < end and self.in_force(givens, reached).settings == now.settings:
                reached += 1
            state, found = self._engine.advance(state, iteration, reached - iteration, now, outputs)
            losses += found
            iteration = reached
        return state, losses

    def epoch(self, state: TrainingState, epoch: int) -> tuple[TrainingState, Array, Array]:
        """Run an epoch.

        Returns:
            the state after it; of each example in file order the loss, of the shape (examples,), and the
            outputs, of the shape (examples, outputs), both from its own forward pass.
        """
        per_epoch = self.iterations_per_epoch
        seen: list[Sequence[float]] = []
        state, found = self.advance(state, epoch * per_epoch, per_epoch, self.givens, seen)
        losses, outputs = np.empty(len(self.inputs)), np.empty_like(self.targets)
        order = self.order(epoch)
        losses[order], outputs[order] = found, seen
        return state, losses, outputs


def mean_loss(losses: Sequence[float]) -> float:
    """The mean of some examples' losses, the same to the last bit in whatever order they stand."""
    try:
        return fsum(losses) / len(losses)
    except (OverflowError, ValueError):  # beyond the largest number, or inf and −inf together
        return sum(losses) / len(losses)
