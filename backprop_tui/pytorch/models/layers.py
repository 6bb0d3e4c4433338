"""From the steps of a forward pass to layers: a Linear layer and the activation after it make one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import torch
from torch import nn

from backprop_tui.pytorch.errors import PyTorchError
from backprop_tui.pytorch.models.steps import ELSEWHERE, Step

DTYPES = {
    torch.float64: "float64",
    torch.float32: "float32",
    torch.float16: "float16",
    torch.bfloat16: "bfloat16",
}


class LayerPart(NamedTuple):
    """One layer of a stack: its parameters in PyTorch, and the name of its activation."""

    place: str
    weight: Any
    """Of the shape (units, inputs)."""
    bias: Any
    """Of the shape (units,); None where there is none."""
    activation: str = "identity"
    activation_place: str = ""
    """The module that the activation is; empty where there is none."""

    @property
    def parameters(self) -> tuple[Any, ...]:
        """The weight, and the bias where there is one."""
        return (self.weight,) if self.bias is None else (self.weight, self.bias)


def layers_of(steps: Sequence[Step]) -> tuple[LayerPart, ...]:
    """The layers that some steps make.

    Raises:
        PyTorchError: an activation stands where there is no place for it.

    """
    found: list[LayerPart] = []
    for step in steps:
        if step.activation is None:
            found.append(LayerPart(step.place, step.weight, step.bias))
        elif not found:
            hint = "apply it to the inputs beforehand"
            raise PyTorchError(step.place, "a Linear layer first", step.said, hint=hint)
        elif found[-1].activation_place:
            expected = f"a Linear layer after the activation {found[-1].activation_place}"
            raise PyTorchError(step.place, expected, step.said)
        else:
            found[-1] = found[-1]._replace(
                activation=step.activation.name, activation_place=f"{step.place}: {step.said}"
            )
    _refuse_log_softmax_within(found)
    return tuple(found)


def _refuse_log_softmax_within(layers: Sequence[LayerPart]) -> None:
    for layer in layers[:-1]:
        if layer.activation == "log_softmax":
            place, _, said = layer.activation_place.partition(": ")
            raise PyTorchError(place, "LogSoftmax at the end alone, before NLLLoss", said)


def require_own(model: nn.Module, layers: Sequence[LayerPart]) -> None:
    """Refuse parameters that stand at two places of a model: their gradient would come from both.

    Raises:
        PyTorchError: one does.

    """
    names: dict[int, list[str]] = {}
    for name, parameter in model.named_parameters(remove_duplicate=False):
        names.setdefault(id(parameter), []).append(f"model.{name}")
    seen: set[int] = set()
    for layer in layers:
        for parameter in layer.parameters:
            places = names.get(id(parameter), [])
            if len(places) > 1:
                found = f"tied with {' and '.join(places[1:])}"
                raise PyTorchError(places[0], "parameters of its own", found, hint="give each a copy")
            if id(parameter) in seen:
                raise PyTorchError(layer.place, "a layer that is used once", "used again", hint=ELSEWHERE)
        seen |= {id(parameter) for parameter in layer.parameters}


def dtype_of(layers: Sequence[LayerPart]) -> str:
    """The type that all numbers of a stack have.

    Raises:
        PyTorchError: it is one that networks do not have.

    """
    first = layers[0].weight.dtype
    for layer in layers:
        for parameter in layer.parameters:
            if parameter.dtype not in DTYPES:
                expected = "numbers of the type " + ", ".join(DTYPES.values())
                raise PyTorchError(layer.place, expected, str(parameter.dtype))
    return DTYPES[first]


def numbers(place: str, tensor: Any, what: str = "", *, finite: bool = True) -> Any:
    """A tensor's numbers as nested lists, in float64.

    Raises:
        PyTorchError: one of them is not finite.

    """
    tensor = tensor.detach().to(device="cpu", dtype=torch.float64)
    is_finite = torch.isfinite(tensor)
    if finite and not is_finite.all():
        at = torch.nonzero(~is_finite)[0].tolist()
        index = "".join(f"[{one}]" for one in at)
        hint = "take a checkpoint from before, or the batch that made it so"
        raise PyTorchError(
            f"{place}{what}{index}", "a finite number", f"{tensor[tuple(at)].item()}", hint=hint
        )
    return tensor.tolist()
