"""A process that is ended from outside writes what it has, and ends as it would have."""

import os
import signal
import subprocess
import sys
import threading
from copy import deepcopy
from pathlib import Path

import pytest

torch = pytest.importorskip("torch")
from torch import nn  # noqa: E402

import backprop_tui  # noqa: E402
from backprop_tui.pytorch.opening.recordings import Recording  # noqa: E402
from backprop_tui.pytorch.recording.surroundings.termination import Termination  # noqa: E402
from backprop_tui.pytorch.recording.written import files  # noqa: E402
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
        one = Termination(called.append, print)
        one.begin()
        os.kill(os.getpid(), signal.SIGHUP)
        one.end()
        assert (called, signal.getsignal(signal.SIGHUP)) == ([], signal.SIG_IGN)
    finally:
        signal.signal(signal.SIGHUP, before)


@pytest.mark.parametrize("closure", [False, True])
def test_wherever_a_signal_comes_what_is_written_is_whole_and_true(tmp_path, monkeypatch, closure):
    monkeypatch.setattr(files, "_on_disk", lambda _: None)  # a thousand windows
    torch.manual_seed(2)
    model, loss = nn.Linear(3, 2), nn.MSELoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.1)
    before, lines, place = [], set(), str(Path(backprop_tui.__file__).parent / "pytorch" / "recording")
    recorder = backprop_tui.record(tmp_path, model, loss, optimizer, keep=4, when="")

    def each_line(frame, *_):
        if not frame.f_code.co_filename.startswith(place) or recorder._termination._busy:
            return None
        line = frame.f_code.co_filename, frame.f_lineno
        if line in lines:  # once is enough
            return each_line
        lines.add(line)
        sys.settrace(None)
        recorder._termination._called("SIGTERM")
        sys.settrace(each_line)
        return each_line

    def gradients():
        optimizer.zero_grad()
        value = loss(model(torch.randn(4, 3)), torch.randn(4, 2))
        value.backward()
        return value

    with recorder:
        for update in range(10):
            before.append(deepcopy((model.state_dict(), optimizer.state_dict()["state"])))
            sys.settrace(each_line if update == 8 else None)
            if closure:
                optimizer.step(gradients)
            else:
                gradients()
                optimizer.step()
            sys.settrace(None)
    before.append(deepcopy((model.state_dict(), optimizer.state_dict()["state"])))
    windows = Recording.open(tmp_path).ranks[0].windows
    assert len(windows) > 100
    for window in windows:
        assert window.iterations[-1]["iteration"] in range(7, 10)
        for number in window.states:
            found = window.parameters(number), window.optimizer_state(number)["state"]
            torch.testing.assert_close(found, before[number], rtol=0, atol=0)


@pytest.fixture
def handler():
    """A handler of a person's own, in whose calls the signal can be counted."""
    came = []
    before = signal.signal(signal.SIGTERM, lambda *_: came.append(1))
    yield came
    signal.signal(signal.SIGTERM, before)


def test_a_handler_of_ones_own_is_left_alone(handler):
    called = []
    one = Termination(called.append, print)
    one.begin()
    os.kill(os.getpid(), signal.SIGTERM)
    one.end()
    assert (handler, called) == ([1], [])


def test_the_handler_is_as_it_was_afterwards_and_in_threads_there_is_none():
    before = signal.getsignal(signal.SIGTERM)
    assert before is signal.SIG_DFL
    one, other = Termination(print, print), Termination(print, print)
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
folder, ended, busy, number = pathlib.Path(sys.argv[1]), sys.argv[2], sys.argv[3], int(sys.argv[4])
def write(name):
    (folder / name).write_text("")
both = {name: Termination(lambda _, name=name: write(name), print) for name in ("first", "second")}
for one in both.values():
    one.begin()
if ended in both:
    both[ended].end()
if busy in both:
    with both[busy].put_off():
        os.kill(os.getpid(), number)
        write("finished")
os.kill(os.getpid(), number)
write("lives")
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP], ids=lambda one: one.name)
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
def test_each_recorder_is_called_once_and_the_process_ends_by_the_signal(
    tmp_path, number, ended, busy, wrote
):
    done = subprocess.run(
        [sys.executable, "-c", TWO, str(tmp_path), ended, busy, str(int(number))], check=False
    )
    assert done.returncode == -number
    assert {path.name for path in tmp_path.iterdir()} == wrote


THREE = """
import os, pathlib, signal, sys
from backprop_tui.pytorch.recording.surroundings.termination import Termination
folder, when = pathlib.Path(sys.argv[1]), sys.argv[2]
def write(name):
    (folder / name).write_text("")
first, second, third = (Termination(lambda _, name=name: write(name), print) for name in ("1", "2", "3"))
listen, look = signal.signal, signal.getsignal
def listened(number, handler):
    listen(number, handler)
    if handler == second._came:
        os.kill(os.getpid(), number)
def looked(number):
    os.kill(os.getpid(), number)
    return look(number)
first.begin()
if when == "beginning":
    signal.signal = listened
second.begin()
if when == "ending":
    signal.getsignal = looked
    second.end()
third.begin()
second.end()
os.kill(os.getpid(), signal.SIGTERM)
write("lives")
"""


@pytest.mark.parametrize(
    ("when", "wrote"), [("beginning", {"1", "2"}), ("ending", {"1"}), ("between", {"1", "3"})]
)
def test_a_recorder_that_begins_or_ends_keeps_no_signal_from_those_before_it(tmp_path, when, wrote):
    done = subprocess.run([sys.executable, "-c", THREE, str(tmp_path), when], check=False)
    assert done.returncode == -signal.SIGTERM
    assert {path.name for path in tmp_path.iterdir()} == wrote


NOT_LEFT = """
import os, pathlib, signal, sys, torch, backprop_tui
from torch import nn
model, loss = nn.Linear(3, 2), nn.MSELoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
recorder = backprop_tui.record(sys.argv[1], model, loss, optimizer, keep=5).__enter__()
for update in range(9):
    optimizer.zero_grad()
    loss(model(torch.randn(4, 3)), torch.randn(4, 2)).backward()
    optimizer.step()
    if update == 2:
        for ending in ("exit", "signal", "left"):
            child = os.fork()
            if not child:
                if ending == "exit":
                    sys.exit()
                if ending == "signal":
                    os.kill(os.getpid(), signal.SIGTERM)
                recorder.__exit__(None, None, None)
                os._exit(0)
            os.waitpid(child, 0)
        assert not list(pathlib.Path(sys.argv[1]).glob("*/window*"))
    if update == 7 and sys.argv[2] == "by an error":
        raise ValueError("no more batches")
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there are no forks")
@pytest.mark.parametrize(
    ("ending", "reason", "said", "last"),
    [("by itself", "end", "", 8), ("by an error", "exception", "ValueError('no more batches')", 7)],
)
def test_what_nobody_left_is_written_as_the_process_ends_and_by_no_fork_of_it(
    tmp_path, ending, reason, said, last
):
    subprocess.run([sys.executable, "-c", NOT_LEFT, str(tmp_path), ending], capture_output=True, check=False)
    (window,) = Recording.open(tmp_path).ranks[0].windows
    assert (window.reason, window.said) == (reason, said)
    assert window.iterations[-1]["iteration"] == last


TYPED = """import torch, backprop_tui, sys
model, loss = torch.nn.Linear(3, 2), torch.nn.MSELoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
nothing
recorder = backprop_tui.record(sys.argv[1], model, loss, optimizer).__enter__()
loss(model(torch.randn(4, 3)), torch.randn(4, 2)).backward()
optimizer.step()
"""


def test_an_error_that_ended_a_line_typed_before_is_not_what_ended_the_training(tmp_path):
    interactive = [sys.executable, "-i", "-c", "", str(tmp_path)]
    done = subprocess.run(interactive, input=TYPED, capture_output=True, text=True, check=False)
    assert "NameError" in done.stderr
    (window,) = Recording.open(tmp_path).ranks[0].windows
    assert (window.reason, window.said) == ("end", "")
