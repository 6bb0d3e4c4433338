"""What a reader knows of a recording from its index alone, and of each pass beside its tensors."""

import time

import pytest

torch = pytest.importorskip("torch")
from torch import nn  # noqa: E402

import backprop_tui  # noqa: E402
from backprop_tui.pytorch import recorded_files  # noqa: E402
from backprop_tui.pytorch.recordings import Recording  # noqa: E402


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
