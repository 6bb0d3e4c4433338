"""Weight decay on weights and none on biases: the commonest two groups of parameters in PyTorch."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from msgspec.structs import replace

torch = pytest.importorskip("torch")

from torch import nn  # noqa: E402

import backprop_tui  # noqa: E402
from backprop_tui import from_torch, load, save, to_torch_training  # noqa: E402
from backprop_tui.cli.main import main  # noqa: E402
from backprop_tui.engine.training import Trainer  # noqa: E402
from backprop_tui.network.description import Network  # noqa: E402
from backprop_tui.network.errors import NetworkError  # noqa: E402

from .random_models import step  # noqa: E402

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


def biases_first(m: Any) -> list[dict[str, Any]]:
    return groups(m)[::-1]


def each_its_own(m: Any) -> list[dict[str, Any]]:
    return [{"params": [one], "weight_decay": DECAY * (one.ndim > 1)} for one in m.parameters()]


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


# Recordings

Change = Callable[[Any, int], None]


def rate_falls(optimizer: Any, number: int) -> None:
    for group in optimizer.param_groups:
        group["lr"] *= 0.9


def decay_rises(optimizer: Any, number: int) -> None:
    optimizer.param_groups[0]["weight_decay"] = 0.02 * number


def decay_begins(optimizer: Any, number: int) -> None:
    optimizer.param_groups[0]["weight_decay"] = DECAY * (number > 16)


def decay_ends(optimizer: Any, number: int) -> None:
    optimizer.param_groups[0]["weight_decay"] = DECAY * (number < 16)


def nothing(optimizer: Any, number: int) -> None:
    pass


def trained(
    folder: Path,
    name: str,
    change: Change = nothing,
    prepare: Callable[[Any], None] = lambda model: None,
    arranged: Callable[[Any], Any] = groups,
    dtype: Any = torch.float64,
    **how: Any,
) -> Any:
    """A recorded training of 22 steps; gives the model as it is in the end."""
    model, loss = stack(dtype), nn.MSELoss()
    prepare(model)
    optimizer = OPTIMIZERS[name](arranged(model))
    torch.manual_seed(5)
    with backprop_tui.record(folder, model, loss, optimizer, keep=10, when="", **how):
        for number in range(22):
            x, y = torch.randn(5, 4, dtype=dtype), torch.randn(5, 2, dtype=dtype)
            optimizer.zero_grad()
            loss(model(x), y).backward()
            optimizer.step()
            change(optimizer, number)
    return model


def replayed(network: Network) -> Iterator[Any]:
    """The parameters before each of its iterations, and at last those after."""
    trainer = Trainer(network)
    state = trainer.initial_state()
    yield state.parameters
    for number in range(len(network.recording.iterations)):  # type: ignore[union-attr]
        state = trainer.iterate(state, number).after
        yield state.parameters


def is_the_training(network: Network, model: Any, within: float = 1e-9) -> None:
    """Whether the replay comes to the parameters that were recorded, and to those of the model at last."""
    trainer, states, count = Trainer(network), network.recording.states, 0  # type: ignore[union-attr]
    parameters = None
    for place, parameters in enumerate(replayed(network)):
        if place in states:
            count += 1
            for ours, theirs in zip(parameters.biases, states[place].biases, strict=True):
                assert ours == pytest.approx(np.array(theirs), rel=within, abs=within)
    assert count > 1
    agree(parameters, model, within)
    iterations = len(network.recording.iterations)  # type: ignore[union-attr]
    advanced, _ = trainer.advance(trainer.initial_state(), 0, iterations)
    agree(advanced.parameters, model, within)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_a_recorded_loop_is_replayed(tmp_path: Path, name: str) -> None:
    model = trained(tmp_path, name)
    network = backprop_tui.from_recording(tmp_path)
    assert (network.training.settings["weight_decay"], network.training.decays_biases) == (DECAY, False)
    is_the_training(network, model)


@pytest.mark.parametrize("arranged", [groups, biases_first, each_its_own])
@pytest.mark.parametrize("name", ["sgd, nesterov", "adamw"])
def test_a_schedule_of_both_groups_is_replayed(tmp_path: Path, name: str, arranged: Any) -> None:
    model = trained(tmp_path, name, rate_falls, arranged=arranged)
    network = backprop_tui.from_recording(tmp_path)
    assert set(network.training.schedule) == {"learning_rate"}
    assert not network.training.decays_biases
    is_the_training(network, model)


@pytest.mark.parametrize("change", [decay_rises, decay_begins, decay_ends])
@pytest.mark.parametrize("name", ["sgd", "adam", "adamw"])
def test_weight_decay_that_changes_is_replayed(tmp_path: Path, name: str, change: Change) -> None:
    model = trained(tmp_path, name, change)
    network = backprop_tui.from_recording(tmp_path)
    assert set(network.training.schedule) == {"weight_decay"}
    assert not network.training.decays_biases
    is_the_training(network, model)


def frozen_biases(model: Any) -> None:
    for one in linears(model):
        if one.bias is not None:
            one.bias.requires_grad_(False)


def frozen_layer(model: Any) -> None:
    model[0].weight.requires_grad_(False)
    model[0].bias.requires_grad_(False)


@pytest.mark.parametrize(("prepare", "decays"), [(frozen_biases, True), (frozen_layer, False)])
def test_frozen_parameters_are_replayed(tmp_path: Path, prepare: Any, decays: bool) -> None:
    model = trained(tmp_path, "adamw", rate_falls, prepare)
    network = backprop_tui.from_recording(tmp_path)
    assert network.training.decays_biases is decays
    assert ("decay_biases" in network.training.options) is not decays
    is_the_training(network, model)


def test_float32_is_replayed_within_what_rounding_explains(tmp_path: Path) -> None:
    model = trained(tmp_path, "adamw", rate_falls, dtype=torch.float32)
    is_the_training(backprop_tui.from_recording(tmp_path), model, 1e-4)
    done = CliRunner().invoke(main, ["check", str(tmp_path)])
    assert done.exit_code == 0, done.output


def decays_biases_from_then_on(optimizer: Any, number: int) -> None:
    optimizer.param_groups[1]["weight_decay"] = DECAY * (number >= 16)


def spares_biases_from_then_on(optimizer: Any, number: int) -> None:
    optimizer.param_groups[1]["weight_decay"] = DECAY * (number < 16)


def rates_part(optimizer: Any, number: int) -> None:
    optimizer.param_groups[1]["lr"] = 0.01 if number < 16 else 0.02


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (decays_biases_from_then_on, "iteration 17: optimizer: weight_decay 0.0 and 0.3"),
        (spares_biases_from_then_on, "iteration 17: optimizer: weight_decay 0.3 and 0.0"),
        (rates_part, "iteration 17: optimizer: learning_rate 0.01 and 0.02"),
    ],
)
def test_a_recording_whose_groups_part_is_refused_by_name(tmp_path: Path, change: Change, said: str) -> None:
    trained(tmp_path, "adamw", change)
    with pytest.raises(NetworkError) as caught:
        backprop_tui.from_recording(tmp_path)
    assert said in str(caught.value)
    assert "or biases without weight_decay" in str(caught.value)
    assert "submodule" not in str(caught.value)


def test_it_is_trained_exported_and_traced_like_any_other(tmp_path: Path) -> None:
    trained(tmp_path / "run", "adamw")

    def said(*arguments: Any) -> str:
        done = CliRunner().invoke(main, [str(one) for one in arguments])
        assert done.exit_code == 0, done.output
        return done.stdout

    lines = said("trace", tmp_path / "run").splitlines()
    weights = [line for line in lines if " = decayed − step = " in line]
    biases = [line for line in lines if " − step = " in line and "decayed" not in line]
    assert len(weights) >= 20 + 15 + 6
    assert all(line.split()[1].startswith("b_") for line in biases)
    assert len(biases) >= 5 + 2
    said("export", tmp_path / "run", "-o", tmp_path / "run.html")
    assert "of weights, not of biases" in (tmp_path / "run.html").read_text("utf-8")
