"""The same training, as others do it: each makes of a problem a function that runs so many steps.

A step is the forward pass, the loss, the backward pass and one update of one batch; each gives the losses of
its steps, the mean over the batch. Layers are sigmoid, the loss is ½Σ(y − a)², the optimizer plain gradient
descent. Every one goes on where it stopped.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from itertools import pairwise
from typing import Any

import numpy as np

from backprop_tui.network.description import Network
from backprop_tui.network.files.build import build

LEARNING_RATE = 0.5
Steps = Callable[[int], list[float]]


@dataclass(frozen=True)
class Problem:
    """Widths of the layers, initial values, and examples that are used in turn, a batch a step."""

    name: str
    weights: tuple[Any, ...]
    """A matrix a layer, of the shape (units, inputs)."""
    biases: tuple[Any, ...]
    inputs: Any
    targets: Any
    batch_size: int

    @property
    def batches(self) -> list[tuple[Any, Any]]:
        """Inputs and targets of each step of an epoch."""
        starts = range(0, len(self.inputs), self.batch_size)
        size = self.batch_size
        return [(self.inputs[at : at + size], self.targets[at : at + size]) for at in starts]

    @property
    def network(self) -> Network:
        """The same for our own engines."""
        layers = [
            {"units": len(b), "activation": "sigmoid", "weights": w.tolist(), "biases": b.tolist()}
            for w, b in zip(self.weights, self.biases, strict=True)
        ]
        return build(
            {
                "network": {"inputs": self.inputs.shape[1], "layers": layers},
                "training": {
                    "loss": "squared_error",
                    "batch_size": self.batch_size,
                    "optimizer": {"name": "sgd", "learning_rate": LEARNING_RATE},
                },
                "data": {"inputs": self.inputs.tolist(), "targets": self.targets.tolist()},
            }
        )


def problem(shape: str, batch_size: int, examples: int = 64) -> Problem:
    """A problem with random values, the same each time."""
    widths = [int(width) for width in shape.split("-")]
    random = np.random.default_rng(20)
    pairs = list(pairwise(widths))
    return Problem(
        f"{shape} b{batch_size}",
        tuple(random.normal(0.0, 1.0 / math.sqrt(below), (units, below)) for below, units in pairs),
        tuple(random.normal(0.0, 0.1, units) for units in widths[1:]),
        random.uniform(0.0, 1.0, (examples, widths[0])),
        random.uniform(0.1, 0.9, (examples, widths[-1])),
        batch_size,
    )


def worked_example() -> Problem:
    """The worked example: one example, so that a step is an epoch."""
    one = [np.array([[value]]) for value in (0.3, 0.7, 0.5, 1.0)]
    return Problem("1-1-1 b1", (one[0], one[1]), (np.array([0.1]), np.array([0.2])), one[2], one[3], 1)


def textbook(problem: Problem) -> Steps:
    """Plain Python, for 1-1-1 only: the worked example as a person writes it down, nothing left to win."""
    assert [len(b) for b in problem.biases] == [1, 1]
    (w1, w2), (b1, b2) = ([float(one.item()) for one in some] for some in (problem.weights, problem.biases))
    x, y = float(problem.inputs.item()), float(problem.targets.item())
    values = [w1, b1, w2, b2]

    def steps(count: int) -> list[float]:
        exp, learning_rate, losses = math.exp, LEARNING_RATE, []
        w1, b1, w2, b2 = values
        for _ in range(count):
            z_h = w1 * x + b1
            a_h = 1.0 / (1.0 + exp(-z_h))
            z_o = w2 * a_h + b2
            a_o = 1.0 / (1.0 + exp(-z_o))
            losses.append(0.5 * (y - a_o) ** 2)
            dL_da_o = -(y - a_o)
            dL_dz_o = dL_da_o * a_o * (1.0 - a_o)
            dL_dz_h = dL_dz_o * w2 * a_h * (1.0 - a_h)
            w2 -= learning_rate * dL_dz_o * a_h
            b2 -= learning_rate * dL_dz_o
            w1 -= learning_rate * dL_dz_h * x
            b1 -= learning_rate * dL_dz_h
        values[:] = [w1, b1, w2, b2]
        return losses

    return steps


def numpy_by_hand(problem: Problem) -> Steps:
    """NumPy, float64, the batch as a matrix."""
    weights, biases = [w.copy() for w in problem.weights], [b.copy() for b in problem.biases]
    batches, done = problem.batches, [0]

    def steps(count: int) -> list[float]:
        losses = []
        for number in range(done[0], done[0] + count):
            x, y = batches[number % len(batches)]
            activations = [x]
            for w, b in zip(weights, biases, strict=True):
                activations.append(1.0 / (1.0 + np.exp(-(activations[-1] @ w.T + b))))
            error = activations[-1] - y
            losses.append(0.5 * float((error * error).sum()) / len(x))
            delta = error * activations[-1] * (1.0 - activations[-1]) / len(x)
            for layer in range(len(weights) - 1, -1, -1):
                below = activations[layer]
                w_gradient, b_gradient = delta.T @ below, delta.sum(axis=0)
                if layer:
                    delta = (delta @ weights[layer]) * below * (1.0 - below)
                weights[layer] -= LEARNING_RATE * w_gradient
                biases[layer] -= LEARNING_RATE * b_gradient
        done[0] += count
        return losses

    return steps


def micrograd(problem: Problem) -> Steps:
    """micrograd, with a sigmoid made as its own operations are made."""
    from micrograd.engine import Value

    def sigmoid(z: Any) -> Any:
        out = Value(1.0 / (1.0 + math.exp(-z.data)), (z,), "sigmoid")

        def backward() -> None:
            z.grad += out.data * (1.0 - out.data) * out.grad

        out._backward = backward
        return out

    weights = [[[Value(float(v)) for v in row] for row in w] for w in problem.weights]
    biases = [[Value(float(v)) for v in b] for b in problem.biases]
    parameters = [v for w in weights for row in w for v in row] + [v for b in biases for v in b]
    batches, done = [(x.tolist(), y.tolist()) for x, y in problem.batches], [0]

    def output(values: list[Any]) -> list[Any]:
        for w, b in zip(weights, biases, strict=True):
            values = [
                sigmoid(sum((v * a for v, a in zip(row, values, strict=True)), bias))
                for row, bias in zip(w, b, strict=True)
            ]
        return values

    def steps(count: int) -> list[float]:
        losses = []
        for number in range(done[0], done[0] + count):
            inputs, targets = batches[number % len(batches)]
            squares = [
                (a - y) ** 2
                for x, wanted in zip(inputs, targets, strict=True)
                for a, y in zip(output(x), wanted, strict=True)
            ]
            loss = sum(squares[1:], squares[0]) * (0.5 / len(inputs))
            for parameter in parameters:
                parameter.grad = 0.0
            loss.backward()
            for parameter in parameters:
                parameter.data -= LEARNING_RATE * parameter.grad
            losses.append(float(loss.data))
        done[0] += count
        return losses

    return steps


def hips_autograd(problem: Problem) -> Steps:
    """HIPS autograd: NumPy with derivatives."""
    import autograd.numpy as anp
    from autograd import value_and_grad

    def loss(parameters: list[Any], x: Any, y: Any) -> Any:
        a = x
        for w, b in parameters:
            a = 1.0 / (1.0 + anp.exp(-(anp.dot(a, w.T) + b)))
        return 0.5 * anp.sum((y - a) ** 2) / len(x)

    slope = value_and_grad(loss)
    values = [[(w.copy(), b.copy()) for w, b in zip(problem.weights, problem.biases, strict=True)]]
    batches, done = problem.batches, [0]

    def steps(count: int) -> list[float]:
        losses = []
        for number in range(done[0], done[0] + count):
            found, gradient = slope(values[0], *batches[number % len(batches)])
            values[0] = [
                (w - LEARNING_RATE * dw, b - LEARNING_RATE * db)
                for (w, b), (dw, db) in zip(values[0], gradient, strict=True)
            ]
            losses.append(float(found))
        done[0] += count
        return losses

    return steps


def pytorch(problem: Problem) -> Steps:
    """PyTorch, eager, float64, its own SGD."""
    import torch

    layers: list[Any] = []
    for w, b in zip(problem.weights, problem.biases, strict=True):
        linear = torch.nn.Linear(w.shape[1], w.shape[0], dtype=torch.float64)
        with torch.no_grad():
            linear.weight.copy_(torch.from_numpy(w))
            linear.bias.copy_(torch.from_numpy(b))
        layers += [linear, torch.nn.Sigmoid()]
    model = torch.nn.Sequential(*layers)
    optimizer = torch.optim.SGD(model.parameters(), lr=LEARNING_RATE)
    batches = [(torch.from_numpy(x.copy()), torch.from_numpy(y.copy())) for x, y in problem.batches]
    done = [0]

    def steps(count: int) -> list[float]:
        losses = []
        for number in range(done[0], done[0] + count):
            x, y = batches[number % len(batches)]
            optimizer.zero_grad()
            loss = 0.5 * ((y - model(x)) ** 2).sum() / len(x)
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
        done[0] += count
        return losses

    return steps


def pytorch_alone(problem: Problem) -> Steps:
    """The same on one thread, which is often quicker for networks so small."""
    import torch

    usual, inner = torch.get_num_threads(), pytorch(problem)

    def steps(count: int) -> list[float]:
        torch.set_num_threads(1)
        try:
            return inner(count)
        finally:
            torch.set_num_threads(usual)

    return steps


OPTIONAL = {"micrograd": micrograd, "autograd": hips_autograd}
"""Further rivals by the module that they need."""


def installed(module: str) -> bool:
    """Whether a rival is there."""
    return find_spec(module) is not None


def torch_threads() -> int:
    """How many threads PyTorch uses."""
    import torch

    return int(torch.get_num_threads())
