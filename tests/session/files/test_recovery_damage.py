"""What others put into the folder of recovery: strangers are left alone, damage is passed over or refused."""

from __future__ import annotations

import os
import sys

import pytest

from backprop_tui.network.errors import NetworkError
from backprop_tui.session.files.recovery import find
from backprop_tui.session.look import Look
from tests.session.files.kept_sessions import names, session_at


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
