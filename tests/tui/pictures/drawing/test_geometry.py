"""Where units are drawn: inside, never over one another, none unaccounted for."""

from hypothesis import assume, given
from hypothesis import strategies as st

from backprop_tui.program.number_text import DIGITS
from backprop_tui.program.number_text import width as number_width
from backprop_tui.tui.pictures.drawing.geometry import LEAST_GAP, Size, arrange


@st.composite
def arrangements(draw, least_height=1):
    """What ``arrange`` is asked: the canvas is at least as wide as one unit."""
    widths = draw(st.lists(st.integers(1, 6) | st.integers(1, 60), min_size=2, max_size=9))
    names = draw(st.lists(st.integers(1, 16), min_size=len(widths), max_size=len(widths)))
    digits = draw(st.sampled_from(DIGITS))
    canvas = (draw(st.integers(1, 160)), draw(st.integers(least_height, 60)))
    assume(canvas[0] >= max(names) + number_width(digits) + 6)
    layer = draw(st.integers(0, len(widths) - 1))
    active = (layer, draw(st.integers(0, widths[layer] - 1)))
    return widths, names, canvas, digits, active


def drawn(geometry):
    return [
        (column.layer, unit, box)
        for column in geometry.columns
        for unit, box in zip(column.units, column.boxes, strict=True)
    ]


@given(arrangements())
def test_boxes_lie_inside_the_canvas_and_apart(asked):
    widths, names, (width, height), digits, active = asked
    geometry = arrange(widths, names, (width, height), digits, active)
    cells = set()
    for _, _, box in drawn(geometry):
        assert box.width >= 1
        assert 0 <= box.x <= box.x + box.width <= width
        assert 0 <= box.y <= box.y + box.height <= height
        mine = {(x, y) for x in range(box.x, box.x + box.width) for y in range(box.y, box.y + box.height)}
        assert not cells & mine
        cells |= mine
    for left, right in zip(geometry.columns, geometry.columns[1:], strict=False):
        assert right.x - (left.x + left.width) >= LEAST_GAP, "there is room for the edges"


@given(arrangements())
def test_every_unit_and_layer_is_drawn_or_counted(asked):
    widths, names, canvas, digits, active = asked
    geometry = arrange(widths, names, canvas, digits, active)
    layers = [column.layer for column in geometry.columns]
    hidden = geometry.hidden_left, geometry.hidden_right
    assert layers == list(range(hidden[0], len(widths) - hidden[1]))
    assert geometry.complete == (hidden == (0, 0))
    for column in geometry.columns:
        assert column.boxes
        assert column.first == column.hidden_above >= 0
        assert column.hidden_below >= 0
        assert column.hidden_above + len(column.boxes) + column.hidden_below == widths[column.layer]
    assert geometry.box(*active) is not None, "the active unit is drawn"


@given(arrangements(least_height=4))
def test_counts_of_hidden_units_have_rows_of_their_own(asked):
    widths, names, (width, height), digits, active = asked
    for column in arrange(widths, names, (width, height), digits, active).columns:
        rows = {y for box in column.boxes for y in range(box.y, box.y + box.height)}
        assert not (column.hidden_above and 0 in rows)
        assert not (column.hidden_below and height - 1 in rows)


@given(arrangements())
def test_a_cell_belongs_to_the_unit_that_is_drawn_there(asked):
    geometry = arrange(*asked)
    for layer, unit, box in drawn(geometry):
        assert geometry.box(layer, unit) == box
        corners = [(box.x, box.y), (box.x + box.width - 1, box.y + box.height - 1)]
        assert [geometry.at(*corner) for corner in corners] == [(layer, unit)] * 2
        assert geometry.at(box.x, box.y + box.height) != (layer, unit)
        assert geometry.at(box.x - 1, box.y) is None
    assert geometry.box(len(asked[0]), 0) is None


@given(arrangements())
def test_an_edge_is_found_at_both_its_ends(asked):
    geometry = arrange(*asked)
    for below, above in zip(geometry.columns, geometry.columns[1:], strict=False):
        for unit, target in zip(above.units, above.boxes, strict=True):
            layer, found, _ = geometry.edge_at(above.x - 1, target.middle)
            assert (layer, found) == (above.layer, unit)
        for unit, source in zip(below.units, below.boxes, strict=True):
            layer, _, found = geometry.edge_at(below.x + below.width, source.middle)
            assert (layer, found) == (above.layer, unit)


def test_units_are_as_large_as_fits():
    def size(canvas, widths=(2, 4, 1)):
        return arrange(widths, [2] * len(widths), canvas, 4, (1, 0)).size

    assert size((60, 30)) is Size.TALL
    assert size((60, 15)) is Size.SHORT
    assert size((60, 4)) is Size.FLAT
    assert size((60, 60), (1, 40, 1)) is Size.FLAT


@given(st.integers(2, 7), st.integers(5, 40))
def test_single_units_stand_on_one_row(layers, height):
    geometry = arrange([1] * layers, [1] * layers, (150, height), 4, (1, 0))
    assert len({box.middle for _, _, box in drawn(geometry)}) == 1
