"""Random PyTorch models, trained for some steps: drawn from a number, so that a failure repeats by it."""

from __future__ import annotations

import copy
from random import Random
from typing import Any, NamedTuple

import torch
from torch import nn
from torch.nn import functional

MODULES: dict[str, Any] = {
    "identity": nn.Identity,
    "sigmoid": nn.Sigmoid,
    "tanh": nn.Tanh,
    "relu": nn.ReLU,
    "leaky_relu": nn.LeakyReLU,
    "elu": nn.ELU,
    "gelu": nn.GELU,
    "silu": nn.SiLU,
    "softplus": nn.Softplus,
    "softmax": lambda: nn.Softmax(dim=-1),
}
FUNCTIONS: dict[str, Any] = {
    "identity": lambda z: z,
    "sigmoid": torch.sigmoid,
    "tanh": lambda z: z.tanh(),
    "relu": functional.relu,
    "leaky_relu": functional.leaky_relu,
    "elu": functional.elu,
    "gelu": functional.gelu,
    "silu": functional.silu,
    "softplus": functional.softplus,
    "softmax": lambda z: functional.softmax(z, dim=-1),
}
LOSSES = ("MSELoss", "BCELoss", "BCEWithLogitsLoss", "CrossEntropyLoss", "NLLLoss")
OPTIMIZERS: dict[str, Any] = {
    "sgd": (torch.optim.SGD, {"lr": 0.05}),
    "sgd with momentum": (torch.optim.SGD, {"lr": 0.02, "momentum": 0.9, "weight_decay": 0.01}),
    "sgd, dampened": (torch.optim.SGD, {"lr": 0.05, "momentum": 0.8, "dampening": 0.3}),
    "sgd, nesterov": (torch.optim.SGD, {"lr": 0.02, "momentum": 0.7, "nesterov": True}),
    "adagrad": (torch.optim.Adagrad, {"lr": 0.05, "lr_decay": 0.1, "initial_accumulator_value": 0.1}),
    "rmsprop": (torch.optim.RMSprop, {"lr": 0.005, "eps": 1e-3}),
    "rmsprop, centered": (
        torch.optim.RMSprop,
        {"lr": 0.005, "momentum": 0.5, "centered": True, "weight_decay": 0.02, "eps": 1e-2},
    ),
    "adam": (torch.optim.Adam, {"lr": 0.01, "eps": 1e-3, "weight_decay": 0.05}),
    "adamw": (torch.optim.AdamW, {"lr": 0.01, "betas": (0.8, 0.95), "eps": 1e-3}),
}
DTYPES = (torch.float64, torch.float32, torch.float32, torch.bfloat16, torch.float16)


class Functional(nn.Module):
    """Layers with functions between them in the place of modules."""

    def __init__(self, layers: list[nn.Module], names: list[str]) -> None:
        super().__init__()
        self.layers = nn.ModuleList(layers)
        self.names = names

    def forward(self, x: Any, mask: Any = None) -> Any:
        if mask is not None:
            x = x * mask
        for layer, name in zip(self.layers, self.names, strict=True):
            x = FUNCTIONS[name](layer(x))
        return x


class Drawn(NamedTuple):
    """A model in training."""

    model: Any
    loss: Any
    inputs: Any
    targets: Any
    optimizer: Any
    steps: int
    activations: tuple[str, ...]
    """With what the loss brings."""
    optimizer_name: str
    dtype: Any
    biased: tuple[bool, ...]


def drawn(seed: int) -> Drawn:
    """A model, its loss, examples and optimizer, after 0 to 30 steps."""
    draw = Random(seed)
    torch.manual_seed(seed)
    dtype = draw.choice(DTYPES)
    half = dtype in (torch.bfloat16, torch.float16)
    kind = draw.choice(("MSELoss", "CrossEntropyLoss") if half else LOSSES)
    depth = draw.randint(1, 4)
    widths = [draw.randint(1, 6) for _ in range(depth + 1)]
    names = [draw.choice(list(MODULES)) for _ in range(depth)]
    ending = {"BCELoss": "sigmoid", "NLLLoss": "softmax"}.get(kind)
    names[-1] = ending or ("identity" if kind != "MSELoss" else names[-1])
    biased = tuple(draw.random() < 0.75 for _ in range(depth))
    layers: list[nn.Module] = [
        nn.Linear(below, above, bias=bias)
        for below, above, bias in zip(widths, widths[1:], biased, strict=False)
    ]
    for layer in layers:
        if draw.random() < 0.15:
            layer.weight.requires_grad_(False)
    model = _model(draw, layers, names, kind).to(dtype).eval()
    examples, reduction = draw.randint(1, 6), draw.choice(("mean", "sum"))
    inputs = torch.randn(examples, *_shaped(draw, widths[0], model), dtype=torch.float64).to(dtype)
    targets = _targets(draw, kind, examples, widths[-1], dtype)
    loss = getattr(nn, kind)(reduction=reduction)
    name = draw.choice(list(OPTIMIZERS))
    made, options = OPTIMIZERS[name]
    optimizer = made([one for one in model.parameters() if one.requires_grad] or [torch.zeros(1)], **options)
    steps = draw.choice((0, draw.randint(1, 30)))
    step(model, loss, inputs, targets, optimizer, steps)
    brought = {"BCEWithLogitsLoss": "sigmoid", "CrossEntropyLoss": "softmax"}
    names[-1] = brought.get(kind, names[-1])
    return Drawn(model, loss, inputs, targets, optimizer, steps, tuple(names), name, dtype, biased)


def _model(draw: Random, layers: list[nn.Module], names: list[str], kind: str) -> nn.Module:
    if kind != "NLLLoss" and draw.random() < 0.3:
        return Functional(layers, list(names))
    modules: list[nn.Module] = [nn.Flatten()] if draw.random() < 0.3 else []
    for number, (layer, name) in enumerate(zip(layers, names, strict=True), 1):
        ends = kind == "NLLLoss" and number == len(layers)
        activation = nn.LogSoftmax(dim=-1) if ends else MODULES[name]()
        pair = [layer, *([activation] if name != "identity" or draw.random() < 0.3 else [])]
        modules += [nn.Sequential(*pair)] if draw.random() < 0.3 else pair
        if draw.random() < 0.2:
            modules.append(nn.Dropout(0.5))
    return nn.Sequential(*modules)


def _shaped(draw: Random, inputs: int, model: nn.Module) -> tuple[int, ...]:
    flattens = isinstance(model, nn.Sequential) and isinstance(model[0], nn.Flatten)
    return (2, inputs // 2) if flattens and inputs % 2 == 0 else (inputs,)


def _targets(draw: Random, kind: str, examples: int, outputs: int, dtype: Any) -> Any:
    if kind == "NLLLoss" or (kind == "CrossEntropyLoss" and draw.random() < 0.6):
        return torch.randint(outputs, (examples,))
    if kind == "CrossEntropyLoss":
        return torch.softmax(torch.randn(examples, outputs, dtype=torch.float64), dim=-1).to(dtype)
    if kind.startswith("BCE"):
        return torch.rand(examples, outputs, dtype=torch.float64).to(dtype)
    return torch.randn(examples, outputs, dtype=torch.float64).to(dtype)


def step(model: Any, loss: Any, inputs: Any, targets: Any, optimizer: Any, count: int) -> None:
    """So many steps of a training loop."""
    for _ in range(count):
        optimizer.zero_grad()
        value = loss(model(inputs), targets)
        if value.requires_grad:
            value.backward()
            optimizer.step()
    optimizer.zero_grad()


def in_float64(given: Drawn) -> Drawn:
    """The same training in float64, from where it stands."""
    model = copy.deepcopy(given.model).double()
    made, options = OPTIMIZERS[given.optimizer_name]
    optimizer = made([one for one in model.parameters() if one.requires_grad] or [torch.zeros(1)], **options)
    optimizer.load_state_dict(copy.deepcopy(given.optimizer.state_dict()))
    targets = given.targets.double() if given.targets.is_floating_point() else given.targets
    return given._replace(
        model=model, inputs=given.inputs.double(), targets=targets, optimizer=optimizer, dtype=torch.float64
    )
