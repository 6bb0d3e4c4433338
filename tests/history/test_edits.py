"""Edits against an interpreter that runs the statements one by one over named variables."""

from __future__ import annotations

from itertools import pairwise
from math import exp, inf, nan, tanh
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backprop_tui.engine.quantities import Kind, Parameter, Quantity
from backprop_tui.history.edits import Edit, Settable, Target
from backprop_tui.network.description import Network
from backprop_tui.network.files.build import build
from backprop_tui.network.files.library import find
from backprop_tui.program.boundaries import Grain
from backprop_tui.program.statements import Program
from backprop_tui.session.editing import EditError
from backprop_tui.session.session import Session

VALUES = {"sigmoid": lambda z: 1 / (1 + exp(-z)), "tanh": tanh, "identity": lambda z: z}
SLOPES = {"sigmoid": lambda a: a * (1 - a), "tanh": lambda a: 1 - a * a, "identity": lambda a: 1.0}


class Interpreter:
    """Runs statements over variables, as a person would; knows squared error and sgd with momentum."""

    def __init__(self, network: Network) -> None:
        self.network = network
        self.program = Program(network)
        self.x = [list(row) for row in network.data.inputs]
        self.y = [list(row) for row in network.data.targets]
        self.settings = dict(network.training.settings)
        self.w: dict[tuple[int, int, int | None], float] = {}
        for number, layer in enumerate(network.layers, 1):
            for unit in range(layer.units):
                self.w[number, unit, None] = layer.biases[unit]
                for below in range(layer.inputs):
                    self.w[number, unit, below] = layer.weights[unit][below]
        self.v = dict.fromkeys(self.w, 0.0)
        self.sums = dict.fromkeys(self.w, 0.0)
        self.vars: dict[tuple[Any, ...], float] = {}
        self.values: list[float] = []

    def apply(self, edit: Edit) -> None:
        if edit.sets.target is Target.PARAMETER:
            self.w[edit.sets.parameter] = edit.value
        elif edit.sets.target is Target.INPUT:
            self.x[edit.example][edit.sets.unit] = edit.value
        elif edit.sets.target is Target.TARGET:
            self.y[edit.example][edit.sets.unit] = edit.value
        else:
            self.settings["learning_rate"] = edit.value

    def run(self, statements: int, edits: list[Edit]) -> None:
        for index in range(statements):
            for edit in edits:
                if edit.time == index:
                    self.apply(edit)
            self.values.append(self.step(index))

    def a(self, layer: int, unit: int, example: int) -> float:
        return self.vars["a", layer, unit] if layer else self.x[example][unit]

    def step(self, index: int) -> float:
        statement = self.program.statement(index)
        kind, layer, unit, below = statement.quantity
        widths, top = self.network.widths, len(self.network.layers)
        slot = statement.slot
        size = self.network.batch_size
        number = statement.iteration % self.program.iterations_per_epoch
        example = number * size + (slot or 0)
        if kind is Kind.LOSS:
            return 0.5 * sum((self.y[example][k] - self.a(top, k, example)) ** 2 for k in range(widths[-1]))
        f = self.network.layers[layer - 1].activation_name
        here = (layer, unit)
        if kind is Kind.WEIGHTED_SUM:
            total = self.w[layer, unit, None]
            total += sum(
                self.w[layer, unit, i] * self.a(layer - 1, i, example) for i in range(widths[layer - 1])
            )
            value = self.vars["z", *here] = total
        elif kind is Kind.ACTIVATION:
            value = self.vars["a", *here] = VALUES[f](self.vars["z", *here])
        elif kind is Kind.ACTIVATION_GRADIENT:
            if layer == top:
                value = self.a(top, unit, example) - self.y[example][unit]
            else:
                above = range(widths[layer + 1])
                value = sum(self.vars["delta", layer + 1, k] * self.w[layer + 1, k, unit] for k in above)
            self.vars["dL_da", *here] = value
        elif kind is Kind.ACTIVATION_DERIVATIVE:
            value = self.vars["da_dz", *here] = SLOPES[f](self.vars["a", *here])
        elif kind is Kind.DELTA:
            value = self.vars["delta", *here] = self.vars["dL_da", *here] * self.vars["da_dz", *here]
        elif kind in (Kind.WEIGHT_GRADIENT, Kind.BIAS_GRADIENT):
            value = self.vars["delta", *here] * (1.0 if below is None else self.a(layer - 1, below, example))
            self.sums[layer, unit, below] += value
        else:
            key = (layer, unit, below)
            gradient = self.sums[key] / self.program.batch_length(statement.iteration)
            self.sums[key] = 0.0
            self.v[key] = self.settings["momentum"] * self.v[key] + gradient
            value = self.w[key] = self.w[key] - self.settings["learning_rate"] * self.v[key]
        return value


@st.composite
def edited_runs(draw: st.DrawFn) -> tuple[Network, list[tuple[Any, ...]]]:
    number = st.floats(-1, 1).map(lambda v: round(v, 3))
    widths = draw(st.lists(st.integers(1, 3), min_size=2, max_size=4))
    examples = draw(st.integers(1, 3))

    def rows(count: int, width: int) -> list[list[float]]:
        return draw(
            st.lists(st.lists(number, min_size=width, max_size=width), min_size=count, max_size=count)
        )

    layers = [
        {
            "units": units,
            "activation": draw(st.sampled_from(sorted(VALUES))),
            "weights": rows(units, below),
            "biases": rows(1, units)[0],
        }
        for below, units in pairwise(widths)
    ]
    network = build(
        {
            "network": {"inputs": widths[0], "layers": layers},
            "training": {
                "batch_size": draw(st.integers(1, examples)),
                "optimizer": {
                    "name": "sgd",
                    "learning_rate": 0.3,
                    "momentum": draw(st.sampled_from([0.0, 0.5])),
                },
            },
            "data": {"inputs": rows(examples, widths[0]), "targets": rows(examples, widths[-1])},
        }
    )
    length = 2 * Program(network).statements
    wanted = []
    for _ in range(draw(st.integers(1, 4))):
        target = draw(st.sampled_from(list(Target)))
        layer = draw(st.integers(1, len(layers)))
        last = {Target.INPUT: widths[0], Target.TARGET: widths[-1]}.get(target, widths[layer])
        below = draw(st.none() | st.integers(0, widths[layer - 1] - 1))
        value = abs(draw(number)) if target is Target.LEARNING_RATE else draw(number)
        unit = draw(st.integers(0, last - 1))
        of_parameter = target is Target.PARAMETER
        sets = (
            Settable(target, Parameter(layer, unit, below)) if of_parameter else Settable(target, None, unit)
        )
        wanted.append((draw(st.integers(0, length)), sets, value))
    return network, wanted


def edited(network: Network, wanted: list[tuple[Any, ...]]) -> Session:
    session = Session(network)
    for time, *what in wanted:
        session.jump(time)
        session.edit(*what)
    return session


@given(edited_runs())
def test_every_statement_is_what_the_interpreter_computes(run: tuple[Network, list[tuple[Any, ...]]]) -> None:
    network, wanted = run
    session = edited(network, wanted)
    interpreter = Interpreter(network)
    count = 3 * session.program.statements
    interpreter.run(count, list(session.edits))
    session.jump(count)
    for index in range(count):
        statement = session.program.statement(index)
        assert session.run.readings.at(statement.time) == pytest.approx(
            interpreter.values[index], rel=1e-10, abs=1e-12
        )


@given(edited_runs())
def test_undo_takes_back_and_redo_makes_again_bit_for_bit(run: tuple[Network, list[tuple[Any, ...]]]) -> None:
    network, wanted = run
    session = edited(network, wanted)
    count = 3 * session.program.statements
    session.jump(count)

    def all_values(one: Session) -> list[float]:
        return [one.run.readings.at(one.program.statement(index).time) for index in range(count)]

    with_edits = all_values(session)
    while session.editing.undo():
        pass
    assert session.editing.baseline is None
    untouched = Session(network)
    untouched.jump(count)
    assert all_values(session) == all_values(untouched)
    while session.editing.redo():
        pass
    assert all_values(session) == with_edits
    assert all_values(edited(network, wanted)) == with_edits


@given(edited_runs(), st.randoms(use_true_random=False))
def test_it_does_not_matter_how_a_position_was_reached(
    run: tuple[Network, list[tuple[Any, ...]]], random: Any
) -> None:
    network, wanted = run
    session = edited(network, wanted)
    stepped = edited(network, wanted)
    stepped.start()
    count = 2 * session.program.statements
    by_steps = []
    for _ in range(count):
        stepped.forward()
        by_steps.append(stepped.run.readings.at(stepped.statement.time))
    for _ in range(20):
        time = random.randrange(1, count + 1)
        session.jump(time)
        assert session.run.readings.at(session.statement.time) == by_steps[time - 1]


def test_a_parameter_reads_as_it_was_set_from_then_on_and_as_it_was_before() -> None:
    session = Session(find())
    session.jump(16)  # w2 was updated just now
    session.edit(Settable(Target.PARAMETER, Parameter(2, 0, 0)), 5.0)
    assert session.now.parameter(Parameter(2, 0, 0)).value == 5.0
    assert session.now.last_statement(Quantity(Kind.WEIGHT_UPDATE, 2, 0, 0)).time == 16
    session.back()
    assert session.now.parameter(Parameter(2, 0, 0)).value == 0.7
    session.jump(22)  # z_o of the next epoch uses it
    assert session.run.readings.at(session.statement.time) == pytest.approx(
        5.0 * session.now.read(Quantity(Kind.ACTIVATION, 1, 0)).value + 0.24078025733205588, rel=1e-14
    )


def test_the_unedited_run_stays_beside_it() -> None:
    session = Session(find())
    session.jump(session.program.time(3, 0))
    before = list(session.run.timeline.losses)
    session.jump(session.program.time(1, 0))
    session.edit(Settable(Target.LEARNING_RATE), 5.0)
    session.jump(session.program.time(3, 0))
    assert session.now.learning_rate == 5.0
    assert session.editing.baseline is not None
    assert list(session.editing.baseline.timeline.losses) == before
    assert session.run.timeline.losses[0] == before[0]
    assert session.run.timeline.losses[2] < before[2]


@pytest.mark.parametrize("value", [nan, inf, -inf])
def test_only_finite_numbers_can_be_set(value: float) -> None:
    with pytest.raises(EditError):
        Session(find()).edit(Settable(Target.PARAMETER, Parameter(1, 0, 0)), value)


def test_a_learning_rate_is_at_least_0() -> None:
    with pytest.raises(EditError):
        Session(find()).edit(Settable(Target.LEARNING_RATE), -0.5)


def test_the_value_before_an_update_is_the_one_that_was_set_in_its_iteration() -> None:
    session = Session(find("xor"))
    session.go("1:40")
    edit = session.set("w_h1_x1", 9.0)
    place = edit.sets.parameter
    assert session.now.parameter_before(place).value == 9.0
    session.forward(Grain.UPDATE)
    gradient, rate = session.now.mean_gradient(place), session.now.learning_rate
    assert gradient is not None
    assert session.now.parameter(place).value == 9.0 - rate * gradient
    assert session.now.parameter_before(place).value == 9.0
