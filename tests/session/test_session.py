"""A session: the walk of the keys, positions typed, going back and forth, starting over."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import networks

from backprop_tui.engine.quantities import Kind, Parameter, Phase, Quantity
from backprop_tui.history import checkpoints
from backprop_tui.history import timeline as timelines
from backprop_tui.network.files import library
from backprop_tui.network.files.build import build
from backprop_tui.program.boundaries import Grain
from backprop_tui.program.positions import PositionError
from backprop_tui.session.session import Session

RECORDED = Path(__file__).parents[1] / "recordings" / "visits.toml"


def test_an_iteration_is_named_by_its_number_as_conditions_count_it():
    session = Session(library.find("xor"))
    batches = session.program.iterations_per_epoch
    for number in (0, 1, 7):
        session.go(f"iteration {number}")
        assert session.time == session.program.time(number // batches, 0)  # xor takes its examples at once
        assert session.iteration_at(f"iteration {number}") == number
        session.forward()
        assert session.value("iteration") == number
    recorded = Session(library.find(str(RECORDED)))
    first, count = recorded.network.first_iteration, len(recorded.network.recording.iterations)
    assert first > 1000
    for number in (first, first + 3, first + count - 1):
        recorded.go(f"iteration {number:,}")
        recorded.forward()
        assert recorded.value("iteration") == number
    for number in (first - 1, first + count, 0):
        with pytest.raises(PositionError, match=f"there are iterations {first:,} to {first + count - 1:,}"):
            recorded.go(f"iteration {number}")


def test_the_walk_through_the_worked_example():
    session = Session(library.find())
    assert session.position == "0:0"
    assert session.statement is None
    assert session.now.phase is None
    walked = []
    for grain in (Grain.FORWARD, Grain.BACKWARD, Grain.UPDATE, Grain.FORWARD, Grain.EPOCH):
        session.forward(grain)
        walked.append((session.position, session.now.phase))
    assert walked == [
        ("0:5", Phase.LOSS),
        ("0:15", Phase.BACKWARD),
        ("0:19", Phase.UPDATE),
        ("1:5", Phase.LOSS),
        ("1:19", Phase.UPDATE),
    ]
    back = []
    for grain in (Grain.EPOCH, Grain.BACKWARD, Grain.FORWARD, Grain.FORWARD, Grain.FORWARD):
        session.back(grain)
        back.append(session.position)
    assert back == ["0:19", "0:15", "0:5", "0:0", "0:0"]


@pytest.mark.parametrize(
    ("grain", "positions"),
    [
        (Grain.STATEMENT, list(range(1, 20))),
        (Grain.UNIT, [2, 4, 5, 10, 15, 17, 19]),
        (Grain.LAYER, [2, 4, 5, 10, 15, 17, 19]),
        (Grain.FORWARD, [5, 24]),
        (Grain.BACKWARD, [15, 34]),
        (Grain.UPDATE, [19, 38]),
        (Grain.EPOCH, [19, 38]),
    ],
)
def test_every_grain_of_the_worked_example_forwards_and_back(grain, positions):
    session = Session(library.find())
    for time in positions:
        session.forward(grain)
        assert session.time == time
    for time in [*positions[-2::-1], 0]:
        session.back(grain)
        assert session.time == time


def everything(session):
    """All that can be read at a position, as bits."""
    program = session.program
    quantities = {program.statement(index).quantity for index in range(program.statements)}
    readings = [(q, session.now.read(q)) for q in sorted(quantities, key=str)]
    parameters = [
        session.now.parameter(Parameter(number, unit, below)).value
        for number, layer in enumerate(session.network.layers, 1)
        for unit in range(layer.units)
        for below in (None, *range(layer.inputs))
    ]
    values = [np.float64(np.nan if r.value is None else r.value).tobytes() for _, r in readings]
    fresh = [(q, r.freshness, r.time) for q, r in readings]
    return session.position, session.now.example, values, fresh, np.array(parameters).tobytes()


@given(networks(layers=2, units=2, examples=3), st.lists(st.sampled_from(list(Grain)), max_size=8), st.data())
def test_forwards_then_back_returns_from_a_boundary(network, way, data):
    session = Session(network)
    for grain in way:
        session.forward(grain)
        here = everything(session)
        session.back(grain)
        session.forward(grain)
        assert everything(session) == here
        session.forward(grain)
        session.back(grain)
        assert everything(session) == here


@given(
    networks(layers=2, units=2, examples=3),
    st.lists(st.integers(0, 600), min_size=1, max_size=6),
    st.integers(2, 4),
)
@settings(max_examples=25)
def test_jumping_to_a_position_equals_stepping_to_it_bit_for_bit(network, times, budget):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(checkpoints, "MOST", budget)
        stepped, jumper = Session(network), Session(network)
        seen = {}
        for time in sorted(times):
            while stepped.time < time:
                stepped.forward()
            seen[time] = everything(stepped)
        for time in times:
            jumper.jump(time)
            assert everything(jumper) == seen[time]
            stepped.jump(time)
            assert everything(stepped) == seen[time]


def test_starting_over_returns_to_the_very_same_weights():
    layers = [{"units": 3, "activation": "tanh"}, {"units": 1, "activation": "sigmoid"}]
    data = {"inputs": [[0.1, 0.2], [0.3, -0.4]], "targets": [[1.0], [0.0]]}
    training = {"shuffle": True, "batch_size": 1, "optimizer": {"name": "adam", "learning_rate": 0.1}}
    session = Session(build({"network": {"inputs": 2, "layers": layers}, "training": training, "data": data}))
    first = everything(session)
    session.go("30")
    later = everything(session)
    assert later[-1] != first[-1]
    session.start()
    assert everything(session) == first
    for number, layer in enumerate(session.network.layers, 1):
        for unit in range(layer.units):
            assert session.now.parameter(Parameter(number, unit, 0)).value == layer.weights[unit][0]
    session.end()
    assert everything(session) == later


def at(position):
    session = Session(library.find())
    session.go(position)
    return session


@pytest.mark.parametrize(
    ("place", "position"),
    [
        ("12", "11:19"),
        ("12:0", "11:19"),
        ("12:17", "12:17"),
        ("12:19", "12:19"),
        ("0", "0:0"),
        ("0:0", "0:0"),
        ("0:1", "0:1"),
        ("+100", "103:9"),
        ("-2", "1:9"),
        ("−2", "1:9"),
        ("-5", "0:0"),
        ("+0", "3:9"),
        ("start", "0:0"),
        ("end", "5:2"),
        (" 12:17 ", "12:17"),
        ("END", "5:2"),
    ],
)
def test_a_position_as_typed(place, position):
    session = at("5:2")
    session.go("3:9")
    session.go(place)
    assert session.position == position


@given(st.integers(0, 300), st.integers(1, 19))
def test_every_position_printed_can_be_typed(epoch, step):
    session = Session(library.find())
    time = session.time_of(f"{epoch}:{step}")
    assert session.program.position(time) == (epoch, step)


@pytest.mark.parametrize(
    "place",
    [
        *("", " ", "x", "12:", ":3", "1:2:3", "1.5", "1e3", "--5", "+-5", "12:20", "12:-1", "- 5", "+", "-"),
        *("9" * 12, "9" * 5000, "+" + "9" * 30, "٣", "0x10", "1_000", "nan", "begin", "12 17", "\n", "1\x00"),
    ],
)
def test_nonsense_is_no_position_and_moves_nothing(place):
    session = at("3:9")
    with pytest.raises(PositionError) as caught:
        session.go(place)
    assert session.position == "3:9"
    assert session.latest == session.time
    assert 0 < len(str(caught.value)) < 200
    assert "\n" not in str(caught.value)


@given(st.text(max_size=12))
def test_any_text_is_a_position_or_says_why_not(place):
    session = Session(library.find())
    try:
        time = session.time_of(place)
    except PositionError:
        return
    assert time >= 0


def test_too_large_a_step_names_the_number_there_is():
    with pytest.raises(PositionError, match="19 steps, not 20"):
        Session(library.find()).go("0:20")


def test_the_latest_position_is_remembered():
    session = at("5:2")
    session.start()
    session.forward()
    assert session.position == "0:1"
    session.end()
    assert session.position == "5:2"


def test_before_the_start_there_is_nothing():
    session = Session(library.find())
    for grain in Grain:
        session.back(grain)
        assert session.position == "0:0"
    session.jump(-7)
    assert session.time == 0
    assert session.now.upcoming.step == 1
    assert session.now.loss.value is None


def test_a_long_jump_shows_its_progress_and_can_be_left(monkeypatch):
    monkeypatch.setattr(timelines, "SLICE_SECONDS", -1.0)
    session = at("2:3")
    progress = session.jumping(session.program.time(40, 4))
    assert [next(progress) for _ in range(5)] == [3, 4, 5, 6, 7]
    progress.close()
    assert session.position == "2:3"
    assert list(session.jumping(session.program.time(40, 4)))[-1] == 40
    assert session.position == "40:4"
    direct = at("40:4")
    assert everything(session) == everything(direct)


def test_input_and_target_are_those_of_the_example_at_work():
    session = Session(library.find("xor"))
    assert [session.now.input(0), session.now.input(1), session.now.target(0)] == [0.0, 0.0, 0.0]
    session.forward(Grain.FORWARD)
    session.forward(Grain.FORWARD)
    assert session.now.example == 1
    assert [session.now.input(0), session.now.input(1), session.now.target(0)] == [0.0, 1.0, 1.0]
    session.forward(Grain.UPDATE)
    assert session.now.example == 3


def test_the_loss_is_read_like_any_quantity():
    session = Session(library.find())
    session.jump(5)
    assert session.now.loss.value == pytest.approx(0.06330635480524958, rel=1e-15)
    assert session.now.loss == session.now.read(Quantity(Kind.LOSS))
    assert session.run.symbol(Quantity(Kind.WEIGHT_GRADIENT, 2, 0, 0)) == "dL_dw2"


def test_the_debugger_needs_no_screen():
    """In a fresh interpreter, none of the screen's libraries is imported, not even by way of another."""
    program = (
        "import sys; import backprop_tui.session.session, backprop_tui.session.records.trace;"
        "print([name for name in ('textual', 'rich', 'plotext', 'click') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
