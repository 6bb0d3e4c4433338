"""The picture of what PyTorch recorded, and the marks of what float16 made of a number."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from rich.cells import cell_len

from backprop_tui.engine.quantities import Kind, Quantity
from backprop_tui.network.files.build import build
from backprop_tui.network.files.library import find
from backprop_tui.session.session import Session
from backprop_tui.tui.pictures.drawing.network import network_picture
from backprop_tui.tui.pictures.explanation.picture import explanation_rows
from backprop_tui.tui.pictures.registry import KNOWN, NAMES, figure, names_of, suiting
from backprop_tui.tui.pictures.rows import Tone, plain
from backprop_tui.tui.requests import Go
from backprop_tui.tui.view import View

FILE = Path(__file__).parents[2] / "recordings" / "float16.toml"
NETWORK = find(str(FILE))
assert NETWORK.recording is not None
RECORDING = NETWORK.recording
INFINITE = 34
"""The place of the iteration whose loss is infinite in float16: 310² is more than 65504."""


def at(place, network=NETWORK, statements=9, **looks):
    session = Session(network)
    session.jump(session.program.iteration_start(place) + statements)
    return View(session, session.time, picture="recorded", **looks)


def painted(view, width, height):
    chosen = figure(view)
    *_, last = (one for one in chosen.paint(view, width, height) if one is not None)
    assert chosen.draw(view, width, height) == last
    return last


def text(view, width=118, height=34):
    return "\n".join(plain(painted(view, width, height)))


@settings(max_examples=60, deadline=None)
@given(
    place=st.integers(0, 50), width=st.integers(1, 130), height=st.integers(1, 45), log_scale=st.booleans()
)
def test_it_has_exactly_its_size_at_every_step(place, width, height, log_scale):
    view = at(place, log_scale=log_scale)
    for one in figure(view).paint(view, width, height):
        assert one is None or [sum(cell_len(text) for text, _ in row) for row in one] == [width] * height


def test_only_a_recording_has_it():
    assert names_of(NETWORK) == ("recorded", *NAMES)
    assert set(names_of(NETWORK)) == set(KNOWN)
    other = find()
    assert names_of(other) == NAMES
    assert figure(View(Session(other), picture="recorded")).name == "loss"
    assert suiting(View(Session(NETWORK))) == "recorded"


def test_the_words_are_of_the_present_iteration():
    recorded = RECORDING.iterations[10]
    rows = text(at(10))
    assert f"iteration {recorded.number:,}: loss {recorded.loss:.4f} in float16" in rows
    assert f"gradient {recorded.grad_norm:.4f} in float16" in rows
    assert rows.count("(within float16)") == 2


def test_where_they_part_is_named_and_told_in_the_tone_of_a_warning():
    rows = painted(at(INFINITE), 118, 34)
    (above,) = [row for row in rows if "iteration 4,311: loss inf in float16" in row[0][0]]
    assert above[0][1] is Tone.WARNING
    assert "first apart at iteration 4,311: its loss" in text(at(0))


def test_what_is_not_finite_stands_at_the_upper_edge_and_nowhere_else():
    for height in (12, 34):
        rows = text(at(3), 100, height).split("\n")
        where = [y for y, row in enumerate(rows) if "✕" in row]
        tops = [
            y
            for y, row in enumerate(rows)
            if "float16" in row and "│" in row + "┤" and "in float16" not in row
        ]
        assert where
        assert set(where) <= set(tops)


def test_what_a_recording_says_of_itself_stands_below():
    said = ("rank 3: nothing was read", "the clocks are 2 s apart")
    one = replace(
        RECORDING.iterations[5], notes=("no update was made",), ranks=((0, 1), (1, 1), (2, 1), (3, 1))
    )
    iterations = list(RECORDING.iterations)
    iterations[5] = one
    recording = replace(RECORDING, said=said, iterations=tuple(iterations))
    rows = text(at(5, replace(NETWORK, recording=recording)), 80, 34)
    assert all(words in rows for words in said)
    assert f"iteration {one.number:,}: no update was made" in rows
    assert "ranks 0 to 3, 1 example each" in rows
    assert "no update was made" not in text(at(6, replace(NETWORK, recording=recording)), 80, 34)


def test_after_the_recorded_epoch_it_says_so():
    assert "the recording ended with iteration 4,320" in text(at(46))


def test_a_clipped_gradient_is_told():
    iterations = list(RECORDING.iterations)
    iterations[5] = replace(iterations[5], grad_norm_at_step=1.0)
    recording = replace(RECORDING, iterations=tuple(iterations))
    rates = [1.0] * len(iterations)
    rates[5] = 1.0 / iterations[5].grad_norm
    training = replace(NETWORK.training, schedule={"gradient_scale": tuple(rates)})
    rows = text(at(5, replace(NETWORK, recording=recording, training=training)))
    assert "1.0000 at the step: clipped" in rows
    assert f"gradient {iterations[5].grad_norm:.4f} in float16" in rows
    assert "5 % apart" not in rows


def test_arrows_and_clicks_go_to_iterations():
    view = at(10)
    program = view.session.program
    assert figure(view).arrow(view, 1, 0) == Go(program.iteration_start(11) + 9)
    assert figure(view).arrow(view, -1, 0) == Go(program.iteration_start(9) + 9)
    assert figure(view).arrow(view, 0, 1) is None
    painted(view, 118, 34)
    rows = plain(painted(view, 118, 34))
    (x,) = {row.index("┊") for row in rows if "┊" in row}
    assert figure(view).pointed_at(view, 118, 34, x, 8) == Go(program.backward_end(10))
    assert figure(view).pointed_at(view, 118, 34, 0, 8) is None


# Marks


def overflowing():
    """z of 300 · 300 in float16, with nothing recorded."""
    layer = {"units": 1, "activation": "relu", "weights": [[300.0]], "biases": [0.0]}
    last = {"units": 1, "activation": "identity", "weights": [[1e-5]], "biases": [0.0]}
    return {
        "network": {"inputs": 1, "layers": [layer, last]},
        "training": {"loss": "mean_squared_error"},
        "data": {"inputs": [[300.0]], "targets": [[0.9]]},
    }


@pytest.mark.parametrize(("dtype", "marked"), [("float16", True), ("bfloat16", False), ("float32", False)])
def test_the_drawing_marks_a_unit_whose_number_became_infinite(dtype, marked):
    network = build({**overflowing(), "pytorch": {"dtype": dtype, "loss": "MSELoss"}})
    session = Session(network)
    session.jump(session.program.next_time(Quantity(Kind.WEIGHTED_SUM, 1, 0), 0))
    view = View(session, session.time)
    assert ("∞" in "\n".join(plain(network_picture(view, 80, 12)))) is marked
    words = "\n".join(plain(explanation_rows(view, 80, 20)))
    assert ("float16 made this inf; it is 9.0e+4" in words) is marked
    assert words.count("made this") == int(marked)


def test_a_network_that_never_was_in_pytorch_has_no_such_mark():
    session = Session(build(overflowing()))
    session.jump(1)
    view = View(session, 1)
    assert "∞" not in "\n".join(plain(network_picture(view, 80, 12)))
    assert session.explain().warning == ""
