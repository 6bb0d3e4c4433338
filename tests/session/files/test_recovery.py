"""Sessions that outlive their process: what comes back, whose it is, and how many there are."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import time
from datetime import datetime, timedelta
from operator import attrgetter
from pathlib import Path

from backprop_tui.network.files import library
from backprop_tui.network.files.build import build
from backprop_tui.network.files.toml import load
from backprop_tui.session.files import process_locks
from backprop_tui.session.files.recovery import MOST_KEPT, Keeper, find, state_folder
from backprop_tui.session.look import Look
from backprop_tui.session.session import Session
from tests.session.files.kept_sessions import POSIX, names, session_at

# What comes back


def test_the_session_comes_back(folder, left):
    session = session_at("30:19")
    session.go("3:5")
    session.set("w1", 0.1 + 0.2)
    session.go("12:5")
    session.stopping.add("loss < 0.01")
    session.watching.add("dL_dw1")
    left(session, Look(digits=6, log_scale=True))
    (found,) = find(folder)
    assert (found.title, found.position) == (session.network.title, "12:5")
    assert timedelta(0) <= datetime.now().astimezone() - found.when < timedelta(minutes=1)
    opened = found.open()
    assert opened.session.time == 0
    assert opened.look == Look(digits=6, log_scale=True)
    opened.session.jump(opened.wanted)
    for what in ("network", "position", "latest", "edits", "breakpoints", "watches", "now.loss"):
        assert attrgetter(what)(opened.session) == attrgetter(what)(session)
    found.discard()
    assert find(folder) == []
    assert names(folder) == []
    found.discard()


def test_a_session_gone_on_with_is_there_once_at_every_moment(folder, left, monkeypatch):
    def there():
        return sum(path.with_name(path.name.replace("session", "network")).exists() for path in sessions())

    def sessions():
        return list(folder.glob("*.session.toml"))

    def counted(change):
        def changed(path, *arguments, **options):
            result = change(path, *arguments, **options)
            moments.append(there())
            return result

        return changed

    left(session_at("3:5"))
    (found,) = find(folder)
    session, wanted, _ = found.open()
    keeper, moments = Keeper(folder), []
    keeper.go_on(found, session)
    session.jump(wanted)
    assert find(folder) == [found], "it is not kept anew yet"
    monkeypatch.setattr(Path, "replace", counted(Path.replace))
    monkeypatch.setattr(Path, "unlink", counted(Path.unlink))
    session.go("3:6")
    keeper.keep(session)
    assert set(moments) == {1}
    assert len(moments) == 4
    assert find(folder) == [], "the one that is left is ours"
    assert 'position = "3:6"' in sessions()[0].read_text()
    keeper.close()
    assert names(folder) == []


def test_a_session_gone_on_with_is_gone_after_a_clean_end(folder, left):
    left(session_at("3:5"))
    (found,) = find(folder)
    keeper = Keeper(folder)
    keeper.go_on(found, found.open().session)
    keeper.keep(session_at("0:1", library.find("2-4-1")))
    assert find(folder) == [found], "another network is no answer"
    keeper.close()
    assert names(folder) == []


def test_data_from_a_csv_file_are_found_again(folder, left, tmp_path):
    (tmp_path / "work").mkdir()
    (tmp_path / "work" / "points.csv").write_text("a,b\n1,2\n3,4\n")
    (tmp_path / "work" / "net.toml").write_text(
        "[network]\ninputs = 1\n[[network.layers]]\nunits = 1\nactivation = 'tanh'\n"
        "[data]\ncsv = 'points.csv'\ntarget_columns = ['b']\n"
    )
    network = load(tmp_path / "work" / "net.toml")
    left(session_at("1:1", network))
    (found,) = find(folder)
    assert found.open().session.network == network


@POSIX
def test_data_are_found_again_from_a_folder_that_is_a_link(tmp_path):
    (tmp_path / "points.csv").write_text("a,b\n1,2\n3,4\n")
    (tmp_path / "deep" / "er").mkdir(parents=True)
    (tmp_path / "state").symlink_to(tmp_path / "deep" / "er")
    document = {
        "network": {"inputs": 1, "layers": [{"units": 1, "activation": "tanh"}]},
        "data": {"csv": "points.csv", "target_columns": ["b"]},
    }
    network = build(document, tmp_path)
    keeper = Keeper(tmp_path / "state")
    keeper.keep(session_at("1:1", network))
    for path in list((tmp_path / "state").iterdir()):  # as a killed process leaves them
        path.with_name("1-1." + path.name.partition(".")[2]).write_bytes(path.read_bytes())
    (found,) = find(tmp_path / "state")
    assert found.open().session.network == network


def test_what_is_kept_is_the_latest(folder):
    keeper = Keeper(folder)
    for step in range(1, 6):
        keeper.keep(session_at("0:0"))
        keeper.keep(session_at(f"0:{step}"))
    assert len(names(folder)) == 2
    (path,) = folder.glob("*.session.toml")
    assert 'position = "0:5"' in path.read_text()


def test_the_network_is_written_once_and_nothing_where_nothing_changed(folder):
    keeper = Keeper(folder)
    session = session_at("0:1")
    keeper.keep(session)
    before = {path.name: path.stat().st_ino for path in folder.iterdir()}
    keeper.keep(session)
    assert {path.name: path.stat().st_ino for path in folder.iterdir()} == before
    session.go("0:2")
    keeper.keep(session)
    after = {path.name: path.stat().st_ino for path in folder.iterdir()}
    assert [name.partition(".")[2] for name in after if after[name] != before[name]] == ["session.toml"]


def test_nothing_is_kept_before_anything_has_happened(folder):
    keeper = Keeper(folder)
    session = Session(library.shipped("worked-example"))
    keeper.keep(session)
    assert not folder.exists()
    session.watching.add("loss")
    keeper.keep(session)
    assert len(names(folder)) == 2


def test_another_network_takes_the_place_of_the_former(folder):
    keeper = Keeper(folder)
    keeper.keep(session_at("3:1"))
    keeper.keep(session_at("0:2", library.find("2-4-1")))
    assert [load(path).shape for path in folder.glob("*.network.toml")] == ["2-4-1"]
    keeper.keep(Session(library.find("1-1")))
    assert names(folder) == []
    keeper.keep(session_at("0:1", library.find("2-3-1")))
    assert [load(path).shape for path in folder.glob("*.network.toml")] == ["2-3-1"]


def test_a_clean_end_leaves_nothing(folder):
    keeper = Keeper(folder)
    keeper.keep(session_at("0:1"))
    keeper.close()
    assert names(folder) == []
    keeper.keep(session_at("0:2"))
    keeper.close()
    assert names(folder) == []


@POSIX
def test_only_the_user_can_read_it(folder):
    before = os.umask(0o000)
    try:
        Keeper(folder).keep(session_at("0:1"))
    finally:
        os.umask(before)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}


def test_the_folder_is_the_user_s_own_unless_the_environment_names_one(monkeypatch, tmp_path):
    monkeypatch.setenv("BACKPROP_TUI_STATE", str(tmp_path / "here"))
    assert state_folder() == tmp_path / "here"
    Keeper().keep(session_at("0:1"))
    assert len(names(tmp_path / "here")) == 2
    monkeypatch.delenv("BACKPROP_TUI_STATE")
    if sys.platform == "linux":
        monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "xdg"))
        assert state_folder() == tmp_path / "xdg" / "backprop-tui"
    assert state_folder().name == "backprop-tui"
    assert not (tmp_path / "xdg").exists()


# Which processes are gone


LIVING = """
import sys
from operator import attrgetter
from pathlib import Path
from backprop_tui.session.files.recovery import Keeper
from backprop_tui.session.session import Session
from backprop_tui.network.files.library import shipped
session = Session(shipped("worked-example"))
session.go("7:3")
keeper = Keeper(Path(sys.argv[1]))
keeper.keep(session)
print(keeper.problem or "kept", flush=True)
sys.stdin.read()
"""


def test_a_session_is_offered_only_when_its_process_is_gone(folder):
    with subprocess.Popen(
        [sys.executable, "-c", LIVING, str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout.readline() == "kept\n"
        assert find(folder) == []
        assert len(names(folder)) == 2
        process.kill()
        process.wait()
        (found,) = find(folder)
        assert found.position == "7:3"
        assert found.session_file.name.startswith(f"{process.pid}-")
        assert found.open().wanted == 7 * 19 + 3


def test_a_living_process_with_the_number_of_a_dead_one_is_not_taken_for_it(folder, left):
    left(session_at("1:2"), process=os.getpid())
    left(session_at("1:3"), process=os.getppid(), start=2)
    assert {found.position for found in find(folder)} == {"1:2", "1:3"}


@POSIX
def test_where_files_cannot_be_locked_the_process_is_asked_for(folder, left, monkeypatch):
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    left(session_at("1:2"), process=os.getpid())
    left(session_at("1:3"), process=ended.pid)

    def no_locks(*arguments, **options):
        raise OSError(45, "not supported")

    monkeypatch.setattr(process_locks, "_lock", no_locks)
    assert [found.position for found in find(folder)] == ["1:3"]
    keeper = Keeper(folder)
    keeper.keep(session_at("5:1"))
    assert keeper.problem == ""
    assert [found.position for found in find(folder)] == ["1:3"]


# How many


def test_the_newest_come_first_and_the_oldest_are_removed(folder, left):
    for number in range(MOST_KEPT + 5):
        left(session_at(f"0:{number % 19 + 1}"), start=number + 1, age=1000.0 * ((number * 7) % 25))
    found = find(folder)
    ages = [one.when for one in found]
    assert len(found) == MOST_KEPT
    assert ages == sorted(ages, reverse=True)
    assert min(ages) > datetime.now().astimezone() - timedelta(seconds=1000 * MOST_KEPT)
    assert len(names(folder)) == 2 * MOST_KEPT
    assert find(folder) == found


def test_what_a_process_left_that_was_killed_as_it_began_is_removed_in_time(folder, left):
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    left(session_at("1:2"))
    for name, age in {
        f"{ended.pid}-5.network.toml": 120,
        f"{ended.pid}-6.session.toml": 120,
        f"{ended.pid}-7.tmp": 120,
        f"{ended.pid}-8.network.toml": 5,
        f"{ended.pid}-9.tmp": 5,
    }.items():
        (folder / name).write_text("")
        os.utime(folder / name, (time.time() - age,) * 2)
    assert len(find(folder)) == 1
    kept = {name.partition("-")[2].partition(".")[0] for name in names(folder)}
    assert kept == {"1", "8", "9"}


def test_a_session_can_be_opened_after_another_process_kept_on(folder, left):
    left(session_at("1:2"))
    keeper = Keeper(folder)
    keeper.keep(session_at("9:9"))
    (found,) = find(folder)
    assert found.position == "1:2"
