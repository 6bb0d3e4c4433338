"""``flow --json`` against PyTorch in float64: every number of it, computed by autograd alone.

The error signals are the gradients that autograd gives at each z, what the weights send down those at each
a, and the slopes those of each a by its own z. Nothing of ours is used but the network's description.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

from backprop_tui.cli.main import main
from backprop_tui.network.description import Network
from backprop_tui.network.files.build import build
from backprop_tui.network.files.library import find
from backprop_tui.network.files.toml import dump
from backprop_tui.session.session import Session

torch = pytest.importorskip("torch")
Oracle = pytest.importorskip("tests.engine.test_against_torch").Oracle
F = torch.nn.functional

ACTIVATIONS = Oracle.ACTIVATIONS
OUTPUTS = {
    "squared_error": tuple(ACTIVATIONS),
    "mean_squared_error": tuple(ACTIVATIONS),
    "binary_cross_entropy": ("sigmoid", "softmax"),
    "cross_entropy": ("softmax", "sigmoid"),
}
KEYS = ["layer", "delta_norm", "weight_factor", "slope_factor", "factor", "product"]
KEYS += ["saturated", "dead", "verdict"]


@pytest.fixture(autouse=True)
def _one_thread() -> Iterator[None]:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def losses(network: Network, z: Any, a: Any, y: Any) -> Any:
    match network.training.loss_name:
        case "squared_error":
            return 0.5 * ((y - a) ** 2).sum(dim=1)
        case "mean_squared_error":
            return ((y - a) ** 2).mean(dim=1)
        case "binary_cross_entropy" if network.layers[-1].activation_name == "sigmoid":
            return F.binary_cross_entropy_with_logits(z, y, reduction="none").mean(dim=1)
        case "binary_cross_entropy":
            return F.binary_cross_entropy(a, y, reduction="none").mean(dim=1)
        case _ if network.layers[-1].activation_name == "softmax":
            return F.cross_entropy(z, y, reduction="none")
        case _:
            return -torch.xlogy(y, a).sum(dim=1)


def greatest_slope(name: str) -> float:
    """By a fine grid; of softmax, over the shares of two units."""
    z = torch.linspace(-8.0, 8.0, 160001, dtype=torch.float64)
    rows = torch.stack([z, torch.zeros_like(z)], dim=1).requires_grad_()
    (slopes,) = torch.autograd.grad(ACTIVATIONS[name](rows)[:, 0].sum(), rows)
    return float(slopes[:, 0].max())


def parameters(network: Network) -> list[tuple[Any, Any]]:
    return [
        tuple(
            torch.tensor(one, dtype=torch.float64, requires_grad=True)
            for one in (layer.weights, layer.biases)
        )
        for layer in network.layers
    ]


def expected(network: Network, rows: list[int], given: list[tuple[Any, Any]] | None = None) -> list[dict]:
    """The table of a batch by autograd."""
    x = torch.tensor(network.data.inputs, dtype=torch.float64)[rows]
    y = torch.tensor(network.data.targets, dtype=torch.float64)[rows]
    zs, activations, a = [], [], x
    for layer, (w, b) in zip(network.layers, given or parameters(network), strict=True):
        zs.append(F.linear(a, w, b))
        a = ACTIVATIONS[layer.activation_name](zs[-1])
        activations.append(a)
    loss = losses(network, zs[-1], a, y).sum()
    deltas = torch.autograd.grad(loss, zs, retain_graph=True)
    hidden = activations[:-1]
    sent_down = torch.autograd.grad(loss, hidden, retain_graph=True) if hidden else ()
    found: list[dict[str, Any]] = []
    for number in range(len(zs), 0, -1):
        z, a = zs[number - 1], activations[number - 1]
        slopes = torch.stack(
            [
                torch.autograd.grad(a[:, unit].sum(), z, retain_graph=True)[0][:, unit]
                for unit in range(z.shape[1])
            ],
            dim=1,
        )
        norm = torch.linalg.norm(deltas[number - 1])
        row: dict[str, Any] = {"layer": number, "delta_norm": float(norm)}
        row |= dict.fromkeys(("weight_factor", "slope_factor", "factor"))
        row["product"] = 1.0
        if found:
            above, down = torch.linalg.norm(deltas[number]), torch.linalg.norm(sent_down[number - 1])
            row["weight_factor"] = float(down / above)
            row["slope_factor"] = float(norm / down)
            row["factor"] = float(norm / above)
            row["product"] = float(norm / torch.linalg.norm(deltas[-1]))
        least = 0.01 * greatest_slope(network.layers[number - 1].activation_name)
        row["saturated"] = float((slopes.abs() < least).double().mean())
        row["dead"] = float((slopes == 0.0).all(dim=0).double().mean())
        product = row["product"]
        row["verdict"] = "vanishing" if product < 1e-2 else "exploding" if product > 1e2 else None
        found.append(row)
    return found


def flow(*arguments: Any) -> list[dict[str, Any]]:
    result = CliRunner().invoke(main, ["flow", *map(str, arguments), "--json"])
    assert result.exit_code == 0, result.output
    rows = [json.loads(line) for line in result.stdout.splitlines()]
    assert all(list(row) == KEYS for row in rows)
    return rows


def assert_same(ours: list[dict[str, Any]], theirs: list[dict[str, Any]]) -> None:
    assert [row["layer"] for row in ours] == [row["layer"] for row in theirs]
    for mine, other in zip(ours, theirs, strict=True):
        for key, value in other.items():
            if isinstance(value, float) and not np.isfinite(value):
                assert mine[key] == str(value), key
            elif isinstance(value, float):
                assert mine[key] == pytest.approx(value, rel=1e-9, abs=0.0), key
            else:
                assert mine[key] == value, key


@pytest.mark.parametrize(
    "name", ["vanishing", "exploding", "saturated-sigmoid", "dead-relu", "worked-example", "xor", "softmax"]
)
def test_a_shipped_network(name):
    network = find(name)
    assert_same(flow(name), expected(network, list(range(network.batch_size))))


def drawn(seed: int) -> dict[str, Any]:
    """A network of one to six layers, with any activation and loss; some of them deep in saturation."""
    rng = np.random.default_rng([seed, 10])

    def choice(options: Any) -> Any:
        return options[int(rng.integers(len(options)))]

    depth = int(rng.integers(1, 7))
    widths = [int(width) for width in rng.integers(1, 6, depth + 1)]
    loss, size = choice(tuple(OUTPUTS)), choice((0.3, 1.5, 6.0, 20.0))
    names = [choice(tuple(ACTIVATIONS)) for _ in range(depth - 1)] + [choice(OUTPUTS[loss])]
    examples = int(rng.integers(1, 9))
    targets = rng.uniform(0.0, 1.0, (examples, widths[-1]))
    layers = [
        {
            "units": above,
            "activation": activation,
            "weights": rng.normal(0.0, size / np.sqrt(below), (above, below)).tolist(),
            "biases": rng.normal(0.0, 0.5, above).tolist(),
            "frozen": choice(([], [], ["biases"], ["weights"])),
        }
        for below, above, activation in zip(widths, widths[1:], names, strict=False)
    ]
    return {
        "network": {"inputs": widths[0], "layers": layers},
        "training": {"loss": loss, "batch_size": int(rng.integers(1, examples + 1))},
        "data": {"inputs": rng.normal(0.0, 1.0, (examples, widths[0])).tolist(), "targets": targets.tolist()},
    }


@pytest.mark.parametrize("seed", range(50))
def test_a_random_network(seed, tmp_path):
    network = build(drawn(seed))
    path = tmp_path / "random.toml"
    dump(network, path)
    assert_same(flow(path), expected(network, list(range(network.batch_size))))


def test_the_random_networks_use_everything():
    networks = [build(drawn(seed)) for seed in range(50)]
    hidden = {layer.activation_name for network in networks for layer in network.layers[:-1]}
    assert hidden == set(ACTIVATIONS)
    assert {network.training.loss_name for network in networks} == set(OUTPUTS)
    assert any(network.batch_size > 1 for network in networks)
    tables = [flow_row for network in networks for flow_row in expected(network, [0])]
    assert {row["verdict"] for row in tables} == {None, "vanishing", "exploding"}
    assert any(0.0 < row["saturated"] < 1.0 for row in tables)
    assert any(row["dead"] for row in tables)


def test_a_position_after_training(tmp_path):
    """The third batch of the second epoch, after five updates that PyTorch makes as well."""
    raw = drawn(3) | {
        "training": {"loss": "squared_error", "batch_size": 2, "optimizer": {"learning_rate": 0.1}}
    }
    for layer in raw["network"]["layers"]:
        layer |= {"frozen": [], "activation": "tanh"}
    rng = np.random.default_rng(3)
    raw["data"] = {
        "inputs": rng.normal(size=(6, raw["network"]["inputs"])).tolist(),
        "targets": rng.normal(size=(6, raw["network"]["layers"][-1]["units"])).tolist(),
    }
    network = build(raw)
    path = tmp_path / "trained.toml"
    dump(network, path)
    given = parameters(network)
    flat = [one for pair in given for one in pair]
    optimizer = torch.optim.SGD(flat, lr=0.1)
    batches = [[0, 1], [2, 3], [4, 5]]
    for rows in [*batches, *batches[:2]]:
        a = torch.tensor(network.data.inputs, dtype=torch.float64)[rows]
        for w, b in given:
            a = torch.tanh(F.linear(a, w, b))
        optimizer.zero_grad()
        losses(network, a, a, torch.tensor(network.data.targets, dtype=torch.float64)[rows]).mean().backward()
        optimizer.step()
    step = Session(network).program.iteration_start(2) + 5
    assert_same(flow(path, "--position", f"1:{step}"), expected(network, [4, 5], given))
