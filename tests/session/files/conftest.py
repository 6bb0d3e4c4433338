"""A folder of the state, and what a killed process left in it."""

from __future__ import annotations

import os
import shutil
import time

import pytest

from backprop_tui.session.files.recovery import Keeper
from backprop_tui.session.look import PLAIN


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "state" / "backprop-tui"


@pytest.fixture
def left(folder):
    """Makes what a killed process leaves: the files of this one, without its lock on them."""

    def make(session, look=None, process=None, start=1, age=0.0):
        folder.mkdir(parents=True, exist_ok=True)
        living = folder.with_name("living")  # beside it: a path to data is relative
        keeper = Keeper(living)
        keeper.keep(session, look or PLAIN)
        assert keeper.problem == ""
        for path in living.iterdir():
            copy = folder / f"{process or os.getpid()}-{start}.{path.name.partition('.')[2]}"
            shutil.copy(path, copy)
            os.utime(copy, (time.time() - age,) * 2)
        keeper.close()

    return make
