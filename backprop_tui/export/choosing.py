"""What of a run is written out: all of a small one, of a large one what counts most, and what is left out.

A document tells at most ``MOST_STATEMENTS`` statements of an iteration and about ``MOST_IN_ALL`` in all. Of
layers that are too wide for that it shows the units with the largest error signals, and of their weights
those with the largest gradients: the same ones in every pass, so that the calculation can be followed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from msgspec import Struct

from backprop_tui.engine.iteration import Iteration
from backprop_tui.engine.quantities import Kind, Quantity
from backprop_tui.history.run import Run
from backprop_tui.network.description import Network
from backprop_tui.network.lazy_numpy import Array, np
from backprop_tui.program.statements import Program, Statement

WIDE = 24
"""Wider layers are never written out whole, as on the screen."""
NARROWER = (WIDE, 16, 12, 10, 8, 6, 5, 4, 3, 2)
"""How many units of a layer, and inputs of a unit, are tried in turn, until few enough statements remain."""
MOST_TERMS = 6
"""Sums of a large network write out at most so many terms, the largest, as on the screen; ..."""
MOST_TERMS_WHOLE = 8
"""... those of one that is written out whole, so many."""
MOST_STATEMENTS = 600
"""An iteration of so many statements is written out whole ..."""
FEW_STATEMENTS = 200
"""... and of a longer one about so many are."""
MOST_IN_ALL = 1800
MOST_LOSSES = 25
"""Rows in the table of losses."""


class Chosen(Struct, frozen=True, eq=False):
    """What of an iteration is written out."""

    slots: tuple[int, ...]
    """The examples, by their place in the batch."""
    units: tuple[tuple[int, ...], ...]
    """The units of each layer, the input layer first."""
    inputs: Mapping[tuple[int, int], tuple[int, ...]]
    """Of each unit, by layer and unit, the inputs whose weights are written out."""
    most_terms: int
    """How many terms of a sum are written out, the largest."""
    left_out: tuple[str, ...]
    """What is not, in sentences; none where everything is."""


class Span(Struct, frozen=True):
    """Iterations *first* to *last*, counted from 0 through all epochs."""

    first: int
    last: int

    def __len__(self) -> int:
        return self.last - self.first + 1


def iteration_span(program: Program, time: int) -> Span:
    """The iteration of the statement that has just run at a time; at the very start, the first."""
    number = program.iteration_at(max(0, time - 1))
    return Span(number, number)


def epochs_span(program: Program, first: int, last: int) -> Span:
    """All iterations of epochs *first* to *last*."""
    per_epoch = program.iterations_per_epoch
    return Span(first * per_epoch, (last + 1) * per_epoch - 1)


def written_out(program: Program, span: Span) -> tuple[int, ...]:
    """The iterations of a span that are written out: all, or the first ones and the last."""
    update = program.layout.update
    each = min(program.batch_size * program.layout.block + update, MOST_STATEMENTS)
    most = max(2, MOST_IN_ALL // max(1, each))
    if len(span) <= most:
        return tuple(range(span.first, span.last + 1))
    return (*range(span.first, span.first + most - 1), span.last)


def losses_shown(first: int, last: int) -> tuple[int, ...]:
    """The epochs whose losses stand in a table: all of few, else some at even distances, and the last."""
    apart = _round_step(-(-(last - first + 1) // MOST_LOSSES))
    return tuple(dict.fromkeys((*range(first, last + 1, apart), last)))


def _round_step(least: int) -> int:
    """The smallest of 1, 2, 5, 10, 20, 50, … that is no less."""
    power = 1
    while True:
        for step in (1, 2, 5):
            if step * power >= least:
                return step * power
        power *= 10


def chosen(run: Run, iteration: Iteration) -> Chosen:
    """What of an iteration is written out."""
    network = run.network
    gradient, length = iteration.gradient, len(iteration.examples)
    whole = max(network.widths) <= WIDE and _size(network, WIDE, length) <= MOST_STATEMENTS
    examples, kept = (length, WIDE) if whole else _summary(network, length)
    units: list[tuple[int, ...]] = [()]
    inputs: dict[tuple[int, int], tuple[int, ...]] = {}
    left_out: list[str] = []
    for number, layer in enumerate(network.layers, 1):
        units.append(_largest(gradient.biases[number - 1], kept))
        for unit in units[-1]:
            inputs[number, unit] = _largest(gradient.weights[number - 1][unit], kept)
        left_out += _told(number, (layer.units, layer.inputs), kept)
    units[0] = tuple(sorted({below for unit in units[1] for below in inputs[1, unit]}))
    if examples < length:
        rest = "the first one is" if examples == 1 else f"the first {examples} are"
        left_out.append(f"The batch has {length:,} examples: {rest} written out.")
    most_terms = MOST_TERMS_WHOLE if whole else MOST_TERMS
    if any(width > most_terms for width in network.widths):
        left_out.append(
            f"Sums write out their {most_terms} largest terms; Σ with a number of terms stands for the rest."
        )
    return Chosen(tuple(range(examples)), tuple(units), inputs, most_terms, tuple(left_out))


def statements(program: Program, iteration: int, choice: Chosen, slot: int | None) -> Iterator[Statement]:
    """The statements that are written out of an example's block, or where *slot* is None of the update."""
    layout = program.layout
    start = program.iteration_start(iteration)
    start += layout.block * (program.batch_length(iteration) if slot is None else slot)
    quantities = _updated(choice) if slot is None else _computed(choice)
    places = (layout.offset(quantity) for quantity in quantities)
    for offset in sorted(place for place in places if place is not None):
        yield program.statement(start + offset)


def _computed(choice: Chosen) -> Iterator[Quantity]:
    yield Quantity(Kind.LOSS)
    for layer, unit in choice.inputs:
        for kind in (
            Kind.WEIGHTED_SUM,
            Kind.ACTIVATION,
            Kind.ACTIVATION_GRADIENT,
            Kind.ACTIVATION_DERIVATIVE,
            Kind.DELTA,
            Kind.BIAS_GRADIENT,
        ):
            yield Quantity(kind, layer, unit)
    for (layer, unit), row in choice.inputs.items():
        yield from (Quantity(Kind.WEIGHT_GRADIENT, layer, unit, below) for below in row)


def _updated(choice: Chosen) -> Iterator[Quantity]:
    for (layer, unit), row in choice.inputs.items():
        yield Quantity(Kind.BIAS_UPDATE, layer, unit)
        yield from (Quantity(Kind.WEIGHT_UPDATE, layer, unit, below) for below in row)


def _sizes(network: Network, kept: int) -> tuple[int, int]:
    """How many statements an example's block and the update have where so many units and inputs are kept."""
    pairs = [(min(layer.units, kept), min(layer.inputs, kept)) for layer in network.layers]
    return 1 + sum(units * (6 + inputs) for units, inputs in pairs), sum(
        units * (inputs + 1) for units, inputs in pairs
    )


def _size(network: Network, kept: int, examples: int) -> int:
    block, update = _sizes(network, kept)
    return examples * block + update


def _summary(network: Network, length: int) -> tuple[int, int]:
    """How many examples, and how many units of a layer and inputs of a unit, come to a few statements."""
    kept = next((most for most in NARROWER if _size(network, most, 1) <= FEW_STATEMENTS), NARROWER[-1])
    block, update = _sizes(network, kept)
    return min(length, max(1, (FEW_STATEMENTS - update) // block)), kept


def _largest(values: Array, most: int) -> tuple[int, ...]:
    """The places of the largest numbers, in order; not-a-number counts as the largest."""
    if len(values) <= most:
        return tuple(range(len(values)))
    sizes = np.abs(values)
    sizes[np.isnan(sizes)] = np.inf
    return tuple(sorted(np.argsort(-sizes, kind="stable")[:most].tolist()))


def _told(number: int, size: tuple[int, int], kept: int) -> Iterator[str]:
    """What is left out of a layer."""
    units, inputs = size
    if units > kept:
        which = (
            f"Layer {number} has {units:,} units: the {kept} with the largest error signals are written out"
        )
        if inputs > kept:
            which += f", and of each the {kept} of {inputs:,} weights with the largest gradients"
        yield which + "."
    elif inputs > kept:
        yield (
            f"The units of layer {number} have {inputs:,} weights each: "
            f"the {kept} with the largest gradients are written out."
        )
