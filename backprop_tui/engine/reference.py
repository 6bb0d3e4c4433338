"""The reference engine: the equations run on NumPy arrays as they stand, over a whole batch, in float64.

It is the plain way that both quick engines are held to, and what computes where they cannot.
"""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct

from backprop_tui.engine import equations
from backprop_tui.engine.equations import Assignment, Assignments
from backprop_tui.engine.quantities import Kind
from backprop_tui.engine.state import Parameters, TrainingState
from backprop_tui.network.description import Network
from backprop_tui.network.lazy_numpy import Array, np
from backprop_tui.network.rules.optimizers import Options, outcome


class Forward(Struct, frozen=True, eq=False):
    """What the forward pass computes.

    ``z`` has an array a layer, of the shape (examples, units); ``a`` starts with the input, so that ``a[0]``
    is x and ``a[l]`` is of layer l; ``loss`` has the shape (examples,).
    """

    z: tuple[Array, ...]
    a: tuple[Array, ...]
    loss: Array


class Backward(Struct, frozen=True, eq=False):
    """What the backward pass computes, an array a layer from layer 1 on, of the shape (examples, units)."""

    dL_da: tuple[Array, ...]
    da_dz: tuple[Array, ...]
    delta: tuple[Array, ...]


Decide = Callable[[Assignment], Array]
"""The value with which equations go on after an assignment."""


def as_assigned(assignment: Assignment) -> Array:
    """The very value that was assigned."""
    return assignment.value


def forward(
    network: Network, parameters: Parameters, x: Array, y: Array, decide: Decide = as_assigned
) -> Forward:
    """Compute z and a of every unit, and the loss of each example.

    Args:
        network: the description.
        parameters: the weights and biases to use.
        x: inputs, of the shape (examples, inputs).
        y: targets, of the shape (examples, outputs).
        decide: the value to go on with after each assignment.

    """
    found = run(equations.forward(network, parameters, x, y), decide)
    layers = range(1, len(network.layers) + 1)
    z = tuple(found[Kind.WEIGHTED_SUM, number] for number in layers)
    a = tuple(found[Kind.ACTIVATION, number] for number in layers)
    return Forward(z, (x, *a), found[Kind.LOSS, 0])


def backward(
    network: Network, parameters: Parameters, pass_: Forward, y: Array, decide: Decide = as_assigned
) -> tuple[Backward, Parameters]:
    """Compute dL/da, da/dz and delta of every unit, and the gradient of the batch."""
    found = run(equations.backward(network, parameters, pass_.z, pass_.a, y), decide)

    def each(kind: Kind) -> tuple[Array, ...]:
        return tuple(found[kind, number] for number in range(1, len(network.layers) + 1))

    def of_batch(kind: Kind) -> tuple[Array, ...]:
        return tuple(equations.over_batch(network, total, len(y)) for total in each(kind))

    with np.errstate(all="ignore"):
        gradient = Parameters(of_batch(Kind.WEIGHT_GRADIENT), of_batch(Kind.BIAS_GRADIENT))
    units = each(Kind.ACTIVATION_GRADIENT), each(Kind.ACTIVATION_DERIVATIVE), each(Kind.DELTA)
    return Backward(*units), gradient


def update(
    network: Network, state: TrainingState, gradient: Parameters, settings: Options | None = None
) -> TrainingState:
    """The state after one update with the gradient of the batch; frozen parameters stay as they are.

    *settings* are the optimizer's options, left out the network's own.
    """
    settings, t = settings or network.training.settings, state.updates + 1
    weights, biases = list(state.parameters.weights), list(state.parameters.biases)
    weight_state, bias_state = list(state.weight_state), list(state.bias_state)
    with np.errstate(all="ignore"):
        for kind, layer, lines in equations.update(network, state, gradient, t, settings):
            weight = kind is Kind.WEIGHT_UPDATE
            values, states = (weights, weight_state) if weight else (biases, bias_state)
            values[layer - 1], states[layer - 1] = outcome(lines, states[layer - 1])
    return TrainingState(Parameters(tuple(weights), tuple(biases)), tuple(weight_state), tuple(bias_state), t)


def run(assignments: Assignments, decide: Decide = as_assigned) -> dict[tuple[Kind, int], Array]:
    """Run equations to their end; gives the values with which they went on, by kind and layer."""
    found: dict[tuple[Kind, int], Array] = {}
    with np.errstate(all="ignore"):
        assignment = next(assignments, None)
        while assignment is not None:
            value = found[assignment.kind, assignment.layer] = decide(assignment)
            try:
                assignment = assignments.send(value)
            except StopIteration:
                assignment = None
    return found
