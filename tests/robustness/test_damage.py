"""Whatever a file holds, it is opened, or refused in one line with status 2, and soon."""

import sys
from collections.abc import Callable

import pytest

from tests.robustness import damaged_files

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="time is kept by a signal of POSIX")


def test_a_session_file_cut_off_anywhere_is_opened_or_refused() -> None:
    count = damaged_files.truncated()
    assert count.opened + count.refused > 800
    assert count.refused > count.opened > 5


@pytest.mark.parametrize(
    "damaged", [damaged_files.flipped, damaged_files.random_networks, damaged_files.random_tables]
)
def test_a_file_with_anything_in_it_is_opened_or_refused(
    damaged: Callable[[int, int], damaged_files.Count],
) -> None:
    count = damaged(300, 7)
    assert count.opened + count.refused >= 300
    assert min(count) > 0
