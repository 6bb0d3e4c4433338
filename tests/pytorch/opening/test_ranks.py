"""What ranks recorded, opened as one: the right stretch, every rank's part, and what is missing is said."""

import json
import math
import re
import subprocess
import sys

import pytest

torch = pytest.importorskip("torch")
from torch import nn  # noqa: E402

import backprop_tui  # noqa: E402
from backprop_tui.network.errors import NetworkError  # noqa: E402
from backprop_tui.pytorch.opening.joining.remarks import ranks_named  # noqa: E402
from backprop_tui.pytorch.opening.joining.union import joined  # noqa: E402
from backprop_tui.pytorch.opening.recordings import Recording  # noqa: E402
from tests.pytorch.opening.recorded_ranks import changed, numbers, train, trained_together  # noqa: E402


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


def test_nan_is_written_though_the_condition_held_before_and_had_come_true_often(tmp_path):
    train(tmp_path / "held", when="grad_norm > 0 or not_finite", spoil=17)
    found = joined(Recording.open(tmp_path / "held"))
    assert (found.reason, found.at) == ("condition", 17)
    assert [math.isfinite(one.loss) for one in found.iterations[-2:]] == [True, False]
    train(tmp_path / "often", 60, when="change(grad_norm) > 0 or not_finite", spoil=50)
    (rank,) = Recording.open(tmp_path / "often").ranks
    assert [one.reason for one in rank.windows] == ["condition"] * 9 + ["end"]
    found = joined(Recording.open(tmp_path / "often"))
    assert (found.reason, found.at, math.isfinite(found.iterations[-2].loss)) == ("condition", 50, True)


def test_torchruns_environment_says_the_rank_before_processes_meet(tmp_path, monkeypatch):
    monkeypatch.setenv("RANK", "3")
    monkeypatch.setenv("WORLD_SIZE", "4")
    train(tmp_path, 3)
    (rank,) = Recording.open(tmp_path).ranks
    assert (rank.rank, rank.about["world"], rank.place.name) == (3, 4, "rank-0003")
    monkeypatch.setenv("RANK", "node-7")
    train(tmp_path / "alone", 3)
    (rank,) = Recording.open(tmp_path / "alone").ranks
    assert (rank.rank, rank.about["world"]) == (0, 1)


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
    assert "earlier runs in this folder left 2 windows: open the file of one for it" in found.said


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


def window_of(folder, rank):
    return next((folder / f"rank-{rank:04d}").glob("window*"))


FEWER = (
    "these are the batches of 3 of 4 ranks, while the gradients and the parameters that PyTorch recorded are "
    "those of all"
)


def test_all_ranks_are_one_batch(tmp_path):
    batches = trained_together(tmp_path)
    found = joined(Recording.open(tmp_path))
    assert (found.ranks, found.said, numbers(found)) == ((0, 1, 2, 3), (), list(range(numbers(found)[0], 8)))
    for one in found.iterations:
        assert [part.rank for part in one.parts] == [0, 1, 2, 3]
        for part in one.parts:
            (inputs,) = part.batch().arguments
            assert torch.equal(inputs, batches[one.number][part.rank][0])
        assert one.loss == pytest.approx(sum(part.loss for part in one.parts) / 4)


def gone(folder):
    for path in (folder / "rank-0002").iterdir():
        path.unlink()
    (folder / "rank-0002").rmdir()


def cut(folder):
    path = window_of(folder, 2)
    path.write_bytes(path.read_bytes()[:-9])


def garbled(folder):
    path = window_of(folder, 2)
    whole = bytearray(path.read_bytes())
    whole[8:60] = b"?" * 52
    path.write_bytes(whole)


def endless(folder):
    path = window_of(folder, 2)
    path.write_bytes(b"\xff" * 8 + path.read_bytes()[8:])


def unfinished(folder):
    path = window_of(folder, 2)
    path.rename(path.with_name(f".{path.name}.77.tmp"))
    changed(folder, 2, lambda index: index.update(windows=[]))


def other_shapes(folder):
    train(folder / "other", 8)
    window_of(folder, 2).unlink()
    window_of(folder / "other", 0).rename(folder / "rank-0002" / "window-000000.safetensors")
    index = json.loads((folder / "other" / "rank-0000" / "index.json").read_text())
    changed(
        folder, 2, lambda own: own.update(windows=index["windows"], about=own["about"] | {"started": None})
    )


@pytest.mark.parametrize(
    ("harm", "said"),
    [
        (gone, "the folder has nothing of rank 2"),
        (
            lambda folder: (folder / "rank-0002" / "index.json").unlink(),
            "rank-0002 cannot be opened: no index.json",
        ),
        (
            lambda folder: (folder / "rank-0002" / "index.json").write_text("{"),
            "rank-0002 cannot be opened: Expec",
        ),
        (
            lambda folder: changed(folder, 2, lambda index: index.pop("rank")),
            "rank-0002 cannot be opened: Object missing required field `rank`",
        ),
        (
            lambda folder: changed(folder, 2, lambda index: index.update(rank=1)),
            "rank-0002 is left out: it says to",
        ),
        (lambda folder: window_of(folder, 2).unlink(), "rank 2: window-000000.safetensors is missing"),
        (cut, "rank 2: window-000000.safetensors has "),
        (garbled, "rank 2: window-000000.safetensors is damaged: "),
        (endless, "rank 2: window-000000.safetensors is damaged: "),
        (unfinished, "rank 2: no window was written"),
        (other_shapes, "rank 2: left out: "),
    ],
)
def test_a_rank_that_cannot_be_opened_is_said_and_the_others_are_opened(tmp_path, harm, said):
    trained_together(tmp_path)
    harm(tmp_path)
    found = joined(Recording.open(tmp_path))
    assert found.ranks == (0, 1, 3)
    assert any(line.startswith(said) for line in found.said), found.said
    assert found.said[-1] == FEWER or FEWER in found.said
    assert [part.rank for part in found.iterations[-1].parts] == [0, 1, 3]
    assert len(found.iterations[-1].parts[-1].batch().arguments[0]) == 4


@pytest.mark.parametrize("harm", [cut, garbled])
def test_a_network_is_made_of_the_ranks_that_are_left(tmp_path, harm):
    trained_together(tmp_path)
    (tmp_path / "rank-0002").rename(tmp_path / "whole")
    (tmp_path / "rank-0000").rename(tmp_path / "rank-0002")
    harm(tmp_path)  # rank 0's file
    (tmp_path / "rank-0002").rename(tmp_path / "rank-0000")
    (tmp_path / "whole").rename(tmp_path / "rank-0002")
    network = backprop_tui.from_recording(tmp_path)
    assert [rank for rank, _ in network.recording.iterations[-1].ranks] == [1, 2, 3]
    assert FEWER in network.recording.said


def test_an_unfinished_file_beside_whole_ones_is_said(tmp_path):
    trained_together(tmp_path)
    (tmp_path / "rank-0003" / ".window-000001.safetensors.77.tmp").write_text("")
    found = joined(Recording.open(tmp_path))
    assert (found.ranks, found.said) == ((0, 1, 2, 3), ("rank 3: a file was not written to the end",))


def test_only_where_nothing_can_be_opened_is_it_an_error(tmp_path):
    trained_together(tmp_path, 2)
    for rank in range(2):
        window_of(tmp_path, rank).write_text("")
    with pytest.raises(NetworkError, match=r"ranks? 0.*window-000000\.safetensors has 0 of") as caught:
        joined(Recording.open(tmp_path))
    # how long the files were differs with the digits of the time at which each was written
    assert re.search(r"ranks 0 and 1: |rank 1: ", str(caught.value))
    for rank in range(2):
        (tmp_path / f"rank-{rank:04d}" / "index.json").unlink()
    with pytest.raises(NetworkError, match=r"rank-0000: no index\.json: expected a recording"):
        Recording.open(tmp_path)
    with pytest.raises(NetworkError, match="expected a folder that record wrote"):
        Recording.open(tmp_path / "rank-0002")


def test_ranks_that_an_earlier_run_of_more_left_are_not_of_this_one(tmp_path):
    trained_together(tmp_path)
    for rank in range(2):
        changed(tmp_path, rank, lambda index: index["about"].update(world=2))
    found = joined(Recording.open(tmp_path))
    assert found.ranks == (0, 1)
    assert found.said[0] == "ranks 2 and 3: left out: it is of an earlier run, for the last one had 2 ranks"


def test_a_rank_that_ended_earlier_leaves_what_all_have(tmp_path):
    trained_together(tmp_path, 4, steps=8)
    shorter = tmp_path / "shorter"
    trained_together(shorter, 4, steps=6)  # the same training, ended earlier
    gone(tmp_path)
    (shorter / "rank-0002").rename(tmp_path / "rank-0002")
    changed(tmp_path, 2, lambda index: index["about"].update(started=index["about"]["started"] - 1))
    changed(tmp_path, 2, lambda index: index["windows"][0].update(started=index["about"]["started"]))
    found = joined(Recording.open(tmp_path))
    assert (numbers(found), found.ranks) == (list(range(6)), (0, 1, 2, 3))
    went_on = "rank 2 kept nothing after iteration 5, ranks 0, 1 and 3 went on to 7: "
    assert found.said == (went_on + "open the folder of one of them alone for these",)


def test_uneven_batches_among_ranks_are_said(tmp_path):
    trained_together(tmp_path, short=(6, 1))
    (said,) = joined(Recording.open(tmp_path)).said
    assert said.startswith(
        "uneven batches: at iteration 6 rank 1 had 3 examples, others 4; the gradient is the"
    )


ITERATION = 4 * 4 * 5
"""Numbers of an iteration: ranks, examples, numbers of each."""


@pytest.mark.parametrize(
    ("most", "first", "ranks"),
    [
        (8 * ITERATION, 0, 4),
        (8 * ITERATION - 1, 3, 4),
        (5 * ITERATION, 3, 4),
        (5 * ITERATION - 1, 6, 4),
        (2 * ITERATION - 1, 6, 3),
        (1, 6, 1),
    ],
)
def test_of_many_numbers_iterations_are_left_out_and_then_ranks(tmp_path, most, first, ranks):
    trained_together(tmp_path)
    found = joined(Recording.open(tmp_path), most, numbers_per_example=5)
    assert (numbers(found), found.states[0], len(found.ranks)) == (list(range(first, 8)), first, ranks)
    assert [line.split(" ")[0] for line in found.said] == ["iterations"] * (first > 0) + (
        [str(ranks), "these"] if ranks < 4 else []
    )


@pytest.mark.parametrize(
    ("ranks", "named"),
    [
        ([3], "rank 3"),
        ([1, 0], "ranks 0 and 1"),
        ([0, 1, 2], "ranks 0 to 2"),
        ([0, 1, 2, 5, 7, 8], "ranks 0 to 2, 5, 7 and 8"),
        (range(1024), "ranks 0 to 1023"),
    ],
)
def test_ranks_are_named_shortly(ranks, named):
    assert ranks_named(ranks) == named


WITHOUT_PYTORCH = """
import sys
from backprop_tui.pytorch.opening.joining.union import joined
from backprop_tui.pytorch.opening.recordings import Recording
found = joined(Recording.open(sys.argv[1]), 10**6, 5)
print(len(found.ranks), found.states, sum(part.examples for one in found.iterations for part in one.parts))
print(sorted({"torch", "safetensors"} & set(sys.modules)))
"""


def test_what_there_is_is_known_without_reading_it(tmp_path):
    trained_together(tmp_path)
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_PYTORCH, str(tmp_path)],
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    assert done.stdout.splitlines() == [f"4 (0, 3, 6, 8) {8 * 16}", "[]"]
    found = joined(Recording.open(tmp_path))
    window_of(tmp_path, 2).unlink()
    assert len(found.iterations[-1].parts[1].batch().targets[0]) == 4
    with pytest.raises(NetworkError, match=r"window-000000\.safetensors is missing"):
        found.iterations[-1].parts[2].batch()


class Own(nn.Module):
    """A model whose part has the name that wrappers give."""

    def __init__(self):
        super().__init__()
        self.module = nn.Linear(3, 2)

    def forward(self, inputs):
        return self.module(inputs)


@pytest.mark.parametrize(
    ("wrapped", "names"),
    [
        (lambda: torch.compile(nn.Sequential(nn.Linear(3, 2)), backend="eager"), {"0.weight", "0.bias"}),
        (lambda: nn.DataParallel(nn.Sequential(nn.Linear(3, 2))), {"0.weight", "0.bias"}),
        (
            lambda: torch.compile(nn.DataParallel(nn.Sequential(nn.Linear(3, 2))), backend="eager"),
            {"0.weight", "0.bias"},
        ),
        (
            lambda: nn.DataParallel(torch.compile(nn.Sequential(nn.Linear(3, 2)), backend="eager")),
            {"0.weight", "0.bias"},
        ),
        (Own, {"module.weight", "module.bias"}),
        (lambda: nn.DataParallel(Own()), {"module.weight", "module.bias"}),
    ],
)
def test_names_are_those_of_the_model_inside_of_wrappers(tmp_path, wrapped, names):
    model, loss = wrapped(), nn.MSELoss()
    optimizer = torch.optim.Adam(model.parameters())
    with backprop_tui.record(tmp_path, model, loss, optimizer, keep=3, when=""):
        for _ in range(4):
            optimizer.zero_grad()
            loss(model(torch.ones(2, 3)), torch.zeros(2, 2)).backward()
            optimizer.step()
    found = joined(Recording.open(tmp_path))
    assert found.parameters(4).keys() == names
    for name, tensor in model.named_parameters():
        (bare,) = (one for one in names if name.endswith(one))
        assert torch.equal(found.parameters(4)[bare], tensor)
    (group,) = found.optimizer_state(4)["param_groups"]
    assert set(group["param_names"]) == names
    optimizer.load_state_dict(found.optimizer_state(4))
