"""What a visitor's process gives up, tried from within."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from backprop_tui.network import reach
from backprop_tui.network.errors import NetworkError
from backprop_tui.network.files.datasets.csv_file import read_csv
from backprop_tui.network.files.library import find
from backprop_tui.network.files.toml import dump, exists, read_toml
from backprop_tui.tui.background.jobs import Jobs

ROOT = Path(__file__).parents[2]
WITHIN = """
import json, os, socket, subprocess, sys
from pathlib import Path
from backprop_tui.cli.confinement import confine
secret = os.environ["SECRET"]
listening = socket.create_server(("127.0.0.1", 0))
place = listening.getsockname()
confine()
tries = {
    "read": lambda: open(secret).read(),
    "read bytes": lambda: Path(secret).read_bytes(),
    "os.open": lambda: os.open(secret, os.O_RDONLY),
    "by /proc": lambda: open("/proc/self/environ").read(),
    "by a way round": lambda: open(os.path.join(sys.prefix, *[".."] * 9, "etc", "hostname")).read(),
    "write": lambda: open(secret, "w"),
    "append": lambda: open(secret, "ab"),
    "beside a module": lambda: open(json.__file__ + ".new", "w"),
    "change a module": lambda: open(json.__file__, "r+"),
    "list": lambda: os.listdir(os.path.dirname(secret)),
    "scan": lambda: list(os.scandir("/")),
    "remove": lambda: os.remove(secret),
    "rename": lambda: os.rename(secret, secret + "x"),
    "make": lambda: os.mkdir(secret + "d"),
    "start": lambda: subprocess.run(["true"]),
    "shell": lambda: os.system("true"),
    "fork": lambda: os.fork(),
    "connect": lambda: socket.create_connection(place),
}
found = {}
for name, attempt in tries.items():
    try:
        attempt()
        found[name] = "done"
    except Exception as error:
        found[name] = type(error).__name__
import wave, backprop_tui.tui.pictures.charts.flow, backprop_tui.lessons.library as library
list(library.lessons())
print(json.dumps(found))
"""


def test_the_interpreter_itself_opens_nothing(tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("secret")
    reading, writing = os.pipe()  # as long as it is open, there is a server
    done = subprocess.run(
        [sys.executable, "-c", WITHIN],
        env={**os.environ, "SECRET": str(secret), "PYTHONPATH": str(ROOT)},
        stdin=reading,
        capture_output=True,
        text=True,
        check=False,
    )
    os.close(writing)
    os.close(reading)
    assert done.stderr == ""
    assert set(json.loads(done.stdout).values()) == {"PermissionError"}, done.stdout
    assert secret.read_text() == "secret"
    assert [path.name for path in tmp_path.iterdir()] == ["secret"]


@pytest.fixture
def given_up(monkeypatch):
    monkeypatch.setattr(reach, "_reach", reach._Reach())
    reach.give_up_files("not here")


def test_whatever_asks_for_a_file_is_told(tmp_path, given_up):
    path = tmp_path / "x.toml"
    path.write_text("title = 1")
    for attempt in (
        lambda: read_toml(path),
        lambda: find(str(path)),
        lambda: dump(find(), path),
        lambda: read_csv(path),
    ):
        with pytest.raises(NetworkError, match=r"expected no file here, found one \(not here\)"):
            attempt()
    assert not exists(path)
    assert find("xor").shape == "2-2-1"


def test_there_is_no_way_back(given_up):
    reach.give_up_files("another reason")
    with pytest.raises(NetworkError, match="not here"):
        reach.demand_files()
    reach.take_at_most(10, 5)
    reach.take_at_most(1000, 50)
    assert (reach.most_parameters(), reach.most_seconds()) == (10, 5)


def test_work_that_takes_longer_than_it_may_is_given_up(given_up):
    reach.take_at_most(10, 0.05)
    waiting, told, done = [], [], []
    jobs = Jobs(waiting.append, lambda seconds, action: lambda: None, told.append)

    def endless():
        number = 0
        while True:
            yield number
            number += 1

    jobs.start(endless(), done.append, lambda first, reached, seconds: "…")
    while not any("given up" in words for words in told):
        if waiting:
            waiting.pop(0)()
    assert not jobs.busy
    assert done == []
    assert "0.05 s" in told[-1]
