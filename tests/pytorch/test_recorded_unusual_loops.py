"""Loops that do what few do: recording ends none of them, and what is opened is what PyTorch computed."""

import math

import pytest

torch = pytest.importorskip("torch")
from torch import nn  # noqa: E402
from torch.optim import Optimizer  # noqa: E402

import backprop_tui  # noqa: E402
from backprop_tui.network.errors import NetworkError  # noqa: E402


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
