"""Killed at any moment: at most the last command is lost."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.session.files.kept_sessions import POSIX

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
