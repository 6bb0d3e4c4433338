"""One iteration: what an engine is given for it, and everything that it computes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, Protocol

from msgspec import Struct, field

from backprop_tui.engine.quantities import Kind, Parameter, Phase, Quantity
from backprop_tui.engine.reference import Backward, Forward
from backprop_tui.engine.state import Parameters, TrainingState
from backprop_tui.network.description import Network
from backprop_tui.network.lazy_numpy import Array, Indices, np
from backprop_tui.network.random_numbers import permutation
from backprop_tui.network.rules.optimizers import Options


class Iteration(Struct, frozen=True, eq=False):
    """Everything that one iteration computes.

    ``examples`` are the batch's rows in the data, in the order in which they are used; ``gradient`` is the
    average over them, or for the reduction ``sum`` the sum.
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
        """One kind of quantity of a layer's units (the loss: of layer 0), for every example of the batch.

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
            case Kind.DELTA | Kind.BIAS_GRADIENT:
                return backward.delta[layer - 1]
        raise ValueError(f"{kind} is no number a unit")

    def of_layer(self, kind: Kind, layer: int, slot: int | None) -> Array:
        """One kind of quantity of a layer, for the example at place *slot* of the batch (of an update: None).

        The shape is (units,), of weights (units, inputs).
        """
        match kind:
            case Kind.WEIGHT_UPDATE:
                return self.after.parameters.weights[layer - 1]
            case Kind.BIAS_UPDATE:
                return self.after.parameters.biases[layer - 1]
            case Kind.WEIGHT_GRADIENT:
                with np.errstate(all="ignore"):
                    return np.asarray(
                        self.backward.delta[layer - 1][slot, :, None] * self._inputs(layer, slot)
                    )
        row: Array = self.array(kind, layer)[slot]
        return row

    def of_weights(self, kind: Kind, layer: int, unit: int, slot: int | None) -> Array:
        """The gradients or the new values of a unit's weights, of the shape (inputs,)."""
        if kind is not Kind.WEIGHT_GRADIENT:
            new: Array = self.of_layer(kind, layer, slot)[unit]
            return new
        with np.errstate(all="ignore"):
            return np.asarray(self.backward.delta[layer - 1][slot, unit] * self._inputs(layer, slot, unit))

    def value(self, quantity: Quantity, slot: int | None) -> float:
        """One quantity, for the example at place *slot* of the batch (of an update: None)."""
        kind, layer, unit, below = quantity
        if layer is None or unit is None:
            return float(self.forward.loss[slot])
        if kind is Kind.WEIGHT_GRADIENT:
            delta = float(self.backward.delta[layer - 1][slot, unit])
            return delta * float(self._inputs(layer, slot, unit)[below])
        if quantity.phase is Phase.UPDATE:
            return self.after.parameters.value(Parameter(layer, unit, below))
        return float(self.array(kind, layer)[slot, unit])

    def moved(self, layer: int) -> tuple[Array, Array]:
        """How far the update moves a layer's weights, shape (units, inputs), and its biases, (units,)."""
        old, new = self.before.parameters, self.after.parameters
        with np.errstate(all="ignore"):
            weights = np.asarray(new.weights[layer - 1] - old.weights[layer - 1])
            return weights, np.asarray(new.biases[layer - 1] - old.biases[layer - 1])

    def _inputs(self, layer: int, slot: int | None, unit: int | slice = slice(None)) -> Array:
        """The activations that the weight gradients of a layer, or of one unit, were computed with.

        The shape is (inputs,), or (units, inputs) for a layer in which an input was set between two units.
        """
        if layer == 1 and slot is not None and slot in self.used_inputs:
            return self.used_inputs[slot][unit]
        row: Array = self.forward.a[layer - 1][slot]
        return row


Engine = Literal["scalars", "arrays"]
"""What computes the iterations."""
Kept = Literal["losses", "outputs", "everything"]
"""What a compiled iteration keeps beside the state: the losses, also the outputs, or every quantity."""


class Givens(Struct, frozen=True, eq=False):
    """What training is given: inputs and targets of all examples, a row each, and the optimizer's options."""

    inputs: Array
    targets: Array
    settings: Options
    fixed: frozenset[str] = frozenset()
    """Options that a person has set: no schedule changes them."""


class RunsIterations(Protocol):
    """What an engine is: it runs iterations of one network."""

    name: Engine

    def iterate(self, state: TrainingState, iteration: int, givens: Givens) -> Iteration:
        """As ``Trainer.iterate``."""

    def advance(
        self,
        state: TrainingState,
        iteration: int,
        count: int,
        givens: Givens,
        outputs: list[Sequence[float]] | None = None,
    ) -> tuple[TrainingState, list[float]]:
        """As ``Trainer.advance``; the outputs go to *outputs*, a row an example, in the order of use."""


class Batches:
    """Which examples each iteration uses; iterations count from 0 through all epochs."""

    def __init__(self, network: Network) -> None:
        self.count = len(network.data)
        """How many examples there are."""
        self.places = network.batches
        self.per_epoch = self.places.count
        """Iterations an epoch."""
        self.shuffled = network.training.shuffle
        self._seed = network.training.seed
        self._order: tuple[int, Indices] | None = None
        self._rows: tuple[int, Sequence[int]] | None = None

    def order(self, epoch: int) -> Indices:
        """The order in which an epoch uses the examples."""
        if not self.shuffled:
            epoch = 0
        if self._order is None or self._order[0] != epoch:
            if self.shuffled:
                order = np.random.default_rng([self._seed, 0, epoch]).permutation(self.count)
            else:
                order = np.arange(self.count)
            self._order = (epoch, order)
        return self._order[1]

    def example(self, iteration: int, slot: int) -> int:
        """The example at a place of an iteration's batch, found without NumPy; −1 is the last."""
        epoch, number = divmod(iteration, self.per_epoch)
        place = range(self.places.start(number), self.places.start(number + 1))[slot]
        if not self.shuffled:
            return place
        if self._rows is None or self._rows[0] != epoch:
            self._rows = (epoch, permutation([self._seed, 0, epoch], self.count))
        return self._rows[1][place]

    def batch(self, iteration: int) -> Indices:
        """The examples of an iteration."""
        epoch, number = divmod(iteration, self.per_epoch)
        return self.order(epoch)[self.part(number)]

    def part(self, number: int) -> slice:
        """Where a batch lies among the examples of an epoch in their order."""
        return slice(self.places.start(number), self.places.start(number + 1))

    def used(self, iteration: int) -> int:
        """How many examples have been used before an iteration, through all epochs."""
        epoch, number = divmod(iteration, self.per_epoch)
        return epoch * self.count + self.places.start(number)

    def whole(self, examples: int) -> int:
        """How many whole iterations the first *examples* examples of training make."""
        epoch, rest = divmod(examples, self.count)
        return epoch * self.per_epoch + self.places.whole(rest)
