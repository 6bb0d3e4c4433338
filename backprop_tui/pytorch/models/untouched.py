"""A model that is looked at stays as it is, whatever its forward pass does on the way."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import nn


@contextmanager
def untouched(model: nn.Module) -> Iterator[None]:
    """Put back afterwards the attributes and buffers of a model and of its parts, and the random numbers."""
    modules = [(one, dict(one.__dict__), dict(one._buffers)) for one in model.modules()]
    kept = [(one, one._version, one.detach().clone()) for one in model.buffers()]
    try:
        with torch.random.fork_rng(devices=[]):
            yield
    finally:
        for module, attributes, buffers in modules:
            module.__dict__.clear()
            module.__dict__.update(attributes)
            module._buffers.clear()
            module._buffers.update(buffers)
        with torch.no_grad():
            for buffer, count, numbers in kept:
                if buffer._version != count:
                    buffer.copy_(numbers)
