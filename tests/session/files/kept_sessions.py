"""What tests of recovery share: a session somewhere, and the files of a folder."""

from __future__ import annotations

import sys

import pytest

from backprop_tui.network.files import library
from backprop_tui.session.session import Session

POSIX = pytest.mark.skipif(sys.platform == "win32", reason="as POSIX has it")


def session_at(place, network=None):
    session = Session(network or library.shipped("worked-example"))
    session.go(place)
    return session


def names(folder):
    return sorted(path.name for path in folder.iterdir())
