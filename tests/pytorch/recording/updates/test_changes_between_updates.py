"""What changes between two updates: a replay begins after what it cannot know, and goes on over the rest."""

import copy
import math

import numpy as np
import pytest
from click.testing import CliRunner

torch = pytest.importorskip("torch")
from torch import nn  # noqa: E402

import backprop_tui  # noqa: E402
from backprop_tui.cli.main import main  # noqa: E402
from backprop_tui.engine.training import Trainer  # noqa: E402
from backprop_tui.network.errors import NetworkError  # noqa: E402
from backprop_tui.pytorch.recording.memory.copies import Copies  # noqa: E402
from backprop_tui.pytorch.recording.updates.beginnings import Beginnings  # noqa: E402
from backprop_tui.session.files.saved_sessions import find_session  # noqa: E402
from tests.pytorch.recording.unusual_loops import drawn, parts, replay, step  # noqa: E402


def put_back(model, _, then):
    model.load_state_dict(then)


def spoilt(model, *_):
    model[0].weight.data[1, 2] = math.nan


def halved(model, *_):
    with torch.no_grad():
        model[2].bias.mul_(0.5)


def exchanged(model, *_):
    for one in model.parameters():
        one.data = one.data * 1.5


def another(model, optimizer, _):
    optimizer.param_groups[0]["params"][0] = model[0].weight = nn.Parameter(model[0].weight.detach() * 0.5)


def another_layer(model, optimizer, _):
    model[2] = nn.Linear(6, 3).double()
    optimizer.param_groups[0]["params"] = list(model.parameters())


def frozen(model, *_):
    model[0].requires_grad_(False)


def widened(model):
    model[0].weight.data = torch.zeros(7, 4).double()


def state_put_back(_, optimizer, __):
    optimizer.load_state_dict(copy.deepcopy(optimizer.state_dict()))


def state_cleared(_, optimizer, __):
    optimizer.state.clear()


def with_momentum(_, optimizer, __):
    optimizer.param_groups[0]["momentum"] = 0.8


def nesterov(_, optimizer, __):
    optimizer.param_groups[0].update(momentum=0.8, nesterov=True)


CHANGES = (
    put_back,
    spoilt,
    halved,
    exchanged,
    another,
    another_layer,
    frozen,
    state_put_back,
    state_cleared,
    with_momentum,
    nesterov,
)


@pytest.mark.parametrize("change", CHANGES)
def test_a_replay_begins_after_what_it_cannot_know(tmp_path, change):
    of_state = change in (state_put_back, state_cleared)
    model, loss, optimizer = parts("Adam" if of_state else "SGD")
    with backprop_tui.record(tmp_path, model, loss, optimizer, when=""):
        for number in range(12):
            if number == 3:
                then = copy.deepcopy(model.state_dict())
            if number == 7:
                change(model, optimizer, then)
            step(model, loss, optimizer)
    network = backprop_tui.from_recording(tmp_path)
    assert replay(network) == list(range(7, 12))
    (note,) = network.recording.iterations[0].notes
    every, state = "model.0.weight and 3 more", "its state"
    written = {put_back: every, spoilt: "model.0.weight", halved: "model.2.bias", exchanged: every}
    written |= {another: "model.0.weight", another_layer: "model.2.weight"}
    written |= {state_put_back: state, state_cleared: state}
    assert note == (
        f"something else than the optimizer wrote to {written[change]} before this update"
        if change in written
        else "from this update on the optimizer updates otherwise than before, or other parameters"
    )
    (said,) = network.recording.said
    assert said.startswith("iterations before 7 are left out: ")
    assert said.endswith(note.replace("this update", "iteration 7"))


def test_what_is_written_to_a_parameter_that_came_later_is_noticed_too(tmp_path):
    model, loss, optimizer = parts()
    with backprop_tui.record(tmp_path, model, loss, optimizer, when=""):
        for number in range(12):
            if number == 4:
                another(model, optimizer, None)
            if number == 7:
                model[0].weight.data.mul_(0.5)
            step(model, loss, optimizer)
    network = backprop_tui.from_recording(tmp_path)
    assert replay(network) == list(range(7, 12))
    assert "wrote to model.0.weight before" in network.recording.iterations[0].notes[0]


@pytest.mark.parametrize("change", [lambda model: model.float(), widened])
def test_parameters_of_another_kind_are_others(change):
    model, _, optimizer = parts()
    beginnings = Beginnings(model, optimizer, Copies())
    beginnings.updated([{}], [[]])
    assert beginnings.written() == ""
    change(model)
    assert "wrote to model.0.weight" in beginnings.written()


@pytest.mark.parametrize("counted", [True, False])
def test_parameters_that_are_written_to_at_each_update_do_not_fill_the_memory(tmp_path, counted):
    model, loss, optimizer = parts("Adam")
    with backprop_tui.record(tmp_path, model, loss, optimizer, keep=5, when="") as recorder:
        for _ in range(60):
            step(model, loss, optimizer)
            for one in model.parameters():
                with torch.no_grad():
                    (one if counted else one.data).clamp_(-0.2, 0.2)
            assert len(recorder._ring.states) <= 2
            assert len(recorder._ring.iterations) <= 8
    assert replay(backprop_tui.from_recording(tmp_path)) == [59]


def test_parameters_that_are_put_back_as_they_were_follow(tmp_path):
    """As around a validation with averaged parameters."""
    model, loss, optimizer = parts()
    with backprop_tui.record(tmp_path, model, loss, optimizer, keep=40, when=""):
        for number in range(40):
            step(model, loss, optimizer)
            if number % 6 == 5:
                kept = [one.detach().clone() for one in model.parameters()]
                with torch.no_grad():
                    for one in model.parameters():
                        one.mul_(0.9)
                    loss(model(drawn()[0]), drawn()[1])
                    for one, before in zip(model.parameters(), kept, strict=True):
                        one.copy_(before)
    assert replay(backprop_tui.from_recording(tmp_path)) == list(range(40))


def test_what_is_spoilt_before_an_update_that_is_not_made_is_where_it_opens(tmp_path):
    made = parts()

    def trained():
        with backprop_tui.record(tmp_path, *made, when=""):
            for number in range(9):
                if number == 8:
                    spoilt(made[0])
                x, y = drawn()
                made[2].zero_grad()
                value = made[1](made[0](x), y)
                if math.isnan(value.item()):
                    raise ValueError("lost")
                value.backward()
                made[2].step()

    with pytest.raises(ValueError, match="lost"):
        trained()
    network = backprop_tui.from_recording(tmp_path)
    (last,) = network.recording.iterations
    assert "wrote to model.0.weight before iteration 8" in network.recording.said[0]
    assert (last.number, math.isnan(last.loss)) == (8, True)
    trainer = Trainer(network)
    assert math.isnan(trainer.iterate(trainer.initial_state(), 0).forward.loss.mean())


def test_what_is_frozen_is_so_by_the_updates_that_are_opened(tmp_path):
    """Not by how it was when recording began."""
    model, loss, optimizer = parts("Adam")
    model[0].requires_grad_(False)
    model[2].bias.requires_grad_(False)
    with backprop_tui.record(tmp_path, model, loss, optimizer, keep=4, when=""):
        for number in range(30):
            if number == 2:
                model[2].bias.requires_grad_(True)
                optimizer.state.clear()
            step(model, loss, optimizer)
    network = backprop_tui.from_recording(tmp_path)
    assert len(replay(network)) >= 4
    frozen_parts = [(one.frozen_weights, one.frozen_biases) for one in network.layers]
    assert frozen_parts == [(True, True), (False, False)]


def test_groups_that_part_while_it_trains_are_refused_by_name(tmp_path):
    model, loss, _ = parts()
    groups = [{"params": model[0].parameters()}, {"params": model[2].parameters()}]
    optimizer = torch.optim.SGD(groups, lr=0.1)
    with backprop_tui.record(tmp_path, model, loss, optimizer, when=""):
        for number in range(8):
            if number == 5:
                optimizer.param_groups[1]["lr"] = 0.01
            step(model, loss, optimizer)
    with pytest.raises(NetworkError, match=r"iteration 5: optimizer: learning_rate 0\.1 and 0\.01: expected"):
        backprop_tui.from_recording(tmp_path)


def test_a_group_that_is_added_is_trained_from_then_on(tmp_path):
    model, loss, _ = parts()
    optimizer = torch.optim.SGD(model[2].parameters(), lr=0.1)
    with backprop_tui.record(tmp_path, model, loss, optimizer, when=""):
        for number in range(10):
            if number == 6:
                optimizer.add_param_group({"params": list(model[0].parameters())})
            step(model, loss, optimizer)
    assert replay(backprop_tui.from_recording(tmp_path)) == [6, 7, 8, 9]


@pytest.mark.parametrize("rate", [math.nan, math.inf])
@pytest.mark.parametrize("begins", [0, 5])
def test_a_learning_rate_that_is_no_number_opens_where_it_made_the_first(tmp_path, rate, begins):
    made = parts()
    with backprop_tui.record(tmp_path, *made):
        for number in range(9):
            if number == begins:
                made[2].param_groups[0]["lr"] = rate
            step(*made)
    opened = find_session(str(tmp_path))
    network = opened.session.network
    assert (network.recording.reason, network.recording.at) == ("condition", begins + 1)
    with np.errstate(invalid="ignore"):
        assert replay(network) == list(range(begins + 2))
        opened.session.jump(opened.wanted)
    assert opened.session.iteration_at() == begins
    assert not math.isfinite(opened.session.explain().value)


def test_a_model_that_is_put_back_after_nan_is_opened_with_what_the_nan_made_of_it(tmp_path):
    model, loss, optimizer = parts("Adam")
    with backprop_tui.record(tmp_path, model, loss, optimizer):
        for number in range(9):
            good = copy.deepcopy((model.state_dict(), optimizer.state_dict()))
            optimizer.zero_grad()
            x, y = drawn()
            x[1, 2] = math.nan if number == 5 else 0.5
            value = loss(model(x), y)
            value.backward()
            optimizer.step()
            if math.isnan(value.item()):
                model.load_state_dict(good[0])
                optimizer.load_state_dict(good[1])
    network = backprop_tui.from_recording(tmp_path)
    assert replay(network) == list(range(6))
    assert all(math.isnan(one) for row in network.recording.states[6].weights[0] for one in row)
    assert CliRunner().invoke(main, ["check", str(tmp_path)]).exit_code == 0
