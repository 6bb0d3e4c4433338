"""To PyTorch and back: the same to the bit."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from strategies import networks

torch = pytest.importorskip("torch")

from torch import nn  # noqa: E402

from backprop_tui import from_torch, load, save, to_torch, to_torch_training  # noqa: E402
from backprop_tui.network.description import Network  # noqa: E402

from .random_models import Functional, drawn  # noqa: E402


def parameters(model: Any) -> list[Any]:
    linears = [one for one in model.modules() if isinstance(one, nn.Linear)]
    return [one for linear in linears for one in (linear.weight, linear.bias) if one is not None]


@pytest.mark.parametrize("seed", range(0, 120, 3))
def test_a_model_comes_back_to_the_bit(seed: int) -> None:
    one = drawn(seed)
    network = from_torch(one.model, one.loss, one.inputs, one.targets, one.optimizer)
    again = to_torch(network)
    assert len(parameters(again)) == len(parameters(one.model))
    for ours, theirs in zip(parameters(again), parameters(one.model), strict=True):
        assert ours.dtype == theirs.dtype
        assert torch.equal(ours, theirs)
        assert ours.requires_grad == theirs.requires_grad
    with torch.no_grad():
        flat = one.inputs.flatten(1)
        assert torch.equal(again(flat), one.model(one.inputs))
    if not isinstance(one.model, Functional):
        left_out = (nn.Sequential, nn.Flatten, nn.Dropout, nn.Identity)
        modules = [repr(m) for m in one.model.modules() if not isinstance(m, left_out)]
        assert [repr(m) for m in again] == modules


@pytest.mark.parametrize("seed", range(0, 120, 3))
def test_its_training_comes_back_to_the_bit(seed: int) -> None:
    one = drawn(seed)
    network = from_torch(one.model, one.loss, one.inputs, one.targets, one.optimizer)
    again = to_torch_training(network)
    assert type(again.loss) is type(one.loss)
    assert again.loss.reduction == one.loss.reduction
    assert type(again.optimizer) is type(one.optimizer)
    before = one.optimizer.state_dict()["param_groups"][0]
    after = again.optimizer.state_dict()["param_groups"][0]
    for option in (
        "lr",
        "momentum",
        "betas",
        "eps",
        "alpha",
        "weight_decay",
        "nesterov",
        "centered",
        "lr_decay",
    ):
        assert after.get(option) == before.get(option)
    moving = [p for p in parameters(one.model) if p.requires_grad]
    back = [p for p in parameters(again.model) if p.requires_grad]
    for theirs, ours in zip(moving, back, strict=True):
        old, new = one.optimizer.state.get(theirs, {}), again.optimizer.state.get(ours, {})
        for name in {name for name, value in old.items() if value is not None}:
            assert torch.equal(new[name], old[name]), name
            assert new[name].dtype == old[name].dtype
    same = from_torch(*again)
    assert (same.layers, same.training, same.data, same.pytorch) == (
        network.layers,
        network.training,
        network.data,
        network.pytorch,
    )


def numbers(network: Network) -> list[Any]:
    """What PyTorch has of a network: its numbers, functions and training, not its names."""
    found: list[Any] = [network.data.inputs[:], network.data.targets]
    found += [network.training.loss_name, network.training.reduction, network.training.optimizer_name]
    settings = dict(network.training.settings)
    settings.pop("gradient_scale", None)  # a schedule is none of a PyTorch optimizer's
    if not settings.get("momentum", 1.0):
        settings.pop("dampening", None)
    decay, biased = settings.pop("weight_decay"), settings.pop("decay_biases")
    found.append(decay if not all(one.frozen_weights for one in network.layers) else None)
    found.append(decay * biased if not all(one.frozen_biases for one in network.layers) else None)
    found.append(settings)
    for layer in network.layers:
        found += [layer.weights[:], layer.biases, layer.activation_name]
        found += [layer.frozen_weights, layer.frozen_biases]
    return found


def kept(network: Network) -> list[Any]:
    """What the optimizer goes on from, of parameters that it updates; SGD does not count its updates."""
    start = network.training.start
    names = network.training.optimizer.state_names(network.training.settings)
    if start is None or not names:
        return []
    found: list[Any] = [] if network.training.optimizer_name == "sgd" else [start.updates]
    for layer, of_layer in zip(network.layers, start.layers, strict=True):
        found += [] if layer.frozen_weights else [dict(of_layer.weights)]
        found += [] if layer.frozen_biases else [dict(of_layer.biases)]
    return found if any(not (one.frozen_weights and one.frozen_biases) for one in network.layers) else []


@given(networks())
@settings(max_examples=60, deadline=None)
def test_a_network_file_goes_to_pytorch_and_back(tmp_path_factory: Any, network: Network) -> None:
    folder = tmp_path_factory.mktemp("files")
    save(network, folder / "before.toml")
    save(from_torch(*to_torch_training(load(folder / "before.toml"))), folder / "after.toml")
    again = load(folder / "after.toml")
    assert numbers(again) == numbers(network)
    assert kept(again) == kept(network)


def test_the_module_of_a_file_says_what_the_network_says(tmp_path: Path) -> None:
    network = load("xor")
    model = to_torch(network)
    from backprop_tui.engine.training import Trainer

    trainer = Trainer(network)
    ours = trainer.iterate(trainer.initial_state(), 0).forward.a[-1]
    theirs = model(torch.tensor(network.data.inputs, dtype=torch.float64)).detach().numpy()
    assert ours == pytest.approx(theirs, rel=1e-14)


def test_to_make_a_module_takes_no_random_numbers() -> None:
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    to_torch_training(load("digits"))
    assert torch.equal(torch.rand(3), expected)


def test_label_smoothing_becomes_targets() -> None:
    model = nn.Sequential(nn.Linear(2, 3)).double()
    x, y = torch.randn(4, 2, dtype=torch.float64), torch.tensor([0, 2, 1, 1])
    loss = nn.CrossEntropyLoss(label_smoothing=0.2)
    network = from_torch(model, loss, x, y)
    loss(model(x), y).backward()
    from backprop_tui.engine.training import Trainer

    trainer = Trainer(network)
    gradient = trainer.iterate(trainer.initial_state(), 0).gradient.weights[0]
    assert gradient == pytest.approx(model[0].weight.grad.numpy(), rel=1e-9)
