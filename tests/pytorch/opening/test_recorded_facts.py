"""What a reader knows of a recording from its index alone, and of each pass beside its tensors."""

import time

import pytest

torch = pytest.importorskip("torch")
from torch import nn  # noqa: E402

import backprop_tui  # noqa: E402
from backprop_tui.pytorch.opening.recordings import Recording  # noqa: E402
from backprop_tui.pytorch.recording.written import files as recorded_files  # noqa: E402


def recorded(folder, model, batches, *, autocast=None, keep=10):
    """Train on each list of batches as one update; the index of the rank."""
    loss = nn.MSELoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
    with backprop_tui.record(folder, model, loss, optimizer, keep=keep, when=""):
        for passes in batches:
            optimizer.zero_grad()
            for given in passes:
                with torch.autocast("cpu", autocast or torch.bfloat16, enabled=autocast is not None):
                    output = model(**given) if isinstance(given, dict) else model(given)
                    loss(output, torch.zeros_like(output)).backward()
            optimizer.step()
    return recorded_files.read_index(folder / "rank-0000")


def test_the_index_counts_the_examples_of_each_pass(tmp_path):
    batches = [[torch.ones(3, 2), torch.ones(1, 2)], [{"input": torch.ones(5, 2)}], [torch.ones(2)]]
    (entry,) = recorded(tmp_path, nn.Linear(2, 1), batches)["windows"]
    assert entry["examples"] == [[3, 1], [5], [2]]
    assert entry["states"] == [0, 3]


def test_the_index_names_the_states_that_a_window_has(tmp_path):
    (entry,) = recorded(tmp_path, nn.Linear(2, 1), [[torch.ones(1, 2)]] * 9, keep=4)["windows"]
    (rank,) = Recording.open(tmp_path).ranks
    assert tuple(entry["states"]) == rank.windows[0].states == (4, 6, 8, 9)
    assert len(entry["examples"]) == entry["last"] - entry["first"] + 1


def test_the_index_knows_when_and_how_many_trained(tmp_path):
    before = time.time()
    index = recorded(tmp_path, nn.Linear(2, 1), [[torch.ones(1, 2)]])
    (entry,) = index["windows"]
    assert index["about"]["world"] == 1
    assert before <= index["about"]["started"] == entry["started"] <= entry["written"] <= time.time()
    later = recorded(tmp_path, nn.Linear(2, 1), [[torch.ones(1, 2)]])
    first, second = later["windows"]
    assert first == entry
    assert entry["written"] <= later["about"]["started"] == second["started"]


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16, None])
def test_the_dtype_of_the_output_is_that_under_autocast(tmp_path, dtype):
    recorded(tmp_path, nn.Linear(2, 1), [[torch.ones(1, 2)]], autocast=dtype)
    (rank,) = Recording.open(tmp_path).ranks
    (given,) = rank.windows[0].iterations[0]["passes"]
    assert given["dtype"] == {torch.bfloat16: "bfloat16", torch.float16: "float16", None: "float32"}[dtype]
    assert rank.about["dtypes"] == ["float32"]


class Second(nn.Module):
    """A loss that is the second output of the operation that made it."""

    def forward(self, output, wanted):
        error = ((output - wanted) ** 2).mean()
        return torch.stack([error * 0, error]).unbind()[1]


@pytest.mark.filterwarnings("ignore:the recording will not open as a network")
@pytest.mark.parametrize("loss", [nn.MSELoss(), Second()], ids=["MSELoss", "second output"])
def test_the_share_of_a_loss_is_known_whatever_else_listens_to_it(tmp_path, loss):
    model = nn.Linear(3, 2)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    heard = []
    with backprop_tui.record(tmp_path, model, loss, optimizer, when=""):
        for share in (1.0, 0.25, 3.0):
            optimizer.zero_grad()
            value = loss(model(torch.randn(4, 3)), torch.zeros(4, 2))
            if isinstance(loss, nn.MSELoss):
                assert value._backward_hooks is None
            value.register_hook(lambda gradient: heard.append(float(gradient)))
            (value * share).backward()
            optimizer.step()
    assert heard == [1.0, 0.25, 3.0]
    (rank,) = Recording.open(tmp_path).ranks
    assert [rank.windows[0].batches(number)[0].scale for number in range(3)] == heard


@pytest.mark.parametrize("size", [1.0, 1e-25, 1e25])
def test_of_many_numbers_the_length_is_that_in_float64_and_their_memory_stays_as_it_is(tmp_path, size):
    model, loss = nn.Linear(700, 400), nn.MSELoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.0)
    with backprop_tui.record(tmp_path, model, loss, optimizer, when=""):
        loss(model(torch.randn(4, 700)), torch.randn(4, 400)).backward()
        before = float(torch.cat([one.grad.double().flatten() for one in model.parameters()]).norm())
        model.weight.grad = (torch.randn(700, 400) * size).t()  # not in one piece
        after = float(torch.cat([one.grad.double().flatten() for one in model.parameters()]).norm())
        optimizer.step()
        assert all(one.grad.untyped_storage().resizable() for one in model.parameters())
    (rank,) = Recording.open(tmp_path).ranks
    (row,) = rank.windows[0].iterations
    assert row["grad_norm"] == pytest.approx(before, rel=1e-5)
    assert row["grad_norm_at_step"] == pytest.approx(after, rel=1e-5)
