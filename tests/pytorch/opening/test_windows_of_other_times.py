"""The file of a window opens the training around the time at which it was written."""

import pytest

torch = pytest.importorskip("torch")

import backprop_tui  # noqa: E402
from backprop_tui.cli.main import main  # noqa: E402
from backprop_tui.network.errors import NetworkError  # noqa: E402
from backprop_tui.pytorch.opening.joining.union import joined  # noqa: E402
from backprop_tui.pytorch.opening.recordings import Recording  # noqa: E402
from tests.pytorch.opening.recorded_ranks import changed, numbers, train, trained_together  # noqa: E402

OFTEN = "iteration == 5 or iteration == 11 or iteration == 17"


def file(folder, number, rank=0):
    return folder / f"rank-{rank:04d}" / f"window-{number:06d}.safetensors"


def batch_of(iteration, rank=0):
    """What ``train`` gave the model then."""
    torch.manual_seed(100 + rank)
    for _ in range(iteration):
        torch.randn(4, 3), torch.randn(4, 2)
    return torch.randn(4, 3)


@pytest.mark.parametrize(
    ("number", "reason", "at"), [(0, "condition", 5), (1, "condition", 11), (3, "end", 29)]
)
def test_the_file_of_a_window_opens_its_own_time(tmp_path, number, reason, at):
    train(tmp_path, when=OFTEN)
    found = joined(Recording.open(file(tmp_path, number)))
    assert (found.reason, found.at, numbers(found)[-1]) == (reason, at, at)
    assert torch.equal(found.iterations[-1].parts[0].batch().arguments[0], batch_of(at))
    assert found.said == ()
    network = backprop_tui.load(str(file(tmp_path, number)))
    assert [one.number for one in network.recording.iterations] == numbers(found)
    assert [list(row) for row in network.data.inputs[-4:]] == batch_of(at).tolist()


def test_the_folder_says_which_other_times_there_are(tmp_path):
    train(tmp_path, when=OFTEN)
    found = joined(Recording.open(tmp_path))
    assert (found.at, found.said) == (
        17,
        tuple(
            f"iterations {first} to {last} were written too: "
            f"open rank-0000/window-{number:06d}.safetensors for these"
            for number, first, last in ((0, 0, 5), (1, 6, 11), (3, 24, 29))
        ),
    )
    train(tmp_path / "more", 60, when="change(grad_norm) > 0")
    said = joined(Recording.open(tmp_path / "more")).said
    assert len(said) == 4
    assert said[3] == "5 windows more were written, up to rank-0000/window-000008.safetensors"


def test_an_earlier_run_opens_by_the_file_of_its_window(tmp_path):
    train(tmp_path, 12, when="not_finite", spoil=4)
    train(tmp_path, 25)
    found = joined(Recording.open(file(tmp_path, 0)))
    assert (found.reason, found.at) == ("condition", 4)
    assert found.said[0] == "this is of an earlier run than the last in this folder"
    assert joined(Recording.open(file(tmp_path, 2))).said == ()


def test_of_several_ranks_all_are_opened_at_that_time(tmp_path):
    batches = trained_together(tmp_path, 3, steps=20, when="iteration == 8")
    assert (joined(Recording.open(tmp_path)).at, joined(Recording.open(file(tmp_path, 1, 2))).at) == (8, 19)
    found = joined(Recording.open(file(tmp_path, 1, 2)))
    assert found.ranks == (0, 1, 2)
    inputs = torch.cat([part.batch().arguments[0] for part in found.iterations[-1].parts])
    assert torch.equal(inputs, torch.cat([inputs for inputs, _ in batches[19]]))
    for other in range(3):  # one that was renamed is no rank of the folder: it opens by itself
        (tmp_path / f"rank-{other:04d}").rename(tmp_path / f"machine-{other}")
    alone = joined(Recording.open(tmp_path / "machine-2" / "window-000001.safetensors"))
    assert (alone.ranks, alone.at) == ((2,), 19)


def test_a_session_in_it_is_saved_with_the_file_and_opened_again(tmp_path):
    train(tmp_path / "run", when=OFTEN)
    session = backprop_tui.open_session(str(file(tmp_path / "run", 1)))
    session.go("iteration 10")
    backprop_tui.save(session, tmp_path / "kept.toml")
    again = backprop_tui.open_session(tmp_path / "kept.toml")
    assert (again.position, again.network.recording.at) == (session.position, 11)
    assert (tmp_path / "kept.toml").read_text("utf-8").count("run/rank-0000/window-000001.safetensors") == 1


@pytest.mark.parametrize(
    ("harm", "said"),
    [
        (
            lambda path: (path.parent / "index.json").unlink(),
            "expected a window of a recording, beside its index",
        ),
        (
            lambda path: changed(path.parents[1], 0, lambda index: index["windows"].pop(1)),
            "names: .*another|another",
        ),
        (lambda path: path.write_bytes(b"torn"), "has 4 of"),
        (lambda path: path.unlink(), "no such file"),
        (
            lambda path: path.write_bytes(bytes(path.stat().st_size)),
            "expected a window that can be read",
        ),
    ],
    ids=["alone", "not named", "torn", "gone", "overwritten"],
)
def test_a_file_that_is_no_window_is_refused_in_one_line(tmp_path, capsys, harm, said):
    train(tmp_path, when=OFTEN)
    path = file(tmp_path, 1)
    harm(path)
    with pytest.raises(NetworkError, match=said):
        backprop_tui.load(str(path))
    with pytest.raises(SystemExit) as status:
        main(["check", str(path)])
    assert status.value.code == 2
    error = capsys.readouterr().err
    assert (error.count("\n"), "Traceback" in error) == (1, False)
