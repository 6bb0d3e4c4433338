"""Every picture of the registry: exactly its size, whatever the network, the time and the look."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len
from views import views

from backprop_tui.engine.quantities import Parameter
from backprop_tui.network.files.build import build
from backprop_tui.network.files.library import find
from backprop_tui.network.files.shapes import Options
from backprop_tui.program.boundaries import Grain
from backprop_tui.session.session import Session
from backprop_tui.tui.pictures.registry import FIGURES, NAMES, figure, suiting
from backprop_tui.tui.pictures.rows import plain
from backprop_tui.tui.view import View


def at(name, *grains, network=None, **looks):
    """A view of a network after some moves."""
    session = Session(network or find(name))
    for grain in grains:
        session.forward(grain)
    return View(session, session.time, **looks)


def drawn(view, name, width=58, height=11):
    """The rows of a picture as text, of one that is painted the finest."""
    (chosen,) = [one for one in FIGURES if one.name == name]
    picture = chosen.draw(view, width, height)
    if picture is None:
        *_, picture = chosen.paint(view, width, height)
    return plain(picture)


def test_there_are_the_seven_of_the_design():
    assert NAMES == ("loss", "flow", "activation", "slice", "surface", "boundary", "weights")


@pytest.mark.parametrize("chosen", FIGURES, ids=NAMES)
@settings(max_examples=40, deadline=None)
@given(view=views(), width=st.integers(1, 130), height=st.integers(1, 40))
def test_a_picture_has_exactly_its_size(chosen, view, width, height):
    picture = chosen.draw(view, width, height)
    pictures = chosen.paint(view, width, height) if picture is None else (picture,)
    painted = [one for one in pictures if one is not None]
    for one in painted:
        assert len(one) == height
        assert all(sum(cell_len(text) for text, _ in row) == width for row in one)
    again = chosen.draw(view, width, height)
    assert again is not None
    assert plain(again) == plain(painted[-1])


def test_each_statement_has_a_picture_that_suits():
    session = Session(find("vanishing"))
    assert suiting(View(session)) == "loss"
    seen = set()
    while session.epoch == 0:
        session.forward(Grain.STATEMENT)
        seen.add(suiting(View(session, session.time)))
    assert seen == {"activation", "flow", "slice", "loss"}


def test_what_was_chosen_is_not_replaced():
    view = at("xor", Grain.FORWARD, picture="weights")
    assert figure(view).name == "weights"


@pytest.mark.parametrize(
    ("name", "words"), [("overshooting", "jumps over the lowest point"), ("crawling", "of the way")]
)
def test_a_slice_says_where_the_step_lands(name, words):
    view = at(name, Grain.BACKWARD, spot=Parameter(1, 0, 0))
    rows = drawn(view, "slice", 80, 18)
    assert words in " ".join(rows)
    places = {sign: (row.index(sign), y) for y, row in enumerate(rows) for sign in "●◆◇" if sign in row}
    if name == "overshooting":
        assert places["◇"][1] < places["●"][1], "all parameters together land further up"
        assert places["◇"][0] > places["●"][0] + 10, "on the other side"
    else:
        assert abs(max(places.values())[0] - places["●"][0]) <= 2, "next to where it was"


def test_flow_shows_in_a_small_pane_that_slopes_shrink_the_signal_and_weights_do_not():
    rows = drawn(at("vanishing", Grain.BACKWARD), "flow", 40, 9)
    assert "the slope factors shrink" in rows[0]
    assert sum("×0.22" in row or "×0.23" in row for row in rows) >= 6
    assert sum("▾" in row for row in rows) >= 3
    assert all("×1" in row for row in rows if "×0.2" in row)


def test_flow_shows_that_weights_amplify():
    rows = drawn(at("exploding", Grain.BACKWARD), "flow", 78, 20)
    assert "the weights amplify" in " ".join(rows[:2])
    assert sum("▴" in row for row in rows) == 2


def test_what_the_backward_pass_has_not_reached_has_no_number_yet():
    session = Session(find("vanishing"))
    session.forward(Grain.FORWARD)
    session.forward(Grain.LAYER)
    session.forward(Grain.LAYER)
    rows = drawn(View(session, session.time), "flow", 58, 11)
    assert sum("–" in row.split() for row in rows) == 6


def test_circles_close_round_the_inner_points_after_training():
    network = find("2-8-1", Options(data="circles", activation="tanh", learning_rate=0.5, seed=3))
    session = Session(network)
    session.jump(session.program.time(400, 0))
    rows = drawn(View(session, session.time), "boundary", 60, 24)
    area = [row[5:] for row in rows if "│" in row[:5] or "┤" in row[:5]]
    middle = area[len(area) // 2][len(area[0]) // 2]
    corners = {area[0][0], area[0][-1], area[-1][0], area[-1][-1]}
    shaded, stroked = set("░▒▓█"), set("╌─═≡")
    assert (middle in shaded and corners <= stroked) or (middle in stroked and corners <= shaded)


def test_the_curve_of_a_network_without_activations_is_a_straight_line():
    rows = drawn(at("straight-line", Grain.EPOCH), "boundary", 60, 20)
    heights = {}
    for y, row in enumerate(rows[1:-2]):
        for x, character in enumerate(row[6:]):
            if "\u2801" <= character <= "\u28ff":
                heights.setdefault(x, []).append(y)
    middles = [sum(heights[x]) / len(heights[x]) for x in sorted(heights)]
    first, last = middles[0], middles[-1]
    for place, middle in enumerate(middles):
        assert abs(middle - (first + (last - first) * place / (len(middles) - 1))) <= 1.0


@pytest.mark.parametrize("chosen", FIGURES, ids=NAMES)
@pytest.mark.parametrize("size", [1.6e308, 1e200, 1e-310])
def test_a_picture_of_numbers_at_the_ends_of_all_numbers_is_drawn_all_the_same(chosen, size):
    layer = {"units": 1, "activation": "identity", "weights": [[size]], "biases": [size]}
    network = build(
        {"network": {"inputs": 1, "layers": [layer, layer]}, "data": {"inputs": [[1.0]], "targets": [[0.0]]}}
    )
    for grain in (Grain.FORWARD, Grain.BACKWARD, Grain.EPOCH):
        rows = drawn(at("", grain, network=network), chosen.name)
        assert len(rows) == 11
        assert all(cell_len(row) == 58 for row in rows)
