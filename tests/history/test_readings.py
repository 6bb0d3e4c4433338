"""What is known at a position: exactly what plain loops have computed by then, and how fresh it is."""

import math

import pytest
from hypothesis import assume, given, reject, settings
from hypothesis import strategies as st
from plain import Row
from plain import run as plain_run
from strategies import networks

from backprop_tui.engine.quantities import PHASE_OF, Kind, Parameter, Phase, Quantity
from backprop_tui.history.readings import ABSENT, Freshness, Reading
from backprop_tui.network.files import library
from backprop_tui.network.files.build import build
from backprop_tui.session.session import Session

EPOCHS = 2


def history(session: Session, epochs: int = EPOCHS) -> list[Row]:
    """Every statement with its value by plain loops; row n runs at time n."""
    orders = [session.run.timeline.trainer.order(epoch).tolist() for epoch in range(epochs)]
    return list(plain_run(session.network, epochs, orders))


def close(value):
    return pytest.approx(value, rel=1e-6, abs=1e-7)


def compare_at(session, rows, time):
    session.jump(time)
    ran = rows[:time]
    for index, row in enumerate(rows):
        value = session.now.value_of(session.program.statement(index))
        if index < time:
            assert value == close(row.value), (time, row)
        else:
            assert value is None, (time, row)
    now = ran[-1] if ran else None
    block = None
    if now is not None:
        slots = [row.slot for row in rows if row.iteration == now.iteration and row.slot is not None]
        block = (now.iteration, max(slots) if now.slot is None else now.slot)
    latest = {row.key: (index, row) for index, row in enumerate(ran)}
    for key in {row.key for row in rows}:
        quantity = Quantity(Kind(key[0]), *key[1:])
        reading = session.now.read(quantity)
        if key not in latest:
            assert reading == ABSENT
            assert session.now.last_statement(quantity) is None
            continue
        index, row = latest[key]
        here = (row.iteration, row.slot) == block or (row.slot is None and row.iteration == now.iteration)
        fresh = Freshness.CURRENT if here else Freshness.STALE
        assert reading == Reading(close(row.value), fresh, index + 1), (time, key)
        assert session.now.last_statement(quantity).time == index + 1
    for number, layer in enumerate(session.network.layers, 1):
        for unit in range(layer.units):
            for below in (None, *range(layer.inputs)):
                given_value = layer.biases[unit] if below is None else layer.weights[unit][below]
                key = ("bias_update" if below is None else "weight_update", number, unit, below)
                value = latest[key][1].value if key in latest else given_value
                assert session.now.parameter(Parameter(number, unit, below)).value == close(value)


@pytest.mark.parametrize("name", ["worked-example", "xor"])
def test_nothing_is_visible_before_it_is_computed(name):
    session = Session(library.find(name))
    rows = history(session)
    for time in range(session.program.statements + 8):
        compare_at(session, rows, time)


@given(networks(layers=2, units=3, examples=3), st.data())
@settings(max_examples=30)
def test_random_networks_show_what_plain_loops_have_computed(network, data):
    session = Session(network)
    try:
        rows = history(session)
    except (ValueError, ZeroDivisionError):  # the logarithm of an output that has become 0 or 1
        reject()
    if (
        "binary" in network.training.loss_name
    ):  # the plain loops know no least slope, as PyTorch's definition does
        outputs = [row.value for row in rows if row.kind == "activation" and row.layer == 2]
        assume(all(1e-9 < a < 1 - 1e-9 for a in outputs))
    times = st.integers(0, len(rows))
    for time in data.draw(st.lists(times, min_size=1, max_size=6)):
        compare_at(session, rows, time)


def test_a_softmax_of_a_whole_layer_is_fresh_together():
    layers = [{"units": 2, "activation": "softmax", "weights": [[1.0], [2.0]]}]
    data = {"inputs": [[1.0], [2.0]], "targets": [[1.0, 0.0], [0.0, 1.0]]}
    session = Session(build({"network": {"inputs": 1, "layers": layers}, "data": data}))
    session.jump(3)
    assert session.now.read(Quantity(Kind.WEIGHTED_SUM, 1, 1)).freshness is Freshness.CURRENT
    assert session.now.read(Quantity(Kind.ACTIVATION, 1, 1)) == ABSENT


def test_values_of_the_example_before_are_stale():
    session = Session(library.find("xor"))
    block = next(
        n for n in range(100) if session.program.statement(n).slot == 1
    )  # the second example's first statement
    session.jump(block)
    hidden = Quantity(Kind.ACTIVATION, 1, 0)
    assert session.now.read(hidden).freshness is Freshness.CURRENT
    session.forward()
    assert session.now.read(hidden).freshness is Freshness.STALE
    assert session.now.read(hidden).value == close(1.0 / (1.0 + math.exp(1.0)))
    session.forward()
    assert session.now.read(hidden).freshness is Freshness.CURRENT


@given(networks(layers=2, units=2))
def test_the_example_at_work_is_that_of_the_statement(network):
    session = Session(network)
    rows = history(session)
    assert session.now.example == rows[0].example
    for time, row in enumerate(rows, 1):
        session.jump(time)
        if row.example is not None:
            assert session.now.example == row.example
        latest = [one.example for one in rows[:time] if one.example is not None][-1]
        assert session.now.example == latest
        assert session.now.input(0) == network.data.inputs[latest][0]
        assert session.now.target(0) == network.data.targets[latest][0]


@given(networks(layers=2, units=2, examples=3))
@settings(max_examples=25)
def test_the_gradient_of_the_batch_is_known_when_the_last_example_of_the_batch_has_given_its_own(network):
    session = Session(network)
    rows = history(session)
    for time, now in enumerate(rows, 1):
        session.jump(time)
        batch = {row.slot for row in rows if row.iteration == now.iteration and row.slot is not None}
        for number, layer in enumerate(network.layers, 1):
            for below in (None, *range(layer.inputs)):
                key = ("bias_gradient" if below is None else "weight_gradient", number, 0, below)
                ran = [r.value for r in rows[:time] if r.iteration == now.iteration and r.key == key]
                divisor = len(ran) if network.training.reduction == "mean" else 1
                expected = close(sum(ran) / divisor) if len(ran) == len(batch) else None
                assert session.now.mean_gradient(Parameter(number, 0, below)) == expected


@given(networks(layers=2, units=2, examples=3))
@settings(max_examples=25)
def test_the_parameters_with_which_the_iteration_began(network):
    session = Session(network)
    rows = history(session)
    layer = network.layers[-1]
    for time in range(len(rows) + 1):
        session.jump(time)
        began = rows[max(0, time - 1)].iteration
        key = ("bias_update", len(network.layers), 0, None)
        updates = [row.value for row in rows if row.iteration < began and row.key == key]
        value = updates[-1] if updates else layer.biases[0]
        assert session.now.parameter_before(Parameter(len(network.layers), 0, None)).value == close(value)


def test_before_the_start_there_is_no_average_gradient():
    assert Session(library.find()).now.mean_gradient(Parameter(1, 0, 0)) is None


def test_a_diverged_run_is_read_without_a_warning():
    layer = {"units": 1, "activation": "identity", "weights": [[1e200]]}
    data = {"inputs": [[1e10], [1e200]], "targets": [[0.0], [0.0]]}
    session = Session(build({"network": {"inputs": 1, "layers": [layer, layer]}, "data": data}))
    for time in range(2 * session.program.statements):
        session.jump(time)
        assert session.now.value_of(session.now.upcoming) is None
        for most in (None, 1):
            session.explain(most=most)
            session.explain(session.now.upcoming, most=most)
    assert PHASE_OF[Kind.LOSS] is Phase.LOSS
    assert not math.isfinite(session.now.loss.value)
