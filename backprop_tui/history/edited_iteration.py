"""An iteration into which an edit falls.

It is computed a second time with the new value, and each equation goes on with the first result where its
statement ran before the edit, with the second where it runs after.
"""

from __future__ import annotations

from msgspec.structs import replace

from backprop_tui.engine.equations import Assignment, over_batch
from backprop_tui.engine.iteration import Givens, Iteration
from backprop_tui.engine.quantities import Kind
from backprop_tui.engine.reference import Forward, backward, forward, update
from backprop_tui.engine.state import Parameters, TrainingState
from backprop_tui.network.description import Network
from backprop_tui.network.lazy_numpy import Array, Marks, np
from backprop_tui.network.rules.optimizers import OptimizerState
from backprop_tui.program.statements import Program


class EditedIteration:
    """An iteration into which an edit falls.

    Args:
        network: the description.
        program: its statements.
        first: the iteration as it would be without the edit.
        current: the parameters as they are at the edit, its value included; those of *first* where no
            update has come yet.
        givens: the data and settings from the edit on.
        place: how many of the iteration's statements have run when the edit is made.

    """

    def __init__(
        self,
        network: Network,
        program: Program,
        first: Iteration,
        current: Parameters,
        givens: Givens,
        place: int,
    ) -> None:
        self._network = network
        self._layout = program.layout
        self._first = first
        self._current = current
        self._givens = givens
        self._slot, self._offset = divmod(place, self._layout.block)
        self._in_update = self._slot >= len(first.examples)
        self._place = place - len(first.examples) * self._layout.block

    def iteration(self) -> Iteration:
        """The iteration with the edit."""
        if self._in_update:
            return replace(self._first, after=self._updated())
        network, current, examples = self._network, self._current, self._first.examples
        x, y = self._givens.inputs[examples], self._givens.targets[examples]
        x[: self._slot] = self._first.forward.a[0][: self._slot]
        pass_ = forward(network, current, x, y, self._mixed)
        back, gradient = backward(network, current, pass_, y, self._mixed)
        used = self._used_inputs(x)
        if used:
            first = _first_gradient(network, pass_, back.delta[0], used)
            gradient = replace(gradient, weights=(first, *gradient.weights[1:]))
        state = replace(self._first.before, parameters=current)
        after = update(network, state, gradient, self._givens.settings)
        return replace(
            self._first,
            targets=y,
            forward=pass_,
            backward=back,
            gradient=gradient,
            used_inputs=used,
            after=after,
        )

    def _mixed(self, assignment: Assignment) -> Array:
        """Old where the statement ran before the edit, new where it runs after; a row an example.

        Gradients are sums over the examples, of numbers that are mixed already.
        """
        kind, layer, new = assignment
        if kind in (Kind.WEIGHT_GRADIENT, Kind.BIAS_GRADIENT):
            return new
        old, slot = self._first.array(kind, layer), self._slot
        mixed = new.copy()
        mixed[:slot] = old[:slot]
        mixed[slot] = np.where(self._layout.offsets(kind, layer) < self._offset, old[slot], new[slot])
        return mixed

    def _used_inputs(self, x: Array) -> dict[int, Array]:
        """The inputs used for the first layer's gradients, where an input was edited among them."""
        used = dict(self._first.used_inputs)
        old, new = self._first.forward.a[0][self._slot], x[self._slot]
        if self._slot in used or not np.array_equal(old, new):
            before = self._layout.offsets(Kind.WEIGHT_GRADIENT, 1) < self._offset
            used[self._slot] = np.where(before, used.get(self._slot, old), new)
        return used

    def _updated(self) -> TrainingState:
        """The state after an update during which the edit was made."""
        first = self._first
        old = first.after
        state = replace(first.before, parameters=self._current)
        new = update(self._network, state, first.gradient, self._givens.settings)
        weights, biases = list(new.parameters.weights), list(new.parameters.biases)
        weight_state, bias_state = list(new.weight_state), list(new.bias_state)
        for n, layer in enumerate(self._network.layers):
            if not layer.frozen_weights:
                before = self._layout.offsets(Kind.WEIGHT_UPDATE, n + 1) < self._place
                weights[n] = np.where(before, old.parameters.weights[n], weights[n])
                weight_state[n] = _either(before, old.weight_state[n], weight_state[n])
            if not layer.frozen_biases:
                before = self._layout.offsets(Kind.BIAS_UPDATE, n + 1) < self._place
                biases[n] = np.where(before, old.parameters.biases[n], biases[n])
                bias_state[n] = _either(before, old.bias_state[n], bias_state[n])
        parameters = Parameters(tuple(weights), tuple(biases))
        return TrainingState(parameters, tuple(weight_state), tuple(bias_state), new.updates)


def _either(before: Marks, old: OptimizerState, new: OptimizerState) -> OptimizerState:
    """The old numbers where a statement ran before the edit, else the new ones."""
    return {name: np.where(before, old[name], value) for name, value in new.items()}


def _first_gradient(network: Network, pass_: Forward, deltas: Array, used: dict[int, Array]) -> Array:
    """The first layer's gradient of the batch, each example's with the inputs that it was computed with."""
    total = np.zeros((deltas.shape[1], pass_.a[0].shape[1]))
    with np.errstate(all="ignore"):
        for slot, delta in enumerate(deltas):
            total += delta[:, None] * used.get(slot, pass_.a[0][slot])
        return over_batch(network, total, len(deltas))
