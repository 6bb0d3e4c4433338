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
    weight_state, bias_state = list(state.weight_state), list(state.bias_state)

    def updated(
        parameter: Array, slope: Array, memory: Mapping[str, Array]
    ) -> tuple[Array, Mapping[str, Array]]:
        return optimizer.update(parameter, slope, memory, t, settings)

    with np.errstate(all="ignore"):
        for number, layer in enumerate(network.layers):
            if not layer.frozen_weights:
                weights[number], weight_state[number] = updated(
                    weights[number], gradient.weights[number], weight_state[number]
                )
            if not layer.frozen_biases:
                biases[number], bias_state[number] = updated(
                    biases[number], gradient.biases[number], bias_state[number]
                )
    return TrainingState(Parameters(tuple(weights), tuple(biases)), tuple(weight_state), tuple(bias_state), t)
