"""The engine against PyTorch in float64: every number of an iteration, and training as a whole.

Each case is a network drawn from a seed, so that a failure repeats by its number.

Errors are relative, but an entry that is small beside its array may be the difference of large ones, and has
then lost digits in both programs: the error of an entry is divided by its expected size or by ``SMALL`` times
the largest expected size in the same array, whichever is greater. An array that should be all zeros must be
all zeros, exactly.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from backprop_tui.engine.epochs import run
from backprop_tui.engine.state import Parameters
from backprop_tui.engine.training import Trainer
from backprop_tui.network.description import Network
from backprop_tui.network.files.build import build
from backprop_tui.network.rules.activations import ACTIVATIONS
from backprop_tui.network.rules.losses import LOSSES
from backprop_tui.network.rules.optimizers import OPTIMIZERS

torch = pytest.importorskip("torch")
F = torch.nn.functional
pytestmark = pytest.mark.usefixtures("engine")

SMALL = 1e-3
EPOCHS = 25

# Few of the first 400 (all of these agree) that use everything: test_the_cases_use_everything.
SEEDS = (
    *(0, 1, 2, 3, 4, 6, 7, 8, 10, 12, 13, 14, 15, 16, 19, 20, 22, 26, 27, 29, 33, 34, 39, 41),
    *(44, 50, 58, 60, 63, 64, 68, 88, 89, 91, 93, 96, 106, 125, 152, 169, 183, 185, 199, 206, 258, 280, 317),
)

OPTIMIZER_VARIANTS: tuple[dict[str, Any], ...] = (
    {"name": "sgd"},
    {"name": "sgd", "momentum": 0.9},
    {"name": "sgd", "momentum": 0.8, "nesterov": True},
    {"name": "sgd", "momentum": 0.5, "weight_decay": 0.01},
    {"name": "sgd", "momentum": 0.7, "dampening": 0.4},
    {"name": "adagrad"},
    {"name": "adagrad", "lr_decay": 0.05, "weight_decay": 0.02, "eps": 1e-8},
    {"name": "rmsprop"},
    {"name": "rmsprop", "momentum": 0.7},
    {"name": "rmsprop", "centered": True, "alpha": 0.9},
    {"name": "rmsprop", "centered": True, "momentum": 0.5, "weight_decay": 0.03, "eps": 1e-6},
    {"name": "adam"},
    {"name": "adam", "beta1": 0.8, "beta2": 0.99, "weight_decay": 0.05, "eps": 1e-7},
    {"name": "adamw"},
    {"name": "adamw", "beta1": 0.85, "beta2": 0.9, "weight_decay": 0.2, "eps": 1e-6},
)
LEARNING_RATES = {"sgd": 0.05, "adagrad": 0.05, "rmsprop": 0.005, "adam": 0.01, "adamw": 0.01}

# A loss with logarithms needs outputs of which the logarithm exists.
OUTPUTS = {
    "squared_error": tuple(ACTIVATIONS),
    "mean_squared_error": tuple(ACTIVATIONS),
    "summed_squared_error": tuple(ACTIVATIONS),
    "given_gradient": tuple(ACTIVATIONS),
    "binary_cross_entropy": ("sigmoid", "sigmoid", "softmax"),
    "summed_binary_cross_entropy": ("sigmoid", "sigmoid", "softmax"),
    "cross_entropy": ("softmax", "softmax", "sigmoid", "softplus"),
}


def drawn(seed: int) -> dict[str, Any]:
    """A network file, as a dictionary, drawn from a seed."""
    rng = np.random.default_rng(seed)

    def choice(options: Any) -> Any:
        return options[int(rng.integers(len(options)))]

    depth = int(rng.integers(1, 5))
    widths = [int(width) for width in rng.integers(1, 6, depth + 1)]
    loss = choice(tuple(LOSSES))
    activations = [choice(tuple(ACTIVATIONS)) for _ in range(depth - 1)] + [choice(OUTPUTS[loss])]
    layers = [
        {
            "units": above,
            "activation": activation,
            "weights": rng.normal(0.0, 1.5 / np.sqrt(below), (above, below)).tolist(),
            "biases": rng.normal(0.0, 0.5, above).tolist(),
            "frozen": choice(([], [], [], ["biases"], ["weights"])),
        }
        for below, above, activation in zip(widths, widths[1:], activations, strict=False)
    ]
    examples = int(rng.integers(1, 10))
    if loss.endswith("cross_entropy"):
        targets = rng.uniform(0.0, 1.0, (examples, widths[-1]))
        if rng.random() < 0.5:
            targets = np.round(targets)
        if loss == "cross_entropy" and rng.random() < 0.5:
            targets = np.eye(widths[-1])[rng.integers(widths[-1], size=examples)]
    else:
        targets = rng.normal(0.0, 1.0, (examples, widths[-1]))
    optimizer = dict(choice(OPTIMIZER_VARIANTS))
    optimizer["learning_rate"] = float(LEARNING_RATES[optimizer["name"]] * rng.uniform(0.5, 2.0))
    document = {
        "network": {"inputs": widths[0], "layers": layers},
        "training": {
            "loss": loss,
            "batch_size": int(rng.integers(1, examples + 1)),
            "shuffle": bool(rng.integers(2)),
            "seed": int(rng.integers(2**31)),
            "reduction": choice(("mean", "mean", "sum")),
            "optimizer": optimizer,
        },
        "data": {"inputs": rng.normal(0.0, 1.0, (examples, widths[0])).tolist(), "targets": targets.tolist()},
    }
    if (optimizer.get("weight_decay") or optimizer["name"] == "adamw") and rng.random() < 0.5:
        optimizer["decay_biases"] = False
    return document


class Oracle:
    """The same network in PyTorch."""

    ACTIVATIONS = {
        "identity": lambda z: z * 1.0,
        "sigmoid": torch.sigmoid,
        "tanh": torch.tanh,
        "relu": F.relu,
        "leaky_relu": F.leaky_relu,
        "elu": F.elu,
        "gelu": F.gelu,
        "silu": F.silu,
        # PyTorch rounds softplus(z) to z from z = 20 on, which is off by 2e-9; from 40 on it is exact.
        "softplus": lambda z: F.softplus(z, threshold=40.0),
        "softmax": lambda z: F.softmax(z, dim=-1),
    }
    OPTIMIZERS = {
        "sgd": torch.optim.SGD,
        "adagrad": torch.optim.Adagrad,
        "rmsprop": torch.optim.RMSprop,
        "adam": torch.optim.Adam,
        "adamw": torch.optim.AdamW,
    }

    def __init__(self, network: Network) -> None:
        self.network = network
        self.weights = [
            torch.tensor(layer.weights, dtype=torch.float64, requires_grad=True) for layer in network.layers
        ]
        self.biases = [
            torch.tensor(layer.biases, dtype=torch.float64, requires_grad=True) for layer in network.layers
        ]
        self.x = torch.tensor(network.data.inputs, dtype=torch.float64)
        self.y = torch.tensor(network.data.targets, dtype=torch.float64)

    def forward(self, x: Any) -> tuple[list[Any], list[Any]]:
        """All z and all a, the input first."""
        zs, activations = [], [x]
        for layer, w, b in zip(self.network.layers, self.weights, self.biases, strict=True):
            zs.append(F.linear(activations[-1], w, b))
            activations.append(self.ACTIVATIONS[layer.activation_name](zs[-1]))
        return zs, activations

    def losses(self, z: Any, a: Any, y: Any) -> Any:
        """The loss of each example, by PyTorch's fused function where an entropy has one."""
        activation = self.network.layers[-1].activation_name
        match self.network.training.loss_name:
            case "binary_cross_entropy" if activation == "sigmoid":
                return F.binary_cross_entropy_with_logits(z, y, reduction="none").mean(dim=1)
            case "summed_binary_cross_entropy" if activation == "sigmoid":
                return F.binary_cross_entropy_with_logits(z, y, reduction="none").sum(dim=1)
            case "cross_entropy" if activation == "softmax":
                return F.cross_entropy(z, y, reduction="none")
        return self.losses_of_outputs(a, y)

    def losses_of_outputs(self, a: Any, y: Any) -> Any:
        """The loss of each example as a function of the outputs alone."""
        match self.network.training.loss_name:
            case "squared_error":
                return 0.5 * ((y - a) ** 2).sum(dim=1)
            case "mean_squared_error":
                return F.mse_loss(a, y, reduction="none").mean(dim=1)
            case "summed_squared_error":
                return F.mse_loss(a, y, reduction="none").sum(dim=1)
            case "given_gradient":
                return (y * a).sum(dim=1)
            case "binary_cross_entropy":
                return F.binary_cross_entropy(a, y, reduction="none").mean(dim=1)
            case "summed_binary_cross_entropy":
                return F.binary_cross_entropy(a, y, reduction="none").sum(dim=1)
            case _:
                return -torch.xlogy(y, a).sum(dim=1)

    def optimizer(self) -> Any:
        """PyTorch's optimizer with the same options, over the parameters that are not frozen."""
        training = self.network.training
        options: dict[str, Any] = dict(training.options)
        options["lr"] = options.pop("learning_rate")
        spared = not options.pop("decay_biases", True)
        for flag in {"nesterov", "centered"} & options.keys():
            options[flag] = bool(options[flag])
        if training.optimizer_name.startswith("adam"):
            options["betas"] = (options.pop("beta1", 0.9), options.pop("beta2", 0.999))
        trained = [
            w for w, row in zip(self.weights, self.network.layers, strict=True) if not row.frozen_weights
        ]
        biases = [b for b, row in zip(self.biases, self.network.layers, strict=True) if not row.frozen_biases]
        groups = [{"params": trained or [torch.zeros(1)]}, {"params": biases or [torch.zeros(1)]}]
        if spared:
            groups[1]["weight_decay"] = 0.0
        return self.OPTIMIZERS[training.optimizer_name](groups, **options)

    def epoch(self, optimizer: Any, batches: list[Any]) -> float:
        """Train one epoch; the mean of the examples' losses, each from its own forward pass."""
        total = 0.0
        for rows in batches:
            zs, activations = self.forward(self.x[rows])
            losses = self.losses(zs[-1], activations[-1], self.y[rows])
            total += float(losses.detach().sum())
            optimizer.zero_grad()
            (losses.sum() if self.network.training.reduction == "sum" else losses.mean()).backward()
            optimizer.step()
        return total / len(self.x)


def error(actual: Any, expected: Any) -> float:
    """The largest error of an array, relative as the module says."""
    actual, expected = np.asarray(actual), np.asarray(expected)
    assert actual.shape == expected.shape
    assert np.all(np.isfinite(expected))
    size = np.maximum(np.abs(expected), SMALL * np.max(np.abs(expected)))
    with np.errstate(divide="ignore", invalid="ignore"):
        errors = np.where(actual == expected, 0.0, np.abs(actual - expected) / size)
    return float(np.max(np.where(np.isnan(errors), np.inf, errors)))


def iteration_errors(network: Network) -> dict[str, float]:
    """The error of each quantity of the first iteration."""
    trainer, oracle = Trainer(network), Oracle(network)
    ours = trainer.iterate(trainer.initial_state(), 0)
    rows = torch.from_numpy(ours.examples)
    y = oracle.y[rows]
    zs, activations = oracle.forward(oracle.x[rows])
    for tensor in (*zs, *activations[1:]):
        tensor.retain_grad()
    losses = oracle.losses(zs[-1], activations[-1], y)
    losses.sum().backward(retain_graph=True)
    errors = {"loss": error(ours.forward.loss, losses.detach())}
    # A fused loss bypasses the outputs, so their dL/da comes from the loss as a function of them.
    outputs = activations[-1].detach().requires_grad_()
    oracle.losses_of_outputs(outputs, y).sum().backward()
    dL_das = [*(a.grad for a in activations[1:-1]), outputs.grad]
    deltas = [z.grad.clone() for z in zs]
    divisor = 1 if network.training.reduction == "sum" else len(rows)
    for number, (z, a) in enumerate(zip(zs, activations[1:], strict=True)):
        slopes = [
            torch.autograd.grad(a[:, unit].sum(), z, retain_graph=True)[0][:, unit]
            for unit in range(z.shape[1])
        ]
        pairs = {
            "z": (ours.forward.z[number], z.detach()),
            "a": (ours.forward.a[number + 1], a.detach()),
            "dL_da": (ours.backward.dL_da[number], dL_das[number]),
            "da_dz": (ours.backward.da_dz[number], torch.stack(slopes, dim=1)),
            "delta": (ours.backward.delta[number], deltas[number]),
            "dL_dw": (ours.gradient.weights[number], oracle.weights[number].grad / divisor),
            "dL_db": (ours.gradient.biases[number], oracle.biases[number].grad / divisor),
        }
        errors |= {f"{name}[{number}]": error(*pair) for name, pair in pairs.items()}
    return errors


def training_errors(network: Network) -> dict[str, float]:
    """The error of the losses of all epochs, and of the parameters after the last."""
    trainer, oracle = Trainer(network), Oracle(network)
    optimizer = oracle.optimizer()
    per_epoch = trainer.iterations_per_epoch
    expected = [
        oracle.epoch(optimizer, [trainer.batch(epoch * per_epoch + number) for number in range(per_epoch)])
        for epoch in range(EPOCHS)
    ]
    results = list(run(network, EPOCHS))
    errors = {"losses": error([result.loss for result in results], expected)}
    ours: Parameters = results[-1].parameters
    for number in range(len(network.layers)):
        errors[f"weights[{number}]"] = error(ours.weights[number], oracle.weights[number].detach())
        errors[f"biases[{number}]"] = error(ours.biases[number], oracle.biases[number].detach())
    return errors


@pytest.fixture(autouse=True)
def _one_thread() -> Iterator[None]:
    """These networks are too small to share out."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def test_the_cases_use_everything() -> None:
    networks = [build(drawn(seed)) for seed in SEEDS]
    hidden = {layer.activation_name for network in networks for layer in network.layers[:-1]}
    outputs = {(network.training.loss_name, network.layers[-1].activation_name) for network in networks}
    assert hidden == set(ACTIVATIONS)
    assert outputs == {(loss, name) for loss, names in OUTPUTS.items() for name in names}
    assert outputs >= {("binary_cross_entropy", "sigmoid"), ("cross_entropy", "softmax")}
    assert {len(network.layers) for network in networks} == {1, 2, 3, 4}
    options = {
        (network.training.optimizer_name, name)
        for network in networks
        for name, value in network.training.options.items()
        if value or name == "decay_biases"  # which is given where it is false
    }
    assert options == {(name, option) for name, row in OPTIMIZERS.items() for option in row.options}
    assert {network.training.shuffle for network in networks} == {False, True}
    assert any(network.training.reduction == "sum" and network.batch_size > 1 for network in networks)
    assert any(len(network.data) % network.batch_size for network in networks)
    assert any(network.batch_size == len(network.data) > 1 for network in networks)
    assert any(layer.frozen_weights for network in networks for layer in network.layers)
    assert any(layer.frozen_biases for network in networks for layer in network.layers)


@pytest.mark.parametrize("seed", SEEDS)
def test_every_number_of_the_first_iteration_agrees(seed: int) -> None:
    errors = iteration_errors(build(drawn(seed)))
    assert {name: worst for name, worst in errors.items() if worst > 1e-9} == {}


@pytest.mark.parametrize("seed", SEEDS)
def test_losses_and_parameters_after_25_epochs_agree(seed: int) -> None:
    errors = training_errors(build(drawn(seed)))
    assert {name: worst for name, worst in errors.items() if worst > 1e-8} == {}


def test_every_epoch_uses_every_example_once() -> None:
    """The batches are the engine's own in the comparison above, so what they must be is proved here."""
    for seed in SEEDS:
        trainer = Trainer(build(drawn(seed)))
        everything = list(range(len(trainer.inputs)))
        for epoch in range(4):
            first = epoch * trainer.iterations_per_epoch
            batches = [trainer.batch(first + number) for number in range(trainer.iterations_per_epoch)]
            order = [int(row) for batch in batches for row in batch]
            assert sorted(order) == everything
            assert all(len(batch) == trainer.network.batch_size for batch in batches[:-1])
            if not trainer.network.training.shuffle:
                assert order == everything


def test_shuffled_epochs_differ_and_repeat() -> None:
    raw = drawn(0)
    raw["training"] |= {"shuffle": True, "batch_size": 3}
    raw["data"] = {"inputs": [[0.1] * 4] * 30, "targets": [[0.0]] * 30}
    first, second = Trainer(build(raw)), Trainer(build(raw))
    orders = [tuple(first.order(epoch)) for epoch in range(20)]
    assert len(set(orders)) == 20
    assert [tuple(second.order(epoch)) for epoch in reversed(range(20))] == orders[::-1]


# PyTorch's sigmoid is 0 where 1 + e^(−z) overflows, a little before the true value leaves the number range.
TINY = 1e-300

# Far beyond where the exponentials overflow, underflow or round to 0 and 1.
EXTREMES = [
    -1000.0,
    -746.0,
    -710.0,
    -100.0,
    -37.0,
    -20.0,
    -1.0,
    0.0,
    1.0,
    20.0,
    37.0,
    100.0,
    710.0,
    746.0,
    1000.0,
]


def saturated(loss: str, activation: str, zs: Any, targets: Any) -> Network:
    """A layer without biases whose weights pass the inputs on, so that z is what the data says."""
    width = len(zs[0])
    layer = {"units": width, "activation": activation, "weights": np.eye(width).tolist()}
    return build(
        {
            "network": {"inputs": width, "layers": [layer]},
            "training": {"loss": loss},
            "data": {"inputs": np.asarray(zs).tolist(), "targets": np.asarray(targets).tolist()},
        }
    )


def saturated_numbers(network: Network) -> dict[str, tuple[Any, Any]]:
    """Loss, delta and gradients of a saturated layer: the engine's and PyTorch's, all finite."""
    trainer, oracle = Trainer(network), Oracle(network)
    ours = trainer.iterate(trainer.initial_state(), 0)
    zs, activations = oracle.forward(oracle.x)
    zs[-1].retain_grad()
    losses = oracle.losses(zs[-1], activations[-1], oracle.y)
    losses.sum().backward()
    pairs = {
        "z": (ours.forward.z[-1], zs[-1].detach()),
        "a": (ours.forward.a[-1], activations[-1].detach()),
        "loss": (ours.forward.loss, losses.detach()),
        "delta": (ours.backward.delta[-1], zs[-1].grad),
        "dL_dw": (ours.gradient.weights[-1], oracle.weights[-1].grad / len(losses)),
        "dL_db": (ours.gradient.biases[-1], oracle.biases[-1].grad / len(losses)),
    }
    for mine, theirs in pairs.values():
        assert np.all(np.isfinite(mine))
        assert np.all(np.isfinite(np.asarray(theirs)))
    return pairs


@pytest.mark.parametrize("y", [0.0, 0.3, 1.0])
def test_saturated_sigmoid_with_binary_cross_entropy(y: float) -> None:
    network = saturated("binary_cross_entropy", "sigmoid", [[z] for z in EXTREMES], [[y]] * len(EXTREMES))
    numbers = saturated_numbers(network)
    loss, its_loss = numbers.pop("loss")
    for mine, theirs in numbers.values():
        # Every example by itself: the largest would hide the small ones.
        np.testing.assert_allclose(mine, np.asarray(theirs), rtol=1e-12, atol=TINY)
    # PyTorch takes the loss from the difference of two numbers as large as z and so rounds a small one away.
    np.testing.assert_allclose(loss, np.asarray(its_loss), rtol=1e-12, atol=1e-15)
    z = np.array(EXTREMES)
    exact = y * np.logaddexp(0.0, -z) + (1.0 - y) * np.logaddexp(0.0, z)
    np.testing.assert_allclose(loss, exact, rtol=1e-12, atol=TINY)


@pytest.mark.parametrize("target", [[1.0, 0.0, 0.0], [0.0, 0.5, 0.5], [0.2, 0.3, 0.5]])
def test_saturated_softmax_with_cross_entropy(target: list[float]) -> None:
    zs = [[z, 0.0, other] for z in EXTREMES for other in (-1000.0, 0.5, 1000.0)]
    network = saturated("cross_entropy", "softmax", zs, [target] * len(zs))
    for name, (mine, theirs) in saturated_numbers(network).items():
        # delta is the difference of a and y and may be as small as the rounding of 1.
        np.testing.assert_allclose(
            mine, np.asarray(theirs), rtol=1e-12, atol=1e-15 if name == "delta" else TINY
        )


@pytest.mark.parametrize("y", [0.0, 0.3, 1.0])
def test_binary_cross_entropy_of_outputs_that_round_to_0_and_1(y: float) -> None:
    """Away from its sigmoid the entropy sees only a: PyTorch's bounds keep it finite."""
    zs = [[z, 0.0] for z in EXTREMES]
    network = saturated("binary_cross_entropy", "softmax", zs, [[y, 1.0 - y]] * len(zs))
    numbers = saturated_numbers(network)
    for name in ("a", "loss"):
        np.testing.assert_allclose(numbers[name][0], np.asarray(numbers[name][1]), rtol=1e-12, atol=TINY)
    for name in ("delta", "dL_dw", "dL_db"):
        assert error(*numbers[name]) < 1e-9
    assert max(iteration_errors(network).values()) < 1e-9


@pytest.mark.parametrize("name", sorted(ACTIVATIONS))
def test_every_activation_is_finite_and_agrees_where_it_saturates(name: str) -> None:
    # One example a row of its own; softmax couples the two units of it.
    z = np.array([[z, -0.5] for z in EXTREMES])
    row = ACTIVATIONS[name]
    with np.errstate(all="ignore"):
        a = row.value(z)
        slope = row.derivative(z, a)
    there = torch.tensor(z, requires_grad=True)
    if name == "gelu":
        # PyTorch's own ½(1 + erf) rounds to 0 below z = −8; erfc does not.
        expected = there * 0.5 * torch.special.erfc(-there / 2**0.5)
    else:
        expected = Oracle.ACTIVATIONS[name](there)
    slopes = [torch.autograd.grad(expected[:, unit].sum(), there, retain_graph=True)[0] for unit in (0, 1)]
    assert np.all(np.isfinite(a))
    assert np.all(np.isfinite(slope))
    np.testing.assert_allclose(a, expected.detach().numpy(), rtol=1e-12, atol=TINY)
    wanted = torch.stack([slopes[unit][:, unit] for unit in (0, 1)], dim=1).numpy()
    # 1 − a² and a(1 − a) are the textbook's formulas and PyTorch's: near a = 1 they keep digits of 1.
    np.testing.assert_allclose(slope, wanted, rtol=1e-12, atol=1e-15)
