"""Which units' numbers the type of PyTorch's numbers made 0 or infinite, and which gradients of the batch."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from msgspec import Struct

from backprop_tui.analysis.marks import Mark, UnitMarks
from backprop_tui.engine.quantities import Kind
from backprop_tui.history.run import Run
from backprop_tui.network.lazy_numpy import Array, Marks, np
from backprop_tui.program.pytorch_numbers import InPyTorch, in_pytorch

REMEMBERED = 64
"""How many examples a run remembers the marks of."""
_KINDS = (Kind.WEIGHTED_SUM, Kind.ACTIVATION, Kind.ACTIVATION_GRADIENT, Kind.DELTA)


class Lost(Struct, frozen=True, eq=False):
    """Of the numbers of an array, which became 0 and which infinite in PyTorch; of its shape."""

    underflow: Marks
    overflow: Marks


class LostGradients(Struct, frozen=True, eq=False):
    """Of a layer's gradients of the batch, which became 0 or infinite in PyTorch's backward pass."""

    layer: int
    weights: Lost
    """Of the shape (units, inputs)."""
    biases: Lost
    """Of the shape (units,)."""


def rounding_marks(run: Run, time: int) -> UnitMarks:
    """The units of which a number of the present example, computed by now, became 0 or infinite in PyTorch.

    In the update it is the units with such a gradient of the batch. Where a unit has both it is an overflow.
    """
    if time <= 0:
        return {}
    statement = run.program.statement(time - 1)
    there = in_pytorch(run.network, statement.iteration)
    if there is None:
        return {}
    key = (statement.iteration, -1 if statement.slot is None else statement.slot)
    of_update = statement.slot is None

    def lost() -> list[Found]:
        return list(_of_update(run, *key) if of_update else _of_example(run, there, *key))

    ran = time - run.program.scope_start(time)
    marks: dict[tuple[int, int], Mark] = {}
    for offset, place, mark in run.remembered("rounding marks", key, REMEMBERED, lost):
        if offset < ran and marks.get(place) is not Mark.OVERFLOW:
            marks[place] = mark
    return marks


def lost_gradients(run: Run, iteration: int) -> tuple[LostGradients, ...]:
    """Which gradients of an iteration's batch became 0 or infinite in PyTorch, layer by layer from the first.

    Nothing did in a network whose numbers PyTorch never had, and in layers that are frozen.
    """
    there = in_pytorch(run.network, iteration)
    dtype = there.gradients if there else None
    if there is None or dtype is None:
        return ()
    found = []
    gradient = run.timeline.iteration(iteration).gradient
    for number, layer in enumerate(run.network.layers, 1):
        lost = []
        for values, frozen in (
            (gradient.weights[number - 1], layer.frozen_weights),
            (gradient.biases[number - 1], layer.frozen_biases),
        ):
            with np.errstate(all="ignore"):
                scaled = values * (0.0 if frozen else there.gradient_factor)
            lost.append(Lost(dtype.underflows(scaled), dtype.overflows(scaled)))
        found.append(LostGradients(number, *lost))
    return tuple(found)


def lost_signals(run: Run, iteration: int) -> Mapping[int, Mark]:
    """The layers, by number, of whose error signals PyTorch made one 0 or infinite in an iteration."""
    there = in_pytorch(run.network, iteration)
    if there is None:
        return {}
    found: dict[int, Mark] = {}
    for number, delta in enumerate(run.timeline.iteration(iteration).backward.delta, 1):
        dtype = there.dtype_of(Kind.DELTA, number)
        if dtype is None:
            continue
        with np.errstate(all="ignore"):
            values = delta * there.factor_of(Kind.DELTA)
        if dtype.overflows(values).any():
            found[number] = Mark.OVERFLOW
        elif dtype.underflows(values).any():
            found[number] = Mark.UNDERFLOW
    return found


Found = tuple[int, tuple[int, int], Mark]
"""The place of a statement in its block, a unit, and its mark from there on."""


def _of_example(run: Run, there: InPyTorch, iteration: int, slot: int) -> Iterator[Found]:
    done = run.timeline.iteration(iteration)
    for number in range(1, len(run.network.layers) + 1):
        for kind in _KINDS:
            dtype = there.dtype_of(kind, number)
            if dtype is None:
                continue
            with np.errstate(all="ignore"):
                values: Array = done.array(kind, number)[slot] * there.factor_of(kind)
            masks = ((dtype.underflows(values), Mark.UNDERFLOW), (dtype.overflows(values), Mark.OVERFLOW))
            for mask, mark in masks:
                if mask.any():
                    offsets = run.program.layout.offsets(kind, number)
                    for unit in np.flatnonzero(mask).tolist():
                        yield int(offsets[unit]), (number, unit), mark


def _of_update(run: Run, iteration: int, _: int) -> Iterator[Found]:
    """In the update a unit is marked from its beginning: the gradients are there."""
    for layer in lost_gradients(run, iteration):
        kinds: Mapping[Mark, tuple[Marks, Marks]] = {
            Mark.UNDERFLOW: (layer.weights.underflow, layer.biases.underflow),
            Mark.OVERFLOW: (layer.weights.overflow, layer.biases.overflow),
        }
        for mark, (weights, biases) in kinds.items():
            for unit in np.flatnonzero(weights.any(axis=1) | biases).tolist():
                yield -1, (layer.layer, unit), mark
