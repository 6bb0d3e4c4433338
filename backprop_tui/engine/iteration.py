"""What goes into one iteration and what comes out of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from msgspec import Struct, field

from backprop_tui.engine.quantities import Kind
from backprop_tui.engine.reference import Backward, Forward
from backprop_tui.engine.state import Parameters, TrainingState
from backprop_tui.network.description import Network
from backprop_tui.network.lazy_numpy import Array, Indices, np
from backprop_tui.network.rules.optimizers import Options


class Iteration(Struct, frozen=True, eq=False):
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

    def array(self, kind: Kind, layer: int) -> Array:
        """A kind of quantity that each example has, of a layer (of the loss 0), a row an example.

        The shape is (examples, units), of the loss (examples,).
        """
        forward, backward = self.forward, self.backward
        match kind:
            case Kind.LOSS:
                return forward.loss
            case Kind.ACTIVATION:
                return forward.a[layer]
            case Kind.WEIGHTED_SUM:
                return forward.z[layer - 1]
            case Kind.ACTIVATION_GRADIENT:
                return backward.dL_da[layer - 1]
            case Kind.ACTIVATION_DERIVATIVE:
                return backward.da_dz[layer - 1]
            case Kind.DELTA:
                return backward.delta[layer - 1]
        raise ValueError(f"{kind} is a parameter's")


Engine = Literal["scalars", "arrays"]
"""What computes the iterations."""
Kept = Literal["losses", "outputs", "everything"]
"""What a compiled iteration keeps beside the state: the losses, also the outputs, or every quantity."""


class Givens(Struct, frozen=True, eq=False):
    """What training is given: inputs and targets of all examples, a row each, and the optimizer's options."""

    inputs: Array
    targets: Array
    settings: Options


class Batches:
    """Which examples each iteration uses; iterations count from 0 through all epochs."""

    def __init__(self, network: Network) -> None:
        self.count = len(network.data)
        """How many examples there are."""
        self.size = network.batch_size
        """How many a batch has; the last one of an epoch may have fewer."""
        self.per_epoch = -(-self.count // self.size)
        """Iterations an epoch."""
        self.shuffled = network.training.shuffle
        self._seed = network.training.seed
        self._file_order = np.arange(self.count)
        self._last_order = (-1, self._file_order)

    def order(self, epoch: int) -> Indices:
        """The order in which an epoch uses the examples."""
        if not self.shuffled:
            return self._file_order
        known, order = self._last_order
        if known != epoch:
            order = np.random.default_rng([self._seed, 0, epoch]).permutation(self.count)
            self._last_order = (epoch, order)
        return order

    def batch(self, iteration: int) -> Indices:
        """The examples of an iteration."""
        epoch, number = divmod(iteration, self.per_epoch)
        return self.order(epoch)[number * self.size : (number + 1) * self.size]

    def used(self, iteration: int) -> int:
        """How many examples have been used before an iteration, through all epochs."""
        epoch, number = divmod(iteration, self.per_epoch)
        return epoch * self.count + number * self.size

    def whole(self, examples: int) -> int:
        """How many iterations so many examples make, from the start of training; the last may be begun."""
        epoch, rest = divmod(examples, self.count)
        return epoch * self.per_epoch + rest // self.size
