"""After kill -9 at any moment a recording opens, all that was written replays, and the next one goes on.

``python -m tests.robustness recordings 100`` kills a hundred.
"""

import os
import subprocess
import sys

import pytest

pytest.importorskip("torch")
from backprop_tui.pytorch.recording.written import files as recorded_files
from tests.robustness.recording_kills import Trainings, kill

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there is no such signal")


def test_killed_while_training_or_writing():
    with Trainings() as trainings:
        for seed in range(1, 6):
            assert len(kill(trainings, seed).left) <= 2
        kill(trainings, 11, times=3)


def test_only_what_nobody_writes_any_more_is_cleared_away(tmp_path):
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as running:
        theirs = tmp_path / f".index.json.{running.pid}.00ff00ff.tmp"
        theirs.write_text("half")
        recorded_files.clear_away(tmp_path)
        assert theirs.exists()
        running.communicate(b"\n")
    for name in (
        theirs.name,
        f".window-000003.safetensors.{os.getpid()}.01234567.tmp",
        ".tmpjATqe8",
        "notes.tmp",
    ):
        (tmp_path / name).write_text("half")
    recorded_files.clear_away(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["notes.tmp"]
