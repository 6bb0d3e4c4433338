"""An iteration into which an edit falls.

It is computed a second time with the new value, and of the two results each statement takes the first where
it ran before the edit, the second where it runs after.
"""

from __future__ import annotations

from collections.abc import Mapping

from msgspec.structs import replace

from backprop_tui.engine.equations import Backward, Forward, mean_gradient
from backprop_tui.engine.quantities import Kind
from backprop_tui.engine.state import Parameters, TrainingState
from backprop_tui.engine.training import Givens, Iteration, Trainer, update
from backprop_tui.network.lazy_numpy import Array, np
from backprop_tui.program.statements import Program


class Revision:
    """An iteration into which an edit falls.

    Args:
        trainer: the network.
        program: its statements.
        first: the iteration as it would be without the edit.
        current: the parameters as they are at the edit, its value included; those of *first* where no
            update has come yet.
        givens: the data and settings from the edit on.
        place: how many of the iteration's statements have run when the edit is made.
    """

    def __init__(
        self,
        trainer: Trainer,
        program: Program,
        first: Iteration,
        current: Parameters,
        givens: Givens,
        place: int,
    ) -> None:
        self._network = trainer.network
        self._program = program
        self._first = first
        self._current = current
        self._givens = givens
        self._block = program.layout.block
        self._slot, self._offset = divmod(place, self._block)
        self._in_update = self._slot >= len(first.examples)
        self._place = place - len(first.examples) * self._block

    def iteration(self) -> Iteration:
        """The iteration with the edit."""
        if self._in_update:
            return replace(self._first, after=self._updated(self._first.gradient))
        forward = self._forward()
        backward = self._backward(forward)
        used = self._used_inputs(forward)
        gradient = _gradient(forward, backward, used)
        second = replace(
            self._first,
            targets=self._givens.targets[self._first.examples],
            forward=forward,
            backward=backward,
            gradient=gradient,
            used_inputs=used,
        )
        return replace(second, after=self._updated(gradient))

    def _mixed(self, old: Array, new: Array, kind: Kind, layer: int) -> Array:
        """Old where the statement ran before the edit, new where it runs after; a row a slot."""
        mixed = new.copy()
        mixed[: self._slot] = old[: self._slot]
        before = self._program.layout.offsets(kind, layer) < self._offset
        mixed[self._slot] = np.where(before, old[self._slot], new[self._slot])
        return mixed

    def _forward(self) -> Forward:
        old, network, current = self._first.forward, self._network, self._current
        x = self._givens.inputs[self._first.examples]
        x[: self._slot] = old.a[0][: self._slot]
        y = self._givens.targets[self._first.examples]
        zs: list[Array] = []
        activations: list[Array] = [x]
        with np.errstate(all="ignore"):
            for number, layer in enumerate(network.layers):
                z = activations[-1] @ current.weights[number].T + current.biases[number]
                zs.append(self._mixed(old.z[number], z, Kind.WEIGHTED_SUM, number + 1))
                a = layer.activation.value(zs[-1])
                activations.append(self._mixed(old.a[number + 1], a, Kind.ACTIVATION, number + 1))
            partner = network.fused_loss
            loss = partner.value(y, zs[-1]) if partner else network.training.loss.value(y, activations[-1])
        return Forward(tuple(zs), tuple(activations), self._mixed(old.loss, loss, Kind.LOSS, 0))

    def _backward(self, forward: Forward) -> Backward:
        old, network, current = self._first.backward, self._network, self._current
        y = self._givens.targets[self._first.examples]
        dL_das: list[Array] = []
        da_dzs: list[Array] = []
        deltas: list[Array] = []
        with np.errstate(all="ignore"):
            dL_da = network.training.loss.gradient(y, forward.a[-1])
            for number in range(len(network.layers) - 1, -1, -1):
                activation = network.layers[number].activation
                z, a = forward.z[number], forward.a[number + 1]
                dL_das.append(self._mixed(old.dL_da[number], dL_da, Kind.ACTIVATION_GRADIENT, number + 1))
                da_dz = activation.derivative(z, a)
                da_dzs.append(self._mixed(old.da_dz[number], da_dz, Kind.ACTIVATION_DERIVATIVE, number + 1))
                if network.fused_loss and not deltas:
                    delta = network.fused_loss.delta(y, a)
                else:
                    delta = activation.pull_back(dL_das[-1], da_dzs[-1], a)
                deltas.append(self._mixed(old.delta[number], delta, Kind.DELTA, number + 1))
                dL_da = deltas[-1] @ current.weights[number]
        return Backward(tuple(dL_das[::-1]), tuple(da_dzs[::-1]), tuple(deltas[::-1]))

    def _used_inputs(self, forward: Forward) -> dict[int, Array]:
        """The inputs used for the first layer's gradients, where an input was edited among them."""
        used = dict(self._first.used_inputs)
        old, new = self._first.forward.a[0][self._slot], forward.a[0][self._slot]
        if self._slot in used or not np.array_equal(old, new):
            before = self._program.layout.offsets(Kind.WEIGHT_GRADIENT, 1) < self._offset
            used[self._slot] = np.where(before, used.get(self._slot, old), new)
        return used

    def _updated(self, gradient: Parameters) -> TrainingState:
        state = replace(self._first.before, parameters=self._current)
        new = update(self._network, state, gradient, self._givens.settings)
        if not self._in_update:
            return new
        old = self._first.after
        weights, biases = list(new.parameters.weights), list(new.parameters.biases)
        weight_state, bias_state = list(new.weight_state), list(new.bias_state)
        for number, layer in enumerate(self._network.layers):
            if not layer.frozen_weights:
                before = self._program.layout.offsets(Kind.WEIGHT_UPDATE, number + 1) < self._place
                weights[number] = np.where(before, old.parameters.weights[number], weights[number])
                weight_state[number] = {
                    name: np.where(before, old.weight_state[number][name], value)
                    for name, value in weight_state[number].items()
                }
            if not layer.frozen_biases:
                before = self._program.layout.offsets(Kind.BIAS_UPDATE, number + 1) < self._place
                biases[number] = np.where(before, old.parameters.biases[number], biases[number])
                bias_state[number] = {
                    name: np.where(before, old.bias_state[number][name], value)
                    for name, value in bias_state[number].items()
                }
        parameters = Parameters(tuple(weights), tuple(biases))
        return TrainingState(parameters, tuple(weight_state), tuple(bias_state), new.updates)


def _gradient(forward: Forward, backward: Backward, used: Mapping[int, Array]) -> Parameters:
    """The averaged gradient, each of the first layer's with the input that it was computed with."""
    gradient = mean_gradient(forward, backward)
    if not used:
        return gradient
    first = np.zeros_like(gradient.weights[0])
    with np.errstate(all="ignore"):
        for slot, delta in enumerate(backward.delta[0]):
            first += delta[:, None] * used.get(slot, forward.a[0][slot])
        return replace(gradient, weights=(first / len(forward.loss), *gradient.weights[1:]))
