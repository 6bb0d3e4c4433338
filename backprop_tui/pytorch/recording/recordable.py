"""What can be recorded, and in which of the processes that train together."""

from __future__ import annotations

import os
from typing import Any

import torch
from torch import nn

from backprop_tui.pytorch.errors import PyTorchError, brief


def require_recordable(model: Any, loss: Any, optimizer: Any, keep: Any) -> None:
    """Refuse what cannot be recorded.

    Raises:
        PyTorchError: it says what would do.

    """
    if not isinstance(model, nn.Module):
        raise PyTorchError("model", "a module", brief(model))
    if not isinstance(loss, nn.Module):
        hint = "a loss module can be listened to: nn.CrossEntropyLoss() in the place of cross_entropy"
        raise PyTorchError("loss", "a module", brief(loss), hint=hint)
    if getattr(loss, "reduction", "mean") == "none":
        raise PyTorchError("loss", "the reduction mean or sum", f'{type(loss).__name__}(reduction="none")')
    if not isinstance(optimizer, torch.optim.Optimizer):
        raise PyTorchError("optimizer", "an optimizer of torch.optim", brief(optimizer))
    if isinstance(optimizer, torch.optim.LBFGS):
        hint = "it calls the model as often as it likes within one step"
        raise PyTorchError("optimizer", "one update a step", "LBFGS", hint=hint)
    if not hasattr(optimizer, "_optimizer_step_pre_hooks"):  # it calls another one and is none itself
        inner = next((name for name in ("optim", "optimizer") if hasattr(optimizer, name)), "")
        hint = f"record the one within it, optimizer.{inner}" if inner else "record the one within it"
        expected = "an optimizer whose step can be listened to"
        raise PyTorchError("optimizer", expected, type(optimizer).__name__, hint=hint)
    own = {id(one) for one in model.parameters()}
    others = sum(id(one) not in own for group in optimizer.param_groups for one in group["params"])
    if others:
        hint = "record the module that holds all of them"
        raise PyTorchError("optimizer", "parameters of the model alone", f"{others} of others", hint=hint)
    if isinstance(keep, bool) or not isinstance(keep, int) or keep < 1:
        raise PyTorchError("keep", "a number of iterations, 1 or more", brief(keep))


def rank() -> int:
    """The number of this process among those that train together; 0 where it is alone."""
    return _place()[0]


def world() -> int:
    """How many processes train together; 1 where this one is alone."""
    return _place()[1]


def _place() -> tuple[int, int]:
    """By torch.distributed, or before it is initialized by the environment that torchrun makes."""
    together = torch.distributed
    if together.is_available() and together.is_initialized():
        return together.get_rank(), together.get_world_size()
    number, count = os.environ.get("RANK", ""), os.environ.get("WORLD_SIZE", "")
    if number.isdecimal() and count.isdecimal() and int(number) < int(count):
        return int(number), int(count)
    return 0, 1
