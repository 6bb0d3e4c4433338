"""The engine for every network: NumPy over whole batches.

Iterations are run by compiled text that writes each result into an array made beforehand (``array_text``);
where a function of the network cannot be written so, by the reference engine.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import groupby
from typing import Any

from backprop_tui.engine.generated.array_text import ArrayText, arrangement, array_text
from backprop_tui.engine.generated.tracing.expressions import UntraceableError, slow_path
from backprop_tui.engine.iteration import Batches, Engine, Givens, Iteration, Kept
from backprop_tui.engine.reference import Backward, Forward, backward, forward, update
from backprop_tui.engine.state import Parameters, TrainingState
from backprop_tui.network.description import Network
from backprop_tui.network.lazy_numpy import Array, np
from backprop_tui.network.rules.optimizers import NUMBERS, Options

Batch = tuple[Array, Array]
Function = Callable[[Iterable[Batch], int, list[float], list[Any]], Any]
"""(batches, updates so far, losses, outputs) → every quantity; losses and outputs are appended to."""


def same_steps(own: Options, given: Options) -> bool:
    """Whether options that decide which steps an update has are those that the text was made for."""
    return given is own or all(
        bool(given[name]) == bool(value) for name, value in own.items() if name not in NUMBERS
    )


def each(function: Callable[[float], float], values: Array) -> Array:
    """A function of single numbers, of each."""
    return np.array(list(map(function, values.ravel().tolist()))).reshape(values.shape)


class Prepare:
    """The compiled text of one network for one length of a batch."""

    def __init__(self, network: Network, examples: int, kept: Kept) -> None:
        self._text: ArrayText = array_text(network, examples, kept)
        space: dict[str, Any] = {name: getattr(np, name) for name in self._text.functions}
        space |= {name: getattr(math, name) for name in self._text.mathematics}
        space |= {name: np.array(value) for name, value in self._text.constants.items()}
        space["each"] = each
        exec(compile(self._text.source, "<network>", "exec"), space)  # noqa: S102 - the text is all our own
        self._prepare = space["prepare"]

    def __call__(self, flat: Flat, givens: Givens) -> Function:
        """The function that runs iterations, changing the numbers of *flat*."""
        settings = (givens.settings[name] for name in self._text.options)
        return self._prepare(flat.parameters, *flat.optimizer_state.values(), *settings)  # type: ignore[no-any-return]


class Flat:
    """A state that lies in a few arrays: one of all parameters, one of each of the optimizer's."""

    def __init__(self, network: Network, state: TrainingState) -> None:
        self._places = {}
        place = 0
        for name, shape in arrangement(network):
            self._places[name] = slice(place, place + math.prod(shape)), shape
            place += math.prod(shape)
        self._layers = range(1, len(network.layers) + 1)
        parameters = state.parameters
        self.parameters = self._flat(place, parameters.weights, parameters.biases)
        keys = network.training.optimizer.state_names(network.training.settings)
        self.optimizer_state = {
            key: self._flat(
                place,
                [of_layer[key] for of_layer in state.weight_state],
                [of_layer[key] for of_layer in state.bias_state],
            )
            for key in keys
        }

    def _flat(self, size: int, weights: Sequence[Array], biases: Sequence[Array]) -> Array:
        flat = np.empty(size)
        for number, w, b in zip(self._layers, weights, biases, strict=True):
            flat[self._places[f"w{number}"][0]] = w.ravel()
            flat[self._places[f"b{number}"][0]] = b
        return flat

    def _parts(self, flat: Array, letter: str) -> tuple[Array, ...]:
        places = [self._places[f"{letter}{number}"] for number in self._layers]
        return tuple(flat[place].reshape(shape) for place, shape in places)

    def state(self, updates: int) -> TrainingState:
        """The state; the arrays are not to be changed any more."""

        def state_of(letter: str) -> tuple[dict[str, Array], ...]:
            parts = {key: self._parts(flat, letter) for key, flat in self.optimizer_state.items()}
            return tuple({key: part[number - 1] for key, part in parts.items()} for number in self._layers)

        parameters = Parameters(self._parts(self.parameters, "w"), self._parts(self.parameters, "b"))
        return TrainingState(parameters, state_of("w"), state_of("b"), updates)


class ArrayEngine:
    """Runs iterations of a network array by array."""

    name: Engine = "arrays"

    def __init__(self, network: Network, batches: Batches) -> None:
        self._network = network
        self._batches = batches
        self._epoch: tuple[Batch | None, list[Batch]] = (None, [])
        self._compiled: dict[tuple[int, Kept], Prepare | None] = {}

    def iterate(self, state: TrainingState, iteration: int, givens: Givens) -> Iteration:
        """As ``Trainer.iterate``."""
        examples = self._batches.batch(iteration)
        prepare = self._prepared(len(examples), givens, "everything")
        if prepare is None:
            return self._plain(state, iteration, givens)
        after = Flat(self._network, state)
        ((x, y),) = self._examples(iteration, 1, givens)
        with np.errstate(all="ignore"):
            z, a, dL_da, da_dz, delta, weights, biases, loss = prepare(after, givens)(
                [(x, y)], state.updates, [], []
            )
        return Iteration(
            examples,
            state,
            y,
            Forward(z, (x, *a), loss),
            Backward(dL_da, da_dz, delta),
            Parameters(weights, biases),
            after.state(state.updates + 1),
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
        losses: list[float] = []
        kept: Kept = "losses" if outputs is None else "outputs"
        seen = [] if outputs is None else outputs
        lengths = self._batches.places.lengths
        prepared = {length: self._prepared(length, givens, kept) for length in lengths}
        if None in prepared.values():
            for number in range(iteration, iteration + count):
                done = self._plain(state, number, givens)
                losses += done.forward.loss.tolist()
                seen += done.forward.a[-1].tolist()
                state = done.after
            return state, losses
        after, updates = Flat(self._network, state), state.updates
        with np.errstate(all="ignore"):
            functions: dict[int, Function] = {}
            for length, batches in groupby(
                self._examples(iteration, count, givens), lambda batch: len(batch[0])
            ):
                if length not in functions:
                    functions[length] = prepared[length](after, givens)  # type: ignore[misc]
                already = len(losses)
                functions[length](batches, updates, losses, seen)
                updates += (len(losses) - already) // length
        return after.state(state.updates + count), losses

    def _prepared(self, examples: int, givens: Givens, kept: Kept) -> Prepare | None:
        if not same_steps(self._network.training.deciding, givens.settings):
            return None
        if (examples, kept) not in self._compiled:
            self._compiled[examples, kept] = self._prepare(examples, kept)
        return self._compiled[examples, kept]

    def _prepare(self, examples: int, kept: Kept) -> Prepare | None:
        """The compiled text, or None where there can be none, which is told by a warning."""
        try:
            return Prepare(self._network, examples, kept)
        except UntraceableError as error:
            slow_path(self._network, error)
            return None

    def _plain(self, state: TrainingState, iteration: int, givens: Givens) -> Iteration:
        """One iteration by the plain functions."""
        examples = self._batches.batch(iteration)
        targets = givens.targets[examples]
        pass_ = forward(self._network, state.parameters, givens.inputs[examples], targets)
        back, gradient = backward(self._network, state.parameters, pass_, targets)
        after = update(self._network, state, gradient, givens.settings)
        return Iteration(examples, state, targets, pass_, back, gradient, after)

    def _examples(self, iteration: int, count: int, givens: Givens) -> Iterator[Batch]:
        """Inputs and targets of some iterations."""
        batches = self._batches
        if batches.shuffled:
            for number in range(iteration, iteration + count):
                examples = batches.batch(number)
                yield givens.inputs[examples], givens.targets[examples]
            return
        known, parts = self._epoch
        x, y = givens.inputs, givens.targets
        if known is None or known[0] is not x or known[1] is not y:
            parts = [(x[part], y[part]) for part in map(batches.part, range(batches.per_epoch))]
            self._epoch = ((x, y), parts)
        place = iteration % batches.per_epoch
        for _ in range(count):
            yield parts[place]
            place = place + 1 if place + 1 < len(parts) else 0
