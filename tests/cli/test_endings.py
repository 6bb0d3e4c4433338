"""Ends that nobody chose, in a real terminal: a signal, a terminal that hangs up, ctrl+c."""

from __future__ import annotations

import fcntl
import os
import select
import signal
import struct
import subprocess
import sys
import termios
from contextlib import suppress
from time import monotonic, sleep

import pytest

if sys.platform == "win32":
    pytest.skip("there are no pseudo-terminals here", allow_module_level=True)

LONG = ("train", "8-64-64-4", "--epochs", "100000000", "--log-every", "100000000")
PATIENCE = 20.0
LEAD = """
import os, signal, sys

_, terminal, ignored, *words = sys.argv
os.login_tty(int(terminal))
for number in filter(None, ignored.split(",")):
    signal.signal(int(number), signal.SIG_IGN)
os.execv(sys.executable, [sys.executable, "-m", "backprop_tui", *words])
"""
"""Takes a terminal as its own, and becomes the program."""
LEFT = b"\x1b[?1049l"
"""What leaves the alternate screen (xterm, DECSET 1049)."""
CURSOR = b"\x1b[?25h"
"""What shows the cursor again (DECTCEM)."""


class Terminal:
    """A program that leads the session of its own terminal, as one in a window does."""

    def __init__(self, state, *words, ignoring=(), **environment):
        self.written = b""
        self.master, terminal = os.openpty()
        self.before = termios.tcgetattr(self.master)
        fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
        self._program = subprocess.Popen(
            [sys.executable, "-c", LEAD, str(terminal), ",".join(map(str, map(int, ignoring))), *words],
            pass_fds=(terminal,),
            env={**os.environ, "TERM": "xterm-256color", "BACKPROP_TUI_STATE": str(state), **environment},
        )
        os.close(terminal)
        self.process = self._program.pid

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self._program.poll() is None:
            self._program.kill()
        self._program.wait()
        self.close()

    def close(self):
        if self.master is not None:
            os.close(self.master)
            self.master = None

    def read(self, seconds=0.05):
        if self.master is not None and select.select([self.master], [], [], seconds)[0]:
            with suppress(OSError):
                self.written += os.read(self.master, 65536)

    def until(self, words):
        end = monotonic() + PATIENCE
        while words not in self.written:
            assert monotonic() < end, (words, self.written[-2000:])
            self.read()

    def ended(self):
        """How it ended, as a shell tells it."""
        end = monotonic() + PATIENCE
        while self._program.poll() is None:
            assert monotonic() < end, "it did not end"
            self.read(0.02) if self.master is not None else sleep(0.02)
        while self.master is not None and select.select([self.master], [], [], 0)[0]:
            before = len(self.written)
            self.read(0)
            if len(self.written) == before:
                break
        status = self._program.returncode
        return status if status >= 0 else 128 - status

    def is_as_before(self):
        """Whether keys are shown and lines are edited as before it began."""
        return termios.tcgetattr(self.master)[:4] == self.before[:4]


def kept(state):
    """The sessions that are kept, by the positions in their files."""
    return [path.read_text() for path in state.glob("*.session.toml")]


@pytest.fixture
def state(tmp_path):
    return tmp_path / "state"


def stepped(state, **options):
    """A debugger in which a step has been made and kept."""
    program = Terminal(state, **options)
    program.until(b"step 0/19")
    end = monotonic() + PATIENCE
    while not kept(state):
        assert monotonic() < end
        os.write(program.master, b"s")
        for _ in range(10):
            program.read()
    return program


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_gives_the_terminal_back_and_keeps_the_session(state, number):
    with stepped(state) as program:
        os.kill(program.process, number)
        assert program.ended() == 128 + number
        assert program.is_as_before()
        left = program.written.rpartition(LEFT)[2]
        assert CURSOR in left
        assert b"Traceback" not in program.written
    assert len(kept(state)) == 1
    with Terminal(state) as program:
        program.until(b"go on where you were")


@pytest.mark.parametrize("ignoring", [(), (signal.SIGHUP,)], ids=["hung up", "hung up under nohup"])
def test_a_terminal_that_is_gone_ends_it_and_keeps_the_session(state, ignoring):
    with stepped(state, ignoring=ignoring) as program:
        program.close()
        assert program.ended() == 128 + signal.SIGHUP
    assert len(kept(state)) == 1


def test_left_by_its_key_nothing_is_kept(state):
    with stepped(state) as program:
        os.write(program.master, b"q")
        assert program.ended() == 0
        assert program.is_as_before()
    assert kept(state) == []


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_takes_the_bar_off_the_terminal(state, number):
    with Terminal(state, *LONG) as program:
        program.until(b"/100000000")
        program.read(0.3)
        os.kill(program.process, number)
        assert program.ended() == 128 + number
        assert CURSOR in program.written.rpartition(b"/100000000")[2]
        assert program.is_as_before()
        assert b"Traceback" not in program.written


def test_ctrl_c_stops_training_with_the_last_whole_epoch(state):
    with Terminal(state, *LONG) as program:
        program.until(b"/100000000")
        os.write(program.master, b"\x03")
        assert program.ended() == 130
        rest = program.written.rpartition(CURSOR)[2]
        assert b"stopped after epoch " in rest
        assert b"Traceback" not in program.written
        assert program.is_as_before()


def test_an_import_that_ctrl_c_breaks_is_not_worth_a_word():
    """A compiled module says ImportError then, and nothing of the interrupt."""
    program = """
import os, signal
from backprop_tui.cli.output.streams import run

def program():
    try:
        os.kill(os.getpid(), signal.SIGINT)
    except KeyboardInterrupt:
        raise ImportError("cannot initialise module") from None

run(program)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "")
    real = program.replace("os.kill(os.getpid(), signal.SIGINT)", "raise KeyboardInterrupt")
    done = subprocess.run([sys.executable, "-c", real], capture_output=True, text=True, check=False)
    assert "ImportError: cannot initialise module" in done.stderr


def test_an_interrupt_ends_the_debugger_as_its_key_does(state):
    with stepped(state) as program:
        os.kill(program.process, signal.SIGINT)
        assert program.ended() == 0
        assert program.is_as_before()
    assert kept(state) == []


@pytest.mark.parametrize("ignoring", [(), (signal.SIGHUP,)], ids=["hung up", "hung up under nohup"])
def test_training_ends_with_its_terminal(state, ignoring):
    """Where the hang-up is ignored, it ends as soon as it cannot print."""
    with Terminal(state, "train", "--log-every", "1", "--epochs", "100000000", ignoring=ignoring) as program:
        program.until(b"Epoch 1,")
        program.close()
        assert program.ended() == (2 if ignoring else 128 + signal.SIGHUP)


def test_a_terminal_without_unicode_is_told_what_would_work(state):
    environment = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "PYTHONIOENCODING": ""}
    with Terminal(state, **environment) as program:
        assert program.ended() == 2
        (line,) = program.written.splitlines()
        assert line.startswith(b"backprop-tui: the debugger needs a terminal with Unicode")
