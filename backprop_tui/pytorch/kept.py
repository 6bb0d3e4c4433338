"""What a recorder keeps in memory: copies of batches, parameters and state, the latest iterations alone."""

from __future__ import annotations

import weakref
from collections.abc import Mapping
from typing import Any

import torch

from backprop_tui.pytorch.errors import brief


class Pass:
    """One forward pass of the model with its loss."""

    def __init__(self, arguments: Any, keywords: Any) -> None:
        self.arguments = arguments
        self.keywords = keywords
        self.output: Any = None
        """A weak reference to what the model gave, to know it again where the loss takes it."""
        self.dtype = ""
        """Of that output; under autocast another one than the parameters'."""
        self.shape: tuple[int, ...] = ()
        """Of it."""
        self.targets: Any = ()
        self.loss = 0.0
        self.direct = True
        """Whether the loss took the model's output itself."""
        self.scale = 0.0
        self.backwards = 0
        self.fresh = True
        """Whether there was no gradient before its backward pass."""

    def remember(self, output: Any) -> None:
        """Know the model's output again."""
        self.output = weakref.ref(output) if isinstance(output, torch.Tensor) else None
        first = first_tensor(output)
        if first is not None:
            self.dtype, self.shape = dtype_name(first.dtype), tuple(first.shape)

    def gave(self, output: Any) -> bool:
        """Whether that is the output of this pass."""
        return self.output is not None and self.output() is output

    @property
    def examples(self) -> int:
        """The first dimension of the first tensor that the model was given; 0 where there is none."""
        first = first_tensor((self.arguments, self.keywords))
        return 0 if first is None or not first.dim() else len(first)


class Iteration:
    """What led to one update."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.passes: list[Pass] = []
        self.grad_norm = 0.0
        """After the last backward pass."""
        self.grad_norm_at_step: float | None = None
        """When the optimizer took it; differs where something clipped or scaled it."""
        self.groups: list[dict[str, Any]] = []
        self.stepped = False
        self.notes: list[str] = []

    @property
    def loss(self) -> float:
        """The mean over the passes."""
        return sum(one.loss for one in self.passes) / len(self.passes) if self.passes else 0.0


class State:
    """Parameters, buffers and the optimizer's state before an iteration."""

    def __init__(self, number: int, model: Any, optimizer: Any) -> None:
        self.number = number
        named = (*model.named_parameters(), *model.named_buffers())
        self.parameters = {name: copied(one) for name, one in named}
        known = {id(one): name for name, one in model.named_parameters()}
        self.groups: list[dict[str, Any]] = []
        self.tensors: dict[str, Any] = {}
        self.values: dict[int, dict[str, Any]] = {}
        count = 0
        for group in optimizer.param_groups:
            numbers = range(count, count + len(group["params"]))
            count += len(group["params"])
            names = [known.get(id(one), "") for one in group["params"]]
            self.groups.append({**options(group), "params": list(numbers), "param_names": names})
            for number, parameter in zip(numbers, group["params"], strict=True):
                for key, value in optimizer.state.get(parameter, {}).items():
                    if isinstance(value, torch.Tensor):
                        self.tensors[f"{number}/{key}"] = copied(value)
                    else:
                        self.values.setdefault(number, {})[key] = simple(value)


def options(group: Mapping[str, Any]) -> dict[str, Any]:
    """The options of a parameter group."""
    return {key: simple(value) for key, value in group.items() if key not in ("params", "param_names")}


def simple(value: Any) -> Any:
    """A value that JSON has."""
    if isinstance(value, torch.Tensor) and value.numel() == 1:
        return value.item()
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    return [simple(one) for one in value] if isinstance(value, (tuple, list)) else brief(value)


def copied(what: Any) -> Any:
    """Tensors copied to the CPU, in tuples, lists and dictionaries as they are."""
    if isinstance(what, torch.Tensor):
        return what.detach().to("cpu", copy=True)
    if isinstance(what, (tuple, list)):
        return (tuple if isinstance(what, tuple) else list)(map(copied, what))
    return {str(key): copied(value) for key, value in what.items()} if isinstance(what, Mapping) else what


def first_tensor(what: Any) -> Any:
    """The first tensor in tuples, lists and dictionaries; None where there is none."""
    if isinstance(what, torch.Tensor):
        return what
    inside = what.values() if isinstance(what, Mapping) else what if isinstance(what, (tuple, list)) else ()
    return next((found for found in map(first_tensor, inside) if found is not None), None)


def dtype_name(dtype: Any) -> str:
    """A dtype as text, as in ``float32``."""
    return str(dtype).removeprefix("torch.")


def named(what: Any, name: str, tensors: dict[str, Any], notes: list[str]) -> dict[str, Any]:
    """A structure for JSON, whose tensors are put among *tensors*; what has no place is noted."""
    if isinstance(what, torch.Tensor) and what.layout == torch.strided and not what.is_complex():
        tensors[name] = what
        return {"tensor": name}
    if isinstance(what, (tuple, list)):
        sort = "tuple" if isinstance(what, tuple) else "list"
        return {sort: [named(one, f"{name}/{at}", tensors, notes) for at, one in enumerate(what)]}
    if isinstance(what, dict):
        return {"dict": {key: named(one, f"{name}/{key}", tensors, notes) for key, one in what.items()}}
    if what is None or isinstance(what, (bool, int, float, str)):
        return {"value": what}
    notes.append(f"{name}: {brief(what, 40)} is no dense tensor of real numbers and was not kept")
    return {"missing": brief(what)}


def described(iterations: list[Iteration], states: list[State]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The tensors of a window by name, and all the rest as JSON has it."""
    tensors: dict[str, Any] = {}
    rows: list[dict[str, Any]] = []
    for one in iterations:
        notes = list(one.notes)
        passes = []
        for at, given in enumerate(one.passes):
            start = f"batch/{one.number}/{at}"
            passes.append(
                {
                    "arguments": named(given.arguments, f"{start}/inputs", tensors, notes),
                    "keywords": named(given.keywords, f"{start}/keywords", tensors, notes),
                    "targets": named(given.targets, f"{start}/targets", tensors, notes),
                    "dtype": given.dtype,
                    "shape": given.shape,
                    "loss": given.loss,
                    "scale": given.scale,
                    "direct": given.direct,
                    "backwards": given.backwards,
                }
            )
        rows.append(
            {
                "iteration": one.number,
                "loss": one.loss,
                "grad_norm": one.grad_norm,
                "grad_norm_at_step": one.grad_norm_at_step,
                "groups": one.groups,
                "stepped": one.stepped,
                "notes": notes,
                "passes": passes,
            }
        )
    kept = []
    for state in states:
        tensors.update((f"parameters/{state.number}/{name}", one) for name, one in state.parameters.items())
        tensors.update((f"state/{state.number}/{name}", one) for name, one in state.tensors.items())
        kept.append({"iteration": state.number, "groups": state.groups, "values": state.values})
    return tensors, {"iterations": rows, "states": kept}
