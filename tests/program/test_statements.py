"""The program: every statement, time and boundary against lists made by plain loops."""

from functools import cache

import plain
import pytest
from hypothesis import given, settings
from strategies import networks

from backprop_tui.engine.quantities import PHASE_OF, Kind, Phase, Quantity
from backprop_tui.network.files import library
from backprop_tui.network.files.build import build
from backprop_tui.program.boundaries import Grain, next_boundary, previous_boundary
from backprop_tui.program.statements import Program

EPOCHS = 3


def built(inputs, layers, examples, batch_size=None):
    training = {"batch_size": batch_size} if batch_size else {}
    data = {"inputs": [[1.0] * inputs] * examples, "targets": [[0.0] * layers[-1]["units"]] * examples}
    return build({"network": {"inputs": inputs, "layers": layers}, "training": training, "data": data})


def layer(units, activation="tanh", *frozen):
    return {"units": units, "activation": activation, "frozen": list(frozen)}


@cache
def chosen():
    return {
        "worked example": library.find(),
        "xor": library.find("xor"),
        "short last batch": built(2, [layer(3), layer(2)], 5, 2),
        "one by one": built(2, [layer(2), layer(1)], 3, 1),
        "softmax everywhere": built(2, [layer(3, "softmax"), layer(2, "softmax")], 3, 2),
        "some frozen": built(
            2, [layer(3, "tanh", "biases"), layer(2, "softmax", "weights"), layer(2), layer(1)], 5, 2
        ),
        "a layer frozen": built(1, [layer(2), layer(2, "tanh", "weights", "biases"), layer(2)], 3, 2),
        "all frozen": built(2, [layer(2, "tanh", "weights", "biases")], 3, 2),
        "one unit of softmax": built(1, [layer(1, "softmax"), layer(1)], 2),
    }


CHOSEN = pytest.mark.parametrize("name", sorted(chosen()))


class Listed:
    """The statements of a few epochs as a list, and everything one can find by searching it."""

    def __init__(self, network, epochs=EPOCHS):
        block, update = plain.order(network), plain.update_order(network)
        count, size = len(network.data), network.batch_size
        self.rows = []  # (epoch, step, iteration, slot, key)
        iteration = 0
        for epoch in range(epochs):
            step = 0
            for first in range(0, count, size):
                keys = [(slot, key) for slot in range(min(size, count - first)) for key in block]
                keys += [(None, key) for key in update]
                for slot, key in keys:
                    step += 1
                    self.rows.append((epoch, step, iteration, slot, key))
                iteration += 1
        self.statements = step

    def quantity(self, index):
        kind, *place = self.rows[index][4]
        return Quantity(Kind(kind), *place)

    def times(self):
        found = {}
        for index in range(len(self.rows)):
            found.setdefault(self.quantity(index), []).append(index + 1)
        return found

    def group(self, index, *, unit):
        """What a unit's or a layer's statements of one phase have in common; the loss stands alone."""
        _, _, iteration, slot, (kind, number, of, _) = self.rows[index]
        phase = PHASE_OF[Kind(kind)]
        return (iteration, slot, phase, number, of) if unit else (iteration, slot, phase, number)

    def boundaries(self, grain):
        """The very start, and every time after which the grain's part is over."""
        last = {}
        for index, (epoch, _, iteration, slot, (kind, *_)) in enumerate(self.rows):
            part = {
                Grain.STATEMENT: index,
                Grain.UNIT: self.group(index, unit=True),
                Grain.LAYER: self.group(index, unit=False),
                Grain.FORWARD: (iteration, slot) if kind == "loss" else None,
                Grain.BACKWARD: (iteration, slot) if PHASE_OF[Kind(kind)] is Phase.BACKWARD else None,
                Grain.UPDATE: iteration,
                Grain.EPOCH: epoch,
            }[grain]
            if part is not None:
                last[part] = index + 1
        return [0, *sorted(last.values())]


def compare_everything(network):
    program, listed = Program(network), Listed(network)
    assert program.statements == listed.statements
    for index, (epoch, step, iteration, slot, _) in enumerate(listed.rows):
        statement = program.statement(index)
        assert statement.kind == statement.quantity.kind
        assert statement == (index + 1, epoch, step, iteration, slot, listed.quantity(index))
        assert program.time(epoch, step) == index + 1
        assert program.position(index + 1) == (epoch, step)
        assert program.iteration_at(index) == iteration
        whole = slot if slot is not None else program.batch_length(iteration) - 1
        starts = [n for n, row in enumerate(listed.rows) if row[2] == iteration and row[3] == whole]
        assert program.scope_start(index + 1) == starts[0]
    upto = 2 * program.statements
    for grain in Grain:
        boundaries = listed.boundaries(grain)
        for time in range(upto):
            assert next_boundary(program, grain, time) == min(t for t in boundaries if t > time), (
                grain,
                time,
            )
            before = max((t for t in boundaries if t < time), default=0)
            assert previous_boundary(program, grain, time) == before, (grain, time)
    for quantity, times in listed.times().items():
        for time in range(0, upto, 1 if upto < 300 else 7):
            assert program.last_time(quantity, time) == max((t for t in times if t <= time), default=None)
            assert program.next_time(quantity, time) == min(t for t in times if t > time)


@CHOSEN
def test_chosen_programs_are_those_of_plain_loops(name):
    compare_everything(chosen()[name])


@given(networks(layers=3, units=3, examples=3))
@settings(max_examples=15)
def test_random_programs_are_those_of_plain_loops(network):
    compare_everything(network)


def test_the_worked_example_has_these_nineteen_statements():
    program = Program(library.find())
    assert program.statements == 19
    got = [program.statement(index) for index in range(19)]
    assert [(s.kind.value, s.quantity.layer) for s in got] == [
        ("weighted_sum", 1),
        ("activation", 1),
        ("weighted_sum", 2),
        ("activation", 2),
        ("loss", None),
        ("activation_gradient", 2),
        ("activation_derivative", 2),
        ("delta", 2),
        ("weight_gradient", 2),
        ("bias_gradient", 2),
        ("activation_gradient", 1),
        ("activation_derivative", 1),
        ("delta", 1),
        ("weight_gradient", 1),
        ("bias_gradient", 1),
        ("weight_update", 2),
        ("bias_update", 2),
        ("weight_update", 1),
        ("bias_update", 1),
    ]
    phases = ["forward"] * 4 + ["loss"] + ["backward"] * 10 + ["update"] * 4
    assert [s.phase.value for s in got] == phases


def test_a_softmax_layer_computes_together_what_belongs_together():
    program = Program(built(1, [layer(2, "softmax")], 1))
    kinds = [(program.statement(i).kind.value, program.statement(i).quantity.unit) for i in range(9)]
    assert kinds == [
        *(("weighted_sum", 0), ("weighted_sum", 1), ("activation", 0), ("activation", 1), ("loss", None)),
        *(("activation_gradient", 0), ("activation_gradient", 1), ("activation_derivative", 0), ("delta", 0)),
    ]


def test_a_frozen_parameter_is_never_updated():
    program = Program(built(1, [layer(1, "tanh", "weights")], 1))
    assert program.last_time(Quantity(Kind.WEIGHT_UPDATE, 1, 0, 0), 10**6) is None
    assert program.next_time(Quantity(Kind.WEIGHT_UPDATE, 1, 0, 0), 0) is None
    assert program.next_time(Quantity(Kind.BIAS_UPDATE, 1, 0), 0) == program.statements


@CHOSEN
def test_the_end_of_an_epoch_and_the_start_of_the_next_are_one_moment(name):
    program = Program(chosen()[name])
    assert program.position(0) == (0, 0)
    assert program.position(program.statements) == (0, program.statements)
    assert program.time(1, 0) == program.time(0, program.statements)


def test_statements_far_away_are_found_at_once():
    """A billion epochs of a large network: nothing is listed."""
    network = built(784, [layer(128), layer(10, "softmax")], 64, 7)
    program = Program(network)
    epoch = 10**9
    time = program.time(epoch, 0)
    for step in (1, program.statements // 3, program.statements):
        here = program.statement(time + step - 1)
        near = program.statement(step - 1)
        assert (here.epoch, here.step, here.slot, here.quantity) == (epoch, step, near.slot, near.quantity)
        assert program.last_time(here.quantity, here.time) == here.time
        assert program.next_time(here.quantity, here.time - 1) == here.time
    for grain in Grain:
        ahead = next_boundary(program, grain, time)
        assert ahead - time == next_boundary(program, grain, 0)
        assert previous_boundary(program, grain, ahead) == time or grain in (Grain.FORWARD, Grain.BACKWARD)


@given(networks(units=3, examples=3))
def test_from_a_boundary_forwards_and_back_undo_each_other(network):
    program = Program(network)
    for grain in Grain:
        time = 0
        for _ in range(12):
            ahead = next_boundary(program, grain, time)
            assert ahead > time
            assert previous_boundary(program, grain, ahead) == time
            assert next_boundary(program, grain, previous_boundary(program, grain, ahead)) == ahead
            time = ahead
