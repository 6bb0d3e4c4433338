"""What ranks recorded, opened as one: the right stretch, every rank's part, and what is missing is said."""

import json
import math

import pytest

torch = pytest.importorskip("torch")
from torch import nn  # noqa: E402

import backprop_tui  # noqa: E402
from backprop_tui.network.errors import NetworkError  # noqa: E402
from backprop_tui.pytorch.joining import joined  # noqa: E402
from backprop_tui.pytorch.recordings import Recording  # noqa: E402


def train(folder, times=30, *, keep=6, when="", spoil=None, write_at=(), stop=None, rank=0, examples=4):
    """Record a small training as one rank of it, with batches of its own."""
    torch.manual_seed(3)
    model, loss = nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 2)), nn.MSELoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    torch.manual_seed(100 + rank)
    with backprop_tui.record(folder, model, loss, optimizer, keep=keep, when=when) as recorder:
        for number in range(times):
            inputs, targets = torch.randn(examples, 3), torch.randn(examples, 2)
            if spoil == number:
                inputs[0, 0] = torch.nan
            optimizer.zero_grad()
            loss(model(inputs), targets).backward()
            if stop == number:
                raise RuntimeError("the loss is not finite")
            optimizer.step()
            if number in write_at:
                recorder.write()
    return model


def numbers(found):
    return [one.number for one in found.iterations]


def test_one_rank_is_opened_as_it_was_recorded(tmp_path):
    model = train(tmp_path, keep=6)
    found = joined(Recording.open(tmp_path))
    assert numbers(found) == list(range(numbers(found)[0], 30))
    assert (found.ranks, found.reason, found.at, found.said) == ((0,), "end", 29, ())
    assert numbers(found)[0] in found.states
    assert found.states[-1] == 30
    end = found.parameters(30)
    assert all(torch.equal(end[name], one) for name, one in model.named_parameters())
    again = nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 2))
    optimizer = torch.optim.Adam(again.parameters())
    again.load_state_dict(found.parameters(found.states[0]))
    optimizer.load_state_dict(found.optimizer_state(found.states[0]))
    for one in found.iterations:
        (part,) = one.parts
        batch = part.batch()
        optimizer.zero_grad()
        value = nn.MSELoss()(again(*batch.arguments), *batch.targets)
        value.backward()
        assert (value.item(), len(batch.arguments[0])) == (part.loss, part.examples) == (one.loss, 4)
        squares = sum(float((p.grad.double() ** 2).sum()) for p in again.parameters())
        assert one.grad_norm == one.grad_norm_at_step == pytest.approx(squares**0.5, rel=1e-5)
        assert (one.groups[0]["lr"], one.groups[0]["betas"], part.dtype) == (0.01, (0.9, 0.999), "float32")
        optimizer.step()
    assert all(torch.equal(end[name], one) for name, one in again.named_parameters())
    with pytest.raises(NetworkError, match="expected one of 2"):
        found.parameters(3)


@pytest.mark.parametrize(
    ("options", "reason", "at"),
    [
        ({"when": "not_finite", "spoil": 17}, "condition", 17),  # and 12 iterations of nan after it
        ({"when": "iteration == 5 or iteration == 11"}, "condition", 11),
        ({"when": "iteration == 5 or not_finite", "spoil": 9}, "condition", 9),
        ({"when": "iteration == 5", "spoil": 29}, "end", 29),  # nan where the condition did not hold
        ({"when": "iteration == 5", "write_at": (20,)}, "condition", 5),
        ({"write_at": (10, 20)}, "end", 29),
    ],
    ids=str,
)
def test_the_window_is_that_in_which_it_began(tmp_path, options, reason, at):
    train(tmp_path, **options)
    found = joined(Recording.open(tmp_path))
    assert (found.reason, found.at, numbers(found)[-1]) == (reason, at, at)
    assert math.isfinite(found.iterations[-1].loss) == ("spoil" not in options)
    assert all(math.isfinite(one.loss) for one in found.iterations[:-1])
    assert found.condition == options.get("when", "")


def test_a_loss_that_the_loop_itself_refused_is_where_it_began(tmp_path):
    with pytest.raises(RuntimeError):
        train(tmp_path, when="iteration == 5", spoil=20, stop=20)
    found = joined(Recording.open(tmp_path))
    assert (found.reason, found.at, found.iterations[-1].stepped) == ("exception", 20, False)
    assert found.iterations[-1].parts[0].batch().arguments[0].isnan().any()
    assert found.iterations[-2].stepped


def test_a_later_run_in_the_folder_is_the_one_that_is_opened(tmp_path):
    train(tmp_path, 12, when="not_finite", spoil=4)
    train(tmp_path, 25)
    found = joined(Recording.open(tmp_path))
    assert (found.reason, found.at) == ("end", 24)
    assert "earlier runs in this folder left 2 windows, which are not opened" in found.said


def test_a_folder_without_the_facts_of_the_index_opens_as_well(tmp_path):
    train(tmp_path, 12, when="not_finite", spoil=4)
    train(tmp_path, 25)
    now = joined(Recording.open(tmp_path))
    path = tmp_path / "rank-0000" / "index.json"
    index = json.loads(path.read_text())
    for known in ("world", "started"):
        del index["about"][known]
    for entry in index["windows"]:
        for known in ("examples", "states", "started", "written"):
            del entry[known]
    path.write_text(json.dumps(index))
    before = joined(Recording.open(tmp_path))
    assert (numbers(before), before.states, before.said) == (numbers(now), now.states, now.said)
    assert [one.parts[0].examples for one in before.iterations] == [4] * len(numbers(now))


def test_the_folder_of_one_rank_is_that_rank(tmp_path):
    train(tmp_path)
    found = joined(Recording.open(tmp_path / "rank-0000"))
    assert (found.ranks, found.at) == ((0,), 29)


@pytest.mark.parametrize(("most", "first"), [(10**6, 24), (6 * 4 * 5, 24), (6 * 4 * 5 - 1, 27), (1, 27)])
def test_too_many_numbers_leave_the_earliest_iterations_out(tmp_path, most, first):
    train(tmp_path, keep=6)
    found = joined(Recording.open(tmp_path), most, numbers_per_example=5)
    assert (numbers(found), found.states[0]) == (list(range(first, 30)), first)
    left_out = "iterations 24 to 26 are left out: with them there are 120 numbers in the batches"
    assert found.said == (() if first == 24 else (left_out,))
