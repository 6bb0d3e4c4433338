"""Odd loops, losses and optimizers that a recorder neither ends nor records otherwise than they are."""

import pytest

torch = pytest.importorskip("torch")
import numpy as np  # noqa: E402
import safetensors  # noqa: E402
from torch import Tensor, nn  # noqa: E402
from torch.optim import Optimizer  # noqa: E402

import backprop_tui  # noqa: E402
from backprop_tui.pytorch.opening.recordings import Recording  # noqa: E402
from tests.pytorch.recording.unusual_loops import drawn, parts, replay  # noqa: E402

# What is recorded below and not ours is warned of, as test_recorded_loops.py requires.
NOT_OURS = pytest.mark.filterwarnings("ignore:.*will not open as a network")


def test_parameters_before_an_update_that_was_tried_twice_stay_what_they_were(tmp_path):
    model, loss, optimizer = parts()
    before = []
    with backprop_tui.record(tmp_path, model, loss, optimizer, keep=4, when=""):
        for update in range(18):
            before.append(model[0].weight.detach().clone())
            x, y = drawn()

            def closure(x=x, y=y, fails=False):
                optimizer.zero_grad()
                value = loss(model(x), y)
                value.backward()
                if fails:
                    raise RuntimeError("no memory")
                return value

            if update % 2 == 0:
                with pytest.raises(RuntimeError, match="no memory"):
                    optimizer.step(lambda closure=closure: closure(fails=True))
            optimizer.step(closure)
    (window,) = Recording.open(tmp_path).ranks[0].windows
    assert list(window.states) == sorted(set(window.states))
    for state in window.states[:-1]:
        assert torch.equal(window.parameters(state)["0.weight"], before[state])
    assert replay(backprop_tui.from_recording(tmp_path))[-1] == 17


def test_a_group_that_is_added_between_steps_with_closures_is_trained_from_then_on(tmp_path):
    model, loss, _ = parts()
    optimizer = torch.optim.SGD(model[2].parameters(), lr=0.1)
    with backprop_tui.record(tmp_path, model, loss, optimizer, when=""):
        for update in range(6):
            x, y = drawn()

            def closure(x=x, y=y):
                model.zero_grad()
                value = loss(model(x), y)
                value.backward()
                return value

            optimizer.step(closure)
            if update == 2:
                optimizer.add_param_group({"params": list(model[0].parameters())})
    assert replay(backprop_tui.from_recording(tmp_path)) == [3, 4, 5]


@pytest.mark.parametrize(
    "number", [np.float32, np.float16, np.int64, torch.tensor], ids=lambda one: one.__name__
)
def test_options_that_are_numbers_of_numpy_are_numbers(tmp_path, number):
    model, loss, _ = parts()
    optimizer = torch.optim.SGD(model.parameters(), lr=number(1), weight_decay=number(0))
    with backprop_tui.record(tmp_path, model, loss, optimizer, when="learning_rate > 5") as recorder:
        for update in range(3):
            optimizer.zero_grad()
            x, y = drawn()
            loss(model(x), y).backward()
            optimizer.step()
            optimizer.param_groups[0]["lr"] = number(6 * update)
        assert len(recorder.windows) == 1, "before the last update it was 6"
    network = backprop_tui.from_recording(tmp_path)
    assert replay(network) == [0, 1, 2]
    assert network.training.schedule["learning_rate"] == (1.0, 0.0, 6.0)


def test_a_training_that_goes_to_another_folder_writes_where_it_was_told(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    model, loss, optimizer = parts()
    with backprop_tui.record("kept", model, loss, optimizer, when=""):
        x, y = drawn()
        loss(model(x), y).backward()
        optimizer.step()
        (tmp_path / "elsewhere").mkdir()
        monkeypatch.chdir(tmp_path / "elsewhere")
    assert replay(backprop_tui.from_recording(tmp_path / "kept")) == [0]


class Compressed(Tensor):
    """One that has its numbers in another, as those of optimizers with a state of eight bits do."""

    @staticmethod
    def __new__(cls, within):
        return Tensor._make_wrapper_subclass(cls, within.shape, dtype=torch.float32)

    def __init__(self, within):
        self.within = within

    def __tensor_flatten__(self):
        return ["within"], None

    @staticmethod
    def __tensor_unflatten__(inner, *_):
        return Compressed(inner["within"])

    @classmethod
    def __torch_dispatch__(cls, function, types, args=(), kwargs=None):
        return cls(args[0].within.clone())


@pytest.mark.parametrize("make", [Compressed, Tensor.to_sparse], ids=["compressed", "sparse"])
def test_what_an_optimizer_keeps_in_no_memory_of_its_own_is_left_out(tmp_path, make):
    model, loss, optimizer = parts()
    for one in model.parameters():
        optimizer.state[one]["mean"] = make(torch.zeros(4, 4))
    with backprop_tui.record(tmp_path, model, loss, optimizer, keep=3, when=""):
        for _ in range(9):
            optimizer.zero_grad()
            x, y = drawn()
            loss(model(x), y).backward()
            optimizer.step()
    (window,) = Recording.open(tmp_path).ranks[0].windows
    assert not [name for name in window.header().shapes if name.startswith("state/")]
    assert replay(backprop_tui.from_recording(tmp_path))[-1] == 8


class Residual(nn.Module):
    """As of a differential equation: what it calls the model with it knows itself."""

    def __init__(self, model):
        super().__init__()
        self.within = [model]

    def forward(self):
        return self.within[0](torch.ones(3, 4).double()).square().mean()


@NOT_OURS
def test_a_loss_that_is_given_nothing_ends_no_training(tmp_path):
    model, _, optimizer = parts()
    loss = Residual(model)
    with backprop_tui.record(tmp_path, model, loss, optimizer):
        for _ in range(3):
            optimizer.zero_grad()
            loss().backward()
            optimizer.step()
    (window,) = Recording.open(tmp_path).ranks[0].windows
    assert [row["passes"][0]["direct"] for row in window.header().description["iterations"]] == [False] * 3


class Weighted(nn.Module):
    def forward(self, output, targets, weights):
        assert weights is None
        return (output - targets).square().mean()


@NOT_OURS
def test_an_argument_that_is_none_is_not_taken_for_an_output_that_is_no_longer_there(tmp_path):
    model, _, optimizer = parts()
    loss = Weighted()
    with backprop_tui.record(tmp_path, model, loss, optimizer):
        x, y = drawn()
        loss(model(x) + 1.0, y, None).backward()
        optimizer.step()
    (window,) = Recording.open(tmp_path).ranks[0].windows
    (row,) = window.header().description["iterations"]
    assert row["passes"][0]["direct"] is False
    with safetensors.safe_open(window.path, "pt") as file:
        assert torch.equal(file.get_tensor("batch/0/0/targets/0"), y)


class Relative(Optimizer):
    """One that knows its own learning rate, as Adafactor does."""

    def __init__(self, parameters):
        super().__init__(parameters, {"lr": None})

    @torch.no_grad()
    def step(self, closure=None):
        for group in self.param_groups:
            for one in group["params"]:
                one.sub_(0.01 * one.grad)


@NOT_OURS
@pytest.mark.parametrize(("when", "written"), [("not_finite", 0), ("learning_rate > 0", 0), ("loss > 0", 1)])
def test_an_optimizer_without_a_learning_rate_is_recorded(tmp_path, when, written):
    model, loss, _ = parts()
    optimizer = Relative(model.parameters())
    with backprop_tui.record(tmp_path, model, loss, optimizer, when=when) as recorder:
        for _ in range(3):
            optimizer.zero_grad()
            x, y = drawn()
            loss(model(x), y).backward()
            optimizer.step()
        assert len(recorder.windows) == written


class Padded(nn.Module):
    def __init__(self):
        super().__init__()
        self.linear = nn.Linear(3, 2)

    def forward(self, x):
        return self.linear(x).to_padded_tensor(0.0)


class Spread(nn.Module):
    def __init__(self):
        super().__init__()
        self.linear = nn.Linear(3, 2)

    def forward(self, graph):
        return torch.sparse.mm(graph, self.linear(torch.eye(4, 3)))


@NOT_OURS
@pytest.mark.parametrize(
    ("make", "x", "y"),
    [
        (Padded, lambda: torch.nested.nested_tensor([torch.randn(2, 3), torch.randn(4, 3)]), (2, 4, 2)),
        (Spread, lambda: torch.randn(4, 4).relu().to_sparse(), (4, 2)),
    ],
)
@pytest.mark.filterwarnings("ignore:The PyTorch API of nested tensors")
def test_batches_that_are_no_dense_tensors_are_noted_and_end_no_training(tmp_path, make, x, y):
    model, loss = make(), nn.MSELoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    with backprop_tui.record(tmp_path, model, loss, optimizer, keep=2, when="") as recorder:
        for _ in range(8):
            optimizer.zero_grad()
            loss(model(x()), torch.randn(*y)).backward()
            optimizer.step()
        assert recorder.iteration == 8
    (window,) = Recording.open(tmp_path).ranks[0].windows
    for row in window.header().description["iterations"]:
        assert any("is no dense tensor of real numbers and was not kept" in note for note in row["notes"])
