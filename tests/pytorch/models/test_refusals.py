"""What has no place in a network is refused by the name of the module, with what would do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

torch = pytest.importorskip("torch")

from torch import nn  # noqa: E402
from torch.nn import functional  # noqa: E402

from backprop_tui import BackpropError, NetworkError, from_torch  # noqa: E402


def stack(*modules: Any) -> Any:
    return nn.Sequential(nn.Linear(4, 4), *modules)


class Forward(nn.Module):
    """A Linear layer with a forward pass of one's own."""

    def __init__(self, forward: Callable[[Any, Any], Any]) -> None:
        super().__init__()
        self.linear = nn.Linear(4, 4)
        self.own = forward

    def forward(self, x: Any) -> Any:
        return self.own(self.linear, x)


def shared() -> Any:
    model = stack(nn.ReLU(), nn.Linear(4, 4))
    model[2].weight = model[0].weight
    return model


def twice() -> Any:
    linear = nn.Linear(4, 4)
    return nn.Sequential(linear, nn.ReLU(), linear)


def mixed() -> Any:
    return nn.Sequential(nn.Linear(4, 4), nn.Linear(4, 4).double())


def nan() -> Any:
    model = stack()
    with torch.no_grad():
        model[0].weight[2, 1] = float("nan")
    return model


def hooked() -> Any:
    model = stack(nn.ReLU())
    model[1].register_forward_hook(lambda module, given, output: output * 2.0)
    return model


MODELS: dict[str, tuple[Callable[[], Any], str, str]] = {
    "convolution": (
        lambda: nn.Sequential(nn.Linear(4, 4), nn.ReLU(), nn.Unflatten(1, (1, 4)), nn.Conv1d(1, 1, 1)),
        "model.2: Unflatten",
        "submodule=",
    ),
    "convolution first": (
        lambda: nn.Sequential(nn.Conv2d(1, 1, 2), nn.Flatten()),
        "model.0: Conv2d(1, 1",
        "submodule=",
    ),
    "batch norm": (lambda: stack(nn.BatchNorm1d(4)), "model.1: BatchNorm1d(4", "submodule="),
    "layer norm": (
        lambda: stack(nn.Sequential(nn.ReLU(), nn.LayerNorm(4))),
        "model.1.1: LayerNorm",
        "submodule=",
    ),
    "dropout in training": (lambda: stack(nn.Dropout(0.5)), "model.1: Dropout(p=0.5", "model.eval()"),
    "functional dropout": (
        lambda: stack(Forward(lambda linear, x: functional.dropout(linear(x), 0.5))),
        "model.1: dropout",
        "model.eval()",
    ),
    "tied weights": (shared, "model.0.weight: tied with model.2.weight", "give each a copy"),
    "a layer used twice": (twice, "model.0.weight: tied with model.2.weight", "give each a copy"),
    "a branch on a value": (
        lambda: stack(Forward(lambda linear, x: linear(x) if x.sum() > 0 else x)),
        "model.1: Forward (symbolically traced variables",
        "without branches",
    ),
    "a loop": (
        lambda: Forward(lambda linear, x: sum(linear(row) for row in x)),
        "model: Forward (",
        "without branches or loops",
    ),
    "a residual": (lambda: stack(Forward(lambda linear, x: x + linear(x))), "model.1: add", "submodule="),
    "an operation": (
        lambda: Forward(lambda linear, x: linear(x / 255.0)),
        "model: truediv",
        "expected a Linear",
    ),
    "several outputs": (lambda: Forward(lambda linear, x: (linear(x), x)), "model: (linear", "one tensor"),
    "nothing": (lambda: Forward(lambda linear, x: torch.relu(x)), "model: Forward", "at least one Linear"),
    "an unknown activation": (lambda: stack(nn.Mish()), "model.1: Mish()", "Sigmoid, Tanh"),
    "another slope": (
        lambda: stack(nn.LeakyReLU(0.2)),
        "LeakyReLU(negative_slope=0.2)",
        "negative_slope=0.01",
    ),
    "another slope as a function": (
        lambda: stack(Forward(lambda linear, x: functional.leaky_relu(linear(x), 0.2))),
        "model.1: LeakyReLU as a function",
        "negative_slope=0.01",
    ),
    "the other gelu": (
        lambda: stack(nn.GELU("tanh")),
        "model.1: GELU(approximate='tanh')",
        "approximate='none'",
    ),
    "softmax over the examples": (lambda: stack(nn.Softmax(0)), "model.1: Softmax(dim=0)", "dim=-1"),
    "two activations": (lambda: stack(nn.ReLU(), nn.Tanh()), "model.2: Tanh()", "a Linear layer after"),
    "an activation first": (
        lambda: nn.Sequential(nn.ReLU(), nn.Linear(4, 4)),
        "model.0: ReLU()",
        "beforehand",
    ),
    "log_softmax within": (
        lambda: stack(nn.LogSoftmax(-1), nn.Linear(4, 4)),
        "model.1: LogSoftmax",
        "before NLLLoss",
    ),
    "log_softmax before another loss": (
        lambda: stack(nn.LogSoftmax(-1)),
        "model.1: LogSoftmax",
        "NLLLoss after it",
    ),
    "a parametrization": (
        lambda: nn.Sequential(nn.utils.parametrizations.weight_norm(nn.Linear(4, 4))),
        "model.0: ParametrizedLinear",
        "a parameter itself",
    ),
    "two types": (mixed, "model.1: torch.float64", "torch.float32, as in model.0"),
    "complex numbers": (
        lambda: nn.Sequential(nn.Linear(4, 4, dtype=torch.complex64)),
        "complex64",
        "float64, float32",
    ),
    "not a number": (nan, "model.0.weight[2][1]: nan", "a finite number"),
    "a hook that changes outputs": (hooked, "outputs that differ by", "hooks"),
    "no module": (lambda: 3, "model: 3", "torch.nn.Module"),
}


def refused(*arguments: Any, **more: Any) -> str:
    with pytest.raises(NetworkError) as caught:
        from_torch(*arguments, **more)
    assert isinstance(caught.value, BackpropError)
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize("name", MODELS)
def test_a_model_is_refused_by_the_name_of_its_module(name: str) -> None:
    made, place, would_do = MODELS[name]
    model, dtype = made(), torch.complex64 if name == "complex numbers" else torch.float32
    inputs = torch.randn(3, 1, 2, 2) if name == "convolution first" else torch.randn(3, 4, dtype=dtype)
    said = refused(model, nn.MSELoss(), inputs, torch.randn(3, 4))
    assert place in said
    assert would_do in said


X, Y, CLASSES = torch.zeros(3, 4), torch.zeros(3, 4), torch.tensor([0, 1, 3])
LOSSES: dict[str, tuple[Any, Any, Any, str]] = {
    "unknown": (stack(), nn.L1Loss(), Y, "loss: L1Loss(): expected MSELoss, BCELoss"),
    "a function of one's own": (stack(), lambda a, y: a.sum(), Y, "loss: <function"),
    "unreduced": (
        stack(),
        nn.MSELoss(reduction="none"),
        Y,
        'MSELoss(reduction="none"): expected the reduction mean',
    ),
    "class weights": (
        stack(),
        nn.CrossEntropyLoss(weight=torch.ones(4)),
        CLASSES,
        "CrossEntropyLoss(weight=…)",
    ),
    "weights of positives": (
        stack(),
        nn.BCEWithLogitsLoss(pos_weight=torch.ones(4)),
        Y,
        "BCEWithLogitsLoss(pos_weight=…): expected no pos_weight",
    ),
    "an ignored class": (
        stack(),
        nn.CrossEntropyLoss(ignore_index=1),
        CLASSES,
        "CrossEntropyLoss(ignore_index=1): expected an ignore_index that is no",
    ),
    "an ignored example": (
        stack(),
        nn.CrossEntropyLoss(),
        torch.tensor([0, -100, 1]),
        "targets[1]: -100: expected a class from 0 to 3 (leave such examples out)",
    ),
    "no such class": (
        stack(),
        nn.CrossEntropyLoss(),
        torch.tensor([0, 4, 1]),
        "targets[1]: 4: expected a class from 0",
    ),
    "softmax twice": (
        stack(nn.Softmax(-1)),
        nn.CrossEntropyLoss(),
        CLASSES,
        "model.1: Softmax(dim=-1): expected a Linear layer at the end: CrossEntropyLoss takes the soft",
    ),
    "sigmoid twice": (
        stack(nn.Sigmoid()),
        nn.BCEWithLogitsLoss(),
        Y,
        "takes the sigmoid itself (BCELoss goes with",
    ),
    "no log_softmax": (
        stack(),
        nn.NLLLoss(),
        CLASSES,
        "model.0: a Linear layer: expected LogSoftmax at the end",
    ),
    "repeated targets": (
        stack(),
        nn.MSELoss(),
        torch.zeros(3),
        "targets: (3,): expected the shape of the output, (3, 4)",
    ),
    "targets that are no shares": (
        stack(),
        nn.BCEWithLogitsLoss(),
        Y + 2.0,
        "targets[0][0]: 2.0: expected between 0",
    ),
    "targets that are not finite": (
        stack(),
        nn.MSELoss(),
        Y + float("inf"),
        "targets[0][0]: inf: expected a finite",
    ),
    "classes for outputs": (
        stack(),
        nn.CrossEntropyLoss(),
        torch.zeros(3),
        "targets: (3,): expected probabilities",
    ),
}


@pytest.mark.parametrize("name", LOSSES)
def test_a_loss_and_targets_are_refused_by_name(name: str) -> None:
    model, loss, targets, said = LOSSES[name]
    assert said in refused(model, loss, X, targets)


def test_inputs_that_the_model_does_not_take_are_refused() -> None:
    assert "inputs: mat1 and mat2" in refused(stack(), nn.MSELoss(), torch.zeros(3, 5), Y)
    infinite = X.clone()
    infinite[1, 2] = float("inf")
    assert "inputs[1][2]: inf" in refused(stack(), nn.MSELoss(), infinite, Y)


OPTIMIZERS: dict[str, tuple[Callable[[Any], Any], str]] = {
    "unknown": (
        lambda m: torch.optim.NAdam(m.parameters()),
        "optimizer: NAdam: expected one of SGD, Adagrad",
    ),
    "amsgrad": (
        lambda m: torch.optim.Adam(m.parameters(), amsgrad=True),
        "optimizer: amsgrad=True: expected Adam without",
    ),
    "maximize": (
        lambda m: torch.optim.SGD(m.parameters(), maximize=True),
        "maximize=True: expected SGD without maximize",
    ),
    "several learning rates": (
        lambda m: torch.optim.SGD([{"params": [m[0].weight], "lr": 0.1}, {"params": [m[0].bias]}], lr=0.01),
        "optimizer: learning_rate 0.1 and 0.01: expected the same options for all of the stack, or biases "
        "without weight_decay (submodule=",
    ),
    "no optimizer": (lambda m: "sgd", "optimizer: str: expected one of SGD"),
}


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_an_optimizer_is_refused_by_name(name: str) -> None:
    made, said = OPTIMIZERS[name]
    model = stack()
    assert said in refused(model, nn.MSELoss(), X, Y, made(model))


def test_parameters_that_were_updated_unequally_often_are_refused() -> None:
    model = stack(nn.ReLU(), nn.Linear(4, 4))
    optimizer = torch.optim.Adam(model.parameters())
    for part in (model, model[0]):
        optimizer.zero_grad()
        part(torch.ones(3, 4)).sum().backward()
        optimizer.step()
    said = refused(model, nn.MSELoss(), X, Y, optimizer)
    assert "optimizer: 2 (model.0, weights) and 1 (model.2, weights): expected as many updates" in said


def test_a_submodule_is_refused_by_name() -> None:
    model = nn.Sequential(stack(), nn.Sequential(nn.LayerNorm(4), nn.Linear(4, 4)))
    loss = nn.MSELoss()
    assert 'submodule: "2": expected the name of a module' in refused(model, loss, X, Y, submodule="2")
    assert "model.1.0: LayerNorm" in refused(model, loss, X, Y, submodule="1")
    unused = nn.ModuleDict({"a": stack(), "b": stack()})
    unused.forward = unused["a"].forward
    assert "model.b: not used: expected a stack that the model uses once" in refused(
        unused, loss, X, Y, submodule="b"
    )
    assert "used 2 times" in refused(nn.Sequential(model[0], model[0]), loss, X, Y, submodule="0")
    constant = refused(model, lambda a, y: torch.zeros(()), X, Y, submodule="0")
    assert "model.0: tensor(0.): expected a loss of one number that depends on" in constant
