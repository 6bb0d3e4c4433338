"""Small trainings in PyTorch that are recorded, and what PyTorch itself knew of them."""

from itertools import pairwise
from typing import Any, NamedTuple

import torch
from torch import nn

import backprop_tui
from backprop_tui.network.description import Network


class Trained(NamedTuple):
    """A recording as a network, with each iteration's ``.grad`` after the backward pass."""

    network: Network
    gradients: list[list[Any]]
    """Of weights and biases, as ``model.parameters()`` has them."""


def mlp(dtype=torch.float32, widths=(6, 8, 3)):
    """Linear layers with tanh between them."""
    torch.manual_seed(5)
    layers: list[nn.Module] = []
    for below, units in pairwise(widths):
        layers += [nn.Linear(below, units), nn.Tanh()]
    return nn.Sequential(*layers[:-1]).to(dtype)


def recorded(
    folder,
    model,
    batches,
    *,
    optimizer="SGD",
    lr=0.05,
    loss=None,
    autocast=None,
    loss_scale=1.0,
    clip=None,
    unscale=False,
):
    """Train on each batch, of inputs and targets, and read the recording as a network."""
    loss = nn.MSELoss() if loss is None else loss
    updates = getattr(torch.optim, optimizer)(model.parameters(), lr=lr)
    gradients = []
    with backprop_tui.record(folder, model, loss, updates, keep=100, when=""):
        for inputs, targets in batches:
            updates.zero_grad()
            with torch.autocast("cpu", autocast or torch.bfloat16, enabled=autocast is not None):
                value = loss(model(inputs), targets)
            (value * loss_scale).backward()
            gradients.append([one.grad.clone() for one in model.parameters()])
            if unscale:
                for one in model.parameters():
                    one.grad /= loss_scale
            if clip:
                nn.utils.clip_grad_norm_(model.parameters(), clip)
            updates.step()
    return Trained(backprop_tui.from_recording(folder), gradients)


def drawn(count, examples=8, widths=(6, 3), dtype=torch.float32, seed=1):
    """Random batches."""
    torch.manual_seed(seed)
    return [
        (torch.randn(examples, widths[0]).to(dtype), torch.randn(examples, widths[1]).to(dtype))
        for _ in range(count)
    ]
