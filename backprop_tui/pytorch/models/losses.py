"""PyTorch's losses as rows of our table, with the activation that they bring, reduction and targets."""

from __future__ import annotations

from typing import Any, NamedTuple

import torch
from torch import nn
from torch.nn import functional

from backprop_tui.pytorch.errors import PyTorchError, brief
from backprop_tui.pytorch.models.layers import LayerPart
from backprop_tui.pytorch.models.own_losses import OWN

KNOWN = "MSELoss, BCELoss, BCEWithLogitsLoss, CrossEntropyLoss, or NLLLoss after LogSoftmax"

_FUNCTIONS = {
    functional.mse_loss: nn.MSELoss,
    functional.binary_cross_entropy: nn.BCELoss,
    functional.binary_cross_entropy_with_logits: nn.BCEWithLogitsLoss,
    functional.cross_entropy: nn.CrossEntropyLoss,
    functional.nll_loss: nn.NLLLoss,
}
_BY_OWN = {kind: name for name, kind in OWN.items()}
LOSSES = (*_FUNCTIONS.values(), *_BY_OWN)
"""The classes that have a row here."""


class LossPart(NamedTuple):
    """A loss in our words."""

    name: str
    """As in our table."""
    reduction: str
    activation: str
    """Of the output layer, with what the loss brings."""
    targets: Any
    """Of the shape (examples, outputs)."""
    kind: str
    """The class in PyTorch."""


def loss_of(loss: Any, last: LayerPart, output_shape: tuple[int, ...], targets: Any) -> LossPart:
    """What a loss of PyTorch is here.

    Args:
        loss: the module, or the function of torch.nn.functional with its defaults.
        last: the last layer of the stack.
        output_shape: of the model's output for all examples.
        targets: as PyTorch takes them.

    Raises:
        PyTorchError: it has no row here, or what it is given does not fit.

    """
    if callable(loss) and not isinstance(loss, nn.Module) and loss in _FUNCTIONS:
        loss = _FUNCTIONS[loss]()
    kind = type(loss).__name__
    if type(loss) not in LOSSES:
        hint = 'with submodule="…" any loss will do: its gradient is taken'
        raise PyTorchError("loss", KNOWN, brief(loss), hint=hint)
    reduction = loss.reduction
    if reduction not in ("mean", "sum"):
        raise PyTorchError("loss", "the reduction mean or sum", f'{kind}(reduction="{reduction}")')
    for option in ("weight", "pos_weight"):
        if getattr(loss, option, None) is not None:
            hint = "without it every class and every output counts alike"
            raise PyTorchError("loss", f"no {option}", f"{kind}({option}=…)", hint=hint)
    targets = torch.as_tensor(targets).detach().cpu()
    units = last.weight.shape[0]
    if isinstance(loss, (nn.CrossEntropyLoss, nn.NLLLoss)):
        activation = activation_before(loss, last)
        rows = _of_classes(loss, output_shape, units, targets)
        return LossPart("cross_entropy", reduction, activation, rows, kind)
    activation = activation_before(loss, last)
    if tuple(targets.shape) != output_shape:
        hint = "PyTorch would repeat one of them until they fit"
        raise PyTorchError(
            "targets", f"the shape of the output, {output_shape}", f"{tuple(targets.shape)}", hint=hint
        )
    rows = targets.to(torch.float64).reshape(-1, units)
    return LossPart(_name(loss, reduction), reduction, activation, rows, kind)


def _name(loss: nn.Module, reduction: str) -> str:
    """The row of a loss that takes an output for each target: it reduces outputs and examples alike."""
    if type(loss) in _BY_OWN:
        return _BY_OWN[type(loss)]
    name = "squared_error" if isinstance(loss, nn.MSELoss) else "binary_cross_entropy"
    if reduction == "sum":
        return f"summed_{name}"
    return f"mean_{name}" if name == "squared_error" else name


def activation_before(loss: nn.Module, last: LayerPart) -> str:
    """The output layer's activation, with what the loss brings.

    Raises:
        PyTorchError: the model does not end as that loss wants it.

    """
    if isinstance(loss, (nn.CrossEntropyLoss, nn.NLLLoss)):
        return _before_entropy(loss, last)
    return _plain_activation(loss, last)


def _plain_activation(loss: nn.Module, last: LayerPart) -> str:
    """The output layer's activation, for losses other than the cross-entropy over classes."""
    place, _, said = last.activation_place.partition(": ")
    if last.activation == "log_softmax":
        raise PyTorchError(place, f"NLLLoss after it, not {type(loss).__name__}", said)
    if isinstance(loss, nn.BCEWithLogitsLoss):
        if last.activation_place:
            expected = "a Linear layer at the end: BCEWithLogitsLoss takes the sigmoid itself"
            raise PyTorchError(place, expected, said, hint="BCELoss goes with Sigmoid")
        return "sigmoid"
    return last.activation


def _before_entropy(loss: nn.Module, last: LayerPart) -> str:
    """Softmax, where the model ends so that the loss makes it a cross-entropy over its shares."""
    place, _, said = last.activation_place.partition(": ")
    if isinstance(loss, nn.NLLLoss):
        if last.activation != "log_softmax":
            expected = "LogSoftmax at the end, before NLLLoss"
            raise PyTorchError(
                place or last.place,
                expected,
                said or "a Linear layer",
                hint="CrossEntropyLoss takes both itself",
            )
    elif last.activation_place:
        expected = "a Linear layer at the end: CrossEntropyLoss takes the softmax itself"
        raise PyTorchError(place, expected, said, hint="NLLLoss goes with LogSoftmax")
    return "softmax"


def _of_classes(loss: Any, output_shape: tuple[int, ...], units: int, targets: Any) -> Any:
    """The targets of a cross-entropy as shares: one-hot, or as given, with label smoothing in them."""
    kind = type(loss).__name__
    if len(output_shape) != 2:
        expected = f"outputs of the shape (examples, {units}) for {kind}"
        raise PyTorchError("inputs", expected, f"the shape {output_shape}")
    examples = output_shape[0]
    if targets.is_floating_point() and isinstance(loss, nn.CrossEntropyLoss):
        if tuple(targets.shape) != output_shape:
            raise PyTorchError(
                "targets", f"probabilities of the shape {output_shape}", f"{tuple(targets.shape)}"
            )
        shares = targets.to(torch.float64)
    else:
        if targets.is_floating_point() or targets.dtype == torch.bool or tuple(targets.shape) != (examples,):
            found = f"{targets.dtype} of the shape {tuple(targets.shape)}"
            raise PyTorchError("targets", f"a class for each of the {examples} examples", found)
        outside = (targets < 0) | (targets >= units)
        if outside.any():
            at = int(torch.nonzero(outside)[0])
            hint = "leave such examples out" if int(targets[at]) == loss.ignore_index else ""
            expected = f"a class from 0 to {units - 1}"
            raise PyTorchError(f"targets[{at}]", expected, f"{int(targets[at])}", hint=hint)
        if bool((targets == loss.ignore_index).any()):
            expected = "an ignore_index that is no example's class"
            raise PyTorchError("loss", expected, f"{kind}(ignore_index={loss.ignore_index})")
        shares = functional.one_hot(targets.to(torch.int64), units).to(torch.float64)
    smoothing = float(getattr(loss, "label_smoothing", 0.0))
    return shares * (1.0 - smoothing) + smoothing / units if smoothing else shares
