"""A terminal that hangs up while the debugger runs: the process ends, and the session can be had again."""

import os
import select
import sys
import time
from pathlib import Path

import pytest

from backprop_tui.program.positions import Position
from backprop_tui.session import recovery

if sys.platform == "win32":
    pytest.skip("there are no pseudo-terminals", allow_module_level=True)

import fcntl
import pty
import struct
import termios


class Terminal:
    """A pseudo-terminal in which the debugger runs as the leader of its session."""

    def __init__(self, state: Path, *, ignore: bool = False, **environment: str) -> None:
        before = "import signal; signal.signal(signal.SIGHUP, signal.SIG_IGN);" if ignore else ""
        code = before + "from backprop_tui.__main__ import main; import sys; sys.argv[1:] = ['xor']; main()"
        self.process, self.master = pty.fork()
        if self.process == 0:
            os.environ |= {"BACKPROP_TUI_STATE": str(state), "TERM": "xterm-256color", **environment}
            os.execv(sys.executable, [sys.executable, "-c", code])
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
        self.seen = b""

    def wait_for(self, text: bytes, seconds: float = 20.0) -> None:
        end = time.monotonic() + seconds
        while text not in self.seen:
            assert time.monotonic() < end, self.seen[-500:]
            if select.select([self.master], [], [], 0.1)[0]:
                self.seen += os.read(self.master, 65536)

    def ends(self, seconds: float = 10.0) -> int:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            process, status = os.waitpid(self.process, os.WNOHANG)
            if process:
                return status
            time.sleep(0.05)
        os.kill(self.process, 9)
        os.waitpid(self.process, 0)
        raise AssertionError("it runs on without a terminal")


@pytest.mark.parametrize("ignore", [False, True], ids=["hung up", "hang-up ignored"])
def test_the_process_ends_and_the_session_is_kept(tmp_path, ignore):
    terminal = Terminal(tmp_path / "state", ignore=ignore)
    terminal.wait_for(b"step 0")
    terminal.seen = b""
    os.write(terminal.master, b"fb")
    end = time.monotonic() + 20
    while not list((tmp_path / "state").glob("*.session.toml")):
        assert time.monotonic() < end
        if select.select([terminal.master], [], [], 0.1)[0]:
            os.read(terminal.master, 65536)
    time.sleep(0.5)
    os.close(terminal.master)
    terminal.ends()
    (kept,) = recovery.find(tmp_path / "state")
    assert Position.parse(kept.position) != Position(0, 0)
    assert kept.open().wanted > 0


def test_a_terminal_that_knows_only_ascii_is_drawn_in_ascii(tmp_path):
    plain = {"LC_ALL": "C", "PYTHONIOENCODING": "", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    terminal = Terminal(tmp_path / "state", **plain)
    terminal.wait_for(b"step 0")
    terminal.wait_for(b"Network")
    os.write(terminal.master, b"q")
    try:
        while seen := os.read(terminal.master, 65536):
            terminal.seen += seen
    except OSError:  # it has ended
        pass
    assert terminal.ends() == 0
    assert terminal.seen.isascii()
    assert b"\\u" not in terminal.seen
    assert b"--------" in terminal.seen
