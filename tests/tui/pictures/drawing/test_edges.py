"""Edges: sign and size of each can be read without colour, those at work stand out, and are in sight."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from views import some_networks, view_of

from backprop_tui.engine.quantities import Kind, Parameter, Phase
from backprop_tui.network.files.build import build
from backprop_tui.network.files.library import find
from backprop_tui.tui.pictures.drawing.edges import LARGE
from backprop_tui.tui.pictures.drawing.network import geometry, margins, network_picture
from backprop_tui.tui.pictures.drawing.strokes import joint
from backprop_tui.tui.pictures.rows import Tone, plain
from backprop_tui.tui.view import Node

POSITIVE, NEGATIVE = "─━", "╌╍"
THIN, HEAVY = "─╌", "━╍"


def layered(rows, activation="sigmoid"):
    """A network of one layer with these weights."""
    return build(
        {
            "network": {
                "inputs": len(rows[0]),
                "layers": [
                    {
                        "units": len(rows),
                        "activation": activation,
                        "weights": rows,
                        "biases": [0.0] * len(rows),
                    }
                ],
            },
            "data": {"inputs": [[1.0] * len(rows[0])], "targets": [[1.0] * len(rows)]},
        }
    )


WEIGHTS = st.sampled_from([-1.0, -0.9, -0.3, 0.3, 0.9, 1.0])


def right_end(view, width, height, unit):
    """What stands directly before the trunk in the row of each source, from the left."""
    drawn = geometry(view, width, height)
    above, _ = margins(view, height)
    rows = plain(network_picture(view, width, height))
    low, _ = drawn.columns
    return [rows[above + box.middle][box.x + box.width] for box in low.boxes]


@given(st.lists(WEIGHTS, min_size=3, max_size=8))
def test_sign_and_size_of_the_weights_of_a_unit_can_be_read(weights):
    view = view_of(layered([weights]))
    largest = max(map(abs, weights))
    for weight, stroke in zip(weights, right_end(view, 58, 12, 0), strict=True):
        assert stroke in (NEGATIVE if weight < 0 else POSITIVE)
        assert stroke in (HEAVY if abs(weight) >= LARGE * largest else THIN)


@given(st.data())
def test_those_of_the_unit_at_work_can_be_read_among_many(data):
    inputs, units = data.draw(st.integers(4, 8)), data.draw(st.integers(4, 8))
    rows = data.draw(
        st.lists(st.lists(WEIGHTS, min_size=inputs, max_size=inputs), min_size=units, max_size=units)
    )
    unit = data.draw(st.integers(0, units - 1))
    view = view_of(layered(rows), 2 * unit + 1)
    assert view.subject.quantity.unit == unit
    largest = max(abs(weight) for row in rows for weight in row)
    for weight, stroke in zip(rows[unit], right_end(view, 58, 12, unit), strict=True):
        assert stroke in (NEGATIVE if weight < 0 else POSITIVE)
        assert stroke in (HEAVY if abs(weight) >= LARGE * largest else THIN)


@given(st.data())
def test_those_of_all_units_can_be_read_where_there_is_room(data):
    inputs, units = data.draw(st.integers(2, 6)), data.draw(st.integers(4, 8))
    rows = data.draw(
        st.lists(st.lists(WEIGHTS, min_size=inputs, max_size=inputs), min_size=units, max_size=units)
    )
    view = view_of(layered(rows))
    drawn = geometry(view, 84, 12)
    above, _ = margins(view, 12)
    text = plain(network_picture(view, 84, 12))
    for row, box in zip(rows, drawn.columns[1].boxes, strict=True):
        pieces = text[above + box.middle][: box.x].rstrip()[-inputs:]
        assert [piece in NEGATIVE for piece in pieces] == [weight < 0 for weight in row]


@pytest.mark.parametrize("name", ["xor", "mazur"])
def test_a_line_for_each_of_a_few_edges(name):
    """Read off the picture: dashed only where a weight is negative, and no dots of braille."""
    view = view_of(find(name))
    text = "".join(plain(network_picture(view, 58, 12)))
    weights = [w for layer in view.session.network.layers for row in layer.weights for w in row]
    assert bool(set(text) & set(NEGATIVE)) == any(weight < 0 for weight in weights)
    assert not any("\u2800" < character <= "\u28ff" for character in text)


def tones_between(view, size, layer):
    """The tones of lines left of a layer."""
    width, height = size
    drawn = geometry(view, width, height)
    low, high = (next(c for c in drawn.columns if c.layer == one) for one in (layer - 1, layer))
    found = set()
    for row in network_picture(view, width, height):
        x = 0
        for text, tone in row:
            for character in text:
                if low.x + low.width <= x < high.x - 1 and "\u2500" <= character <= "\u257f":
                    found.add(tone)
                x += 1
    return found


@pytest.mark.parametrize("size", [(58, 12), (84, 19)])
@pytest.mark.parametrize("name", ["xor", "2-8-8-1", "16-16-16-4"])
def test_the_path_of_the_present_statement_stands_out(name, size):
    session = view_of(find(name)).session
    for time in range(1, 120):
        view = view_of(session.network, time)
        quantity = view.subject.quantity
        if quantity.kind is Kind.WEIGHT_GRADIENT:
            lit, layer = Tone.BACKWARD, quantity.layer
        elif quantity.kind is Kind.WEIGHTED_SUM:
            lit, layer = Tone.FORWARD, quantity.layer
        else:
            continue
        tones = tones_between(view, size, layer)
        assert lit in tones
        assert tones_between(view_of(session.network), size, layer).isdisjoint({lit}), "only while at work"


@given(some_networks(), st.data())
def test_the_present_statement_is_in_sight_at_any_step(network, data):
    view = view_of(network)
    steps = view.session.program.statements
    time = data.draw(st.integers(1, steps))
    width, height = data.draw(st.sampled_from([(40, 9), (58, 12), (84, 19)]))
    view.session.jump(time)
    view = view.but(time=time)
    quantity = view.subject.quantity
    drawn = geometry(view, width, height)
    if quantity.kind is Kind.LOSS:
        assert drawn.box(len(network.widths) - 1, 0) is not None
        return
    assert drawn.box(quantity.layer, quantity.unit) is not None
    edge = quantity.parameter
    if edge is not None and edge.below is not None and max(network.widths) <= 24:
        assert drawn.box(edge.layer - 1, edge.below) is not None, "both its ends"


@pytest.mark.parametrize("size", [(40, 9), (58, 12)])
@pytest.mark.parametrize("name", ["vanishing", "16-16-16-4", "2-8-8-1"])
def test_what_is_pointed_at_is_in_sight_with_both_its_ends(name, size):
    network = find(name)
    for layer in range(1, len(network.widths)):
        for unit in (0, network.widths[layer] - 1):
            for below in (0, network.widths[layer - 1] - 1):
                drawn = geometry(view_of(network, spot=Parameter(layer, unit, below)), *size)
                assert drawn.box(layer, unit) is not None
                assert drawn.box(layer - 1, below) is not None
            assert geometry(view_of(network, spot=Node(layer, unit)), *size).box(layer, unit) is not None


def test_lines_meet_in_the_characters_that_unicode_has_for_it():
    words = {0: "", 1: "LIGHT", 2: "HEAVY"}
    for up in range(3):
        for down in range(3):
            for left in range(3):
                for right in range(3):
                    character = joint(up, down, left, right)
                    if not (up or down or left or right):
                        assert character == " "
                        continue
                    name = unicodedata.name(character)
                    for weight in {up, down, left, right} - {0}:
                        assert words[weight] in name, (up, down, left, right)
                    if len({up, down, left, right} - {0}) == 1 and "ARC" not in name:
                        assert len([word for word in ("LIGHT", "HEAVY") if word in name]) == 1
                    for arm, word, axis in (
                        (up, "UP", "VERTICAL"),
                        (down, "DOWN", "VERTICAL"),
                        (left, "LEFT", "HORIZONTAL"),
                        (right, "RIGHT", "HORIZONTAL"),
                    ):
                        assert bool(arm) == (word in name or axis in name), (name, word)


def test_the_phase_is_told_by_arrows_too():
    network = find("2-8-8-1")
    for time, phase, arrow in ((23, Phase.FORWARD, "▶"), (53, Phase.BACKWARD, "◀"), (868, Phase.UPDATE, "▲")):
        view = view_of(network, time)
        assert view.subject.phase is phase
        assert arrow in "".join(plain(network_picture(view, 58, 12))), view.subject
