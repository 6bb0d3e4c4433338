"""A whole layer's values at a time, as an array: those of the present example, and older ones of the rest.

The same values as ``Readings.read`` gives one by one. ``layer_readings`` reads them for pictures, which want
one row at a time; here a layer's weight gradients are one array.
"""

from __future__ import annotations

from typing import NamedTuple

from backprop_tui.engine.quantities import Kind
from backprop_tui.history.run import Run
from backprop_tui.network.lazy_numpy import Array, Marks, np


class ArrayAt(NamedTuple):
    """Values of a layer at a time, of the shape (units,), of weights (units, inputs)."""

    values: Array
    """NaN where nothing has been computed yet."""
    current: Marks
    """Which of them are of the present example; the others are absent, or left from an earlier one."""


def array_at(run: Run, time: int, kind: Kind, layer: int) -> ArrayAt:
    """The latest values of one kind of quantity, which a forward or backward pass computes.

    Args:
        run: the run.
        time: how many of its statements have run.
        kind: a kind of quantity of units or weights.
        layer: the layer, from 1.

    """
    described = run.network.layers[layer - 1]
    shape = (described.units, described.inputs) if kind is Kind.WEIGHT_GRADIENT else (described.units,)
    values, current = np.full(shape, np.nan), np.zeros(shape, dtype=bool)
    if time <= 0:
        return ArrayAt(values, current)
    program = run.program
    scope = program.scope_start(time)
    current = program.layout.offsets(kind, layer) < time - scope
    number = program.iteration_at(scope)
    slot = (scope - program.iteration_start(number)) // program.layout.block
    if current.any():
        values[current] = run.timeline.iteration(number).of_layer(kind, layer, slot)[current]
    if not current.all() and (number or slot):
        number, slot = (number, slot - 1) if slot else (number - 1, program.batch_length(number - 1) - 1)
        values[~current] = run.timeline.iteration(number).of_layer(kind, layer, slot)[~current]
    return ArrayAt(values, current)


def mean_gradient_at(run: Run, time: int, kind: Kind, layer: int) -> ArrayAt:
    """A layer's gradients averaged over the batch, known once the gradients of its last example are.

    Args:
        run: the run.
        time: how many of its statements have run.
        kind: the gradients of weights or those of biases.
        layer: the layer, from 1.

    """
    found = array_at(run, time, kind, layer)
    number = run.program.iteration_at(max(0, time - 1))
    last = run.program.backward_end(number) - run.program.layout.block
    known = found.current & (time > last)
    values = np.full(known.shape, np.nan)
    if known.any():
        gradient = run.timeline.iteration(number).gradient
        of_layer = gradient.weights if kind is Kind.WEIGHT_GRADIENT else gradient.biases
        values[known] = of_layer[layer - 1][known]
    return ArrayAt(values, known)
