"""One update of all parameters by the optimizer."""

from __future__ import annotations

from collections.abc import Mapping

from backprop_tui.engine.state import Parameters, TrainingState
from backprop_tui.network.description import Network
from backprop_tui.network.lazy_numpy import Array, np
from backprop_tui.network.rules.optimizers import Options


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
