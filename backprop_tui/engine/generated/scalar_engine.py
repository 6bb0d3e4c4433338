"""The engine for small networks: compiled straight-line code of single numbers (``scalar_text``).

Where Python raises and IEEE 754 goes on (an overflow in exp, a division by 0, a logarithm of 0), that
iteration is done by the array engine, so that what an iteration computes depends on nothing but its state.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence
from itertools import accumulate, chain, cycle, islice, pairwise
from typing import Any

from backprop_tui.engine.generated.array_engine import ArrayEngine, same_steps
from backprop_tui.engine.generated.scalar_text import ScalarText, scalar_text
from backprop_tui.engine.iteration import Batches, Engine, Givens, Iteration, Kept
from backprop_tui.engine.reference import Backward, Forward
from backprop_tui.engine.state import Parameters, TrainingState
from backprop_tui.network.description import Network
from backprop_tui.network.lazy_numpy import Array, np

Numbers = Sequence[float]
Row = tuple[float, ...]
Function = Callable[[Numbers, int, Numbers, Any, list[float], list[Row]], Row]
"""(variables, updates, options, examples, losses, seen) → variables; losses and seen are appended to."""


def function_text(text: ScalarText, *, one: bool, single: bool, kept: Kept) -> str:
    """The function that runs iterations one after another.

    Args:
        text: the iteration.
        one: whether there is only one example; it is then given with the number of iterations.
        single: whether each iteration has one example; then examples are given, else batches of them.
        kept: what is kept.
    """
    variables = ", ".join((*text.parameters, *text.optimizer_state)) + ","
    lines = ["def train(state, t, settings, batches, losses, seen):", f"    {variables} = state"]
    if text.options:
        lines.append(f"    {', '.join(text.options.values())}, = settings")
    lines += [f"    {line}" for line in text.before]
    row, count = ", ".join(text.rows) + ",", ["t += 1"] * text.counts
    example = [*text.forward, f"losses.append({text.loss})", *text.backward]
    if kept != "losses":
        names = text.outputs if kept == "outputs" else text.quantities
        example.append(f"seen.append(({', '.join(names)},))")
    after = [f"seen.append(({', '.join(text.gradients)},))"] * (kept == "everything")
    if single:
        body = [*count, *example, *after, *text.update]
        if one:
            lines += [f"    ({row}), count = batches", "    for _ in range(count):"]
        else:
            lines.append(f"    for {row} in batches:")
    else:
        body = [*count, *text.zeros, f"for {row} in batch:", *(f"    {s}" for s in (*example, *text.sums))]
        body += [*["examples = len(batch)"] * bool(text.means), *text.means, *after, *text.update]
        lines.append("    for batch in batches:")
    lines += [f"        {line}" for line in body]
    lines.append(f"    return {variables}")
    return "\n".join(lines) + "\n"


class Compiled:
    """The functions of one network, compiled at their first use."""

    def __init__(self, network: Network) -> None:
        self.text = scalar_text(network)
        self.single = network.batch_size == 1
        self.one = len(network.data) == 1

        self._functions: dict[Kept, Function] = {}

    def function(self, kept: Kept) -> Function:
        """The function that runs iterations."""
        if kept not in self._functions:
            source = function_text(self.text, one=self.one, single=self.single, kept=kept)
            space: dict[str, Any] = {name: getattr(math, name) for name in self.text.functions}
            exec(compile(source, "<network>", "exec"), space)  # noqa: S102 - the text is all our own
            self._functions[kept] = space["train"]
        return self._functions[kept]


class ScalarEngine:
    """Runs iterations of a network number by number.

    Raises:
        UntraceableError: the network has a function that cannot be written so.

    """

    name: Engine = "scalars"

    def __init__(self, network: Network, batches: Batches, arrays: ArrayEngine) -> None:
        self._network = network
        self._batches = batches
        self._arrays = arrays
        self._compiled = Compiled(network)
        self._text = self._compiled.text
        self._rows: tuple[tuple[Array, Array] | None, list[Row]] = (None, [])
        self._layout = _Layout(network)

    def iterate(self, state: TrainingState, iteration: int, givens: Givens) -> Iteration:
        """As ``Trainer.iterate``."""
        if not self._fits(givens):
            return self._arrays.iterate(state, iteration, givens)
        losses: list[float] = []
        seen: list[Row] = []
        train = self._compiled.function("everything")
        try:
            variables = train(
                self._layout.numbers(state),
                state.updates,
                self._options(givens),
                self._examples(iteration, 1, givens),
                losses,
                seen,
            )
        except (ArithmeticError, ValueError):
            return self._arrays.iterate(state, iteration, givens)
        *rows, gradient = seen
        examples = self._batches.batch(iteration)
        x, y = givens.inputs[examples], givens.targets[examples]
        forward, backward = self._layout.quantities(rows, x, losses)
        return Iteration(
            examples,
            state,
            y,
            forward,
            backward,
            self._layout.parameters(gradient),
            self._layout.state(variables, state.updates + 1),
        )

    def advance(
        self,
        state: TrainingState,
        iteration: int,
        count: int,
        givens: Givens,
        outputs: list[Sequence[float]] | None = None,
    ) -> tuple[TrainingState, list[float]]:
        """As ``Trainer.advance``; the outputs go to *outputs*, a row an example, in the order of use."""
        if not self._fits(givens):
            return self._arrays.advance(state, iteration, count, givens, outputs)
        losses: list[float] = []
        end = iteration + count
        while iteration < end:
            state, done = self._as_far_as_it_goes(state, iteration, end - iteration, givens, losses, outputs)
            iteration += done
            if iteration < end:
                state, done = self._as_far_as_it_goes(state, iteration, 1, givens, losses, outputs)
                if not done:
                    state, more = self._arrays.advance(state, iteration, 1, givens, outputs)
                    losses += more
                iteration += 1
        return state, losses

    def _as_far_as_it_goes(
        self,
        state: TrainingState,
        iteration: int,
        count: int,
        givens: Givens,
        losses: list[float],
        outputs: list[Sequence[float]] | None,
    ) -> tuple[TrainingState, int]:
        """Up to *count* iterations, fewer where one raises: the state after them, and how many.

        The one that raises is not among them, and the one before it may be left out as well.
        """
        train = self._compiled.function("losses" if outputs is None else "outputs")
        before, options = self._layout.numbers(state), self._options(givens)
        while count:
            found: list[float] = []
            seen: list[Row] = []
            try:
                examples = self._examples(iteration, count, givens)
                variables = train(before, state.updates, options, examples, found, seen)
            except (ArithmeticError, ValueError):
                begun = self._batches.whole(self._batches.used(iteration) + len(found)) - iteration
                count = min(max(0, begun - 1), count - 1)
            else:
                losses += found
                if outputs is not None:
                    outputs += seen
                return self._layout.state(variables, state.updates + count), count
        return state, 0

    def _fits(self, givens: Givens) -> bool:
        return same_steps(self._network.training.deciding, givens.settings)

    def _options(self, givens: Givens) -> list[float]:
        return [givens.settings[name] for name in self._text.options]

    def _examples(self, iteration: int, count: int, givens: Givens) -> Any:
        """The examples of some iterations, in the form that the function takes."""
        batches = self._batches
        known, rows = self._rows
        if known is None or known[0] is not givens.inputs or known[1] is not givens.targets:
            pairs = zip(givens.inputs.tolist(), givens.targets.tolist(), strict=True)
            rows = [(*x, *y) for x, y in pairs]
            self._rows = ((givens.inputs, givens.targets), rows)
        if self._compiled.one:
            return (rows[0], count) if self._compiled.single else [rows] * count
        epoch, first = divmod(iteration, batches.per_epoch)
        if batches.shuffled:
            epochs = (self._of_epoch(rows, number) for number in itertools.count(epoch))
            return islice(chain.from_iterable(epochs), first, first + count)
        return islice(cycle(self._of_epoch(rows, epoch)), first, first + count)

    def _of_epoch(self, rows: list[Row], epoch: int) -> Sequence[Any]:
        """The examples of an epoch, or its batches of them."""
        batches = self._batches
        if batches.shuffled:
            rows = [rows[index] for index in batches.order(epoch).tolist()]
        if self._compiled.single:
            return rows
        return [rows[part] for part in map(batches.part, range(batches.per_epoch))]


class _Layout:
    """Where each number stands in the flat tuples of the compiled functions."""

    def __init__(self, network: Network) -> None:
        self._shapes = [((layer.units, layer.inputs), (layer.units,)) for layer in network.layers]
        self._keys = network.training.optimizer.state_names(network.training.settings)
        self._parameters = sum(layer.units * (layer.inputs + 1) for layer in network.layers)
        widths = network.widths[1:]
        groups = [width for width in widths for _ in range(2)] + [width for width in widths for _ in range(3)]
        self._groups = [slice(*ends) for ends in pairwise(accumulate(groups, initial=0))]

    def numbers(self, state: TrainingState) -> list[float]:
        """Parameters and optimizer state, one after another."""
        found: list[float] = []
        parameters = state.parameters
        for w, b in zip(parameters.weights, parameters.biases, strict=True):
            found += w.ravel().tolist()
            found += b.tolist()
        if self._keys:
            for states in zip(state.weight_state, state.bias_state, strict=True):
                for kept in states:
                    for key in self._keys:
                        found += kept[key].ravel().tolist()
        return found

    def parameters(self, numbers: Sequence[float]) -> Parameters:
        """From the numbers in their order."""
        flat, place = np.array(numbers), 0
        weights: list[Array] = []
        biases: list[Array] = []
        for shape, (units,) in self._shapes:
            size = units * shape[1]
            weights.append(flat[place : place + size].reshape(shape).copy())
            biases.append(flat[place + size : place + size + units].copy())
            place += size + units
        return Parameters(tuple(weights), tuple(biases))

    def state(self, numbers: Sequence[float], updates: int) -> TrainingState:
        """From the numbers in their order."""
        place = self._parameters
        parameters = self.parameters(numbers[:place])
        flat = np.array(numbers)
        states: tuple[list[dict[str, Array]], list[dict[str, Array]]] = ([], [])
        for shapes in self._shapes:
            for shape, state in zip(shapes, states, strict=True):
                size = math.prod(shape)
                state.append({})
                for key in self._keys:
                    state[-1][key] = flat[place : place + size].reshape(shape).copy()
                    place += size
        return TrainingState(parameters, tuple(states[0]), tuple(states[1]), updates)

    def quantities(self, rows: list[Row], x: Array, losses: list[float]) -> tuple[Forward, Backward]:
        """The passes, from a row of numbers an example."""
        table = np.array(rows)
        groups = [np.ascontiguousarray(table[:, group]) for group in self._groups]
        both = 2 * len(self._shapes)
        forward = Forward(tuple(groups[0:both:2]), (x, *groups[1:both:2]), np.array(losses))
        dL_da, da_dz, delta = (tuple(groups[both + start :: 3]) for start in range(3))
        return forward, Backward(dL_da, da_dz, delta)
