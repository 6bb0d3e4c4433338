"""Calls of a model that are none of the training's passes."""

from __future__ import annotations

import torch

_transforms = torch._C._functorch.peek_interpreter_stack
_backward = torch._C._current_graph_task_id


def elsewhere() -> bool:
    """Whether what is called is none of the training's passes.

    A transform of torch.func calls the model with tensors that have no numbers of their own, and a checkpoint
    calls it again within the backward pass.
    """
    return _transforms() is not None or _backward() != -1
