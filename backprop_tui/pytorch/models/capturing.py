"""A stack within a larger model: what came into it, and the gradient that came back to its outputs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NamedTuple

import torch
from torch import nn

from backprop_tui.network.errors import described, nearest
from backprop_tui.pytorch.errors import PyTorchError, brief


class Captured(NamedTuple):
    """One pass through a stack: its inputs, and dL/d of its outputs, each as the stack had them."""

    module: nn.Module
    inputs: Any
    gradient: Any


def captured(model: nn.Module, name: str, loss: Callable[..., Any], inputs: Any, targets: Any) -> Captured:
    """Run *model* once and look at the stack of that name.

    Gradients, buffers and random numbers stay as they are.

    Args:
        model: the larger model.
        name: the stack, as ``model.get_submodule`` takes it.
        loss: any function of the model's output and the targets.
        inputs: a tensor, or a tuple or a dictionary of arguments.
        targets: what the loss takes.

    Raises:
        PyTorchError: there is no such stack, it is not used exactly once, or no gradient comes back to it.

    """
    module, place = _submodule(model, name), f"model.{name}"
    passes: list[tuple[tuple[Any, ...], Any]] = []

    def look(_: nn.Module, given: tuple[Any, ...], output: Any) -> Any:
        passes.append((given, output))
        # what follows gets the same numbers in another tensor, which it may change in place
        return output.clone() if isinstance(output, torch.Tensor) else output

    handle = module.register_forward_hook(look)
    try:
        with _unchanged(model), torch.enable_grad():
            value = loss(_called(model, inputs), targets)
            (given, output), gradient = _the_pass(place, passes), None
            if (
                isinstance(value, torch.Tensor)
                and value.numel() == 1
                and value.requires_grad
                and output.requires_grad
            ):
                (gradient,) = torch.autograd.grad(value.reshape(()), output, allow_unused=True)
    finally:
        handle.remove()
    if gradient is None:
        expected = "a loss of one number that depends on what the stack puts out"
        raise PyTorchError(place, expected, brief(value, 40))
    return Captured(module, given[0].detach(), gradient.detach())


def _submodule(model: nn.Module, name: str) -> nn.Module:
    try:
        return model.get_submodule(name)
    except AttributeError:
        names = [one for one, _ in model.named_modules() if one]
        hint = nearest(name, names) or "there are " + ", ".join(names[:12])
        raise PyTorchError("submodule", "the name of a module", described(name), hint=hint) from None


def _called(model: nn.Module, inputs: Any) -> Any:
    if isinstance(inputs, Mapping):
        return model(**inputs)
    return model(*inputs) if isinstance(inputs, (tuple, list)) else model(inputs)


def _the_pass(place: str, passes: list[tuple[tuple[Any, ...], Any]]) -> tuple[tuple[Any, ...], Any]:
    if len(passes) != 1:
        found = "not used" if not passes else f"used {len(passes)} times"
        raise PyTorchError(place, "a stack that the model uses once", found)
    given, output = passes[0]
    if len(given) != 1 or not isinstance(given[0], torch.Tensor) or not isinstance(output, torch.Tensor):
        raise PyTorchError(place, "a stack from one tensor to one tensor", "others")
    return passes[0]


@contextmanager
def _unchanged(model: nn.Module) -> Iterator[None]:
    """Buffers (such as running means) and random numbers are afterwards as they were."""
    kept = [(buffer, buffer.detach().clone()) for buffer in model.buffers()]
    devices = range(torch.cuda.device_count()) if torch.cuda.is_available() else ()
    with torch.random.fork_rng(devices=devices):
        try:
            yield
        finally:
            with torch.no_grad():
                for buffer, before in kept:
                    buffer.copy_(before)
