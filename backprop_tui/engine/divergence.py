"""Where a run leaves the finite numbers."""

from __future__ import annotations

from collections.abc import Callable
from math import isfinite

from msgspec import Struct

from backprop_tui.engine.iteration import Iteration
from backprop_tui.engine.state import Parameters, TrainingState
from backprop_tui.engine.training import Trainer
from backprop_tui.network.description import Network
from backprop_tui.network.lazy_numpy import Array, np
from backprop_tui.network.names import Names


class Divergence(Struct, frozen=True):
    """Where a number first overflowed or was no number."""

    epoch: int
    name: str
    """The identifier of the quantity that a statement computed, as ``z_h1``; of an update the parameter's."""
    example: int | None
    """The row of the data that it was computed for; None in an update."""
    value: float


def all_finite(parameters: Parameters) -> bool:
    """Whether every weight and bias is."""
    return all(np.isfinite(array).all() for array in (*parameters.weights, *parameters.biases))


def first_divergence(trainer: Trainer, state: TrainingState, epoch: int) -> Divergence | None:
    """The first quantity that is not finite, in the order of the statements of *epoch*."""
    names = Names(trainer.network)
    for number in range(trainer.iterations_per_epoch):
        iteration = trainer.iterate(state, epoch * trainer.iterations_per_epoch + number)
        for row, example in enumerate(iteration.examples):
            if found := _in_example(trainer.network, names, iteration, row):
                return Divergence(epoch, found[0], int(example), found[1])
        if found := _in_update(trainer.network, names, iteration.after.parameters):
            return Divergence(epoch, found[0], None, found[1])
        state = iteration.after
    return None


Found = tuple[str, float] | None


def _in_example(network: Network, names: Names, iteration: Iteration, row: int) -> Found:
    """The first quantity of one example's forward and backward pass that is not finite."""
    forward, backward = iteration.forward, iteration.backward
    count = len(network.layers)
    for number in range(count):
        table = np.stack([forward.z[number][row], forward.a[number + 1][row]], axis=1)
        columns: tuple[Column, ...] = (names.z, names.a)
        if found := _first(table, number, columns, turned=network.layers[number].activation.couples):
            return found
    if not isfinite(loss := float(forward.loss[row])):
        return "L", loss
    for number in reversed(range(count)):
        gradients = backward.dL_da[number][row], backward.da_dz[number][row], backward.delta[number][row]
        couples = network.layers[number].activation.couples
        if couples and (found := _first(gradients[0][:, None], number, (names.dL_da,))):
            return found
        with np.errstate(all="ignore"):
            products = np.outer(gradients[2], np.append(forward.a[number][row], 1.0))
        table = np.hstack([np.stack(gradients, axis=1), products])
        columns = (names.dL_da, names.da_dz, names.delta, *_parameters(names, products.shape[1] - 1, "dL_d"))
        if found := _first(table, number, columns):
            return found
    return None


def _in_update(network: Network, names: Names, parameters: Parameters) -> Found:
    """The first new parameter that is not finite."""
    for number in reversed(range(len(network.layers))):
        table = np.column_stack([parameters.weights[number], parameters.biases[number]])
        if found := _first(table, number, _parameters(names, table.shape[1] - 1)):
            return found
    return None


Column = Callable[[int, int], str]


def _parameters(names: Names, inputs: int, prefix: str = "") -> tuple[Column, ...]:
    """The names of a unit's weights and its bias, one function of layer and unit each."""

    def column(below: int | None) -> Column:
        return lambda layer, unit: prefix + names.parameter(layer, unit, below)

    return tuple(column(below) for below in (*range(inputs), None))


def _first(table: Array, number: int, columns: tuple[Column, ...], *, turned: bool = False) -> Found:
    """The first value of a table of units and quantities that is not finite, by rows; turned, by columns."""
    good = np.isfinite(table)
    if good.all():
        return None
    if turned:
        column, unit = divmod(int(np.argmin(good.T)), table.shape[0])
    else:
        unit, column = divmod(int(np.argmin(good)), table.shape[1])
    return columns[column](number + 1, unit), float(table[unit, column])
