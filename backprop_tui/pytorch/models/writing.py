"""From a network to PyTorch: the module, the loss, the examples, and the optimizer in its state."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn

from backprop_tui.network.description import Layer, Network
from backprop_tui.pytorch.models.activations import BY_NAME
from backprop_tui.pytorch.models.layers import DTYPES, LayerPart
from backprop_tui.pytorch.models.optimizers import optimizer_for
from backprop_tui.pytorch.models.own_losses import OWN

_TYPES = {name: dtype for dtype, name in DTYPES.items()}

_LOSSES: dict[tuple[str, str], tuple[tuple[str, str], ...]] = {
    ("cross_entropy", "softmax"): (("CrossEntropyLoss", "identity"), ("NLLLoss", "log_softmax")),
    ("binary_cross_entropy", "sigmoid"): (("BCEWithLogitsLoss", "identity"), ("BCELoss", "sigmoid")),
    ("summed_binary_cross_entropy", "sigmoid"): (("BCEWithLogitsLoss", "identity"), ("BCELoss", "sigmoid")),
}
"""For a loss and the output layer's activation those of PyTorch, the usual first, and how the model ends."""

_REDUCED_ALIKE = {
    "mean_squared_error": "mean",
    "summed_squared_error": "sum",
    "binary_cross_entropy": "mean",
    "summed_binary_cross_entropy": "sum",
}
"""The losses that PyTorch's own classes reduce over outputs and examples alike: how."""


def dtype_of(network: Network) -> Any:
    """The type of the numbers in PyTorch."""
    return _TYPES[network.pytorch.dtype if network.pytorch else "float64"]


def module_of(network: Network) -> nn.Sequential:
    """As ``doors.to_torch``."""
    return _module(network)[0]


def training_of(network: Network) -> tuple[nn.Sequential, nn.Module, Any, Any, Any]:
    """As ``doors.to_torch_training``."""
    module, layers = _module(network)
    dtype = dtype_of(network)
    inputs = torch.tensor(network.data.inputs[:], dtype=torch.float64).to(dtype)
    targets = torch.tensor(network.data.targets[:], dtype=torch.float64).to(dtype)
    loss = _loss(network)
    if isinstance(loss, nn.NLLLoss):
        targets = targets.argmax(dim=-1)
    return module, loss, inputs, targets, optimizer_for(network, layers)


def _module(network: Network) -> tuple[nn.Sequential, list[LayerPart]]:
    dtype = dtype_of(network)
    modules: list[nn.Module] = []
    layers: list[LayerPart] = []
    for number, layer in enumerate(network.layers):
        linear = _linear(layer, dtype)
        layers.append(LayerPart(str(len(modules)), linear.weight, linear.bias, layer.activation_name))
        modules.append(linear)
        name = layer.activation_name if number + 1 < len(network.layers) else _ending(network)[1]
        if name != "identity":
            row = BY_NAME[name]
            modules.append(row.module(dim=-1) if row.couples else row.module())
    return nn.Sequential(*modules), layers


def _linear(layer: Layer, dtype: Any) -> nn.Linear:
    """A Linear layer; biases that are frozen at 0 because none are given are none."""
    biased = layer.given_biases or not layer.frozen_biases
    linear = nn.Linear(layer.inputs, layer.units, bias=biased, device="meta", dtype=dtype)
    linear.weight = _parameter(layer.weights[:], dtype, frozen=layer.frozen_weights)
    if biased:
        linear.bias = _parameter(layer.biases, dtype, frozen=layer.frozen_biases)
    return linear


def _parameter(numbers: Any, dtype: Any, *, frozen: bool) -> nn.Parameter:
    return nn.Parameter(torch.tensor(numbers, dtype=torch.float64).to(dtype), requires_grad=not frozen)


def _ending(network: Network) -> tuple[str, str]:
    """The class of the loss, empty where it is one of our own, and the activation that the module ends in."""
    name, last = network.training.loss_name, network.layers[-1].activation_name
    if not _fits(network):
        return "", last
    known = _LOSSES.get((name, last), ())
    remembered = network.pytorch.loss if network.pytorch else ""
    for kind, ending in known:
        if kind == remembered and (kind != "NLLLoss" or _one_hot(network)):
            return kind, ending
    if known:
        return known[0]
    if name not in _REDUCED_ALIKE:
        return "", last
    return ("MSELoss" if name.endswith("squared_error") else "BCELoss"), last


def _fits(network: Network) -> bool:
    """Whether the outputs are reduced as the examples are, as PyTorch's classes do."""
    training = network.training
    how = _REDUCED_ALIKE.get(training.loss_name)
    return how is None or how == training.reduction


def _one_hot(network: Network) -> bool:
    return all(sorted(set(row)) in ([0.0, 1.0], [1.0]) and sum(row) == 1.0 for row in network.data.targets)


def _loss(network: Network) -> nn.Module:
    kind, _ = _ending(network)
    loss = getattr(nn, kind) if kind else OWN[network.training.loss_name]
    made: nn.Module = loss(reduction=network.training.reduction)
    return made
