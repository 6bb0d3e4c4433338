"""Watches: the value now, the one before and the curve, none of them cut in whatever width."""

import pytest
from views import worked

from backprop_tui.tui.pictures.rows import plain
from backprop_tui.tui.pictures.tables.watches import watches_picture
from backprop_tui.tui.view import View

LONG = "abs(dL_dw1) - previous(abs(dL_dw1)) * 2"


@pytest.mark.parametrize("width", [140, 100, 80, 72, 60, 50, 49, 40, 30])
def test_numbers_and_curve_are_whole(width):
    session = worked(19 * 40).session
    for text in ("loss", LONG, "w1"):
        session.watching.add(text)
    rows = plain(watches_picture(View(session, session.time), width, 3))
    for row, name in zip(rows, ("loss", "abs(dL", "w1"), strict=True):
        assert len(row) == width
        assert row.startswith(f" ◇ {name}")
        assert not row.rstrip().endswith("…"), row
        assert row.rstrip()[-1] in "▁▂▃▄▅▆▇█", "the curve"
        assert ("before" in row) == (width >= 50)
    falling, _, growing = (row.split()[-1] for row in rows)
    assert list(falling) == sorted(falling, reverse=True)
    assert list(growing) == sorted(growing)
    assert growing[0] < growing[-1]
    assert falling[0] > falling[-1]
