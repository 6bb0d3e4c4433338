"""Deep networks: all layers in sight where they fit, a strip over those that do not, and no wrong figure."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from views import view_of

from backprop_tui.engine.quantities import Kind, Quantity
from backprop_tui.network.files.library import find
from backprop_tui.program.number_text import number
from backprop_tui.tui.pictures.drawing.geometry import LEAST_GAP, Size
from backprop_tui.tui.pictures.drawing.narrow import LEGEND, chain, narrowed
from backprop_tui.tui.pictures.drawing.network import geometry, network_picture
from backprop_tui.tui.pictures.drawing.strip import layer_names, strip
from backprop_tui.tui.pictures.rows import Tone, plain, row_width

LARGE = (58, 12)
"""The pane of the drawing at 120×40."""
SMALL = (40, 9)
"""The same at 80×24."""


@pytest.mark.parametrize("name", ["vanishing", "exploding"])
@pytest.mark.parametrize("time", [0, 12, 25, 60])
def test_all_eight_layers_are_in_sight(name, time):
    view = view_of(find(name), time)
    assert geometry(view, *LARGE).complete
    rows = plain(network_picture(view, *LARGE))
    (line,) = [row for row in rows if "h1_1" in row]
    assert re.findall(r"[a-z]\w*", line) == ["x", *(f"h{layer}_1" for layer in range(1, 8)), "o"]
    assert "┣" not in "".join(rows), "nothing is out of sight"


@given(st.integers(0, 73))
def test_the_values_of_a_chain_stand_under_their_names(time):
    view = view_of(find("vanishing"), time)
    rows = plain(network_picture(view, 90, 14))
    names = next(row for row in rows if "h1_1" in row)
    drawn = geometry(view, 90, 14)
    for symbol, kind in (("z", Kind.WEIGHTED_SUM), ("a", Kind.ACTIVATION), ("δ", Kind.DELTA)):
        (row,) = [row for row in rows if row.startswith(symbol)]
        for column in drawn.columns[1:]:
            (box,) = column.boxes
            name = view.session.names.unit(column.layer, 0)
            assert name in names[box.x : box.x + box.width]
            shown = row[box.x : box.x + box.width].strip()
            value = view.session.now.read(Quantity(kind, column.layer, 0)).value
            written = {number(value, digits) for digits in range(5)}
            assert shown.strip("()") in written | {text.replace("e−0", "e−") for text in written}


def test_a_strip_marks_the_part_in_sight_and_lights_the_present_layer():
    view = view_of(find("vanishing"), 12)
    shown = geometry(view, *SMALL).layers
    assert len(shown) < 9
    first = network_picture(view, *SMALL)[0]
    text = "".join(part for part, _ in first)
    inside = re.search("┣(.*?)┫", text)[1]
    names = layer_names(view.session)
    assert re.findall(r"\w+", text) == list(names), "the whole depth"
    assert re.findall(r"\w+", inside) == [names[layer] for layer in shown]
    assert [part for part, tone in first if tone is Tone.NOW] == [names[view.subject.quantity.layer]]


@given(st.integers(2, 60), st.data(), st.integers(8, 120))
def test_any_part_can_be_read_off_the_strip(layers, data, width):
    first = data.draw(st.integers(0, layers - 1))
    shown = range(first, data.draw(st.integers(first + 1, layers)))
    present = data.draw(st.sampled_from(shown))
    names = ("x", *(f"h{layer}" for layer in range(1, layers - 1)), "o")
    row = strip(names, shown, present, Tone.NOW, width)
    text = "".join(part for part, _ in row)
    assert row_width(row) <= width
    lit = [part for part, tone in row if tone is Tone.NOW]
    if "┣" in text or "┫" in text:
        assert lit == [names[present]]
        assert re.findall(r"\w+", re.search("┣(.*?)(┫|$)", text)[1]) == [names[layer] for layer in shown]
        assert re.findall(r"\w+", text) == list(names)
    else:
        assert lit == ["●"], "a cell for each layer, or for several"
        if "layers" in text:
            assert f"layers {shown.start}–{shown.stop - 1} of 0–{layers - 1}" in text


@given(st.lists(st.integers(1, 9), min_size=2, max_size=12), st.integers(20, 160), st.integers(1, 30))
def test_narrow_layers_lie_apart_and_inside(widths, width, height):
    names = [4] * len(widths)
    drawn = narrowed(widths, names, (width, height))
    if drawn is None:
        assert sum(names) + LEAST_GAP * (len(widths) - 1) + 2 > width or 2 * max(widths) > height
        return
    assert drawn.complete
    for column, units in zip(drawn.columns, widths, strict=True):
        assert len(column.boxes) == units
        assert [box.y for box in column.boxes] == sorted({box.y for box in column.boxes})
        for above, below in zip(column.boxes, column.boxes[1:], strict=False):
            assert above.y + above.height <= below.y
        assert all(box.x > 0 and box.x + box.width < width for box in column.boxes)
        assert all(box.y >= 0 and box.y + box.height <= height for box in column.boxes)
    for left, right in zip(drawn.columns, drawn.columns[1:], strict=False):
        assert right.x - (left.x + left.width) >= LEAST_GAP


@given(
    st.lists(st.integers(1, 9), min_size=2, max_size=40), st.integers(12, 160), st.integers(4, 30), st.data()
)
def test_a_chain_shows_the_layer_at_work_and_as_many_as_fit(names, width, height, data):
    layer = data.draw(st.integers(0, len(names) - 1))
    drawn = chain(names, (width, height), 4, layer)
    if drawn is None:
        assert width < LEGEND + 2 * (max(names) + 2 + 6)
        return
    assert drawn.size is Size.CHAIN
    assert layer in drawn.layers
    assert drawn.hidden_left + len(drawn.columns) + drawn.hidden_right == len(names)
    edges = [0, *(x for column in drawn.columns for x in (column.x, column.x + column.width)), width]
    assert edges == sorted(edges)
    room = max(6, max(names) + 2)
    assert drawn.complete or (len(drawn.columns) + 1) * room > width - LEGEND + 1


@pytest.mark.parametrize("shape", ["2-3-3-3-3-3-2", "2-5-5-5-5-5-5-2", "3-2-2-2-2-2-2-2-1"])
def test_few_units_in_many_layers_are_all_drawn(shape):
    view = view_of(find(shape), 30)
    drawn = geometry(view, *LARGE)
    assert drawn.complete
    text = "\n".join(plain(network_picture(view, *LARGE)))
    widths = view.session.network.widths
    names = {
        view.session.names.unit(layer, unit) for layer, units in enumerate(widths) for unit in range(units)
    }
    assert names <= set(re.findall(r"[a-z]\w*", text.replace("…", " ")))


@pytest.mark.parametrize("height", range(5, 12))
@pytest.mark.parametrize("shape", ["1-1-1-1-1-1-1-1-1", "1-1-1-1-1-1"])
def test_no_caption_stands_between_the_weights_of_a_chain(shape, height):
    """A lesson's page over the lower panes leaves the drawing six rows."""
    drawn = plain(network_picture(view_of(find(shape), 0), 40, height))
    for row in (one for one in drawn if one.startswith("w")):
        assert re.fullmatch(r"w([ −]\d\.\d+|\s)+", row), row
    assert any("sigmoid" in row for row in drawn) == (height >= 8), "where there is a row of its own"
