"""Many debuggers in one process, fed as by a terminal: nothing of them stays when they are closed."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="a pseudo-terminal is one of POSIX")

OPENED_AND_CLOSED = """
import json
from tests.robustness.letting_go import held, opened_and_closed
print(json.dumps([[opened_and_closed(number), held()] for number in range(4)]))
"""


def test_debuggers_that_were_closed_are_let_go() -> None:
    """In a process of its own: there is no session in it but theirs."""
    program = [sys.executable, "-c", OPENED_AND_CLOSED]
    root = Path(__file__).parent.parent.parent
    done = subprocess.run(program, cwd=root, capture_output=True, text=True, timeout=240, check=True)
    rounds = json.loads(done.stdout.splitlines()[-1])
    assert len(rounds) == 4
    for while_it_ran, after in rounds:
        assert while_it_ran["Timeline"] >= 1
        assert while_it_ran["Session"] >= 1
        assert not any(after.values())
