"""A process that is ended from outside writes what it has, and ends as it would have."""

import os
import signal
import subprocess
import sys
import threading

import pytest

torch = pytest.importorskip("torch")

from backprop_tui.pytorch.opening.recordings import Recording  # noqa: E402
from backprop_tui.pytorch.recording.surroundings.termination import Termination  # noqa: E402
from tests.pytorch.recording import recorded_process  # noqa: E402


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP], ids=lambda one: one.name)
def test_what_was_kept_is_written_when_a_process_is_told_to_end(tmp_path, number):
    for folder, seconds in ((tmp_path / "soon", 0.1), (tmp_path / "later", 0.33)):
        recorded_process.killed(folder, seconds, number)
        recorded_process.opened(folder)
        (rank,) = Recording.open(folder).ranks
        assert (rank.windows[-1].reason, rank.windows[-1].said) in {
            ("exception", number.name),
            ("demand", ""),
        }


def test_what_a_process_ignores_does_not_end_it_nor_has_it_anything_written():
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)  # as nohup has it
    called = []
    try:
        one = Termination(called.append)
        one.begin()
        os.kill(os.getpid(), signal.SIGHUP)
        one.end()
        assert (called, signal.getsignal(signal.SIGHUP)) == ([], signal.SIG_IGN)
    finally:
        signal.signal(signal.SIGHUP, before)


@pytest.fixture
def handler():
    """A handler of a person's own, in whose calls the signal can be counted."""
    came = []
    before = signal.signal(signal.SIGTERM, lambda *_: came.append(1))
    yield came
    signal.signal(signal.SIGTERM, before)


def test_a_handler_of_ones_own_is_left_alone(handler):
    called = []
    one = Termination(called.append)
    one.begin()
    os.kill(os.getpid(), signal.SIGTERM)
    one.end()
    assert (handler, called) == ([1], [])


def test_the_handler_is_as_it_was_afterwards_and_in_threads_there_is_none():
    before = signal.getsignal(signal.SIGTERM)
    assert before is signal.SIG_DFL
    one, other = Termination(print), Termination(print)
    one.begin()
    other.begin()
    other.end()
    assert signal.getsignal(signal.SIGTERM) == one._came
    one.end()
    assert signal.getsignal(signal.SIGTERM) is before
    thread = threading.Thread(target=one.begin)
    thread.start()
    thread.join()
    assert signal.getsignal(signal.SIGTERM) is before


TWO = """
import os, pathlib, signal, sys
from backprop_tui.pytorch.recording.surroundings.termination import Termination
folder, ended, busy = pathlib.Path(sys.argv[1]), sys.argv[2], sys.argv[3]
def write(name):
    (folder / name).write_text("")
both = {name: Termination(lambda _, name=name: write(name)) for name in ("first", "second")}
for one in both.values():
    one.begin()
if ended in both:
    both[ended].end()
if busy in both:
    with both[busy].put_off():
        os.kill(os.getpid(), signal.SIGTERM)
        write("finished")
os.kill(os.getpid(), signal.SIGTERM)
write("lives")
"""


@pytest.mark.parametrize(
    ("ended", "busy", "wrote"),
    [
        ("none", "none", {"first", "second"}),
        ("first", "none", {"second"}),
        ("second", "none", {"first"}),
        ("none", "second", {"first", "finished"}),
        ("none", "first", {"second", "finished"}),
        ("second", "first", {"finished"}),
    ],
)
def test_each_recorder_is_called_once_and_the_process_ends_by_the_signal(tmp_path, ended, busy, wrote):
    done = subprocess.run([sys.executable, "-c", TWO, str(tmp_path), ended, busy], check=False)
    assert done.returncode == -signal.SIGTERM
    assert {path.name for path in tmp_path.iterdir()} == wrote
