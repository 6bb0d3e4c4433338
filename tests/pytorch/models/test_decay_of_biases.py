"""Weight decay on weights and none on biases, as two groups of parameters, comes over and goes back."""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from msgspec.structs import replace

torch = pytest.importorskip("torch")

from torch import nn  # noqa: E402

from backprop_tui import from_torch, load, save, to_torch_training  # noqa: E402
from backprop_tui.engine.training import Trainer  # noqa: E402
from backprop_tui.network.errors import NetworkError  # noqa: E402
from tests.pytorch.models.random_models import step  # noqa: E402
from tests.pytorch.two_groups import (  # noqa: E402
    DECAY,
    OPTIMIZERS,
    agree,
    biases_first,
    each_its_own,
    examples,
    groups,
    linears,
    stack,
)


@pytest.mark.parametrize("steps", [0, 1, 2, 7, 30])
@pytest.mark.parametrize("dtype", [torch.float64, torch.float32], ids=str)
@pytest.mark.parametrize("name", OPTIMIZERS)
def test_it_goes_on_as_pytorch_does(name: str, dtype: Any, steps: int) -> None:
    model, loss, (x, y) = stack(dtype), nn.MSELoss(), examples(dtype)
    optimizer = OPTIMIZERS[name](groups(model))
    step(model, loss, x, y, optimizer, steps)
    network = from_torch(model, loss, x, y, optimizer)
    assert network.training.settings["weight_decay"] == DECAY
    assert network.training.options["decay_biases"] == 0.0
    trainer = Trainer(network)
    advanced, _ = trainer.advance(trainer.initial_state(), 0, 6)
    stepped = trainer.initial_state()
    for number in range(6):
        stepped = trainer.iterate(stepped, number).after
    exact = copy.deepcopy(model).double()
    again = OPTIMIZERS[name](groups(exact))
    again.load_state_dict(copy.deepcopy(optimizer.state_dict()))
    step(exact, loss, x.double(), y.double(), again, 6)
    step(model, loss, x, y, optimizer, 6)
    agree(advanced.parameters, exact, 1e-8)
    agree(stepped.parameters, exact, 1e-8)
    agree(stepped.parameters, model, 1e-8 if dtype is torch.float64 else 1e-4)
    options = {**network.training.options, "decay_biases": 1.0}
    decayed = Trainer(replace(network, training=replace(network.training, options=options)))
    other, _ = decayed.advance(decayed.initial_state(), 0, 6)
    assert np.abs(other.parameters.biases[0] - stepped.parameters.biases[0]).max() > 1e-4, "and it is seen"


@pytest.mark.parametrize("steps", [0, 5])
@pytest.mark.parametrize("name", OPTIMIZERS)
def test_the_two_groups_come_back_with_their_state(name: str, steps: int, tmp_path: Path) -> None:
    model, loss, (x, y) = stack(), nn.MSELoss(), examples()
    optimizer = OPTIMIZERS[name](groups(model))
    step(model, loss, x, y, optimizer, steps)
    save(from_torch(model, loss, x, y, optimizer), tmp_path / "net.toml")
    assert "decay_biases = false" in (tmp_path / "net.toml").read_text("utf-8")
    network = load(tmp_path / "net.toml")
    again = to_torch_training(network)
    assert type(again.optimizer) is type(optimizer)
    weights, biases = again.optimizer.param_groups
    assert [id(one) for one in weights["params"]] == [id(one.weight) for one in linears(again.model)]
    assert [id(one) for one in biases["params"]] == [
        id(one.bias) for one in linears(again.model) if one.bias is not None
    ]
    for ours, theirs in zip((weights, biases), optimizer.param_groups, strict=True):
        options = {key: value for key, value in theirs.items() if key not in ("params", "initial_lr")}
        assert {key: ours[key] for key in options} == options
    for theirs, ours in zip(model.parameters(), again.model.parameters(), strict=True):
        old = optimizer.state.get(theirs, {})
        for key in {key for key, value in old.items() if value is not None}:
            assert torch.equal(again.optimizer.state[ours][key], old[key]), key
    assert from_torch(*again).training == network.training
    step(model, loss, x, y, optimizer, 4)
    step(again.model, again.loss, again.inputs, again.targets, again.optimizer, 4)
    for theirs, ours in zip(model.parameters(), again.model.parameters(), strict=True):
        assert torch.equal(theirs, ours)


@pytest.mark.parametrize("arranged", [biases_first, each_its_own])
def test_in_whatever_order_the_groups_are(arranged: Callable[[Any], Any]) -> None:
    model, loss, (x, y) = stack(), nn.MSELoss(), examples()
    optimizer = torch.optim.AdamW(arranged(model), lr=0.01)
    step(model, loss, x, y, optimizer, 3)
    network = from_torch(model, loss, x, y, optimizer)
    assert (network.training.settings["weight_decay"], network.training.decays_biases) == (DECAY, False)
    trainer = Trainer(network)
    state, _ = trainer.advance(trainer.initial_state(), 0, 4)
    step(model, loss, x, y, optimizer, 4)
    agree(state.parameters, model, 1e-9)


def test_where_no_bias_moves_nothing_needs_the_flag() -> None:
    (x, y), loss = examples(), nn.MSELoss()
    without = nn.Sequential(nn.Linear(4, 2, bias=False)).double()
    frozen = stack()
    for one in linears(frozen):
        if one.bias is not None:
            one.bias.requires_grad_(False)
    left_out = stack()
    for model, given in (
        (without, groups(without)[:1]),
        (frozen, groups(frozen)),
        (left_out, groups(left_out)[:1]),
    ):
        optimizer = torch.optim.AdamW(given, lr=0.01)
        step(model, loss, x, y, optimizer, 2)
        network = from_torch(model, loss, x, y, optimizer)
        assert "decay_biases" not in network.training.options
        assert network.training.settings["weight_decay"] == DECAY
        trainer = Trainer(network)
        state, _ = trainer.advance(trainer.initial_state(), 0, 3)
        step(model, loss, x, y, optimizer, 3)
        agree(state.parameters, model, 1e-9)


def test_where_no_weight_moves_the_biases_have_what_they_have() -> None:
    model, loss, (x, y) = stack(), nn.MSELoss(), examples()
    for one in linears(model):
        one.weight.requires_grad_(False)
    optimizer = torch.optim.SGD(groups(model), lr=0.1)
    network = from_torch(model, loss, x, y, optimizer)
    assert "decay_biases" not in network.training.options
    assert network.training.settings["weight_decay"] == 0.0


class Block(nn.Module):
    """As in a transformer: normalised, an MLP, and what was there added."""

    def __init__(self) -> None:
        super().__init__()
        self.norm, self.mlp = nn.LayerNorm(4), nn.Sequential(nn.Linear(4, 8), nn.GELU(), nn.Linear(8, 4))

    def forward(self, x: Any) -> Any:
        return x + self.mlp(self.norm(x))


def test_the_stack_in_a_larger_model_is_updated_once_as_pytorch_does() -> None:
    torch.manual_seed(13)
    model, loss = nn.Sequential(Block(), nn.Linear(4, 2)).double(), nn.MSELoss()
    x, y = examples()
    optimizer = torch.optim.AdamW(groups(model), lr=0.01)
    step(model, loss, x, y, optimizer, 5)
    network = from_torch(model, loss, x, y, optimizer, submodule="0.mlp")
    assert not network.training.decays_biases
    trainer = Trainer(network)
    after = trainer.iterate(trainer.initial_state(), 0).after
    step(model, loss, x, y, optimizer, 1)
    agree(after.parameters, model[0].mlp, 1e-9)


def test_groups_that_say_the_same_are_as_one() -> None:
    model, (x, y) = stack(), examples()
    network = from_torch(model, nn.MSELoss(), x, y, torch.optim.AdamW(groups(model, 0.1, 0.1)))
    assert "decay_biases" not in network.training.options
    network = from_torch(model, nn.MSELoss(), x, y, torch.optim.AdamW(groups(model, 0.0, 0.0)))
    assert "decay_biases" not in network.training.options


def _some(model: Any, at: Sequence[int], **options: Any) -> list[dict[str, Any]]:
    """Two groups: the parameters at these places, with options of their own, and the others."""
    named = list(model.parameters())
    some = [one for number, one in enumerate(named) if number in at]
    others = [one for number, one in enumerate(named) if number not in at]
    return [{"params": others}, {"params": some, **options}]


REFUSED: dict[str, tuple[Callable[[Any], Any], str]] = {
    "another learning rate": (
        lambda m: [{**one, "lr": 0.1 * (at + 1)} for at, one in enumerate(groups(m))],
        "learning_rate 0.1 and 0.2",
    ),
    "less decay of biases": (lambda m: groups(m, 0.3, 0.1), "weight_decay 0.3 and 0.1"),
    "decay of biases alone": (lambda m: groups(m, 0.0, 0.1), "weight_decay 0.0 and 0.1"),
    "a layer without decay": (lambda m: _some(m, (2,), weight_decay=0.0), "weight_decay 0.01 and 0.0"),
    "one bias of two": (lambda m: _some(m, (1,), weight_decay=0.0), "weight_decay 0.01 and 0.0"),
    "a layer with its bias": (lambda m: _some(m, (0, 1), weight_decay=0.0), "weight_decay 0.0 and 0.01"),
    "other betas": (
        lambda m: [groups(m)[0], {**groups(m)[1], "betas": (0.5, 0.9)}],
        "beta1 0.9 and 0.5",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_groups_that_differ_otherwise_are_refused_by_name(name: str) -> None:
    made, said = REFUSED[name]
    model, (x, y) = stack(), examples()
    with pytest.raises(NetworkError) as caught:
        from_torch(model, nn.MSELoss(), x, y, torch.optim.AdamW(made(model), lr=0.1))
    assert f"optimizer: {said}: expected the same options for all of the stack, or biases" in str(
        caught.value
    )
    assert "submodule=" in str(caught.value)


def test_what_has_no_place_here_is_refused_in_the_group_of_the_biases_too() -> None:
    model, (x, y) = stack(), examples()
    weights, biases = groups(model)
    optimizer = torch.optim.AdamW([weights, {**biases, "amsgrad": True}])
    with pytest.raises(NetworkError, match="amsgrad=True: expected AdamW without amsgrad"):
        from_torch(model, nn.MSELoss(), x, y, optimizer)
