"""The description of a worked calculation: what is in it, when, and what a large network leaves out."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import plain
import pytest

from backprop_tui.api import load
from backprop_tui.engine.quantities import Kind, Parameter, Phase
from backprop_tui.export.choosing import FEW_STATEMENTS, MOST_IN_ALL, MOST_TERMS, losses_shown
from backprop_tui.export.formats import Wanted
from backprop_tui.network.files import library
from backprop_tui.session.session import Session


def worked(network, **wanted):
    return Wanted(Session(network), **wanted).calculation


@pytest.mark.parametrize("name", [name for name in library.names() if name != "digits"])
def test_every_statement_of_a_small_network_is_there_with_the_number_that_plain_loops_give(name):
    network = load(name)
    calculation = worked(network, epochs=(0, 1))
    rows = list(plain.run(network, 2))
    steps = list(calculation.steps)
    assert [(step.statement.epoch, step.number) for step in steps] == [(row.epoch, row.step) for row in rows]
    for step, row in zip(steps, rows, strict=True):
        assert (step.statement.kind, step.statement.quantity[1:]) == (
            row.kind,
            (row.layer, row.unit, row.input),
        )
        assert step.explanation.value == pytest.approx(row.value, rel=1e-9, abs=1e-14)
    assert not calculation.left_out
    assert not any(iteration.left_out for iteration in calculation.iterations)


def test_sections_are_the_phases_of_each_example_and_the_update():
    calculation = worked(load("xor"))
    (iteration,) = calculation.iterations
    phases = [(section.phase, section.example) for section in iteration.sections]
    of_each = (Phase.FORWARD, Phase.LOSS, Phase.BACKWARD)
    assert phases == [*((phase, n) for n in range(4) for phase in of_each), (Phase.UPDATE, None)]
    assert iteration.sections[0].title == "Forward, example 0"
    assert worked(load()).iterations[0].sections[0].title == "Forward"


def test_what_is_given():
    (iteration,) = worked(load()).iterations
    given = {row.what: {one.symbol: one.value for one in row.values} for row in iteration.given}
    assert given == {
        "example 0": {"x": 0.5, "y": 1.0},
        "to h": {"w1": 0.3, "b1": 0.1},
        "to o": {"w2": 0.7, "b2": 0.2},
    }


def test_parameters_are_given_again_only_after_a_gap():
    calculation = worked(load(), epochs=(0, 999))
    *_, before, last = calculation.iterations
    assert [before.follows_on, last.follows_on] == [True, False]
    assert last.epoch == 999
    assert len(calculation.iterations) < 100
    assert "are left out" in calculation.left_out[0]
    given = {one.symbol: one.value for row in last.given for one in row.values}
    updates = [row for row in plain.run(load(), 999) if row.epoch == 998 and row.kind.endswith("update")]
    assert [given[name] for name in ("w2", "b2", "w1", "b1")] == pytest.approx([row.value for row in updates])


def test_the_published_losses_of_a_thousand_epochs():
    losses = dict(worked(load(), epochs=(0, 999)).losses)
    assert {epoch: f"{losses[epoch]:.6f}" for epoch in (0, 200, 400, 600, 800)} == {
        0: "0.063306",
        200: "0.001997",
        400: "0.000917",
        600: "0.000585",
        800: "0.000426",
    }
    assert len(losses) < 30


@pytest.mark.parametrize(("first", "last"), [(0, 0), (0, 24), (3, 9), (0, 25), (7, 100_000), (5, 5)])
def test_epochs_in_the_table_of_losses(first, last):
    shown = losses_shown(first, last)
    assert shown[0] == first
    assert shown[-1] == last
    assert len(shown) <= 27
    distances = {b - a for a, b in pairwise(shown[:-1])}
    assert len(distances) <= 1
    assert list(shown) == sorted(set(shown))


def test_values_set_by_hand_stand_where_they_were_set_and_count_from_there():
    session = Session(load())
    session.go("0:5")
    session.set("w2", 0.5)
    session.set("y", 0.0)
    (iteration,) = Wanted(session).calculation.iterations
    sets = [
        (step.number, one.symbol, one.value, one.example)
        for step in iteration.steps
        for one in step.set_before
    ]
    assert sets == [(6, "w2", 0.5, None), (6, "y", 0.0, 0)]
    values = {step.explanation.symbol: step.explanation.value for step in iteration.steps}
    assert values["dL_da_o"] == pytest.approx(0.6441732027931297)
    assert values["dL_da_h"] == pytest.approx(0.5 * values["dL_dz_o"])


def test_what_is_set_before_the_iteration_is_given_in_it():
    session = Session(load())
    session.go("2:0")
    session.set("b1", 3.0)
    session.set("learning_rate", 0.25)
    calculation = Wanted(session, iteration=2).calculation
    given = {one.symbol: one.value for row in calculation.iterations[0].given for one in row.values}
    assert given["b1"] == 3.0
    assert calculation.settings.values[0].value == 0.25
    first = next(calculation.steps)
    assert [one.symbol for one in first.set_before] == ["b1", "learning_rate"]


def test_what_is_set_after_the_last_statement_that_is_written_out_is_not_lost():
    session = Session(load("digits"))
    session.jump(session.program.iteration_start(1) - 1)
    session.set("b_o10", 1.0)
    calculation = Wanted(session).calculation
    (iteration,) = calculation.iterations
    told = [one.symbol for step in iteration.steps for one in step.set_before]
    assert [*told, *(one.symbol for one in iteration.set_after)] == ["b_o10"]


@pytest.mark.parametrize(
    ("network", "options"),
    [("digits", {}), ("16-16-16-4", {}), ("784-128-10", {"batch_size": 64, "examples": 70})],
)
def test_a_large_network_is_summarised_and_says_what_is_left_out(network, options):
    network = load(network, **options)
    session = Session(network)
    calculation = Wanted(session).calculation
    (iteration,) = calculation.iterations
    steps = list(iteration.steps)
    assert 50 < len(steps) <= FEW_STATEMENTS
    times = [step.statement.time for step in steps]
    assert times == sorted(times)
    assert iteration.left_out
    run = session.run.timeline.iteration(0)
    for layer, drawn in enumerate(calculation.layers):
        assert len(drawn.units) + drawn.left_out == network.widths[layer]
        if layer and drawn.left_out:
            sizes = np.abs(run.gradient.biases[layer - 1])
            least = min(sizes[unit] for unit in drawn.units)
            others = [unit for unit in range(network.widths[layer]) if unit not in drawn.units]
            assert all(sizes[unit] <= least for unit in others)
            assert f"{network.widths[layer]:,} units" in " ".join(iteration.left_out)
    total = sum(len(section.steps) + section.left_out for section in iteration.sections)
    examples = len({section.example for section in iteration.sections} - {None})
    layout = session.program.layout
    assert total == examples * layout.block + layout.update
    for step in steps:
        assert len(step.explanation.expression.terms) <= 3 * MOST_TERMS + 2
        assert step.explanation.value == session.run.readings.at(step.statement.time)
    for one in calculation.edges:
        assert (
            one.value
            == network.layers[one.parameter.layer - 1].weights[one.parameter.unit][one.parameter.below]
        )


def test_many_epochs_stay_a_document_that_a_person_can_open():
    calculation = worked(load("xor"), epochs=(0, 500))
    assert len(list(calculation.steps)) <= MOST_IN_ALL
    assert calculation.iterations[-1].epoch == 500


def test_only_the_chains_of_parameters_count():
    calculation = worked(load("mazur"))
    kinds = {step.statement.kind for step in calculation.steps if step.chain}
    assert kinds == {Kind.WEIGHT_GRADIENT, Kind.BIAS_GRADIENT}
    hidden = [step for step in calculation.steps if step.chain and step.unit == (1, 0)]
    assert all(len(step.chain.paths) == 2 for step in hidden)


def test_a_run_that_diverges_is_described():
    calculation = worked(load("straight-line", learning_rate=1e200), epochs=(0, 3))
    values = [step.explanation.value for step in calculation.steps]
    assert not all(map(math.isfinite, values))


def test_the_drawing_has_every_weight_of_a_small_network():
    network = load("mazur")
    calculation = worked(network)
    assert {one.symbol for one in calculation.edges} == {f"w{n}" for n in range(1, 9)}
    assert [layer.title for layer in calculation.layers] == ["input", "layer 1, sigmoid", "output, sigmoid"]
    assert calculation.edges[0].parameter == Parameter(1, 0, 0)


def test_the_work_can_be_done_in_slices():
    wanted = Wanted(Session(load("digits")), iteration=120)
    reached = list(wanted.preparing())
    assert reached[-1] == 120
    assert wanted.calculation.iterations[0].epoch == 120 // 57
