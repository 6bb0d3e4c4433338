"""Which modules, functions and methods of PyTorch are our activations, and with which options: a row each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import torch
from torch import nn
from torch.nn import functional

LOG_SOFTMAX = "log_softmax"
"""The softmax's logarithm: none of ours, but NLLLoss after it is the cross-entropy after a softmax."""


class Row(NamedTuple):
    """One activation in PyTorch."""

    name: str
    """As in our table."""
    module: type[Any]
    functions: tuple[Callable[..., Any], ...] = ()
    methods: tuple[str, ...] = ()
    fixed: Mapping[str, Any] = {}
    """The options in their order, with the only value that ours has."""
    couples: bool = False
    """Whether it has a dimension, which has to be the last."""

    @property
    def options(self) -> tuple[str, ...]:
        """The names of its arguments after the input, in their order."""
        return ("dim",) if self.couples else tuple(self.fixed)


ROWS = (
    Row(
        "sigmoid",
        nn.Sigmoid,
        (torch.sigmoid, functional.sigmoid, torch.special.expit),
        ("sigmoid", "sigmoid_"),
    ),
    Row("tanh", nn.Tanh, (torch.tanh, functional.tanh), ("tanh", "tanh_")),
    Row("relu", nn.ReLU, (functional.relu, torch.relu, functional.relu_), ("relu", "relu_")),
    Row("leaky_relu", nn.LeakyReLU, (functional.leaky_relu,), fixed={"negative_slope": 0.01}),
    Row("elu", nn.ELU, (functional.elu,), fixed={"alpha": 1.0}),
    Row("gelu", nn.GELU, (functional.gelu,), fixed={"approximate": "none"}),
    Row("silu", nn.SiLU, (functional.silu,)),
    Row("softplus", nn.Softplus, (functional.softplus,), fixed={"beta": 1.0, "threshold": 20.0}),
    Row("softmax", nn.Softmax, (functional.softmax, torch.softmax), ("softmax",), couples=True),
    Row(
        LOG_SOFTMAX,
        nn.LogSoftmax,
        (functional.log_softmax, torch.log_softmax),
        ("log_softmax",),
        couples=True,
    ),
)

BY_MODULE = {row.module: row for row in ROWS}
BY_FUNCTION = {function: row for row in ROWS for function in row.functions}
BY_METHOD = {method: row for row in ROWS for method in row.methods}
BY_NAME = {row.name: row for row in ROWS}
