"""What a unit gives over the plane of two inputs, or along one; the other inputs are held at their mean."""

from __future__ import annotations

from msgspec import Struct

from backprop_tui.engine.state import Parameters
from backprop_tui.network.description import Network
from backprop_tui.network.lazy_numpy import Array, np

MARGIN = 0.15
"""How far a grid goes beyond the data, as a share of its range."""


class PredictionGrid(Struct, frozen=True, eq=False):
    """The activation of a unit over two inputs, or over one: then there is one row, and *up* is None."""

    layer: int
    unit: int
    across: int
    """The input whose values the columns have."""
    up: int | None
    """The input whose values the rows have."""
    xs: Array
    ys: Array
    values: Array
    """A row for each of *ys*, a column for each of *xs*."""
    held: Array
    """The value of every input that is held, of the shape (inputs,): its mean over the examples."""


def prediction_plane(
    network: Network,
    parameters: Parameters,
    inputs: Array,
    unit: tuple[int, int] | None = None,
    axes: tuple[int, int] = (0, 1),
    size: tuple[int, int] = (64, 32),
) -> PredictionGrid:
    """The activation of a unit over the plane of two inputs.

    Args:
        network: the description.
        parameters: the weights and biases.
        inputs: of all examples, of the shape (examples, inputs): they say how far the plane reaches.
        unit: layer (from 1) and unit; left out, the first output.
        axes: the inputs across and up.
        size: how many columns and rows.

    """
    across, up = axes
    xs, ys = (span(inputs[:, axis], count) for axis, count in zip(axes, size, strict=True))
    held = _means(inputs)
    columns = np.tile(xs, len(ys)), np.repeat(ys, len(xs))
    values, (layer, number) = _activations(network, parameters, held, axes, columns, unit)
    return PredictionGrid(layer, number, across, up, xs, ys, values.reshape(len(ys), len(xs)), held)


def prediction_line(
    network: Network,
    parameters: Parameters,
    inputs: Array,
    unit: tuple[int, int] | None = None,
    axis: int = 0,
    count: int = 128,
) -> PredictionGrid:
    """The activation of a unit along one input; the arguments are those of ``prediction_plane``."""
    xs, held = span(inputs[:, axis], count), _means(inputs)
    values, (layer, number) = _activations(network, parameters, held, (axis,), (xs,), unit)
    return PredictionGrid(layer, number, axis, None, xs, np.empty(0), values[None], held)


def activations_at(
    network: Network, parameters: Parameters, inputs: Array, unit: tuple[int, int] | None = None
) -> Array:
    """The activation of a unit for each of some examples, left out: of the first output."""
    layer, number = unit or (len(network.layers), 0)
    with np.errstate(all="ignore"):
        z = inputs @ parameters.weights[0].T + parameters.biases[0]
        return np.ascontiguousarray(_upwards(network, parameters, z, layer)[:, number])


def span(values: Array, count: int) -> Array:
    """So many values from below the lowest to above the highest, with a margin."""
    low, high = float(np.min(values)), float(np.max(values))
    margin = MARGIN * (high - low) or max(1.0, abs(high))
    with np.errstate(all="ignore"):
        return np.linspace(low - margin, high + margin, count)


def _means(inputs: Array) -> Array:
    with np.errstate(all="ignore"):
        return np.asarray(np.mean(inputs, axis=0))


def _activations(
    network: Network,
    parameters: Parameters,
    held: Array,
    axes: tuple[int, ...],
    columns: tuple[Array, ...],
    unit: tuple[int, int] | None,
) -> tuple[Array, tuple[int, int]]:
    """The activation of a unit for rows of inputs that differ in the columns of some axes alone.

    The share of the inputs that are held in the first weighted sums is computed once.
    """
    layer, number = unit or (len(network.layers), 0)
    with np.errstate(all="ignore"):
        rest = held.copy()
        rest[list(axes)] = 0.0
        weights = parameters.weights[0]
        z = rest @ weights.T + parameters.biases[0] + np.column_stack(columns) @ weights[:, list(axes)].T
        return np.ascontiguousarray(_upwards(network, parameters, z, layer)[:, number]), (layer, number)


def _upwards(network: Network, parameters: Parameters, z: Array, layer: int) -> Array:
    """The activations of a layer from the first layer's weighted sums."""
    a = network.layers[0].activation.value(z)
    for above in range(1, layer):
        z = a @ parameters.weights[above].T + parameters.biases[above]
        a = network.layers[above].activation.value(z)
    return a
