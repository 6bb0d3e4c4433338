"""Breakpoints: the search finds exactly the stops that looking at every single statement finds, both ways."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from naive import EPOCHS, Lists, stops
from strategies import networks

from backprop_tui.engine.quantities import Kind, Parameter, Quantity
from backprop_tui.history.edits import Settable, Target
from backprop_tui.network.files import library
from backprop_tui.network.files.build import build
from backprop_tui.session.session import Session
from backprop_tui.stops import search as module
from backprop_tui.stops.breakpoints import Breakpoint, understood
from backprop_tui.stops.condition_values import past_values, value_at
from backprop_tui.stops.conditions import Condition, ConditionError, parse, parse_expression
from backprop_tui.stops.search import Stop, searching


def drained(generator):
    """A search's result; all that it yields are epochs."""
    while True:
        try:
            assert isinstance(next(generator), int)
        except StopIteration as end:
            return end.value


def found(session, direction, *texts, until=EPOCHS):
    points = [Breakpoint.parse(text, session.network) for text in texts]
    return drained(searching(session.run, session.time, points, direction, until))


def walk(session, direction, *texts, start=0, until=EPOCHS, most=30):
    """The times of the stops from *start* on."""
    times = []
    session.jump(start)
    while len(times) < most and (stop := found(session, direction, *texts, until=until)):
        times.append(stop.time)
        session.jump(stop.time)
    return times


def worked():
    return Session(library.find(None))


def same(one, other):
    return one == other or (one != one and other != other)


# Against looking everywhere


@given(networks(layers=2, units=2, examples=3), st.data())
@settings(max_examples=150)
def test_conditions_stop_where_looking_at_every_statement_finds_them_to_become_true(network, data):
    session = Session(network)
    lists = Lists(network)
    listed = lists.truth(data, 3)
    condition = parse(listed.text, network)
    for time in data.draw(st.lists(st.integers(0, lists.end), max_size=8)):
        assert value_at(session.run, condition, time) == listed.values[time], (listed.text, time)
    expected = stops(listed)
    if not condition.sources:
        return
    assert walk(session, 1, listed.text, most=12) == expected[:12]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "FIRST_BLOCK", data.draw(st.sampled_from([1, 2, 8])))
        assert walk(session, -1, listed.text, start=lists.end + 1, most=12) == expected[::-1][:12]
        middle = data.draw(st.integers(0, lists.end))
        session.jump(middle)
        after, before = found(session, 1, listed.text), found(session, -1, listed.text)
    assert (after.time if after else None) == next((t for t in expected if t > middle), None)
    assert (before.time if before else None) == next((t for t in expected[::-1] if t < middle), None)


@given(networks(layers=2, units=2, examples=3), st.data())
@settings(max_examples=60)
def test_numbers_and_their_history_are_those_of_the_lists(network, data):
    session = Session(network)
    lists = Lists(network)
    listed = lists.number(data, 3)
    expression = parse_expression(listed.text, network)
    for time in data.draw(st.lists(st.integers(0, lists.end), max_size=8)):
        assert same(value_at(session.run, expression, time), listed.values[time])
    now, count = data.draw(st.integers(0, lists.end)), data.draw(st.integers(0, 6))
    times = sorted(time for time in listed.events if time <= now)[-count:] if count else []
    got = past_values(session.run, expression, now, count)
    assert [time for time, _ in got] == times
    assert all(same(value, listed.values[time]) for time, value in got)


@given(networks(layers=2, units=3, examples=3), st.data())
@settings(max_examples=40)
def test_several_breakpoints_stop_at_the_nearest_of_them(network, data):
    session = Session(network)
    lists = Lists(network)
    symbols = {session.run.symbol(statement.quantity) for statement in lists.statements}
    words = [f"phase {statement.phase}" for statement in lists.statements]
    names = [session.names.unit(layer, 0) for layer in range(1, len(network.widths))]
    texts = data.draw(st.lists(st.sampled_from(sorted({*symbols, *words})), max_size=2))
    texts += data.draw(st.lists(st.sampled_from([f"unit {name}" for name in names]), max_size=1))
    expected = set()
    for text in texts:
        for before, now in zip([None, *lists.statements], lists.statements, strict=False):
            word, _, name = text.partition(" ")
            fresh = before is None or (before.phase, before.slot, before.iteration) != (
                *(now.phase, now.slot),
                now.iteration,
            )
            if word == "phase":
                stops_here = now.phase == name and fresh
            elif word == "unit":
                layer, unit = now.quantity.layer, now.quantity.unit
                mine = layer is not None and session.names.unit(layer, unit) == name
                earlier = [
                    one
                    for one in lists.statements
                    if (one.iteration, one.slot, one.phase) == (now.iteration, now.slot, now.phase)
                    and one.time < now.time
                    and one.quantity[1:3] == (layer, unit)
                ]
                stops_here = mine and not earlier
            else:
                stops_here = session.run.symbol(now.quantity) == text
            if stops_here:
                expected.add(now.time)
    condition = lists.truth(data, 1)
    if parse(condition.text, network).sources:
        texts.append(condition.text)
        expected |= set(stops(condition))
    order = sorted(expected)
    assert walk(session, 1, *texts, most=15) == order[:15]
    assert walk(session, -1, *texts, start=lists.end + 1, most=15) == order[::-1][:15]


# The worked example


def textbook_losses(epochs):
    """The loss of every epoch, by the textbook's own loop."""
    w1, b1, w2, b2, x, y, rate = 0.3, 0.1, 0.7, 0.2, 0.5, 1.0, 0.5
    for _ in range(epochs):
        a_h = 1 / (1 + math.exp(-(w1 * x + b1)))
        a_o = 1 / (1 + math.exp(-(w2 * a_h + b2)))
        yield 0.5 * (y - a_o) ** 2
        delta_o = (a_o - y) * a_o * (1 - a_o)
        delta_h = delta_o * w2 * a_h * (1 - a_h)
        w2, b2, w1, b1 = (
            *(w2 - rate * delta_o * a_h, b2 - rate * delta_o),
            *(w1 - rate * delta_h * x, b1 - rate * delta_h),
        )


def test_a_loss_below_a_bound_stops_in_the_first_epoch_of_which_that_is_true():
    session = worked()
    expected = next(epoch for epoch, loss in enumerate(textbook_losses(1000)) if loss < 0.001)
    stop = found(session, 1, "loss < 0.001", until=1000)
    assert (session.time, session.latest) == (0, 0)
    assert session.program.position(stop.time) == (expected, 5)  # the statement L
    value = list(textbook_losses(expected + 1))[-1]
    assert stop == Stop(stop.time, Breakpoint("loss < 0.001"), f"loss < 0.001: loss is {value:.6f}")
    session.jump(session.program.time(expected + 30, 3))
    assert found(session, -1, "loss < 0.001").time == stop.time
    session.jump(stop.time)
    assert found(session, -1, "loss < 0.001") is None


def test_a_condition_that_holds_only_within_an_epoch_stops_there():
    session = worked()
    session.jump(session.program.time(60, 0))
    first = next(
        time for time in range(10**6) if (a := value_at(session.run, A_H, time)) is not None and a > 0.57
    )
    session.start()
    stop = found(session, 1, "a_h > 0.57", until=60)
    assert stop.time == first
    assert session.program.statement(stop.time - 1).quantity == Quantity(Kind.ACTIVATION, 1, 0)


A_H = parse_expression("a_h", library.find(None))


def test_an_epoch_and_a_step_are_found_by_arithmetic_alone():
    session = worked()
    assert session.program.position(found(session, 1, "epoch == 200", until=300).time) == (200, 1)
    stop = found(session, 1, "step == 12 and epoch == 900_".rstrip("_"), until=1000)
    assert session.program.position(stop.time) == (900, 12)
    assert stop.reason == "step == 12 and epoch == 900: step is 12, epoch is 900"
    assert len(session.run.timeline.losses) == 0


def test_searching_forwards_stops_at_the_limit_and_can_be_given_up():
    session = worked()
    assert found(session, 1, "loss < 0", until=7) is None
    search = searching(session.run, session.time, [Breakpoint("loss < 0")], 1)
    epochs = [next(search) for _ in range(3)]
    search.close()
    assert epochs == sorted(epochs)
    assert session.time == 0
    assert len(session.run.timeline.losses) >= epochs[-1]


def test_breakpoints_that_are_switched_off_do_not_stop():
    session = worked()
    point = Breakpoint.parse("dL_dw1", session.network)
    assert drained(searching(session.run, session.time, [point.toggled()], 1, 5)) is None
    stop = drained(searching(session.run, session.time, [point.toggled(), Breakpoint("dL/dw2")], 1, 5))
    assert (stop.breakpoint.text, stop.reason) == ("dL/dw2", "dL/dw2 is computed")
    assert drained(searching(session.run, session.time, [], 1)) is None
    assert point.hit().hit() == Breakpoint("dL_dw1", True, 2)


# Shipped networks


def one_weight(weight, x=1.0, y=0.0, rate=0.1):
    """a = w·x with its gradient (a − y)·x: every number of it can be told beforehand."""
    layer = {"units": 1, "activation": "identity", "weights": [[weight]], "frozen": ["biases"]}
    return build(
        {
            "network": {"inputs": 1, "layers": [layer | {"biases": [0.0]}]},
            "training": {"optimizer": {"name": "sgd", "learning_rate": rate}},
            "data": {"inputs": [[x]], "targets": [[y]]},
        }
    )


def test_a_weight_that_changes_sign_stops_at_that_update():
    network = one_weight(weight=-1.0, y=1.0)  # w = 1 − 2·0.9^t: above 0 from t = 7 on
    session = Session(network)
    crossing = next(t for t in range(100) if 1 - 2 * 0.9**t > 0)
    stop = found(session, 1, "changed_sign(w1)", until=50)
    assert session.program.position(stop.time) == (crossing - 1, session.program.statements)
    session.jump(session.program.time(40, 0))
    assert found(session, -1, "changed_sign(w1)").time == stop.time


def test_a_loss_that_grows_is_caught_on_the_overshooting_run():
    session = Session(library.find("overshooting"))  # the error is −1.5 times itself each epoch: always grows
    stop = found(session, 1, "loss > previous(loss)", until=10)
    assert session.program.position(stop.time) == (1, 3)
    stop = found(session, 1, "change(loss) > 10", until=10)
    losses = [0.5 * (1.0 * 1.5**n) ** 2 for n in range(20)]
    epoch = next(n for n in range(1, 20) if losses[n] - losses[n - 1] > 10)
    assert session.program.position(stop.time)[0] == epoch


def test_the_first_value_that_is_not_finite_is_found_exactly():
    session = Session(library.find("overshooting"))
    stop = found(session, 1, "not_finite", until=3000)
    session.jump(stop.time)
    assert not math.isfinite(session.run.readings.at(session.statement.time))
    first = session.program.iteration_start(session.statement.iteration - 2)
    for time in range(first, stop.time - 1):
        assert math.isfinite(session.run.readings.at(session.program.statement(time).time))
    # by hand: L = ½·1.5^(2n) overflows first of all, being a square
    overflow = next(n for n in range(3000) if 2 * n * math.log(1.5) > math.log(2) + 1024 * math.log(2))
    assert abs(stop.time // session.program.statements - overflow) <= 1
    assert session.run.symbol(session.statement.quantity) == "L"


def test_a_dead_unit_is_known_at_the_end_of_the_first_batch():
    session = Session(library.find("dead-relu"))
    stop = found(session, 1, "dead", until=3)
    block = session.program.layout.block
    assert stop.time == 4 * block
    assert stop.reason == "dead: dead is true"
    assert found(session, 1, "dead(h2)", until=3).time == stop.time
    assert found(session, 1, "dead(h1)", until=3) is None
    assert found(session, 1, "dead(o)", until=3) is None


def test_a_saturated_unit_is_known_with_its_slope():
    session = Session(library.find("saturated-sigmoid"))
    stop = found(session, 1, "saturated", until=3)
    statement = session.program.statement(stop.time - 1)
    assert statement.quantity == Quantity(Kind.ACTIVATION_DERIVATIVE, 1, 0)
    assert statement.epoch == 0
    assert found(session, 1, "saturated(h1)", until=3).time == stop.time
    assert found(session, 1, "saturated(h2)", until=3) is None


def test_batches_whose_members_differ_turn_a_dead_unit_on_and_off():
    layers = [
        {
            "units": 1,
            "activation": "relu",
            "weights": [[1.0]],
            "biases": [0.0],
            "frozen": ["weights", "biases"],
        },
        {"units": 1, "activation": "identity", "weights": [[1.0]], "biases": [0.0]},
    ]
    network = build(
        {
            "network": {"inputs": 1, "layers": layers},
            "training": {"batch_size": 2},
            "data": {"inputs": [[-1], [-2], [-1], [1]], "targets": [[0], [0], [0], [0]]},
        }
    )
    session = Session(network)
    assert [session.program.iteration_at(time - 1) for time in walk(session, 1, "dead")] == [0, 2, 4]


@pytest.mark.parametrize(
    ("schedule", "rates"),
    [({"gradient_scale": [0.25, 0.5]}, []), ({"learning_rate": [0.5, 0.125]}, [(10, 0.125), (20, 0.5)])],
)
def test_a_rate_has_a_history_only_where_a_schedule_changes_it(schedule, rates):
    layer = {"units": 1, "activation": "sigmoid", "weights": [[0.5]], "biases": [0.25]}
    training = {"loss": "squared_error", "optimizer": {"learning_rate": 0.5}, "schedule": schedule}
    data = {"inputs": [[1.0], [0.0]], "targets": [[0.0], [1.0]]}
    network = {"network": {"inputs": 1, "layers": [layer]}, "training": {"batch_size": 1, **training}}
    session = Session(build({**network, "data": data}))
    assert session.program.iteration_start(1) == 10
    assert past_values(session.run, parse_expression("learning_rate", session.network), 25, 5) == rates


# Edits


@given(st.integers(0, 60), st.integers(0, 60))
def test_an_edit_that_makes_a_condition_true_is_a_stop_as_well(time, other):
    session = Session(one_weight(0.5))
    session.jump(time)
    session.edit(Settable(Target.PARAMETER, Parameter(1, 0, 0)), 3.0)
    session.edit(Settable(Target.LEARNING_RATE), 0.25)
    w1 = parse_expression("w1", session.network)
    end = session.program.time(EPOCHS * 4, 0)
    values = [value_at(session.run, w1, t) for t in range(end + 1)]
    for t in range(end + 1):
        session.jump(t)
        assert session.now.parameter(Parameter(1, 0, 0)).value == values[t]
    expected = [t for t in range(1, end + 1) if values[t] > 2 and not values[t - 1] > 2]
    assert walk(session, 1, "w1 > 2", until=12) == expected
    assert walk(session, -1, "w1 > 2", start=end + 1) == expected[::-1]
    rates = [
        value_at(session.run, parse_expression("learning_rate", session.network), t) for t in (time, 10**6)
    ]
    assert rates == [0.25, 0.25]
    if time:
        assert walk(session, 1, "learning_rate > 0.2 and step > 0", until=12)[0] == time


# What a breakpoint may be


def test_what_is_written_means_statements_or_a_condition():
    network = library.find(None)
    assert understood("dL/dw1", network) == (Quantity(Kind.WEIGHT_GRADIENT, 1, 0, 0),)
    assert understood(" w1 ", network) == (Quantity(Kind.WEIGHT_UPDATE, 1, 0, 0),)
    assert Breakpoint.parse("phase update", network).quantities(network) == (
        Quantity(Kind.WEIGHT_UPDATE, 2, 0, 0),
    )
    assert [quantity.kind for quantity in Breakpoint("unit h").quantities(network)] == [
        *(Kind.WEIGHTED_SUM, Kind.ACTIVATION_GRADIENT, Kind.WEIGHT_UPDATE)
    ]
    condition = understood("w1 > 0.31", network)
    assert isinstance(condition, Condition)
    assert Breakpoint("w1 > 0.31").quantities(network) == ()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("dL_dw2", "stops where dL/dw2 is computed"),
        ("phase backward", "stops where a backward pass begins"),
        ("unit h", "stops where work at unit h begins, in each phase"),
        ("loss < 0.01", "stops when loss < 0.01 becomes true"),
    ],
)
def test_a_breakpoint_tells_what_it_does(text, words):
    network = library.find(None)
    assert Breakpoint.parse(f"  {text} ", network).describe(network) == words


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("phase bakward", "column 7: no phase is called bakward (did you mean backward?)"),
        ("unit q", "column 6: no unit is called q"),
        ("unit x", "column 6: x is an input: nothing is computed there"),
        ("1 < 2", "column 1: this never changes: name something that the program computes"),
        ("w1 * 2", "column 1: this is a number: compare it with something (as in w1 * 2 > 0)"),
        ("x", "column 1: x (given with each example) is a number: compare it with something (as in x > 0)"),
        ("dL_dw3", "column 1: nothing is called dL_dw3 (did you mean dL_dw2?)"),
        ("", "column 1: expected a condition, found nothing"),
    ],
)
def test_what_means_nothing_is_refused(text, message):
    with pytest.raises(ConditionError) as error:
        Breakpoint.parse(text, library.find(None))
    assert str(error.value) == message


def test_a_frozen_parameter_is_never_computed():
    with pytest.raises(ConditionError, match="b1 is frozen: no statement computes it"):
        Breakpoint.parse("b1", one_weight(1.0))


# Runs that go wrong


def violent(size, rate, batch, activation):
    """A network whose numbers grow without bound or saturate, in a few iterations."""
    numbers = [[size, -size / 2], [size / 3, size], [-size, size]]
    layers = [
        {"units": 3, "activation": activation, "weights": numbers, "biases": [0.5, 0.0, -0.5]},
        {"units": 2, "activation": "tanh", "weights": [[1.0, -1.0, 0.5], [0.2, 0.3, size]]},
        {"units": 1, "activation": "identity", "weights": [[size, 1.0]], "biases": [0.0]},
    ]
    layers[1]["biases"] = [0.0, 0.1]
    data = {"inputs": [[0, 1], [1, 0], [0.1, 0.1], [1, 1], [0, 0.02]], "targets": [[0], [1], [0.5], [3], [1]]}
    optimizer = {"name": "sgd", "learning_rate": rate}
    training = {"batch_size": batch, "shuffle": True, "optimizer": optimizer}
    return build({"network": {"inputs": 2, "layers": layers}, "training": training, "data": data})


@pytest.mark.parametrize("batch", [1, 2, 5])
@pytest.mark.parametrize("activation", ["relu", "softmax", "identity"])
@pytest.mark.parametrize(
    ("size", "rate"), [(3.0, 0.3), (8.0, 0.01), (1e60, 1e40), (1e155, 0.1), (2.0, 1e200)]
)
def test_tests_turn_where_the_lists_turn_when_numbers_go_wild(batch, activation, size, rate):
    network = violent(size, rate, batch, activation)
    lists, session = Lists(network, 4), Session(network)
    for text, listed in lists.truths.items():
        expected = stops(listed)
        assert walk(session, 1, text, until=4, most=8) == expected[:8], text
        assert walk(session, -1, text, start=lists.end + 1, most=8) == expected[::-1][:8], text
    combined = "not_finite and not dead or saturated and step > 20"
    truths = [lists.truths[name].values for name in ("not_finite", "dead", "saturated")]
    step = lists.numbers["step"].values
    rows = [(w and not d) or (s and k > 20) for w, d, s, k in zip(*truths, step, strict=True)]
    expected = [t for t in range(1, lists.end + 1) if rows[t] and not rows[t - 1]]
    assert walk(session, 1, combined, until=4) == expected[:30]


@pytest.mark.parametrize("size", [1e-200, 1e-100, 1.0, 1e100, 1e200])
def test_the_length_of_the_gradient_neither_overflows_nor_vanishes(size):
    session = Session(one_weight(weight=size, x=3.0))  # dL/dw = 9·size; the bias is frozen
    norm = parse_expression("grad_norm", session.network)
    end = session.program.layout.block
    assert value_at(session.run, norm, end - 1) is None
    assert value_at(session.run, norm, end) == pytest.approx(9.0 * size, rel=1e-14)


def test_the_lists_of_wild_networks_do_turn():
    turns = {
        name
        for size, rate in [(3.0, 0.3), (1e155, 0.1)]
        for name, listed in Lists(violent(size, rate, 2, "relu"), 4).truths.items()
        if stops(listed)
    }
    assert {"not_finite", "dead", "saturated", "saturated(h2_1)"} <= turns
