"""A recorded loop with weight decay on weights and none on biases is replayed, whatever changes meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

torch = pytest.importorskip("torch")

from torch import nn  # noqa: E402

import backprop_tui  # noqa: E402
from backprop_tui.cli.main import main  # noqa: E402
from backprop_tui.engine.training import Trainer  # noqa: E402
from backprop_tui.network.description import Network  # noqa: E402
from backprop_tui.network.errors import NetworkError  # noqa: E402
from tests.pytorch import ranks_process  # noqa: E402
from tests.pytorch.opening import two_groups_process  # noqa: E402
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


def test_a_training_that_ended_before_its_first_update_goes_on_by_its_groups(tmp_path: Path) -> None:
    model, loss = stack(), nn.MSELoss()
    optimizer, (x, y) = OPTIMIZERS["sgd"](groups(model)), examples()
    with backprop_tui.record(tmp_path, model, loss, optimizer, when=""):
        loss(model(x), y).backward()
    network = backprop_tui.from_recording(tmp_path)
    trainer = Trainer(network)
    assert not network.training.decays_biases
    optimizer.step()
    agree(trainer.iterate(trainer.initial_state(), 0).after.parameters, model, 1e-12)


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
    assert "the weights, not the biases" in (tmp_path / "run.html").read_text("utf-8")


@pytest.mark.skipif(not torch.distributed.is_available(), reason="this PyTorch has no torch.distributed")
def test_ranks_that_train_together_are_replayed_as_one(tmp_path: Path) -> None:
    names = ("adamw", "sgd, nesterov")
    done = ranks_process.run(tmp_path, 2, *names, script=two_groups_process.__file__)
    assert done.returncode == 0, done.stderr[-3000:]
    for name in names:
        network = backprop_tui.from_recording(tmp_path / name)
        assert (network.training.settings["weight_decay"], network.training.decays_biases) == (DECAY, False)
        assert set(network.training.schedule) == {"learning_rate"}
        assert {one.ranks for one in network.recording.iterations} == {((0, 5), (1, 5))}
        model = stack()
        model.load_state_dict(torch.load(tmp_path / name / "model.pt"))
        is_the_training(network, model, 1e-8)
