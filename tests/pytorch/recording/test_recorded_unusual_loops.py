"""Loops that do what few do: recording ends none of them, and what is opened is what PyTorch computed."""

import copy
import math

import numpy as np
import pytest
from click.testing import CliRunner

torch = pytest.importorskip("torch")
from torch import nn  # noqa: E402
from torch.optim import Optimizer  # noqa: E402

import backprop_tui  # noqa: E402
from backprop_tui.cli.main import main  # noqa: E402
from backprop_tui.engine.training import Trainer  # noqa: E402
from backprop_tui.network.errors import NetworkError  # noqa: E402
from backprop_tui.pytorch.recording.described_model import described_model  # noqa: E402
from backprop_tui.pytorch.recording.memory.copies import Copies  # noqa: E402
from backprop_tui.pytorch.recording.updates.beginnings import Beginnings  # noqa: E402
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
    from backprop_tui.pytorch.recording.written import rank_folder

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
    written |= {state_put_back: state, state_cleared: state}
    assert note == (
        f"something else than the optimizer wrote to {written[change]} before this update"
        if change in written
        else "from this update on the optimizer updates otherwise than before, or other parameters"
    )
    (said,) = network.recording.said
    assert said.startswith("iterations before 7 are left out: ")
    assert said.endswith(note.replace("this update", "iteration 7"))


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


# Gradients that go elsewhere, or come otherwise


def trained(folder, one_update, times=6, **options):
    """Train so often by a function, recorded; what it gave and the network."""
    model, loss, optimizer = parts(**options)
    with backprop_tui.record(folder, model, loss, optimizer, when=""):
        losses = [one_update(model, loss, optimizer) for _ in range(times)]
    return losses, backprop_tui.from_recording(folder)


def against_its_own_gradient(model, loss, optimizer):
    """An adversarial example: a gradient for the inputs alone, and then the update."""
    optimizer.zero_grad()
    x, y = drawn()
    (slope,) = torch.autograd.grad(loss(model(x.requires_grad_()), y), x)
    value = loss(model((x + 0.1 * slope.sign()).detach()), y)
    value.backward()
    optimizer.step()
    return value.item()


def by_hand(model, loss, optimizer):
    x, y = drawn()
    value = loss(model(x), y)
    gradients = torch.autograd.grad(0.5 * value, list(model.parameters()))
    for one, gradient in zip(model.parameters(), gradients, strict=True):
        one.grad = gradient
    optimizer.step()
    return value.item()


def with_a_penalty_of_nothing(model, loss, optimizer):
    """Two backward passes, the first for the inputs: the way of a gradient penalty."""
    optimizer.zero_grad()
    x, y = drawn()
    value = loss(model(x.requires_grad_()), y)
    (slope,) = torch.autograd.grad(value, x, create_graph=True)
    (value + 0.0 * slope.square().sum()).backward()
    optimizer.step()
    return value.item()


@pytest.mark.parametrize("way", [against_its_own_gradient, by_hand, with_a_penalty_of_nothing])
def test_only_what_comes_to_the_parameters_counts(tmp_path, way):
    losses, network = trained(tmp_path, way)
    assert [one.loss for one in network.recording.iterations] == losses
    assert replay(network) == list(range(6))
    scale = dict(network.training.schedule).get("gradient_scale", [1.0] * 6)
    assert scale == pytest.approx([0.5 if way is by_hand else 1.0] * 6)
    assert not any(one.loss is None for one in network.recording.iterations)


def test_a_gradient_that_the_loop_pieces_together_is_not_guessed(tmp_path):
    def pieced(model, loss, optimizer):
        found = []
        for _ in range(2):
            x, y = drawn()
            found.append(torch.autograd.grad(loss(model(x), y), list(model.parameters())))
        for one, first, second in zip(model.parameters(), *found, strict=True):
            one.grad = torch.where(first * second > 0, first + second, 0.0)
        optimizer.step()

    with (
        pytest.warns(UserWarning, match="no backward pass went through it"),
        pytest.raises(NetworkError, match="an update without a backward pass through the loss"),
    ):
        trained(tmp_path, pieced)


def test_losses_that_are_weighted_are_said_to_be(tmp_path):
    def weighted(model, loss, optimizer):
        optimizer.zero_grad()
        first, second = drawn(), drawn()
        (loss(model(first[0]), first[1]) + 0.25 * loss(model(second[0]), second[1])).backward()
        optimizer.step()

    recording = trained(tmp_path, weighted)[1].recording
    assert {note for one in recording.iterations for note in one.notes} == {
        "the losses of its passes are weighted, and their examples count alike here"
    }
    assert any("before 6 updates passes were weighed otherwise than here" in line for line in recording.said)


def test_gradients_that_pile_up_are_told_of_at_once(tmp_path):
    def forgetful(model, loss, optimizer):
        x, y = drawn()
        loss(model(x), y).backward()
        optimizer.step()

    recording = trained(tmp_path, forgetful)[1].recording
    (said,) = recording.said
    assert said.startswith("before 5 updates the gradient of an earlier one was not cleared: from the first")


# Models that do what few do


class Squeezed(nn.Module):
    """The remedy that is named where a loop squeezes between the model and the loss."""

    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(4, 5), nn.Tanh(), nn.Linear(5, 1)).double()

    def forward(self, x):
        return self.layers(x).squeeze(-1)


@pytest.mark.parametrize("kind", [nn.MSELoss, nn.BCEWithLogitsLoss])
def test_a_squeeze_within_the_model_opens_as_is_promised(tmp_path, kind):
    torch.manual_seed(2)
    model, loss = Squeezed(), kind()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    with backprop_tui.record(tmp_path, model, loss, optimizer, when=""):
        for _ in range(4):
            optimizer.zero_grad()
            loss(model(torch.randn(5, 4).double()), torch.rand(5).double()).backward()
            optimizer.step()
    assert replay(backprop_tui.from_recording(tmp_path)) == [0, 1, 2, 3]


def test_a_dropout_that_is_switched_on_later_is_named(tmp_path):
    torch.manual_seed(2)
    model, loss = nn.Sequential(nn.Linear(4, 5), nn.Dropout(0.5), nn.Linear(5, 1)).eval(), nn.MSELoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)

    def go(times):
        for _ in range(times):
            optimizer.zero_grad()
            loss(model(torch.randn(5, 4)), torch.rand(5, 1)).backward()
            optimizer.step()

    with backprop_tui.record(tmp_path, model, loss, optimizer, when=""):
        go(3)
        model.train()
        with pytest.warns(
            UserWarning, match="a Dropout was on, and what it dropped is not recorded"
        ) as warned:
            go(3)
        assert len(warned) == 1
    with pytest.raises(NetworkError, match=r"iteration 5: a Dropout was on.*\(train without it, as with p=0"):
        backprop_tui.from_recording(tmp_path)


class Stateful(nn.Module):
    """It counts its calls in two ways, draws numbers and keeps what it computed."""

    def __init__(self):
        super().__init__()
        self.inner = nn.Sequential(nn.Linear(4, 5), nn.Tanh())
        self.last = nn.Linear(5, 3)
        self.calls, self.hidden = 0, None
        self.register_buffer("counted", torch.zeros(()))

    def forward(self, x):
        self.calls += 1
        self.counted += 1
        torch.rand(2)
        self.hidden = self.inner(x)
        return self.last(self.hidden)


def test_a_model_is_followed_without_a_trace_in_it():
    model, seen = Stateful(), []
    model.inner.register_forward_hook(lambda *given: seen.append(given))
    model.inner.register_forward_pre_hook(lambda *given: seen.append(given))
    before = torch.get_rng_state()
    layers = described_model(model, nn.MSELoss())["layers"]
    assert [one["place"] for one in layers] == ["model.inner.0", "model.last"]
    assert (model.calls, model.hidden, model.counted.item(), seen) == (0, None, 0.0, [])
    assert torch.equal(torch.get_rng_state(), before)


def test_a_gradient_that_the_loop_makes_finite_is_told_and_the_replay_begins_after_it(tmp_path):
    numbers = iter(range(8))

    def rescued(model, loss, optimizer):
        optimizer.zero_grad()
        x, y = drawn()
        x[1, 2] = math.nan if next(numbers) == 4 else 1.0
        loss(model(x), y).backward()
        for one in model.parameters():
            torch.nan_to_num_(one.grad, 0.0)
        optimizer.step()

    network = trained(tmp_path, rescued, 8)[1]
    assert replay(network) == [5, 6, 7]
    assert any("a gradient that the loop had made finite" in line for line in network.recording.said)
    model, loss, optimizer = parts()
    numbers = iter(range(8))
    with backprop_tui.record(tmp_path / "asked", model, loss, optimizer):
        for _ in range(8):
            rescued(model, loss, optimizer)
    recording = backprop_tui.from_recording(tmp_path / "asked").recording
    assert (recording.at, recording.iterations[-1].number) == (4, 4)
    assert any("the gradient was not finite and was made so" in line for line in recording.said)


def test_two_losses_of_one_output_are_two_passes(tmp_path):
    """Mixup, or a teacher beside the labels: exact where both weigh the same."""

    def two(model, loss, optimizer):
        optimizer.zero_grad()
        x, y = drawn()
        found = model(x)
        first, second = loss(found, y), loss(found, y.flip(0))
        (0.5 * first + 0.5 * second).backward()
        optimizer.step()
        return (first.item() + second.item()) / 2

    losses, network = trained(tmp_path, two)
    assert [one.loss for one in network.recording.iterations] == pytest.approx(losses, rel=1e-15)
    assert replay(network) == list(range(6))
    assert not any(one.notes for one in network.recording.iterations)


def test_attempts_that_a_fused_optimizer_refuses_are_counted_once(tmp_path):
    torch.manual_seed(2)
    model, loss = nn.Linear(4, 3), nn.MSELoss()
    optimizer = torch.optim.Adam(model.parameters(), fused=True)
    scaler = torch.amp.GradScaler("cpu", init_scale=2.0**20)
    with backprop_tui.record(tmp_path, model, loss, optimizer, when=""):
        for number in range(6):
            optimizer.zero_grad()
            x = torch.full((2, 4), 1e30 if number < 3 else 1.0)
            scaler.scale(loss(model(x), torch.zeros(2, 3))).backward()
            scaler.step(optimizer)
            scaler.update()
    first, *others = backprop_tui.from_recording(tmp_path).recording.iterations
    counted = [note for note in first.notes if note.endswith("without an update")]
    assert counted == ["3 attempts were given up before, without an update"]
    assert not any(one.notes for one in others)


# What check says of them


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


def test_a_loss_without_a_backward_pass_is_not_compared_with_a_gradient(tmp_path):
    made = parts()

    def broken():
        with backprop_tui.record(tmp_path, *made, when=""):
            for _ in range(4):
                step(*made)
            x, y = drawn()
            made[1](made[0](x), y)
            raise ValueError("lost")

    with pytest.raises(ValueError, match="lost"):
        broken()
    done = CliRunner().invoke(main, ["check", str(tmp_path)])
    assert done.exit_code == 0
    assert "iteration 4: no backward pass was made" in done.output
    assert "the loss was multiplied" not in done.output


def test_micro_batches_of_other_sizes_come_to_the_loss_of_the_whole(tmp_path):
    def in_parts(model, loss, optimizer):
        optimizer.zero_grad()
        whole = 0.0
        for examples in (4, 4, 2):
            x, y = drawn(examples)
            value = loss(model(x), y) * examples / 10
            value.backward()
            whole += value.item()
        optimizer.step()
        return whole

    losses, network = trained(tmp_path, in_parts)
    assert [one.loss for one in network.recording.iterations] == pytest.approx(losses, rel=1e-14)
    assert replay(network) == list(range(6))
    assert CliRunner().invoke(main, ["check", str(tmp_path)]).exit_code == 0


@pytest.mark.filterwarnings("ignore:The .grad attribute of a Tensor that is not a leaf")
def test_a_compiled_function_with_the_model_and_the_loss_in_it_is_recorded(tmp_path):
    model, loss, optimizer = parts()

    @torch.compile(backend="eager")
    def both(x, y):
        return loss(model(x), y)

    losses = []
    with backprop_tui.record(tmp_path, model, loss, optimizer, when=""):
        for _ in range(4):
            optimizer.zero_grad()
            value = both(*drawn())
            value.backward()
            losses.append(value.item())
            optimizer.step()
    network = backprop_tui.from_recording(tmp_path)
    assert [one.loss for one in network.recording.iterations] == losses
    assert replay(network) == [0, 1, 2, 3]
