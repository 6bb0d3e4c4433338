"""A stack trained with two groups of parameters: weights with weight decay, and biases without."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

DECAY = 0.3
"""Large, so that a bias that is decayed after all is far off."""
OPTIMIZERS: dict[str, Callable[[Any], Any]] = {
    "sgd": lambda groups: torch.optim.SGD(groups, lr=0.05),
    "sgd, nesterov": lambda groups: torch.optim.SGD(groups, lr=0.02, momentum=0.9, nesterov=True),
    "adagrad": lambda groups: torch.optim.Adagrad(groups, lr=0.05, lr_decay=0.1),
    "rmsprop": lambda groups: torch.optim.RMSprop(groups, lr=0.005, momentum=0.5, centered=True, eps=1e-2),
    "adam": lambda groups: torch.optim.Adam(groups, lr=0.01, eps=1e-3),
    "adamw": lambda groups: torch.optim.AdamW(groups, lr=0.01, betas=(0.8, 0.95), eps=1e-3),
}


def stack(dtype: Any = torch.float64) -> Any:
    torch.manual_seed(11)
    return nn.Sequential(
        nn.Linear(4, 5), nn.Tanh(), nn.Linear(5, 3, bias=False), nn.ReLU(), nn.Linear(3, 2)
    ).to(dtype)


def groups(model: Any, weights: float = DECAY, biases: float = 0.0) -> list[dict[str, Any]]:
    """As a loop makes them: by the number of axes."""
    named = list(model.parameters())
    return [
        {"params": [one for one in named if one.ndim > 1], "weight_decay": weights},
        {"params": [one for one in named if one.ndim < 2], "weight_decay": biases},
    ]


def examples(dtype: Any = torch.float64) -> tuple[Any, Any]:
    torch.manual_seed(12)
    return torch.randn(6, 4, dtype=torch.float64).to(dtype), torch.randn(6, 2, dtype=torch.float64).to(dtype)


def linears(model: Any) -> list[Any]:
    return [one for one in model if isinstance(one, nn.Linear)]


def agree(parameters: Any, model: Any, within: float) -> None:
    for at, linear in enumerate(linears(model)):
        theirs = linear.weight.detach().double().numpy()
        assert parameters.weights[at] == pytest.approx(theirs, rel=within, abs=within)
        bias = np.zeros(len(theirs)) if linear.bias is None else linear.bias.detach().double().numpy()
        assert parameters.biases[at] == pytest.approx(bias, rel=within, abs=within)


def biases_first(m: Any) -> list[dict[str, Any]]:
    return groups(m)[::-1]


def each_its_own(m: Any) -> list[dict[str, Any]]:
    return [{"params": [one], "weight_decay": DECAY * (one.ndim > 1)} for one in m.parameters()]
