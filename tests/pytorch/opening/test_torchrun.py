"""Ranks that torchrun started: recorded by each, opened as one, equal to what DistributedDataParallel did."""

import json
import shutil

import numpy as np
import pytest

torch = pytest.importorskip("torch")
if not torch.distributed.is_available():
    pytest.skip("this PyTorch has no torch.distributed", allow_module_level=True)

import backprop_tui  # noqa: E402
from backprop_tui.engine.training import Trainer  # noqa: E402
from backprop_tui.pytorch.opening.joining.union import joined  # noqa: E402
from backprop_tui.pytorch.opening.recordings import Recording  # noqa: E402
from tests.pytorch import ranks_process  # noqa: E402
from tests.pytorch.ranks_process import EXAMPLES, SHORT, TIMES  # noqa: E402

SCENARIOS = ("float32", "float64", "accumulate", "clipped", "uneven", "apart", "apart clipped", "by hand")


@pytest.fixture(scope="module", params=[2, 4])
def trained(request, tmp_path_factory):
    """The folder of the scenarios, and the number of ranks."""
    folder = tmp_path_factory.mktemp(f"ranks{request.param}")
    done = ranks_process.run(folder, request.param, *SCENARIOS)
    assert done.returncode == 0, done.stderr[-3000:]
    return folder, request.param


def truth(folder, rank):
    return torch.load(folder / f"truth-{rank:04d}.pt")


def gradients_of(iteration, model, loss, ranks):
    """By plain autograd on the model without DistributedDataParallel: the mean over the ranks."""
    model.zero_grad()
    for part in iteration.parts:
        batch = part.batch()
        value = loss(model(*batch.arguments, **batch.keywords), *batch.targets)
        (value * batch.scale / ranks).backward()
    return {name: one.grad.clone() for name, one in model.named_parameters()}


@pytest.mark.parametrize("scenario", ["float32", "float64", "accumulate", "clipped", "uneven"])
def test_the_gradient_of_the_joined_batches_is_that_of_the_all_reduce(trained, scenario):
    folder, ranks = trained[0] / scenario, trained[1]
    found = joined(Recording.open(folder))
    dtype = torch.float64 if scenario == "float64" else torch.float32
    within = 1e-12 if dtype == torch.float64 else 1e-6
    model, loss, optimizer = ranks_process.made(dtype)
    model.load_state_dict(found.parameters(found.states[0]))
    optimizer.load_state_dict(found.optimizer_state(found.states[0]))
    assert found.ranks == tuple(range(ranks))
    assert found.iterations[-1].number == TIMES - 1
    for one in found.iterations:
        if one.number in found.states:
            model.load_state_dict(found.parameters(one.number))
        gradients = gradients_of(one, model, loss, ranks)
        for rank in range(ranks):
            saw = truth(folder, rank)[one.number]["gradients"]
            for name, gradient in gradients.items():
                torch.testing.assert_close(gradient, saw[name], rtol=within, atol=within)
        optimizer_step(model, optimizer, saw, 0.1 if scenario == "clipped" else None)
    for name, tensor in found.parameters(TIMES).items():
        torch.testing.assert_close(dict(model.named_parameters())[name], tensor, rtol=within, atol=within)


def optimizer_step(model, optimizer, gradients, clip):
    for name, parameter in model.named_parameters():
        parameter.grad = gradients[name].clone()
    if clip:
        torch.nn.utils.clip_grad_norm_(model.parameters(), clip)
    optimizer.step()


@pytest.mark.parametrize("scenario", ["float32", "float64", "accumulate", "clipped", "by hand"])
def test_the_gradient_of_the_network_is_that_of_the_all_reduce(trained, scenario):
    folder, ranks = trained[0] / scenario, trained[1]
    network = backprop_tui.from_recording(folder)
    within = 1e-9 if scenario == "float64" else 1e-5
    numbers = [one.number for one in network.recording.iterations]
    assert [sum(count for _, count in one.ranks) for one in network.recording.iterations] == [
        ranks * EXAMPLES * (3 if scenario == "accumulate" else 1)
    ] * len(numbers)
    trainer = Trainer(network)
    state = trainer.initial_state()
    for at, number in enumerate(numbers):
        found = trainer.iterate(state, at)
        for layer, place in enumerate(("0", "2")):
            saw = truth(folder, at % ranks)[number]["gradients"]
            close(found.gradient.weights[layer], saw[f"{place}.weight"], within)
            close(found.gradient.biases[layer], saw[f"{place}.bias"], within)
        state, _ = trainer.advance(state, at, 1)
    end = joined(Recording.open(folder)).parameters(TIMES)
    for layer, place in enumerate(("0", "2")):
        close(state.parameters.weights[layer], end[f"{place}.weight"], 100 * within)


def close(ours, theirs, within):
    """Within a share of the largest number."""
    theirs = theirs.double().numpy()
    assert np.abs(ours - theirs).max() <= within * np.abs(theirs).max()


@pytest.mark.parametrize("scenario", ["float32", "float64", "accumulate", "clipped", "uneven"])
def test_each_rank_recorded_what_it_saw(trained, scenario):
    folder, ranks = trained[0] / scenario, trained[1]
    recording = Recording.open(folder)
    found = joined(recording)
    assert [one.about["world"] for one in recording.ranks] == [ranks] * ranks
    for at, one in enumerate(found.iterations):
        norms = {rank.windows[-1].iterations[at]["grad_norm"] for rank in recording.ranks}
        assert len(norms) == 1, "after the all-reduce it is the same on all, to the bit"
        losses = [truth(folder, rank)[one.number]["losses"] for rank in range(ranks)]
        assert [part.loss for part in one.parts] == pytest.approx(
            [x for each in losses for x in each], rel=1e-6
        )
        assert one.loss == pytest.approx(sum(sum(each) / len(each) for each in losses) / ranks, rel=1e-6)
        saw = truth(folder, 0)[one.number]["gradients"].values()
        norm = sum(float((gradient.double() ** 2).sum()) for gradient in saw) ** 0.5
        assert one.grad_norm == pytest.approx(norm, rel=1e-6)
        assert one.grad_norm_at_step == pytest.approx(0.1 if scenario == "clipped" else norm, rel=1e-5)
        assert (one.stepped, one.notes) == (True, ())
        assert {part.dtype for part in one.parts} == {"float64" if scenario == "float64" else "float32"}


def test_each_part_says_its_rank_its_examples_and_its_share(trained):
    folder, ranks = trained
    found = joined(Recording.open(folder / "accumulate"))
    for one in found.iterations:
        assert [part.rank for part in one.parts] == [rank for rank in range(ranks) for _ in range(3)]
        assert [part.scale for part in one.parts] == pytest.approx([1 / 3] * 3 * ranks)
        assert {len(part.batch().targets[0]) for part in one.parts} == {EXAMPLES}
    assert found.said == ()


def test_uneven_batches_are_said(trained):
    folder, ranks = trained
    found = joined(Recording.open(folder / "uneven"))
    (uneven,) = [one for one in found.iterations if {part.examples for part in one.parts} != {EXAMPLES}]
    assert (uneven.number, [part.examples for part in uneven.parts]) == (
        SHORT,
        [EXAMPLES] * (ranks - 1) + [2],
    )
    said = f"uneven batches: at iteration {SHORT} rank {ranks - 1} had 2 examples, others {EXAMPLES}; "
    assert found.said == (said + "the gradient is the mean over the ranks, not over all examples",)


def test_ranks_that_a_loop_averages_itself_are_not_said_to_train_apart(trained):
    found = joined(Recording.open(trained[0] / "by hand"))
    assert found.ranks == tuple(range(trained[1]))
    (said,) = found.said
    assert said.startswith("the loop itself averages the gradients of the ranks")
    for one in found.iterations:
        saw = truth(trained[0] / "by hand", 0)[one.number]["gradients"]
        length = sum(float((gradient.double() ** 2).sum()) for gradient in saw.values()) ** 0.5
        assert one.grad_norm == pytest.approx(length, rel=1e-5)


def test_ranks_that_train_each_on_its_own_are_not_mixed(trained):
    folder, ranks = trained
    found = joined(Recording.open(folder / "apart"))
    assert found.ranks == (0,)
    (said,) = found.said
    assert said.startswith("ranks 0 " + ("and 1" if ranks == 2 else "to 3") + " have different gradients: ")
    model, loss, _ = ranks_process.made(torch.float32)
    alone = joined(Recording.open(folder / "apart" / "rank-0001"))
    model.load_state_dict(alone.parameters(alone.iterations[0].number))
    saw = truth(folder / "apart", 1)[alone.iterations[0].number]["gradients"]
    for name, gradient in gradients_of(alone.iterations[0], model, loss, 1).items():
        torch.testing.assert_close(gradient, saw[name], rtol=1e-6, atol=1e-6)


def test_ranks_that_clip_to_one_length_are_not_taken_to_be_averaged(trained):
    (said,) = joined(Recording.open(trained[0] / "apart clipped")).said
    assert "each trains on its own" in said


def test_names_are_those_of_the_model_inside(trained):
    found = joined(Recording.open(trained[0] / "float32"))
    assert found.about["model"] == "DistributedDataParallel"
    names = {"0.weight", "0.bias", "2.weight", "2.bias"}
    assert found.parameters(found.states[0]).keys() == names
    (group,) = found.optimizer_state(found.states[0])["param_groups"]
    assert set(group["param_names"]) == names


def test_clocks_that_differ_are_said_and_change_nothing(trained, tmp_path):
    folder, ranks = trained
    shutil.copytree(folder / "float32", tmp_path / "copy")
    before = joined(Recording.open(tmp_path / "copy"))
    path = tmp_path / "copy" / f"rank-{ranks - 1:04d}" / "index.json"
    index = json.loads(path.read_text())
    for known in (index["about"], *index["windows"]):
        for name in ("started", "written"):
            if name in known:
                known[name] += 5400
    path.write_text(json.dumps(index))
    found = joined(Recording.open(tmp_path / "copy"))
    assert before.said == ()
    said = f"by their clocks rank {ranks - 1} began up to 90.0 minutes after rank 0: "
    assert found.said == (said + "the clocks differ, or the runs do",)
    assert [one.parts[-1].loss for one in found.iterations] == [
        one.parts[-1].loss for one in before.iterations
    ]


def test_a_rank_that_is_killed_leaves_what_all_wrote_and_the_others_what_they_saw(tmp_path):
    done = ranks_process.run(tmp_path, 3, "killed")
    assert done.returncode != 0
    recording = Recording.open(tmp_path / "killed")
    assert [one.windows[-1].reason for one in recording.ranks] == ["exception", "exception", "demand"]
    found = joined(recording)
    assert (found.ranks, found.reason, found.at) == ((0, 1, 2), "demand", 8)
    said = f"rank 2 kept nothing after iteration 8, ranks 0 and 1 went on to {SHORT}: "
    assert found.said == (said + "open the folder of one of them alone for these",)
    alone = joined(Recording.open(tmp_path / "killed" / "rank-0001"))
    assert (alone.reason, alone.at, alone.iterations[-1].stepped) == ("exception", SHORT, False)
    said, other = alone.said
    assert said.startswith("these are the batches of 1 of 3 ranks")
    assert other.startswith("iterations 3 to 8 were written too: open rank-0001/window-000000")


def test_a_rank_that_raises_takes_no_other_ranks_iteration_away(tmp_path):
    """The others are told to end, or find the connection closed; all write the iteration in which it was."""
    done = ranks_process.run(tmp_path, 2, "raised")
    assert done.returncode != 0
    recording = Recording.open(tmp_path / "raised")
    assert [one.windows[-1].reason for one in recording.ranks] == ["exception"] * 2
    assert "this batch is not to be learned from" in recording.ranks[1].windows[-1].said
    found = joined(recording)
    assert (found.ranks, found.reason, found.at) == ((0, 1), "exception", SHORT)
    assert not found.iterations[-1].stepped
    assert [part.rank for part in found.iterations[-1].parts] == [0, 1]
    assert all(one.stepped for one in found.iterations[:-1])
    assert SHORT in found.states
