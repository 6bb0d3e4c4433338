"""Loops that do what few do: recording ends none of them, and what is opened is what PyTorch computed."""

import copy
import math

import numpy as np
import pytest

torch = pytest.importorskip("torch")
from torch import nn  # noqa: E402
from torch.optim import Optimizer  # noqa: E402

import backprop_tui  # noqa: E402
from backprop_tui.engine.training import Trainer  # noqa: E402
from backprop_tui.network.errors import NetworkError  # noqa: E402
from backprop_tui.session.files.saved_sessions import find_session  # noqa: E402


def parts(kind="SGD", **options):
    torch.manual_seed(3)
    model = nn.Sequential(nn.Linear(4, 6), nn.Tanh(), nn.Linear(6, 3)).double()
    optimizer = getattr(torch.optim, kind)(model.parameters(), **{"lr": 0.1, **options})
    return model, nn.MSELoss(), optimizer


def drawn(examples=6):
    return torch.randn(examples, 4).double(), torch.randn(examples, 3).double()


def step(model, loss, optimizer):
    optimizer.zero_grad()
    x, y = drawn()
    value = loss(model(x), y)
    value.backward()
    optimizer.step()
    return value.item()


def replay(network):
    """Require that the replay comes to the losses and parameters that PyTorch had; give their numbers."""
    recording, trainer = network.recording, Trainer(network)
    state, compared = trainer.initial_state(), 0
    for place, one in enumerate(recording.iterations):
        compared += same_parameters(state, recording.states.get(place))
        iteration = trainer.iterate(state, place)
        assert iteration.forward.loss.mean() == pytest.approx(one.loss, rel=1e-12, nan_ok=True)
        state = iteration.after
    compared += same_parameters(state, recording.states.get(len(recording.iterations)))
    assert compared
    return [one.number for one in recording.iterations]


def same_parameters(state, theirs):
    if theirs is None:
        return False
    within = {"rtol": 1e-11, "atol": 1e-12, "equal_nan": True}
    for ours, weights in zip(state.parameters.weights, theirs.weights, strict=True):
        assert np.allclose(ours, weights[:], **within)
    for ours, biases in zip(state.parameters.biases, theirs.biases, strict=True):
        assert np.allclose(ours, biases, **within)
    return True


# What calls the model without training it


@pytest.mark.parametrize("each", [False, True], ids=["grad", "vmap"])
def test_a_loop_of_transforms_goes_on_as_without_a_recorder(tmp_path, each):
    def trained(folder):
        model, loss, optimizer = parts()

        def of(parameters, x, y):
            return loss(torch.func.functional_call(model, parameters, (x,)), y)

        derived = torch.func.grad(of)
        if each:
            derived = torch.func.vmap(derived, (None, 0, 0))

        def go():
            for _ in range(3):
                known = {name: one.detach() for name, one in model.named_parameters()}
                found = derived(known, *drawn())
                for name, one in model.named_parameters():
                    one.grad = found[name].mean(0) if each else found[name]
                optimizer.step()

        if folder is None:
            go()
        else:
            with (
                pytest.warns(UserWarning, match="was not called before the first update"),
                backprop_tui.record(folder, model, loss, optimizer, when="grad_norm > 1e-9"),
            ):
                go()
        return list(model.parameters())

    assert all(map(torch.equal, trained(None), trained(tmp_path)))
    with pytest.raises(NetworkError, match="an update without a backward pass through the loss"):
        backprop_tui.from_recording(tmp_path)


def test_a_checkpoint_around_the_model_is_one_pass(tmp_path):
    from torch.utils.checkpoint import checkpoint

    model, loss, optimizer = parts()
    losses = []
    with backprop_tui.record(tmp_path, model, loss, optimizer, when=""):
        for _ in range(4):
            optimizer.zero_grad()
            x, y = drawn()
            value = loss(checkpoint(model, x, use_reentrant=False), y)
            value.backward()
            losses.append(value.item())
            optimizer.step()
    rows = backprop_tui.from_recording(tmp_path).recording.iterations
    assert [one.loss for one in rows] == losses
    assert not any(one.notes for one in rows)


def test_a_checkpoint_that_hides_the_model_is_warned_of_with_what_would_do(tmp_path):
    from torch.utils.checkpoint import checkpoint

    def trained(reentrant):
        model, loss, optimizer = parts()
        with backprop_tui.record(tmp_path, model, loss, optimizer, when=""):
            for _ in range(3):
                optimizer.zero_grad()
                x, y = drawn()
                loss(checkpoint(model, x.requires_grad_(), use_reentrant=reentrant), y).backward()
                optimizer.step()

    with pytest.warns(UserWarning, match="has to be one with use_reentrant=False"):
        trained(True)
    trained(False)
    assert len(backprop_tui.from_recording(tmp_path).recording.iterations) == 3


# What cannot be recorded, or not so


class Wrapper(Optimizer):
    """An optimizer around another, as PostLocalSGDOptimizer is: it does not begin as one."""

    def __init__(self, optim):
        self.optim = optim
        self.param_groups, self.state = optim.param_groups, optim.state

    def step(self):
        self.optim.step()

    def zero_grad(self):
        self.optim.zero_grad()


def test_an_optimizer_around_another_is_refused_by_name_and_the_inner_one_does(tmp_path):
    model, loss, optimizer = parts()
    outer = Wrapper(optimizer)
    with pytest.raises(
        NetworkError, match=r"optimizer: Wrapper: .*record the one within it, optimizer\.optim"
    ):
        backprop_tui.record(tmp_path, model, loss, outer)
    with backprop_tui.record(tmp_path, model, loss, outer.optim, when=""):
        losses = [step(model, loss, outer) for _ in range(3)]
    assert [one.loss for one in backprop_tui.from_recording(tmp_path).recording.iterations] == losses


def test_two_recorders_do_not_write_over_each_other(tmp_path):
    with backprop_tui.record(tmp_path, *parts(), when="") as first:
        with pytest.raises(NetworkError, match="another one records in it: expected a folder for each"):
            backprop_tui.record(tmp_path, *parts("Adam")).__enter__()
        with backprop_tui.record(tmp_path / "other", *parts(), when=""):
            step(*parts())
        made = first._model, first._loss, first._optimizer
        step(*made)
    assert len(first.windows) == 1
    with backprop_tui.record(tmp_path, *parts(), when=""):  # which is over
        pass


def test_what_goes_wrong_in_a_write_ends_no_training(tmp_path, monkeypatch):
    from backprop_tui.pytorch.recording import rank_folder

    made = parts()

    def failing(*_):
        raise RuntimeError("a tensor of a kind that nobody knows")

    monkeypatch.setattr(rank_folder, "described", failing)
    with (
        pytest.warns(UserWarning, match="the recording was not written: .*that nobody knows"),
        backprop_tui.record(tmp_path, *made, when="loss > 0"),
    ):
        losses = [step(*made) for _ in range(3)]
    assert all(map(math.isfinite, losses))


# What changes between two updates


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


def frozen(model, *_):
    model[0].requires_grad_(False)


def with_momentum(_, optimizer, __):
    optimizer.param_groups[0]["momentum"] = 0.8


def nesterov(_, optimizer, __):
    optimizer.param_groups[0].update(momentum=0.8, nesterov=True)


@pytest.mark.parametrize("change", [put_back, spoilt, halved, exchanged, frozen, with_momentum, nesterov])
def test_a_replay_begins_after_what_it_cannot_know(tmp_path, change):
    model, loss, optimizer = parts()
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
    written = {
        put_back: "0.weight and 3 more",
        spoilt: "0.weight",
        halved: "2.bias",
        exchanged: "0.weight and 3 more",
    }
    assert note.startswith(
        f"something else than the optimizer wrote to model.{written[change]} before"
        if change in written
        else "from this update on the optimizer updates otherwise than before"
    )


@pytest.mark.parametrize("counted", [True, False])
def test_parameters_that_are_written_to_at_each_update_do_not_fill_the_memory(tmp_path, counted):
    model, loss, optimizer = parts("Adam")
    with backprop_tui.record(tmp_path, model, loss, optimizer, keep=5, when="") as recorder:
        for _ in range(60):
            step(model, loss, optimizer)
            for one in model.parameters():
                with torch.no_grad():
                    (one if counted else one.data).clamp_(-0.2, 0.2)
            assert len(recorder._states) <= 2
            assert len(recorder._ring) <= 8
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
