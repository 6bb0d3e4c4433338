"""Backpropagation in plain Python loops, written from the definitions: what the package is compared with.

It shares no code with the package and reads nothing of it but the description of a network. The
optimizers are written from the algorithms in PyTorch's documentation, a number at a time.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from math import cosh, erf, exp, log, log1p, pi, sqrt, tanh
from typing import Any, NamedTuple

Key = tuple[str, int | None, int | None, int | None]


class Row(NamedTuple):
    """One statement that has run."""

    epoch: int
    step: int
    iteration: int
    slot: int | None
    example: int | None
    kind: str
    layer: int | None
    unit: int | None
    input: int | None
    value: float

    @property
    def key(self) -> Key:
        return self.kind, self.layer, self.unit, self.input


def sigmoid(z: float) -> float:
    return 1.0 / (1.0 + exp(-z)) if z >= 0 else exp(z) / (1.0 + exp(z))


def activate(name: str, z: Sequence[float]) -> list[float]:
    """The activations of a layer."""
    if name == "softmax":
        highest = max(z)
        powers = [exp(one - highest) for one in z]
        return [power / sum(powers) for power in powers]
    return [_activate(name, one) for one in z]


def _activate(name: str, z: float) -> float:
    match name:
        case "identity":
            return z
        case "sigmoid":
            return sigmoid(z)
        case "tanh":
            return tanh(z)
        case "relu":
            return z if z > 0 else 0.0
        case "leaky_relu":
            return z if z > 0 else 0.01 * z
        case "elu":
            return z if z > 0 else exp(z) - 1.0
        case "gelu":
            return 0.5 * z * (1.0 + erf(z / sqrt(2.0)))
        case "silu":
            return z * sigmoid(z)
        case "softplus":
            return log(1.0 + exp(z)) if z < 30 else z + log1p(exp(-z))
    raise ValueError(name)


def slope(name: str, z: float) -> float:
    """da/dz of an activation that is of one z alone."""
    match name:
        case "identity":
            return 1.0
        case "sigmoid":
            return sigmoid(z) * sigmoid(-z)
        case "tanh":
            return 1.0 / cosh(z) ** 2
        case "relu":
            return 1.0 if z > 0 else 0.0
        case "leaky_relu":
            return 1.0 if z > 0 else 0.01
        case "elu":
            return 1.0 if z > 0 else exp(z)
        case "gelu":
            return 0.5 * (1.0 + erf(z / sqrt(2.0))) + z * exp(-z * z / 2.0) / sqrt(2.0 * pi)
        case "silu":
            return sigmoid(z) + z * sigmoid(z) * sigmoid(-z)
        case "softplus":
            return sigmoid(z)
    raise ValueError(name)


def jacobian(name: str, z: Sequence[float]) -> list[list[float]]:
    """da_j/dz_i in row j and column i."""
    units = range(len(z))
    if name == "softmax":
        a = activate(name, z)
        return [[a[j] * ((i == j) - a[i]) for i in units] for j in units]
    return [[slope(name, z[i]) if i == j else 0.0 for i in units] for j in units]


def loss(name: str, y: Sequence[float], a: Sequence[float]) -> float:
    """The loss of one example."""
    pairs = list(zip(y, a, strict=True))
    match name:
        case "squared_error":
            return sum((t - p) ** 2 for t, p in pairs) / 2.0
        case "mean_squared_error":
            return sum((t - p) ** 2 for t, p in pairs) / len(pairs)
        case "summed_squared_error":
            return sum((t - p) ** 2 for t, p in pairs)
        case "binary_cross_entropy":
            return -sum(t * log(p) + (1.0 - t) * log(1.0 - p) for t, p in pairs) / len(pairs)
        case "summed_binary_cross_entropy":
            return -sum(t * log(p) + (1.0 - t) * log(1.0 - p) for t, p in pairs)
        case "given_gradient":
            return sum(t * p for t, p in pairs)
        case "cross_entropy":
            return -sum(t * log(p) for t, p in pairs if t)
    raise ValueError(name)


def loss_gradient(name: str, y: Sequence[float], a: Sequence[float]) -> list[float]:
    """dL/da of each output."""
    pairs = list(zip(y, a, strict=True))
    match name:
        case "squared_error":
            return [p - t for t, p in pairs]
        case "mean_squared_error":
            return [2.0 * (p - t) / len(pairs) for t, p in pairs]
        case "summed_squared_error":
            return [2.0 * (p - t) for t, p in pairs]
        case "binary_cross_entropy":
            return [(-t / p + (1.0 - t) / (1.0 - p)) / len(pairs) for t, p in pairs]
        case "summed_binary_cross_entropy":
            return [-t / p + (1.0 - t) / (1.0 - p) for t, p in pairs]
        case "given_gradient":
            return list(y)
        case "cross_entropy":
            return [-t / p if t else 0.0 for t, p in pairs]
    raise ValueError(name)


def updated(name: str, o: Mapping[str, float], p: float, g: float, memory: dict[str, float], t: int) -> float:
    """A parameter after update number *t*; *memory* is brought up to date."""

    def kept(key: str, value: float) -> float:
        memory[key] = value
        return value

    if name != "adamw":
        g = g + o["weight_decay"] * p
    if name == "sgd":
        if o["momentum"]:
            b = kept("b", g if t == 1 else o["momentum"] * memory["b"] + (1.0 - o["dampening"]) * g)
            g = g + o["momentum"] * b if o["nesterov"] else b
        return p - o["learning_rate"] * g
    if name == "adagrad":
        total = kept("sum", memory.get("sum", 0.0) + g**2)
        return p - o["learning_rate"] / (1 + (t - 1) * o["lr_decay"]) * g / (sqrt(total) + o["eps"])
    if name == "rmsprop":
        square = kept("v", o["alpha"] * memory.get("v", 0.0) + (1 - o["alpha"]) * g**2)
        if o["centered"]:
            mean = kept("g", o["alpha"] * memory.get("g", 0.0) + (1 - o["alpha"]) * g)
            square -= mean**2
        move = g / (sqrt(square) + o["eps"])
        if o["momentum"]:
            move = kept("b", o["momentum"] * memory.get("b", 0.0) + move)
        return p - o["learning_rate"] * move
    if name == "adamw":
        p = p - o["learning_rate"] * o["weight_decay"] * p
    m = kept("m", o["beta1"] * memory.get("m", 0.0) + (1 - o["beta1"]) * g)
    v = kept("v", o["beta2"] * memory.get("v", 0.0) + (1 - o["beta2"]) * g**2)
    m_hat, v_hat = m / (1 - o["beta1"] ** t), v / (1 - o["beta2"] ** t)
    return p - o["learning_rate"] * m_hat / (sqrt(v_hat) + o["eps"])


def order(network: Any) -> list[Key]:
    """The statements of one example, in order."""
    keys: list[Key] = []
    for layer, width in enumerate(network.widths[1:], 1):
        kinds = ("weighted_sum", "activation")
        if network.layers[layer - 1].activation_name == "softmax":
            keys += [(kind, layer, unit, None) for kind in kinds for unit in range(width)]
        else:
            keys += [(kind, layer, unit, None) for unit in range(width) for kind in kinds]
    keys.append(("loss", None, None, None))
    for layer in range(len(network.layers), 0, -1):
        together = network.layers[layer - 1].activation_name == "softmax"
        units = range(network.widths[layer])
        if together:
            keys += [("activation_gradient", layer, unit, None) for unit in units]
        for unit in units:
            if not together:
                keys.append(("activation_gradient", layer, unit, None))
            keys.append(("activation_derivative", layer, unit, None))
            keys.append(("delta", layer, unit, None))
            keys += [("weight_gradient", layer, unit, i) for i in range(network.widths[layer - 1])]
            keys.append(("bias_gradient", layer, unit, None))
    return keys


def update_order(network: Any) -> list[Key]:
    """The statements of one update, in order."""
    keys: list[Key] = []
    for layer in range(len(network.layers), 0, -1):
        row = network.layers[layer - 1]
        for unit in range(network.widths[layer]):
            if not row.frozen_weights:
                keys += [("weight_update", layer, unit, i) for i in range(network.widths[layer - 1])]
            if not row.frozen_biases:
                keys.append(("bias_update", layer, unit, None))
    return keys


def example_values(
    network: Any, weights: Any, biases: Any, x: Sequence[float], y: Sequence[float]
) -> dict[Key, float]:
    """Everything that forward, loss and backward compute for one example."""
    values: dict[Key, float] = {}
    a = [list(x)]
    z: list[list[float]] = [[]]
    last = len(network.layers)
    for layer in range(1, last + 1):
        w, b = weights[layer - 1], biases[layer - 1]
        z.append(
            [sum(v * i for v, i in zip(row, a[-1], strict=True)) + c for row, c in zip(w, b, strict=True)]
        )
        a.append(activate(network.layers[layer - 1].activation_name, z[-1]))
        for unit in range(len(b)):
            values["weighted_sum", layer, unit, None] = z[layer][unit]
            values["activation", layer, unit, None] = a[layer][unit]
    name = network.training.loss_name
    values["loss", None, None, None] = loss(name, y, a[-1])
    dL_da = loss_gradient(name, y, a[-1])
    for layer in range(last, 0, -1):
        table = jacobian(network.layers[layer - 1].activation_name, z[layer])
        units = range(network.widths[layer])
        delta = [sum(dL_da[j] * table[j][i] for j in units) for i in units]
        for unit in units:
            values["activation_gradient", layer, unit, None] = dL_da[unit]
            values["activation_derivative", layer, unit, None] = table[unit][unit]
            values["delta", layer, unit, None] = delta[unit]
            values["bias_gradient", layer, unit, None] = delta[unit]
            for i, below in enumerate(a[layer - 1]):
                values["weight_gradient", layer, unit, i] = delta[unit] * below
        w = weights[layer - 1]
        dL_da = [sum(delta[k] * w[k][i] for k in units) for i in range(len(a[layer - 1]))]
    return values


_MEMORY = {
    "sgd": {"v": "b"},
    "adagrad": {"s": "sum"},
    "rmsprop": {"v": "v", "m": "g", "b": "b"},
    "adam": {"m": "m", "v": "v"},
    "adamw": {"m": "m", "v": "v"},
}
"""What the description of a start calls an optimizer's memory, and what it is called here."""


def _started(network: Any) -> tuple[dict[Key, dict[str, float]], int]:
    """The optimizer's memory of each parameter before the first update, and how many updates there were."""
    memory: dict[Key, dict[str, float]] = {}
    start = network.training.start
    for layer, kept in enumerate(start.layers if start else (), 1):
        for theirs, ours in _MEMORY[network.training.optimizer_name].items():
            for unit, row in enumerate(kept.weights.get(theirs, ())):
                for below, value in enumerate(row):
                    memory.setdefault(("weight_update", layer, unit, below), {})[ours] = value
            for unit, value in enumerate(kept.biases.get(theirs, ())):
                memory.setdefault(("bias_update", layer, unit, None), {})[ours] = value
    return memory, start.updates if start else 0


def run(network: Any, epochs: int, orders: Sequence[Sequence[int]] | None = None) -> Iterator[Row]:
    """Every statement of so many epochs with its value; *orders* are the examples' orders, an epoch each."""
    weights = [[list(row) for row in layer.weights] for layer in network.layers]
    biases = [list(layer.biases) for layer in network.layers]
    memory, updates = _started(network)
    count, size = len(network.data.inputs), network.training.batch_size or len(network.data.inputs)
    lengths = network.training.batches or [min(size, count - first) for first in range(0, count, size)]
    iteration = 0
    for epoch in range(epochs):
        step = 0
        indices = list(orders[epoch]) if orders else list(range(count))
        first = 0
        for number, length in enumerate(lengths):
            batch = indices[first : first + length]
            first += length
            settings = dict(network.training.settings)
            settings |= {name: values[number] for name, values in network.training.schedule.items()}
            sums: dict[Key, float] = {}
            for slot, example in enumerate(batch):
                x, y = network.data.inputs[example], network.data.targets[example]
                values = example_values(network, weights, biases, x, y)
                for key in order(network):
                    step += 1
                    yield Row(epoch, step, iteration, slot, example, *key, values[key])
                    sums[key] = sums.get(key, 0.0) + values[key]
            for key in update_order(network):
                kind, layer, unit, below = key
                assert layer is not None
                assert unit is not None
                gradient = sums[kind.replace("update", "gradient"), layer, unit, below]
                if network.training.reduction == "mean":
                    gradient /= len(batch)
                gradient *= settings.get("gradient_scale", 1.0)
                numbers = biases[layer - 1] if below is None else weights[layer - 1][unit]
                place = unit if below is None else below
                spared = below is None and not settings["decay_biases"]
                numbers[place] = updated(
                    network.training.optimizer_name,
                    {**settings, "weight_decay": 0.0} if spared else settings,
                    numbers[place],
                    gradient,
                    memory.setdefault(key, {}),
                    updates + iteration + 1,
                )
                step += 1
                yield Row(epoch, step, iteration, None, None, *key, numbers[place])
            iteration += 1
