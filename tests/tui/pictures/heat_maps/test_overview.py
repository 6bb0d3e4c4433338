"""The drawing of large networks: its cells against numbers set by hand, its marks, clicks and words."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from views import exact, spots, view_of

from backprop_tui.engine.quantities import Kind, Parameter, Quantity
from backprop_tui.network.files.build import build
from backprop_tui.network.files.library import find
from backprop_tui.network.files.shapes import Options
from backprop_tui.program.boundaries import Grain
from backprop_tui.session.session import Session
from backprop_tui.tui.arrows import neighbour
from backprop_tui.tui.pictures.drawing.geometry import is_large
from backprop_tui.tui.pictures.drawing.network import active_unit, geometry, margins, network_picture
from backprop_tui.tui.pictures.heat_maps.blocks import LargeGeometry
from backprop_tui.tui.pictures.rows import MINUS, PLUS, Tone, plain
from backprop_tui.tui.view import Node, View

UNITS = 28
"""Units of the hidden layer of the network made by hand."""


def by_hand():
    """Inputs a 4 × 4 picture; unit k's weights are all 0 but the one of input k, which is k − 9.5, or 4."""
    inputs = [number / 16 for number in range(1, 17)]
    weights = [[0.0] * 16 for _ in range(UNITS)]
    for unit in range(16):
        weights[unit][unit] = unit - 9.5
    for unit in range(16, UNITS):
        weights[unit][0] = 4.0
    layers = [
        {"units": UNITS, "activation": "identity", "weights": weights, "biases": [0.0] * UNITS},
        {"units": 1, "activation": "identity", "weights": [[1.0] * UNITS], "biases": [0.0]},
    ]
    data = {"inputs": [inputs], "targets": [[0.0]]}
    return build({"network": {"inputs": 16, "layers": layers}, "data": data})


def large_networks():
    """Networks that are drawn as blocks: pictures and rows, shallow and deep, a shipped one among them."""
    shapes = ("64-32-10", "784-30-4", "40-30-2", "10-64-64-64-64-5", "25-3", "1-30-1", "30-1", "100-26")
    return st.sampled_from(shapes).map(find) | st.just(find("digits", Options(examples=40)))


SIZES = st.tuples(st.integers(40, 130), st.integers(9, 45))
"""From the smallest pane of a terminal of 80×24 on."""


def drawing(view, width, height):
    """Where everything is in a drawing as blocks."""
    drawn = geometry(view, width, height)
    assert isinstance(drawn, LargeGeometry)
    return drawn


@st.composite
def large_views(draw):
    session = Session(draw(large_networks()))
    program = session.program
    session.jump(draw(st.sampled_from([0, 1, 2, 70, program.layout.forward, program.layout.block])))
    for _ in range(draw(st.integers(0, 3))):
        session.forward(draw(st.sampled_from([Grain.STATEMENT, Grain.UNIT, Grain.LAYER, Grain.BACKWARD])))
    spot = draw(st.none() | spots(session.network.widths))
    return View(session, session.time, spot=spot, digits=draw(st.sampled_from([4, 6, None])))


@given(large_views(), st.tuples(st.integers(1, 130), st.integers(1, 45)))
def test_the_drawing_has_the_size_of_its_pane(view, size):
    assert exact(network_picture(view, *size), *size)


@given(large_views(), SIZES)
def test_the_unit_in_question_is_listed_and_the_others_are_counted(view, size):
    drawn = drawing(view, *size)
    assert isinstance(drawn, LargeGeometry)
    layer, unit = active_unit(view)
    box = drawn.box(layer, unit)
    assert box is not None
    rows = plain(network_picture(view, *size))
    assert view.session.names.unit(layer, unit) in rows[box.y][box.x : box.x + box.width]
    (column,) = drawn.columns
    assert column.hidden_above + len(column.boxes) + column.hidden_below == view.session.network.widths[layer]
    for count in filter(None, (column.hidden_above, column.hidden_below)):
        assert f"⋮ {count} more" in "\n".join(rows)


@given(large_views(), SIZES)
def test_nothing_is_drawn_over_anything_else(view, size):
    width, height = size
    drawn = drawing(view, width, height)
    taken = set()
    areas = [(block.x, 0, block.slot, block.head) for block in drawn.blocks]
    areas += [(block.x, block.head, block.grid.width, block.grid.height) for block in drawn.blocks]
    areas += [(box.x, box.y, box.width, box.height) for column in drawn.columns for box in column.boxes]
    if drawn.terms is not None:
        areas.append((drawn.terms.x, drawn.terms.y, drawn.terms.width, drawn.terms.height))
    for x, y, across, down in areas:
        cells = {(x + dx, y + dy) for dx in range(across) for dy in range(down)}
        assert not cells & taken
        assert all(0 <= a < width and 0 <= b < height for a, b in cells)
        taken |= cells
    assert margins(view, height) == (0, 0)


@given(large_views(), SIZES)
def test_a_click_on_a_cell_finds_its_unit_or_weight(view, size):
    drawn = drawing(view, *size)
    seen = set()
    for y in range(size[1]):
        for x in range(size[0]):
            unit, edge = drawn.at(x, y), drawn.edge_at(x, y)
            assert unit is None or edge is None
            if unit is not None:
                seen.add(unit)
                assert unit[1] < view.session.network.widths[unit[0]]
            if edge is not None:
                assert edge[:2] == tuple(active_unit(view))
    for block in drawn.blocks:
        for index in range(block.grid.count):
            row, column = block.grid.cell(index)
            x, y = block.x + column * block.grid.across, block.head + row * block.grid.down
            if block.weights:
                found = drawn.edge_at(x, y)
                assert found is not None
                below = found[2]
            else:
                found = drawn.at(x, y)
                assert found is not None
                assert found[0] == block.layer
                below = found[1]
            assert block.grid.cell(below) == (row, column)
            assert block.grid.pooled or below == index


def cells_of(view, weights=False, layer=1, size=(70, 14)):
    """Glyph and tone of each cell of a block, number by number."""
    drawn = drawing(view, *size)
    block = next(one for one in drawn.blocks if one.weights == weights and (weights or one.layer == layer))
    rows = [[(glyph, tone) for text, tone in row for glyph in text] for row in network_picture(view, *size)]
    found = []
    for index in range(block.grid.count):
        row, column = block.grid.cell(index)
        glyphs = rows[block.head + row * block.grid.down]
        found.append(glyphs[block.x + column * block.grid.across])
    return found


def test_each_cell_of_a_layer_is_its_units_activation():
    view = view_of(by_hand(), 2 * UNITS, spot=Node(2, 0))
    found = cells_of(view)
    z = [(unit + 1) / 16 * (unit - 9.5) for unit in range(16)] + [0.25] * (UNITS - 16)
    largest = max(map(abs, z))
    for (glyph, tone), value in zip(found, z, strict=True):
        assert tone in (PLUS if value > 0 else MINUS), value
        family = PLUS if value > 0 else MINUS
        level = family.index(tone) + 1
        assert (level - 1) / 6 < abs(value) / largest <= level / 6 + 1e-12
        assert (glyph in "░▒▓█") == (value > 0)


def test_units_that_are_not_computed_yet_are_dots_and_the_one_in_question_is_marked():
    view = view_of(by_hand(), 9)  # z and a of units 0 to 3, z of unit 4
    found = cells_of(view)
    assert all(tone in MINUS for _, tone in found[:4])
    assert found[4][1] is Tone.NOW
    assert found[5:] == [("·", Tone.FAINT)] * (UNITS - 5)


def test_the_weights_of_a_unit_are_a_picture_of_the_shape_of_the_input():
    for unit in (0, 5, 15):
        view = view_of(by_hand(), 0, spot=Node(1, unit))
        found = cells_of(view, weights=True)
        assert [tone for _, tone in found].count(Tone.NONE) == 15
        assert found[unit][1] is (PLUS if unit > 9 else MINUS)[-1]
        blocks = {block.weights: block for block in drawing(view, 70, 14).blocks if block.layer == 0}
        assert blocks[True].grid == blocks[False].grid
        assert blocks[True].grid.side == 4


def test_the_input_is_the_picture_that_it_is():
    found = cells_of(view_of(by_hand()), layer=0)
    levels = [PLUS.index(tone) + 1 for _, tone in found]
    assert levels == [-(-6 * number // 16) for number in range(1, 17)]


def test_in_the_backward_pass_cells_are_error_signals_and_gradients():
    session = Session(by_hand())
    session.forward(Grain.BACKWARD)
    view = View(session, session.time, spot=Node(1, 2))
    # L = ½(y − a)² with y = 0: every delta of the hidden layer is a_o · 1, so all cells are alike.
    sign = PLUS if session.now.read(Quantity(Kind.ACTIVATION, 2, 0)).value > 0 else MINUS
    hidden = [tone for place, (_, tone) in enumerate(cells_of(view)) if place != 2]
    assert set(hidden) == {sign[-1]}
    # dL/dw = delta · x: the picture of the input, in the sign of the error signal.
    gradient = [sign.index(tone) + 1 for _, tone in cells_of(view, weights=True)]
    assert gradient == [-(-6 * number // 16) for number in range(1, 17)]
    text = "\n".join(plain(network_picture(view, 70, 14)))
    assert "dL/dw" in text
    assert "δ" in text


def test_a_legend_tells_the_scale():
    view = view_of(by_hand(), 2 * UNITS, spot=Node(1, 0))
    rows = plain(network_picture(view, 70, 14))
    assert re.search(r"x ≤1\.0", rows[1])
    assert re.search(r"w ≤9\.5", rows[1])
    assert re.search(r"a ≤5\.5", rows[1]), "unit 15: 16/16 · 5.5"


def test_the_selected_weight_is_named_and_marked():
    view = view_of(by_hand(), 0, spot=Parameter(1, 3, 6))
    assert cells_of(view, weights=True)[6][1] in (Tone.CURSOR, Tone.NOW)
    wide = plain(network_picture(view, 130, 30))
    assert "x7 → h4" in wide[0]


def test_sign_and_size_can_be_read_without_colours():
    view = view_of(by_hand(), 2 * UNITS, spot=Node(2, 0))
    glyphs = [glyph for glyph, _ in cells_of(view)]
    for glyph, (_, tone) in zip(glyphs, cells_of(view), strict=True):
        assert (glyph in "╌─═≡") == (tone in MINUS)
    assert all(cell_len(glyph) == 1 for glyph in glyphs)


@given(large_views(), st.integers(0, 3))
def test_arrows_lead_to_what_is_drawn(view, way):
    spot = view.spot or active_unit(view)
    right, down = ((1, 0), (-1, 0), (0, 1), (0, -1))[way]
    there = view.but(spot=neighbour(view.session.network.widths, spot, right, down), cursor=None)
    drawn = drawing(there, 58, 12)
    assert drawn.active == tuple(active_unit(there))
    assert drawn.box(*drawn.active) is not None


@pytest.mark.parametrize("shape", ["1-1-1", "2-8-8-1", "4-16-16-3", "1-24-1"])
def test_networks_whose_units_fit_are_drawn_as_units(shape):
    assert not is_large(find(shape).widths, 130, 45)
    assert not isinstance(geometry(view_of(find(shape)), 58, 12), LargeGeometry)


def test_of_many_layers_those_around_the_unit_in_question_are_drawn():
    network = find("30-30-30-30-30-30-30-30-30-30-30-3")
    for layer in range(len(network.widths)):
        view = view_of(network, 0, spot=Node(layer, 0))
        drawn = drawing(view, 58, 12)
        shown = {block.layer for block in drawn.blocks if not block.weights}
        assert layer in shown
        assert drawn.hidden_left == min(shown)
        assert drawn.hidden_right == len(network.widths) - 1 - max(shown)
        assert exact(network_picture(view, 58, 12), 58, 12)
