"""Forward, loss and backward: pure functions over whole batches, in float64.

Rows are examples: ``z``, ``a``, ``dL_da``, ``da_dz`` and ``delta`` of a layer have the shape
(examples, units). Tuples have an entry a layer; ``a`` starts with the input, so ``a[0]`` is x and ``a[l]``
belongs to layer l, while the other tuples start with layer 1.

The four equations of backpropagation in this notation: Nielsen, Neural Networks and Deep Learning, chapter 2.
"""

from __future__ import annotations

from msgspec import Struct

from backprop_tui.engine.state import Parameters
from backprop_tui.network.description import Network
from backprop_tui.network.lazy_numpy import Array, np


class Forward(Struct, frozen=True, eq=False):
    """What the forward pass computes; ``loss`` has the shape (examples,)."""

    z: tuple[Array, ...]
    a: tuple[Array, ...]
    loss: Array


class Backward(Struct, frozen=True, eq=False):
    """What the backward pass computes, example by example."""

    dL_da: tuple[Array, ...]
    da_dz: tuple[Array, ...]
    delta: tuple[Array, ...]


def forward(network: Network, parameters: Parameters, x: Array, y: Array) -> Forward:
    """Z and a of every unit, and the loss of each example.

    Args:
        network: the description.
        parameters: the weights and biases to use.
        x: inputs, of the shape (examples, inputs).
        y: targets, of the shape (examples, outputs).

    """
    with np.errstate(all="ignore"):
        zs: list[Array] = []
        activations: list[Array] = [x]
        for layer, w, b in zip(network.layers, parameters.weights, parameters.biases, strict=True):
            z = activations[-1] @ w.T + b
            zs.append(z)
            activations.append(layer.activation.value(z))
        partner = network.fused_loss
        loss = partner.value(y, zs[-1]) if partner else network.training.loss.value(y, activations[-1])
        return Forward(tuple(zs), tuple(activations), loss)


def backward(network: Network, parameters: Parameters, pass_: Forward, y: Array) -> Backward:
    """dL/da, da/dz and the error signal dL/dz of every unit, from the output layer down."""
    with np.errstate(all="ignore"):
        dL_das: list[Array] = []
        da_dzs: list[Array] = []
        deltas: list[Array] = []
        dL_da = network.training.loss.gradient(y, pass_.a[-1])
        for number in range(len(network.layers) - 1, -1, -1):
            activation = network.layers[number].activation
            z, a = pass_.z[number], pass_.a[number + 1]
            da_dz = activation.derivative(z, a)
            if network.fused_loss and not deltas:
                delta = network.fused_loss.delta(y, a)
            else:
                delta = activation.pull_back(dL_da, da_dz, a)
            dL_das.append(dL_da)
            da_dzs.append(da_dz)
            deltas.append(delta)
            dL_da = delta @ parameters.weights[number]
        return Backward(tuple(dL_das[::-1]), tuple(da_dzs[::-1]), tuple(deltas[::-1]))


def mean_gradient(pass_: Forward, back: Backward) -> Parameters:
    """The gradient of the batch's loss: each example's dL/dw = delta·a_below and dL/db = delta, averaged."""
    examples = len(pass_.loss)
    with np.errstate(all="ignore"):
        return Parameters(
            tuple(delta.T @ a / examples for delta, a in zip(back.delta, pass_.a, strict=False)),
            tuple(delta.sum(axis=0) / examples for delta in back.delta),
        )
