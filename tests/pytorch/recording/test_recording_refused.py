"""What cannot be recorded, or not so, and a write that goes wrong: no training ends by it."""

import math

import pytest

torch = pytest.importorskip("torch")
from torch.optim import Optimizer  # noqa: E402

import backprop_tui  # noqa: E402
from backprop_tui.network.errors import NetworkError  # noqa: E402
from tests.pytorch.recording.unusual_loops import parts, step  # noqa: E402


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
