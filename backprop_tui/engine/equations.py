"""Backpropagation on one page: the equations of the forward pass, the backward pass and the update.

Each equation is written here once, as an assignment that is yielded with its value. The code that runs the
equations sends back the value to go on with: the same array (``reference``), a variable of the program that
it writes (``generated``, ``export``), or old and new numbers mixed where a person set a value within an
iteration (``history/edited_iteration``).

Rows are examples. With n examples, z, a, dL/da, da/dz and delta of a layer have the shape (n, units), x is
(n, inputs), y is (n, outputs), a layer's weights are (units, inputs) and its biases (units,). Layers count
from 1.

In this notation: Nielsen, Neural Networks and Deep Learning, chapter 2, equations BP1 to BP4.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from typing import NamedTuple

from backprop_tui.engine.quantities import Kind
from backprop_tui.engine.state import Parameters, TrainingState
from backprop_tui.network.description import Network
from backprop_tui.network.lazy_numpy import Array, np
from backprop_tui.network.rules.optimizers import Line, Options, options_for


class Assignment(NamedTuple):
    """One equation: the quantity of a layer (0: of the network) and its value."""

    kind: Kind
    layer: int
    value: Array


Assignments = Generator[Assignment, Array, None]
"""Equations in the order in which they are computed; each is sent the value to go on with."""


def forward(network: Network, parameters: Parameters, x: Array, y: Array) -> Assignments:
    """The weighted sums and the activations, layer by layer upwards, and at last the loss of each example."""
    a = x
    for number, layer in enumerate(network.layers, 1):
        w, b = parameters.weights[number - 1], parameters.biases[number - 1]
        z = yield Assignment(Kind.WEIGHTED_SUM, number, a @ w.T + b)
        a = yield Assignment(Kind.ACTIVATION, number, layer.activation.value(z))
    yield Assignment(Kind.LOSS, 0, loss(network, y, z, a))


def loss(network: Network, y: Array, z: Array, a: Array) -> Array:
    """The loss of each example from z and a of the output layer, of the shape (n,).

    A fused loss takes z: it stays exact where the activation saturates.
    """
    if network.fused_loss:
        return network.fused_loss.value(y, z)
    return network.training.loss.value(y, a)


def over_batch(network: Network, total: Array, examples: int) -> Array:
    """What an update goes by, from a sum over a batch: the mean, or for the reduction ``sum`` that sum."""
    return total if network.training.sums_examples else np.asarray(total / examples)


def backward(
    network: Network, parameters: Parameters, z: Sequence[Array], a: Sequence[Array], y: Array
) -> Assignments:
    """The error signals, layer by layer downwards, and from them the gradients, summed over the examples.

    Args:
        network: the description.
        parameters: the weights and biases of the forward pass.
        z: of layer l, ``z[l - 1]``.
        a: of layer l, ``a[l]``; ``a[0]`` is x.
        y: targets.

    """
    last = len(network.layers)
    dL_da = network.training.loss.gradient(y, a[last])
    for number in range(last, 0, -1):
        activation = network.layers[number - 1].activation
        dL_da = yield Assignment(Kind.ACTIVATION_GRADIENT, number, dL_da)
        slope = activation.derivative(z[number - 1], a[number])
        da_dz = yield Assignment(Kind.ACTIVATION_DERIVATIVE, number, slope)
        if network.fused_loss and number == last:
            delta = network.fused_loss.delta(y, a[number])
        else:
            delta = activation.pull_back(dL_da, da_dz, a[number])
        delta = yield Assignment(Kind.DELTA, number, delta)
        yield Assignment(Kind.WEIGHT_GRADIENT, number, delta.T @ a[number - 1])
        yield Assignment(Kind.BIAS_GRADIENT, number, np.sum(delta, axis=0))
        if number > 1:
            dL_da = delta @ parameters.weights[number - 1]


class Update(NamedTuple):
    """The optimizer's lines for a layer's weights or biases; the last one, ``new``, is their new value."""

    kind: Kind
    layer: int
    lines: Sequence[Line]


def update(
    network: Network, state: TrainingState, gradient: Parameters, t: int, settings: Options
) -> Iterator[Update]:
    """The new parameters, output layer first; frozen ones are left out.

    Args:
        network: the description.
        state: parameters and optimizer state before the update.
        gradient: of the batch, in the shapes of the parameters.
        t: the number of the update, from 1.
        settings: the optimizer's options.

    """
    rule, parameters = network.training.optimizer.lines, state.parameters
    of_weights, of_biases = options_for(settings, bias=False), options_for(settings, bias=True)
    for number in range(len(network.layers), 0, -1):
        layer, n = network.layers[number - 1], number - 1
        if not layer.frozen_weights:
            lines = rule(parameters.weights[n], gradient.weights[n], state.weight_state[n], t, of_weights)
            yield Update(Kind.WEIGHT_UPDATE, number, lines)
        if not layer.frozen_biases:
            lines = rule(parameters.biases[n], gradient.biases[n], state.bias_state[n], t, of_biases)
            yield Update(Kind.BIAS_UPDATE, number, lines)
