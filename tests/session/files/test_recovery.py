"""Sessions that outlive their process: killed at any moment, damaged, crowded, or unable to write."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
import time
from datetime import datetime, timedelta
from operator import attrgetter
from pathlib import Path

import pytest

from backprop_tui.network.errors import NetworkError
from backprop_tui.network.files import library, toml
from backprop_tui.network.files.build import build
from backprop_tui.network.files.toml import load
from backprop_tui.session.files import process_locks, recovery
from backprop_tui.session.files.recovery import MOST_KEPT, Keeper, find, state_folder
from backprop_tui.session.look import PLAIN, Look
from backprop_tui.session.session import Session

POSIX = pytest.mark.skipif(sys.platform == "win32", reason="as POSIX has it")


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "state" / "backprop-tui"


def session_at(place, network=None):
    session = Session(network or library.shipped("worked-example"))
    session.go(place)
    return session


def names(folder):
    return sorted(path.name for path in folder.iterdir())


@pytest.fixture
def left(folder):
    """Makes what a killed process leaves: the files of this one, without its lock on them."""

    def make(session, look=None, process=None, start=1, age=0.0):
        folder.mkdir(parents=True, exist_ok=True)
        living = folder.with_name("living")  # beside it: a path to data is relative
        keeper = Keeper(living)
        keeper.keep(session, look or PLAIN)
        assert keeper.problem == ""
        for path in living.iterdir():
            copy = folder / f"{process or os.getpid()}-{start}.{path.name.partition('.')[2]}"
            shutil.copy(path, copy)
            os.utime(copy, (time.time() - age,) * 2)
        keeper.close()

    return make


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


# What others put there


def test_strangers_files_are_left_alone(folder, left):
    left(session_at("1:2"))
    for name in ("notes.txt", "1-2.session.toml.bak", "x-1.session.toml", "1-1.toml", "-1-1.tmp", "١-١.tmp"):
        (folder / name).write_text("x")
        os.utime(folder / name, (0, 0))
    (folder / "77-1.session.toml").mkdir()
    (folder / "77-1.network.toml").mkdir()
    if sys.platform != "win32":
        os.mkfifo(folder / "78-1.session.toml")
        os.mkfifo(folder / "78-1.network.toml")
        (folder / "79-1.session.toml").symlink_to(folder / "notes.txt")
        (folder / "79-1.network.toml").symlink_to("/dev/zero")
        (folder / "80-1.network.toml").symlink_to("nowhere")
    before = names(folder)
    assert len(find(folder)) == 1
    assert names(folder) == before


SESSION = 'title = "t"\n[session]\nversion = 1\nposition = "1:2"\n'


DAMAGED = {
    "empty": b"",
    "bytes": b"\xff\x00",
    "cut": b"a = ",
    "bare": b"[session]",
    "number": b"session = 3",
    "position": b"[session]\nposition = 3",
    "word": b'[session]\nposition = "home"',
    "escape": b'[session]\nposition = "1:2\\u001b"',
    "deep": b"a = " + b"[" * 10**6,
    "long": b"x = " + b"9" * 10**6,
}


@pytest.mark.parametrize("content", DAMAGED.values(), ids=DAMAGED)
def test_a_damaged_session_is_not_offered(folder, left, content):
    left(session_at("1:2"))
    (path,) = folder.glob("*.session.toml")
    path.write_bytes(content)
    assert find(folder) == []
    left(session_at("1:3"), start=2)
    assert [found.position for found in find(folder)] == ["1:3"]


@pytest.mark.parametrize(
    ("ending", "content", "message"),
    [
        ("network", b"", "network: expected a value, found nothing"),
        ("network", b"\xff", "expected TOML in UTF-8"),
        ("network", None, "expected a network file, found no such file"),
        ("session", None, "expected a network file, found no such file"),
        ("session", SESSION.replace("1\n", "2\n").encode(), "session.version: expected 1"),
        ("session", SESSION.replace("1:2", "1:20").encode(), "session.position: expected at most 19 steps"),
        ("session", b"title = 'x'", "session: expected a table, found nothing"),
    ],
)
def test_a_damaged_session_is_refused_with_the_file_s_name(folder, left, ending, content, message):
    left(session_at("1:2"))
    (found,) = find(folder)
    (path,) = folder.glob(f"*.{ending}.toml")
    if content is None:
        path.unlink()
    else:
        path.write_bytes(content)
    with pytest.raises(NetworkError) as caught:
        found.open()
    assert str(caught.value).startswith(f"{path}: {message}")


def test_a_title_cannot_write_on_the_terminal(folder, left):
    left(session_at("1:2"))
    (path,) = folder.glob("*.session.toml")
    path.write_text(SESSION.replace('"t"', '"a\\u001b[2J\\u202e' + "b" * 5000 + '"'))
    (found,) = find(folder)
    assert found.title.startswith("a?[2J?bbb")
    assert len(found.title) == 200


@pytest.mark.parametrize("ending", ["network", "session"])
def test_files_cut_anywhere_are_passed_over_refused_or_opened(folder, left, ending):
    session = session_at("3:5")
    session.set("w1", 0.25)
    session.stopping.add("loss < 0.01")
    session.watching.add("dL_dw1")
    left(session, Look(digits=4))
    (path,) = folder.glob(f"*.{ending}.toml")
    whole = path.read_bytes()
    for length in range(len(whole)):
        path.write_bytes(whole[:length])
        for found in find(folder):
            try:
                opened = found.open()
            except NetworkError:
                continue
            assert opened.wanted == 3 * 19 + 5
            assert opened.session.network == session.network


# What cannot be written


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


# Killed

KILLER = """
import mmap, os, random, signal, sys, time
from pathlib import Path
from backprop_tui.session.files.recovery import Keeper, find
from backprop_tui.session.files.saved_sessions import load_session, save_session
from backprop_tui.session.session import Session
from backprop_tui.network.files.build import build

folder, rounds, random_ = Path(sys.argv[2]), int(sys.argv[3]), random.Random(int(sys.argv[4]))
numbers = [[random_.random() for _ in range(20)] for _ in range(40)]
network = build({
    "network": {"inputs": 20, "layers": [{"units": 40, "activation": "tanh", "weights": numbers}]},
    "data": {"inputs": [numbers[0]], "targets": [[0.5] * 40]},
})
file = folder / "lesson.toml"

def save(session, keeper):
    save_session(session, file)

def keep(session, keeper):
    keeper.keep(session)

def saved():
    return load_session(file).wanted if file.exists() else 0

def kept():
    found = find(folder)
    assert len(found) < 2, found
    for one in found:
        opened = one.open()
        assert opened.session.network == network
        one.discard()
        return opened.wanted
    return 0

write, read = {"save": (save, saved), "keep": (keep, kept)}[sys.argv[1]]
marks = mmap.mmap(-1, 16)  # the number of the command begun last, and of the one done last
for _ in range(rounds):
    marks[:] = bytes(16)
    child = os.fork()
    if not child:
        session, keeper = Session(network), Keeper(folder)
        for number in range(1, 10**9):
            session.time = session.latest = number
            marks[:8] = number.to_bytes(8, "big")
            write(session, keeper)
            marks[8:] = number.to_bytes(8, "big")
    if random_.random() < 0.5:  # after at least one write, however slow; else perhaps in the first
        limit = time.monotonic() + 20
        while not any(marks[8:]) and time.monotonic() < limit:
            time.sleep(0.001)
    time.sleep(random_.uniform(0, 0.03))
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    if sys.argv[1] == "save" and file.exists():
        assert load_session(file).session.network == network
    halves = len([path for path in folder.iterdir() if path.name.endswith("tmp")])
    for path in folder.iterdir():
        if path.name.endswith("tmp"):
            path.unlink()
    print(int.from_bytes(marks[:8], "big"), int.from_bytes(marks[8:], "big"), read(), halves)
    file.unlink(missing_ok=True)
"""


@POSIX
@pytest.mark.parametrize("what", ["save", "keep"])
def test_killed_at_any_moment_at_most_the_last_command_is_lost(tmp_path, what):
    """40 processes that do nothing but save, or keep, killed up to 30 ms after beginning or a first write."""
    done = subprocess.run(
        [sys.executable, "-c", KILLER, what, str(tmp_path), "40", "1"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
    rounds = [tuple(map(int, line.split())) for line in done.stdout.splitlines()]
    assert len(rounds) == 40
    for begun, ended, found, _ in rounds:
        assert found in (ended, begun)
    assert sum(ended > 0 for _, ended, _, _ in rounds) > 10
