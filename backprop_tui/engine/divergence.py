"""Where a run diverges: the first number that overflowed or is NaN."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from math import isfinite, sqrt

from msgspec import Struct

from backprop_tui.engine.iteration import Iteration
from backprop_tui.engine.quantities import Kind, Quantity, symbol_of
from backprop_tui.engine.state import Parameters, TrainingState
from backprop_tui.engine.training import Trainer
from backprop_tui.network.description import Network
from backprop_tui.network.lazy_numpy import np
from backprop_tui.network.names import Names

_SURE = 1e307
"""Sums below this are finite, however their terms are rounded on the way."""
_LOST = 1e-140
"""What a norm may lose where squares are too small for numbers."""


class Divergence(Struct, frozen=True):
    """The first quantity that was infinite or NaN."""

    epoch: int
    name: str
    """The identifier of the quantity that a statement computed, as ``z_h1``; of an update the parameter's."""
    example: int | None
    """The row of the data that it was computed for; None in an update."""
    value: float


class Bounds:
    """Tells at a glance that parameters, and every weighted sum with them, are finite.

    The sums need a look of their own: a unit that saturates answers an infinite z with 1, and its slope with
    0, so that neither the loss nor a parameter shows it. By Cauchy and Schwarz |z| is at most ‖W‖·√n times
    the greatest |a| of the n units below, plus ‖b‖; and no activation gives more than |z| + 1.

    Args:
        network: whose.
        greatest_set: the greatest size of an input that was set by hand.
    """

    def __init__(self, network: Network, greatest_set: float = 0.0) -> None:
        self._network = network
        self._greatest_set = greatest_set
        self._saturates = [layer.activation.saturates for layer in network.layers]

    @cached_property
    def _greatest_input(self) -> float:
        return max(self._greatest_set, float(np.max(np.abs(self._network.data.inputs))))

    def surely_finite(self, parameters: Parameters) -> bool:
        """Whether they are; where it says no, all of them may still be."""
        bound = self._greatest_input
        for saturates, weights, biases in zip(
            self._saturates, parameters.weights, parameters.biases, strict=True
        ):
            norm = sqrt(np.vdot(weights, weights)) + _LOST
            bound = norm * sqrt(weights.shape[1]) * bound + sqrt(np.vdot(biases, biases))
            if not bound < _SURE:  # nor where it is not a number
                return False
            bound = 1.0 if saturates else bound + 1.0
        return True


def first_divergence(trainer: Trainer, state: TrainingState, epoch: int) -> Divergence | None:
    """The first quantity that is not finite, in the order of the statements of *epoch*."""

    def iterations() -> Iterator[Iteration]:
        before = state
        for number in range(trainer.iterations_per_epoch):
            iteration = trainer.iterate(before, epoch * trainer.iterations_per_epoch + number)
            yield iteration
            before = iteration.after

    return first_in(trainer.network, iterations(), epoch)


def first_in(network: Network, iterations: Iterable[Iteration], epoch: int) -> Divergence | None:
    """The same of the iterations of an epoch."""
    names = Names(network)
    for iteration in iterations:
        for slot, example in enumerate(iteration.examples):
            if found := _in_example(network, iteration, slot):
                name = symbol_of(names, found)
                return Divergence(epoch, name, int(example), iteration.value(found, slot))
        if found := _in_update(network, iteration):
            return Divergence(epoch, symbol_of(names, found), None, iteration.value(found, None))
    return None


_FORWARD: tuple[Kind, ...] = (Kind.WEIGHTED_SUM, Kind.ACTIVATION)
_BACKWARD: tuple[Kind, ...] = (
    Kind.ACTIVATION_GRADIENT,
    Kind.ACTIVATION_DERIVATIVE,
    Kind.DELTA,
    Kind.WEIGHT_GRADIENT,
    Kind.BIAS_GRADIENT,
)
_UPDATE = (Kind.WEIGHT_UPDATE, Kind.BIAS_UPDATE)


def _in_example(network: Network, iteration: Iteration, slot: int) -> Quantity | None:
    """The first quantity of one example's forward and backward pass that is not finite."""
    count = len(network.layers)
    for layer in range(1, count + 1):
        # a softmax layer computes all its z first, and then all its a
        couples = network.layers[layer - 1].activation.couples
        for kinds in ((kind,) for kind in _FORWARD) if couples else (_FORWARD,):
            if found := _first(iteration, kinds, layer, slot):
                return found
    if not isfinite(iteration.forward.loss[slot]):
        return Quantity(Kind.LOSS)
    for layer in range(count, 0, -1):
        # and in the backward pass all its dL/da first
        couples = network.layers[layer - 1].activation.couples
        for kinds in (_BACKWARD[:1], _BACKWARD) if couples else (_BACKWARD,):
            if found := _first(iteration, kinds, layer, slot):
                return found
    return None


def _in_update(network: Network, iteration: Iteration) -> Quantity | None:
    """The first new parameter that is not finite."""
    layers = range(len(network.layers), 0, -1)
    return next((found for layer in layers if (found := _first(iteration, _UPDATE, layer, None))), None)


def _first(iteration: Iteration, kinds: Sequence[Kind], layer: int, slot: int | None) -> Quantity | None:
    """The first quantity of some kinds that is not finite, unit by unit."""
    values = [iteration.of_layer(kind, layer, slot) for kind in kinds]
    good = np.isfinite(np.column_stack(values))
    if good.all():
        return None
    unit, column = divmod(int(np.argmin(good)), good.shape[1])
    columns = [
        (kind, below)
        for kind, array in zip(kinds, values, strict=True)
        for below in (range(array.shape[1]) if array.ndim == 2 else (None,))
    ]
    kind, below = columns[column]
    return Quantity(kind, layer, unit, below)
