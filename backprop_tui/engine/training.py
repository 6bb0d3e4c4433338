"""One iteration after another: forward, loss and backward over a batch, then one update."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import fsum

from backprop_tui.engine.passes import Backward, Forward, backward, forward, mean_gradient
from backprop_tui.engine.state import Parameters, TrainingState, initial_state
from backprop_tui.network.arrays import Array, Indices, np
from backprop_tui.network.description import Network
from backprop_tui.network.optimizers import Options


@dataclass(frozen=True, eq=False, slots=True)
class Iteration:
    """Everything that one iteration computes.

    ``examples`` are the batch's rows in the data, in the order in which they are used; ``gradient`` is the
    average over them.
    """

    examples: Indices
    before: TrainingState
    targets: Array
    forward: Forward
    backward: Backward
    gradient: Parameters
    after: TrainingState
    used_inputs: Mapping[int, Array] = field(default_factory=dict)
    """The inputs that the first layer's weight gradients were computed with, of the shape (units, inputs),
    for those examples (by their place in the batch) whose input was changed meanwhile."""


@dataclass(frozen=True, eq=False, slots=True)
class Surroundings:
    """What training is given: inputs and targets of all examples, a row each, and the optimizer's options."""

    inputs: Array
    targets: Array
    settings: Options


class Trainer:
    """A network together with its data as arrays. It keeps no state: states go in and come out."""

    def __init__(self, network: Network) -> None:
        self.network = network
        self.inputs = np.array(network.data.inputs, dtype=np.float64)
        self.targets = np.array(network.data.targets, dtype=np.float64)
        self.surroundings = Surroundings(self.inputs, self.targets, network.training.settings)
        self.iterations_per_epoch = -(-len(network.data) // network.batch_size)
        self._file_order = np.arange(len(network.data))
        self._last_order = (-1, self._file_order)

    def initial_state(self) -> TrainingState:
        """The state before the first update."""
        return initial_state(self.network)

    def order(self, epoch: int) -> Indices:
        """The order in which an epoch uses the examples."""
        if not self.network.training.shuffle:
            return self._file_order
        if self._last_order[0] != epoch:
            generator = np.random.default_rng([self.network.training.seed, 0, epoch])
            self._last_order = (epoch, generator.permutation(len(self._file_order)))
        return self._last_order[1]

    def batch(self, iteration: int) -> Indices:
        """The examples of an iteration; iterations count from 0 through all epochs."""
        epoch, number = divmod(iteration, self.iterations_per_epoch)
        size = self.network.batch_size
        return self.order(epoch)[number * size : (number + 1) * size]

    def iterate(self, state: TrainingState, iteration: int, around: Surroundings | None = None) -> Iteration:
        """Run iteration number *iteration* from *state*.

        Args:
            state: parameters and optimizer memory before it.
            iteration: its number, on which its examples depend.
            around: other data and settings than the network's own.
        """
        around = around or self.surroundings
        examples = self.batch(iteration)
        targets = around.targets[examples]
        pass_ = forward(self.network, state.parameters, around.inputs[examples], targets)
        back = backward(self.network, state.parameters, pass_, targets)
        gradient = mean_gradient(pass_, back)
        after = update(self.network, state, gradient, around.settings)
        return Iteration(examples, state, targets, pass_, back, gradient, after)

    def advance(
        self, state: TrainingState, iteration: int, count: int, around: Surroundings | None = None
    ) -> tuple[TrainingState, list[float]]:
        """Run *count* iterations from number *iteration* on, keeping nothing of what lies between.

        The result is that of as many calls of ``iterate``, to the last bit.

        Returns:
            the state after them, and the loss of every example in the order in which they were used.
        """
        losses: list[float] = []
        for number in range(iteration, iteration + count):
            done = self.iterate(state, number, around)
            losses += done.forward.loss.tolist()
            state = done.after
        return state, losses


def mean_loss(losses: Sequence[float]) -> float:
    """The mean of some examples' losses; the order in which they stand does not change a bit of it."""
    try:
        return fsum(losses) / len(losses)
    except (OverflowError, ValueError):  # beyond the largest number, or inf and −inf together
        return sum(losses) / len(losses)


def update(
    network: Network, state: TrainingState, gradient: Parameters, settings: Options | None = None
) -> TrainingState:
    """The state after one update with the averaged gradient; frozen parameters stay as they are.

    *settings* are the optimizer's options, left out the network's own.
    """
    optimizer, t = network.training.optimizer, state.updates + 1
    settings = settings or network.training.settings
    old = state.parameters
    weights, biases = list(old.weights), list(old.biases)
    weight_memory, bias_memory = list(state.weight_memory), list(state.bias_memory)

    def updated(
        parameter: Array, slope: Array, memory: Mapping[str, Array]
    ) -> tuple[Array, Mapping[str, Array]]:
        return optimizer.update(parameter, slope, memory, t, settings)

    with np.errstate(all="ignore"):
        for number, layer in enumerate(network.layers):
            if not layer.frozen_weights:
                weights[number], weight_memory[number] = updated(
                    weights[number], gradient.weights[number], weight_memory[number]
                )
            if not layer.frozen_biases:
                biases[number], bias_memory[number] = updated(
                    biases[number], gradient.biases[number], bias_memory[number]
                )
    return TrainingState(
        Parameters(tuple(weights), tuple(biases)), tuple(weight_memory), tuple(bias_memory), t
    )
