"""Stops of the worked example and of shipped networks, where arithmetic or a textbook says they are."""

import math

import pytest

from backprop_tui.engine.quantities import Kind, Quantity
from backprop_tui.network.files import library
from backprop_tui.network.files.build import build
from backprop_tui.session.session import Session
from backprop_tui.stops.breakpoints import Breakpoint
from backprop_tui.stops.condition_values import past_values, value_at
from backprop_tui.stops.conditions import parse_expression
from backprop_tui.stops.search import Stop, searching
from tests.stops.walking import drained, found, one_weight, walk, worked

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
