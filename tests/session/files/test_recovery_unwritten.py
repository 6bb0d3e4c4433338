"""What cannot be written: keeping stops and says why, and what was kept before stays whole."""

from __future__ import annotations

import subprocess
import sys

import pytest

from backprop_tui.network.files import toml
from backprop_tui.network.files.build import build
from backprop_tui.session.files import recovery
from backprop_tui.session.files.recovery import Keeper, find
from backprop_tui.session.look import Look
from tests.session.files.kept_sessions import POSIX, names, session_at


def test_a_folder_that_cannot_be_made_is_told_of_and_changes_nothing(tmp_path):
    (tmp_path / "file").write_text("")
    keeper = Keeper(tmp_path / "file" / "state")
    session = session_at("0:1")
    for _ in range(3):
        keeper.keep(session)
    assert "cannot be kept" in keeper.problem
    assert keeper.problem.isprintable()
    keeper.close()
    assert find(tmp_path / "file" / "state") == find(tmp_path / "file") == find(tmp_path / "nowhere") == []


def test_without_a_home_there_is_nowhere_to_keep_it(monkeypatch):
    def homeless():
        raise RuntimeError("could not determine home directory")

    monkeypatch.setattr(recovery, "state_folder", homeless)
    keeper = Keeper()
    keeper.keep(session_at("0:1"))
    assert "home directory" in keeper.problem
    assert find() == []


FULL = """
import resource, sys
from pathlib import Path
from backprop_tui.session.files.recovery import Keeper
from backprop_tui.session.session import Session
from backprop_tui.network.files.library import shipped
session = Session(shipped("worked-example"))
keeper = Keeper(Path(sys.argv[1]))
session.go("1:1")
keeper.keep(session)
print(keeper.problem)
resource.setrlimit(resource.RLIMIT_FSIZE, (60, 60))
session.go("2:2")
keeper.keep(session)
session.go("3:3")
keeper.keep(session)
print(keeper.problem)
if sys.argv[2] == "close":
    keeper.close()
"""


@POSIX
@pytest.mark.parametrize("end", ["close", "die"])
def test_where_a_file_cannot_grow_what_was_kept_before_stays_whole(folder, end):
    """The limit of a file's size, as a full disk: a write that fails halfway."""
    done = subprocess.run(
        [sys.executable, "-c", FULL, str(folder), end], capture_output=True, text=True, check=True
    )
    before, after = done.stdout.splitlines()
    assert before == ""
    assert "file too large" in after
    assert [found.position for found in find(folder)] == ([] if end == "close" else ["1:1"])
    if end == "close":
        assert names(folder) == []


def test_what_a_table_cannot_hold_stops_keeping_only(folder):
    keeper = Keeper(folder)
    session = session_at("0:1")
    keeper.keep(session, Look(others={"zoom": 1.5}))
    assert "session.look.zoom" in keeper.problem


def test_a_network_that_could_not_be_read_again_is_not_kept(folder, monkeypatch):
    monkeypatch.setattr(toml, "MOST_BYTES", 100)
    keeper = Keeper(folder)
    keeper.keep(session_at("0:1"))
    assert "larger" in keeper.problem
    keeper.close()
    assert names(folder) == []


def test_a_title_that_is_no_text_in_utf_8_stops_keeping_only(folder):
    network = build(
        {
            "title": "\ud800",
            "network": {"inputs": 1, "layers": [{"units": 1, "activation": "tanh"}]},
            "data": {"inputs": [[0.0]], "targets": [[1.0]]},
        }
    )
    keeper = Keeper(folder)
    keeper.keep(session_at("0:1", network))
    assert isinstance(keeper.problem, str)
