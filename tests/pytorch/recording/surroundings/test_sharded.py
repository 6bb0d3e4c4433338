"""A model whose parameters lie on several processes: it trains on unchanged, and is refused by name."""

import json

import pytest
from click.testing import CliRunner

torch = pytest.importorskip("torch")
if not torch.distributed.is_available():
    pytest.skip("this PyTorch has no torch.distributed", allow_module_level=True)

from backprop_tui.cli.main import main  # noqa: E402
from backprop_tui.pytorch.opening.recordings import Recording  # noqa: E402
from tests.pytorch.recording.surroundings import sharded_process  # noqa: E402
from tests.pytorch.recording.surroundings.sharded_process import KINDS, TIMES  # noqa: E402

NAMED = {
    "fully_shard": "model.0.weight: DTensor",
    "FullyShardedDataParallel": "model: FullyShardedDataParallel",
    "tensor_parallel": "model.0.weight: DTensor",
}


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """The folders of the kinds."""
    folder = tmp_path_factory.mktemp("sharded")
    done = sharded_process.run(folder)
    assert done.returncode == 0, done.stderr[-3000:]
    return folder


@pytest.mark.parametrize("kind", KINDS)
def test_a_sharded_training_goes_on_to_the_bit(trained, kind):
    for rank in (0, 1):
        bare, recorded, warned = torch.load(trained / kind / f"truth-{rank:04d}.pt", weights_only=False)
        assert bare[0] == recorded[0]
        assert all(torch.equal(one, recorded[1][name]) for name, one in bare[1].items())
        (said,) = warned
        assert f"will not open as a network: {NAMED[kind]}: expected parameters that each" in said
        assert "grad_norm is the length of this process's part alone" in said


@pytest.mark.parametrize("kind", KINDS)
def test_what_each_process_saw_of_a_sharded_training_is_kept(trained, kind):
    for recording in Recording.open(trained / kind).ranks:
        (losses, ends), *_ = torch.load(trained / kind / f"truth-{recording.rank:04d}.pt", weights_only=False)
        window = recording.windows[-1]
        assert [one["loss"] for one in window.iterations] == losses[window.first :]
        assert window.batches(TIMES - 1)[0].arguments[0].shape == (5, 6)
        kept = window.parameters(TIMES)
        assert kept.keys() == ends.keys()
        assert all(torch.equal(one, ends[name]) for name, one in kept.items())


@pytest.mark.parametrize("kind", KINDS)
def test_a_sharded_recording_is_refused_by_name(trained, kind):
    for command in ("check", "train", "trace", "flow"):
        done = CliRunner().invoke(main, [command, str(trained / kind)])
        assert done.exit_code == 2
        assert f"{NAMED[kind]}: expected parameters that each process has whole" in done.output
        assert "Traceback" not in done.output
    index = json.loads((trained / kind / "rank-0000" / "index.json").read_text("utf-8"))
    assert index["about"]["layers"] == []
