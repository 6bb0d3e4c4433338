"""Parameters that lie on several processes, of which each has a part: fully_shard, tensor parallel."""

from __future__ import annotations

from typing import Any

from torch import nn

from backprop_tui.pytorch.errors import PyTorchError


def own_part(tensor: Any) -> Any:
    """What this process has of a tensor that lies on several; else itself."""
    return tensor.to_local() if hasattr(tensor, "to_local") else tensor


def require_whole(model: nn.Module) -> None:
    """Refuse a model of whose parameters this process has a part; to follow it would use it up.

    Raises:
        PyTorchError: it names the first of them.

    """
    expected, hint = "parameters that each process has whole", "DistributedDataParallel keeps them so"
    for path, module in model.named_modules():
        if type(module).__name__ == "FullyShardedDataParallel":
            raise PyTorchError(_place(path), expected, type(module).__name__, hint=hint)
    for name, one in model.named_parameters():
        if hasattr(one, "to_local"):
            raise PyTorchError(_place(name), expected, type(one).__name__, hint=hint)


def _place(name: str) -> str:
    return f"model.{name}" if name else "model"
