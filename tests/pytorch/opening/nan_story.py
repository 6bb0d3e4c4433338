"""A training whose loss becomes nan on step 4,317: a shop's visits, and one day that nobody came.

The README tells it. Inputs are the logarithms of two counts; the data are drawn so that a count of 0 comes up
once, in the batch of step 4,317.
"""

from __future__ import annotations

import sys
from pathlib import Path

import torch
from torch import nn

import backprop_tui

STEP = 4317
EXAMPLES = 8


def batches():
    """Counts and what they lead to, a batch a step."""
    generator = torch.Generator().manual_seed(20)
    for step in range(STEP + 50):
        counts = torch.randint(1, 200, (EXAMPLES, 2), generator=generator)
        sold = (0.3 * counts[:, :1].sqrt() + 0.02 * counts[:, 1:]) / 10
        if step == STEP:
            counts[5, 1] = 0
        yield counts.log(), sold


def train(folder: str | Path) -> list[float]:
    """The unchanged loop, recorded."""
    torch.manual_seed(1)
    model = nn.Sequential(nn.Linear(2, 4), nn.Tanh(), nn.Linear(4, 1))
    loss, optimizer = nn.MSELoss(), torch.optim.Adam(model.parameters(), lr=0.01)
    losses = []
    with backprop_tui.record(folder, model, loss, optimizer, keep=20):
        for inputs, targets in batches():
            optimizer.zero_grad()
            value = loss(model(inputs), targets)
            value.backward()
            optimizer.step()
            losses.append(value.item())
    return losses


if __name__ == "__main__":
    train(sys.argv[1])
