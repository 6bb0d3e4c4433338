"""What an iteration computed: the one place that knows which of its arrays holds which kind of quantity.

Numbers of a layer, of a unit and of one quantity are read off the same arrays, so they are the very same.
"""

from __future__ import annotations

from backprop_tui.engine.iteration import Iteration
from backprop_tui.engine.quantities import Kind, Parameter, Quantity
from backprop_tui.engine.state import Parameters
from backprop_tui.network.lazy_numpy import Array, np

_OF_WEIGHT = (Kind.WEIGHT_GRADIENT, Kind.WEIGHT_UPDATE)


def of_layer(iteration: Iteration, kind: Kind, layer: int, slot: int | None) -> Array:
    """A kind of quantity of a whole layer, for the example at a place of the batch (an update's: None).

    The shape is (units,), of weights (units, inputs).
    """
    match kind:
        case Kind.WEIGHT_UPDATE:
            return iteration.after.parameters.weights[layer - 1]
        case Kind.BIAS_UPDATE:
            return iteration.after.parameters.biases[layer - 1]
        case Kind.WEIGHT_GRADIENT:
            with np.errstate(all="ignore"):
                delta = iteration.array(Kind.DELTA, layer)[slot]
                return np.asarray(delta[:, None] * _inputs(iteration, layer, slot))
        case Kind.BIAS_GRADIENT:
            kind = Kind.DELTA
    row: Array = iteration.array(kind, layer)[slot]
    return row


def of_unit(iteration: Iteration, kind: Kind, layer: int, unit: int, slot: int | None) -> Array:
    """The gradients or new values of a unit's weights, of the shape (inputs,)."""
    if kind is Kind.WEIGHT_GRADIENT:
        with np.errstate(all="ignore"):
            delta = iteration.array(Kind.DELTA, layer)[slot, unit]
            return np.asarray(delta * _inputs(iteration, layer, slot)[unit])
    row: Array = of_layer(iteration, kind, layer, slot)[unit]
    return row


def value(iteration: Iteration, quantity: Quantity, slot: int | None) -> float:
    """One quantity."""
    kind, layer, unit, below = quantity
    if layer is None:
        return float(iteration.forward.loss[slot])
    if kind is Kind.WEIGHT_GRADIENT:
        delta = float(iteration.array(Kind.DELTA, layer)[slot, unit])
        return delta * float(_inputs(iteration, layer, slot)[unit, below])
    found = of_layer(iteration, kind, layer, slot)
    return float(found[unit, below] if kind in _OF_WEIGHT else found[unit])


def of_parameter(arrays: Parameters, parameter: Parameter) -> float:
    """The number of one parameter among those of all: its value, or its averaged gradient."""
    return float(parameter.pick(arrays.weights, arrays.biases)[parameter.layer - 1][parameter.place])


def state_of(iteration: Iteration, parameter: Parameter) -> dict[str, float]:
    """The optimizer's state of a parameter before the update."""
    state = parameter.pick(iteration.before.weight_state, iteration.before.bias_state)[parameter.layer - 1]
    return {name: float(array[parameter.place]) for name, array in state.items()}


def _inputs(iteration: Iteration, layer: int, slot: int | None) -> Array:
    """The activations that a layer's weight gradients were computed with, a row a unit."""
    if layer == 1 and slot is not None and slot in iteration.used_inputs:
        return iteration.used_inputs[slot]
    row: Array = iteration.forward.a[layer - 1][slot]
    return np.broadcast_to(row, (iteration.forward.z[layer - 1].shape[1], len(row)))
