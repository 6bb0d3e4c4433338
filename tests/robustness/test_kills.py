"""Killed at any moment, a debugger loses the last command at most; its session is offered until answered."""

import sys

import pytest

from tests.robustness.kills import kill

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="a pseudo-terminal is one of POSIX")


@pytest.mark.parametrize("seed", range(1, 7))
def test_killed_while_stepping_saving_or_keeping(seed: int) -> None:
    outcome = kill(seed, twice=False)
    assert outcome.found in (outcome.steps - 1, outcome.steps)


@pytest.mark.parametrize("seed", range(11, 15))
def test_killed_again_after_going_on(seed: int) -> None:
    kill(seed, twice=True)
