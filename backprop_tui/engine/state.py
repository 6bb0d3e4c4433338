"""The state that training carries from one iteration to the next: parameters and optimizer state."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace

from backprop_tui.engine.quantities import Parameter
from backprop_tui.network.description import Network, Vector
from backprop_tui.network.lazy_numpy import Array, np


class Parameters(Struct, frozen=True, eq=False):
    """Weights of the shape (units, inputs) and biases of the shape (units,), a pair a layer."""

    weights: tuple[Array, ...]
    biases: tuple[Array, ...]

    def value(self, parameter: Parameter) -> float:
        """The number of one weight or bias."""
        return float(parameter.pick(self.weights, self.biases)[parameter.layer - 1][parameter.place])

    def replaced(self, parameter: Parameter, value: float) -> Parameters:
        """The same with another number for one weight or bias."""
        arrays = list(parameter.pick(self.weights, self.biases))
        array = arrays[parameter.layer - 1] = arrays[parameter.layer - 1].copy()
        array[parameter.place] = value
        changed = tuple(arrays)
        return parameter.pick(replace(self, weights=changed), replace(self, biases=changed))

    @property
    def nbytes(self) -> int:
        """Memory used, in bytes."""
        return sum(array.nbytes for array in (*self.weights, *self.biases))


class TrainingState(Struct, frozen=True, eq=False):
    """Parameters, the optimizer's state of each, and how many updates there have been."""

    parameters: Parameters
    weight_state: tuple[Mapping[str, Array], ...]
    bias_state: tuple[Mapping[str, Array], ...]
    updates: int = 0

    def optimizer_state(self, parameter: Parameter) -> dict[str, float]:
        """The optimizer's state of one weight or bias."""
        state = parameter.pick(self.weight_state, self.bias_state)[parameter.layer - 1]
        return {name: float(array[parameter.place]) for name, array in state.items()}

    @property
    def nbytes(self) -> int:
        """Memory used, in bytes."""
        states = (*self.weight_state, *self.bias_state)
        return self.parameters.nbytes + sum(array.nbytes for state in states for array in state.values())


def initial_state(network: Network) -> TrainingState:
    """The state before the first update: the described weights, and the optimizer's state.

    That is zeros, or where the description has a start, what the optimizer had kept by then.
    """
    weights = tuple(np.array(layer.weights, dtype=np.float64) for layer in network.layers)
    biases = tuple(np.array(layer.biases, dtype=np.float64) for layer in network.layers)
    optimizer, settings = network.training.optimizer, network.training.settings
    weight_state = tuple(optimizer.initial_state_of(w, settings) for w in weights)
    bias_state = tuple(optimizer.initial_state_of(b, settings) for b in biases)
    start = network.training.start
    for number, kept in enumerate(start.layers if start else ()):
        weight_state[number].update(_arrays(kept.weights))
        bias_state[number].update(_arrays(kept.biases))
    return TrainingState(
        Parameters(weights, biases), weight_state, bias_state, updates=start.updates if start else 0
    )


def _arrays(kept: Mapping[str, Sequence[Vector]] | Mapping[str, Vector]) -> dict[str, Array]:
    return {name: np.array(numbers, dtype=np.float64) for name, numbers in kept.items()}
