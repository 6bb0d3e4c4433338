"""The flow of the error signal as a picture: what PyTorch lost of it stands beside what became of it."""

from __future__ import annotations

import numpy as np
import pytest
from msgspec.structs import replace

from backprop_tui.network.description import PyTorch
from backprop_tui.network.files.library import find
from backprop_tui.session.session import Session
from backprop_tui.tui.pictures.charts.flow import flow_picture
from backprop_tui.tui.pictures.rows import plain
from backprop_tui.tui.view import View

DEEP = find("1-" + "2-" * 11 + "1")


def lines(session, width, height=16):
    return plain(flow_picture(View(session, session.time, picture="flow"), width, height))


@pytest.mark.parametrize("width", [36, 40, 60, 70, 100])
@pytest.mark.parametrize("after", [0, 1])
def test_a_layer_is_marked_of_whose_error_signals_float16_makes_one_zero(width, after):
    session = Session(replace(DEEP, pytorch=PyTorch("float16", "MSELoss")))
    session.jump(session.program.backward_end(0) + after * (session.program.layout.update + 3))
    deltas = session.run.timeline.iteration(0).backward.delta
    lost = [bool((np.float16(delta / len(DEEP.data)) == 0).any()) for delta in deltas]
    assert lost == [True] * 6 + [False] * 6
    shown = lines(session, width)
    marked = [any(f"h{layer}_" in line and "∅" in line for line in shown) for layer in range(1, 12)]
    assert marked == lost[:11]
    assert all(len(line) == width for line in shown)
    assert width < 60 or all(line.rstrip().endswith("∅ vanishing") for line in shown if "∅" in line)


def test_nothing_is_lost_in_float64():
    session = Session(DEEP)
    session.jump(session.program.backward_end(0))
    assert "∅" not in "".join(lines(session, 70))
    assert "▾ vanishing" in "".join(lines(session, 70))
