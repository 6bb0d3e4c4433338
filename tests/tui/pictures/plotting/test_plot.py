"""A plot: where points lie, what ticks say, and that nothing is drawn outside."""

from math import isclose

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from backprop_tui.tui.pictures.plotting.dots import DOTTED, SOLID
from backprop_tui.tui.pictures.plotting.plot import Plot
from backprop_tui.tui.pictures.plotting.scale import Range, spread
from backprop_tui.tui.pictures.rows import Tone, plain

FINITE = st.floats(-1e12, 1e12)


def test_a_line_from_corner_to_corner():
    plot = Plot(40, 14, Range(0.0, 1.0), Range(0.0, 1.0))
    plot.curve([(0.0, 0.0), (1.0, 1.0)], Tone.FORWARD)
    rows = plain(plot.picture())
    area = [row[plot.left :] for row in rows[: plot.rows]]
    assert area[0][-1] != " "
    assert area[-1][0] != " "
    assert area[0][0] == area[-1][-1] == " "


def test_ticks_are_round_numbers_at_their_places():
    rows = plain(Plot(60, 12, Range(-6.0, 6.0), Range(0.0, 1.0)).picture())
    assert rows[-1].split() == ["−5", "0", "5"]
    assert [row.split("┤")[0] for row in rows if "┤" in row] == ["1.0", "0.5", "0.0"]


@given(height=st.integers(8, 40), low=st.floats(-1e3, 1e3), length=st.floats(1e-3, 1e3))
def test_the_scale_can_be_read_off_two_rows_at_least(height, low, length):
    rows = plain(Plot(40, height, Range(0.0, 1.0), Range(low, low + length)).picture())
    ticks = [row.split("┤")[0].strip().replace("−", "-") for row in rows if "┤" in row]
    assert len(ticks) >= 2
    assert [float(tick) for tick in ticks] == sorted({float(tick) for tick in ticks}, reverse=True)


def test_a_logarithmic_axis_has_powers_of_ten():
    plot = Plot(60, 12, Range(0.0, 10.0), Range(1e-4, 1.0), log_y=True)
    assert "1e−2" in "".join(plain(plot.picture()))
    assert isclose(plot.place(0.0, 1e-2)[1], (plot.rows - 1) / 2)


@given(
    width=st.integers(20, 120),
    height=st.integers(5, 40),
    xs=st.tuples(FINITE, FINITE),
    ys=st.tuples(FINITE, FINITE),
    points=st.lists(st.tuples(st.floats(), st.floats()), max_size=6),
    dots=st.sampled_from([SOLID, DOTTED]),
)
def test_whatever_is_drawn_stays_inside(width, height, xs, ys, points, dots):
    plot = Plot(width, height, spread(xs), spread(ys))
    plot.shade(*sorted(xs))
    plot.column(xs[0], Tone.FAINT)
    plot.curve(sorted(points), Tone.FORWARD, dots=dots)
    for x, y in points:
        plot.point(x, y, "●", Tone.NOW)
    rows = plain(plot.picture())
    assert len(rows) == height
    assert all(cell_len(row) == width for row in rows)


@given(st.lists(st.floats(), max_size=20))
def test_a_spread_holds_every_finite_number(values):
    low, high = spread(values)
    assert low < high
    finite = [value for value in values if abs(value) < 1e300]
    assert all(low <= value <= high for value in finite)
