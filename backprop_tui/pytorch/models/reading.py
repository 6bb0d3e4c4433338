"""From PyTorch to a network: the parts put together as a document, and the result held against the model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import torch
from torch import nn

from backprop_tui.engine.reference import forward
from backprop_tui.engine.state import Parameters
from backprop_tui.network.description import Network
from backprop_tui.network.errors import NetworkError
from backprop_tui.network.files.build import build
from backprop_tui.network.lazy_numpy import np
from backprop_tui.pytorch.errors import PyTorchError
from backprop_tui.pytorch.models.capturing import captured
from backprop_tui.pytorch.models.following import followed, unwrapped
from backprop_tui.pytorch.models.layers import LayerPart, dtype_of, layers_of, numbers, require_own
from backprop_tui.pytorch.models.losses import LossPart, loss_of
from backprop_tui.pytorch.models.optimizers import OptimizerPart, optimizer_of

CLOSE = 1e-9
"""How far the model's outputs in float64 may be from ours, relative to the largest."""


class Stack(NamedTuple):
    """A stack of layers in a PyTorch model, with the examples that came into it."""

    module: nn.Module
    place: str
    layers: tuple[LayerPart, ...]
    entering: Any
    """What the stack's module was given."""
    inputs: Any
    """The same as rows, of the shape (examples, inputs)."""
    output_shape: tuple[int, ...]
    dtype: str


def network_of(
    model: Any,
    loss: Any,
    inputs: Any,
    targets: Any,
    optimizer: Any,
    submodule: str | None,
    batch_size: int | None,
) -> Network:
    """As ``doors.from_torch``."""
    whole = unwrapped(model)
    _require_trained(whole, optimizer)
    if submodule is None:
        stack = stack_of(whole, whole, "model", inputs)
        part = loss_of(loss, stack.layers[-1], stack.output_shape, targets)
    else:
        seen = captured(whole, submodule, loss, inputs, targets)
        stack = stack_of(whole, seen.module, f"model.{submodule}", seen.inputs)
        part = given_gradient(stack, seen.gradient)
    title = type(whole).__name__ + (f".{submodule}" if submodule else "")
    network = network_from(title, stack, part, optimizer_of(optimizer, stack.layers), batch_size)
    require_same_outputs(network, stack)
    return network


def _require_trained(whole: nn.Module, optimizer: Any) -> None:
    """Refuse an optimizer of something else, with which the model would stay as it is.

    Raises:
        PyTorchError: it has none of the parameters of the model that move.

    """
    moving = {id(one) for one in whole.parameters() if one.requires_grad}
    if not moving or not isinstance(optimizer, torch.optim.Optimizer):
        return
    given = [id(one) for group in optimizer.param_groups for one in group["params"]]
    if moving.isdisjoint(given):
        found = f"{len(given)} of others"
        hint = "make it of this model's parameters, after the model was copied or made anew"
        raise PyTorchError("optimizer", "parameters of the model", found, hint=hint)


def stack_of(whole: nn.Module, module: nn.Module, place: str, inputs: Any) -> Stack:
    """The layers of *module*, a part of *whole* or itself, that *inputs* go through.

    Raises:
        PyTorchError: it is no stack of Linear layers and activations; the message names the module.

    """
    given = _as_given(module, inputs)
    steps = followed(module, given, place)
    layers = layers_of(steps.steps)
    require_own(whole, layers)
    return Stack(module, place, layers, given, steps.inputs, steps.output_shape, dtype_of(layers))


def _as_given(module: nn.Module, inputs: Any) -> Any:
    """The inputs as a tensor; what is none yet, in the type of the module's numbers."""
    if isinstance(inputs, torch.Tensor):
        return inputs.detach()
    like = next(module.parameters(), torch.zeros(()))
    try:
        return torch.as_tensor(inputs, dtype=like.dtype, device=like.device)
    except (TypeError, ValueError, RuntimeError) as error:
        raise PyTorchError("inputs", "a tensor", type(inputs).__name__, hint=str(error)[:100]) from None


def given_gradient(stack: Stack, gradient: Any) -> LossPart:
    """The gradient that came back to a stack's outputs, in the place of a loss: L = Σ g·a."""
    last = stack.layers[-1]
    if last.activation == "log_softmax":
        place, _, said = last.activation_place.partition(": ")
        raise PyTorchError(place, "a stack that ends before LogSoftmax", said)
    rows = gradient.reshape(-1, last.weight.shape[0])
    return LossPart("given_gradient", "sum", last.activation, rows, "")


def network_from(
    title: str,
    stack: Stack,
    loss: LossPart,
    optimizer: OptimizerPart,
    batch_size: int | None = None,
    recorded: Mapping[str, Any] | None = None,
) -> Network:
    """The network of a stack, its loss and its optimizer, by the door that files come through.

    Args:
        title: what it is called.
        stack: the layers and the examples.
        loss: the loss with its targets.
        optimizer: the optimizer in its state.
        batch_size: examples an update; None: all.
        recorded: of a recording, the tables ``training`` (in part) and ``recording``; its numbers need not be
            finite.

    Raises:
        PyTorchError: a number is not finite, or there are too many.

    """
    finite = recorded is None
    layers = []
    for layer, (weights_frozen, biases_frozen) in zip(stack.layers, optimizer.frozen, strict=True):
        table: dict[str, Any] = {
            "units": layer.weight.shape[0],
            "activation": layer.activation,
            "weights": numbers(layer.place, layer.weight, ".weight", finite=finite),
            "frozen": ["weights"] * weights_frozen + ["biases"] * biases_frozen,
        }
        if layer.bias is not None:
            table["biases"] = numbers(layer.place, layer.bias, ".bias", finite=finite)
        layers.append(table)
    layers[-1]["activation"] = loss.activation
    training: dict[str, Any] = {
        "loss": loss.name,
        "reduction": loss.reduction,
        "batch_size": batch_size,
        "optimizer": optimizer.table,
    }
    if optimizer.start:
        training["start"] = optimizer.start
    document = {
        "title": title,
        "network": {"inputs": stack.layers[0].weight.shape[1], "layers": layers},
        "training": training,
        "data": {
            "inputs": numbers("inputs", stack.inputs, finite=finite),
            "targets": numbers("targets", loss.targets, finite=finite),
        },
        "pytorch": {"dtype": stack.dtype, "loss": loss.kind},
    }
    if recorded is not None:
        training |= recorded["training"]
        document["recording"] = recorded["recording"]
    try:
        return build(document)
    except NetworkError as error:
        place = _argument(error.place, stack.layers)
        raise PyTorchError(place, error.expected, error.found, hint=error.hint) from None


def _argument(place: str, layers: Sequence[LayerPart]) -> str:
    """The place in PyTorch that a place in a document comes from."""
    for number, layer in enumerate(layers):
        place = place.replace(f"network.layers[{number}]", layer.place)
    return place.removeprefix("data.").removeprefix("training.")


def require_same_outputs(network: Network, stack: Stack) -> None:
    """Refuse a network whose outputs are not those of the module in float64: something was not followed.

    Raises:
        PyTorchError: they differ.

    """
    state = {
        name: one.detach().double() if one.is_floating_point() else one
        for name, one in (*stack.module.named_parameters(), *stack.module.named_buffers())
    }
    with torch.no_grad():
        output = torch.func.functional_call(stack.module, state, (stack.entering.double(),))
    theirs = output.detach().cpu().reshape(-1, network.widths[-1])
    weights, biases = zip(
        *((np.array(layer.weights), np.array(layer.biases)) for layer in network.layers), strict=True
    )
    pass_ = forward(
        network, Parameters(weights, biases), np.array(network.data.inputs), np.array(network.data.targets)
    )
    last = stack.layers[-1].activation
    ours = torch.from_numpy(
        np.ascontiguousarray(pass_.z[-1] if last in ("identity", "log_softmax") else pass_.a[-1])
    )
    if last == "log_softmax":
        ours = torch.log_softmax(ours, dim=-1)
    scale = float(ours.abs().max())
    if not torch.allclose(ours, theirs, rtol=CLOSE, atol=CLOSE * scale, equal_nan=True):
        apart = float((ours - theirs).abs().max())
        expected = "a forward pass that does no more than its modules say"
        hint = "hooks, or a forward that depends on something else, change the outputs"
        raise PyTorchError(stack.place, expected, f"outputs that differ by {apart:.3g}", hint=hint)
