"""Many debuggers in one process, fed as by a terminal: nothing of them stays when they are closed."""

import sys

import pytest

from tests.robustness.letting_go import held, opened_and_closed

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="a pseudo-terminal is one of POSIX")


def test_debuggers_that_were_closed_are_let_go() -> None:
    for number in range(4):
        while_it_ran = opened_and_closed(number)
        assert while_it_ran["Timeline"] >= 1
        assert while_it_ran["Session"] >= 1
    assert not any(held().values())
