"""Heat maps: each cell's sign and size against its number, layouts against brute force."""

from math import ceil, inf, isqrt, nan

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from backprop_tui.tui.pictures.heat_maps.blocks import flat_grid, is_picture, picture_grid
from backprop_tui.tui.pictures.heat_maps.heat import ABSENT, BROKEN, LEVELS, Grid, heat
from backprop_tui.tui.pictures.rows import MINUS, PLUS, Tone

NUMBERS = st.floats(-1e3, 1e3, allow_nan=False) | st.sampled_from([0.0, -0.0, 5e-324, 1e308, -1e308])


def cells(values, current=None):
    grid = flat_grid(len(values), 1, 1, len(values))
    return heat(values, len(values) if current is None else current, grid).cells


@given(st.lists(NUMBERS, min_size=1, max_size=20))
def test_a_cell_has_the_sign_of_its_number_and_is_darker_the_larger_it_is(values):
    largest = max(map(abs, values))
    for value, (glyph, tone) in zip(values, cells(values), strict=True):
        if value == 0:
            assert (glyph, tone) == (" ", Tone.NONE)
            continue
        family = MINUS if value < 0 else PLUS
        assert tone in family
        share = (family.index(tone) + 1) / LEVELS
        assert share >= abs(value) / largest - 1e-9
        assert share - 1 / LEVELS <= abs(value) / largest + 1e-9
        assert glyph in ("╌─═≡" if value < 0 else "░▒▓█")


def test_each_level_is_reached_at_its_share_of_the_scale():
    values = [level / LEVELS for level in range(1, LEVELS + 1)]
    assert [tone for _, tone in cells(values)] == list(PLUS)
    assert [tone for _, tone in cells([-value for value in values])] == list(MINUS)
    assert [glyph for glyph, _ in cells(values)] == list("░░▒▒▓█")
    assert [glyph for glyph, _ in cells([-value for value in values])] == list("╌──══≡")


def test_what_is_absent_stale_or_no_number_looks_different():
    found = cells([1.0, -1.0, 1.0, -1.0, None], current=2)
    assert found[0][1] is PLUS[-1]
    assert found[1][1] is MINUS[-1]
    assert {tone for _, tone in found[2:4]} == {Tone.MUTED}
    assert not {glyph for glyph, _ in found[2:4]} & {glyph for glyph, _ in found[:2]}
    assert found[4] == ABSENT
    zeros = cells([0.0, 0.0, None], current=1)
    assert len({*zeros}) == 3, "a 0 of now, one of before, and nothing yet"
    assert cells([nan, 1.0, inf, -inf])[0] == BROKEN
    assert [cell == BROKEN for cell in cells([nan, 1.0, inf, -inf])] == [True, False, True, True]
    assert cells([nan, 0.5, inf])[1][1] is PLUS[-1], "the scale is that of the finite ones"
    assert cells([None, None]) == (ABSENT, ABSENT)


def test_stale_numbers_do_not_set_the_scale():
    assert cells([0.5, 100.0], current=1)[0][1] is PLUS[-1]
    grid = flat_grid(2, 1, 1, 2)
    assert heat([0.5, 100.0], 1, grid).scale == 0.5
    assert heat([0.5, 100.0], 0, grid).scale == 100.0
    assert heat([None, None], 0, grid).scale is None


def brute(values, grid):
    """The largest number in size of each cell, by looking at every number."""
    found = {}
    for index, value in enumerate(values):
        found.setdefault(grid.cell(index), []).append(value)
    result = []
    for row in range(grid.rows):
        for column in range(grid.columns):
            if (row, column) in found:
                known = [value for value in found[row, column] if value is not None]
                result.append(max(known, key=abs) if known else None)
    return result


@st.composite
def grids(draw):
    if draw(st.booleans()):
        side = draw(st.integers(4, 30))
        return picture_grid(side, draw(st.integers(side // 2, 60)), draw(st.integers(side // 2, 40)), 2)
    count = draw(st.integers(1, 300))
    return flat_grid(count, draw(st.integers(1, 12)), draw(st.sampled_from([1, 2])), draw(st.integers(7, 60)))


@given(grids(), st.data())
def test_a_cell_shows_the_largest_of_its_numbers(grid, data):
    distinct = st.integers(1, 10**6).map(float) | st.integers(-(10**6), -1).map(lambda n: n + 0.5)
    some = distinct | st.none() if data.draw(st.booleans()) else distinct
    values = data.draw(st.lists(some, min_size=grid.count, max_size=grid.count))
    assert grid.largest(values) == brute(values, grid)


@given(grids())
@example(Grid(784, 14, 10, 1, 1, 28, (2, 3)))
def test_a_cell_and_its_number_lead_to_each_other(grid):
    seen = set()
    for index in range(grid.count):
        row, column = grid.cell(index)
        assert 0 <= row < grid.rows
        assert 0 <= column < grid.columns
        seen.add((row, column))
    for row in range(grid.rows):
        for column in range(grid.columns):
            index = grid.index(row, column)
            assert (index is not None) == ((row, column) in seen)
            assert index is None or grid.cell(index) == (row, column)
    assert grid.index(-1, 0) is None
    assert grid.index(0, grid.columns) is None


@given(st.integers(4, 40), st.integers(1, 120), st.integers(1, 60))
def test_a_picture_fits_and_is_about_square(side, width, rows):
    grid = picture_grid(side, width, rows, most_zoom=2)
    if grid is None:
        return
    assert grid.width <= width
    assert grid.height <= rows
    assert grid.count == side * side
    assert 0.45 <= grid.width / (2 * grid.height) <= 1.5


@given(st.integers(1, 2000), st.integers(1, 20), st.sampled_from([1, 2]), st.integers(7, 100))
def test_a_flat_block_fits(count, rows, across, width):
    grid = flat_grid(count, rows, across, width)
    assert grid.rows <= rows
    assert grid.width <= width
    assert grid.rows * grid.columns * grid.pool[0] >= count


@pytest.mark.parametrize(("count", "picture"), [(64, True), (784, True), (16, True), (9, False), (63, False)])
def test_inputs_whose_number_is_a_square_are_a_picture(count, picture):
    assert is_picture(count) is picture
    assert not picture or isqrt(count) == ceil(count**0.5)


@given(st.integers(1, 63))
def test_a_cell_of_several_is_of_the_present_only_when_all_of_them_are(current):
    grid = Grid(64, 4, 4, 1, 1, 8, (2, 2))
    found = heat([1.0] * 64, current, grid).cells
    for index in range(64):
        row, column = grid.cell(index)
        fresh = found[row * 4 + column][1] is not Tone.MUTED
        if index >= current:
            assert not fresh
    whole = heat([1.0] * current + [None] * (64 - current), current, grid).cells
    assert all(tone is not Tone.MUTED for _, tone in whole), "with nothing left from before, nothing is old"
