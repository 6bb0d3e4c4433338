"""Predictions over inputs: the grid at an example is its prediction."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import networks

from backprop_tui.analysis import prediction_grid
from backprop_tui.analysis.prediction_grid import activations_at, prediction_line, prediction_plane, span
from backprop_tui.engine.reference import forward
from backprop_tui.engine.training import Trainer
from backprop_tui.network.files.library import find
from backprop_tui.network.files.shapes import Options


def passed(network, rows):
    trainer = Trainer(network)
    targets = np.tile(trainer.targets[:1], (len(rows), 1))
    return forward(network, trainer.initial_state().parameters, np.array(rows), targets).a


@given(networks(), st.data())
def test_every_value_is_the_activation_of_a_forward_pass_there(network, data):
    trainer = Trainer(network)
    parameters, inputs = trainer.initial_state().parameters, trainer.inputs
    layer = data.draw(st.integers(1, len(network.layers)))
    unit = layer, data.draw(st.integers(0, network.widths[layer] - 1))
    axis = data.draw(st.integers(0, network.widths[0] - 1))
    line = prediction_line(network, parameters, inputs, unit, axis, count=7)
    mean = inputs.mean(axis=0)
    rows = np.where(np.arange(len(mean)) == axis, line.xs[:, None], mean)
    np.testing.assert_allclose(
        line.values[0], passed(network, rows)[layer][:, unit[1]], rtol=1e-9, atol=1e-12
    )
    if len(mean) < 2:
        return
    other = (axis + 1) % len(mean)
    plane = prediction_plane(network, parameters, inputs, unit, (axis, other), (4, 3))
    assert plane.values.shape == (3, 4)
    np.testing.assert_array_equal(plane.held, mean)
    for row, y in enumerate(plane.ys):
        for column, x in enumerate(plane.xs):
            there = mean.copy()
            there[[axis, other]] = x, y
            wanted = passed(network, [there])[layer][0, unit[1]]
            assert plane.values[row, column] == pytest.approx(wanted, rel=1e-9, abs=1e-12)


def test_the_grid_at_an_example_is_its_prediction(monkeypatch):
    network = find("2-6-1", Options(data="circles", activation="tanh", seed=4))
    trainer = Trainer(network)
    state = trainer.initial_state()
    predictions = trainer.iterate(state, 0).forward.a[-1][:, 0]
    for (x, y), prediction in zip(network.data.inputs[:20], predictions, strict=False):
        monkeypatch.setattr(
            prediction_grid,
            "span",
            lambda values, count, x=x, y=y: np.array([x if values[0] == trainer.inputs[0, 0] else y]),
        )
        plane = prediction_plane(network, state.parameters, trainer.inputs, size=(1, 1))
        assert plane.values[0, 0] == pytest.approx(prediction, rel=1e-12)


@given(networks(), st.data())
def test_the_activations_at_the_examples_are_those_of_an_iteration(network, data):
    layer = data.draw(st.integers(1, len(network.layers)))
    unit = data.draw(st.integers(0, network.widths[layer] - 1))
    trainer = Trainer(network)
    state = trainer.initial_state()
    iteration = trainer.iterate(state, 0)
    found = activations_at(network, state.parameters, trainer.inputs, (layer, unit))
    wanted = iteration.forward.a[layer][:, unit]
    np.testing.assert_allclose(found[iteration.examples], wanted, rtol=1e-9, atol=1e-12)
    outputs = activations_at(network, state.parameters, trainer.inputs)[iteration.examples]
    np.testing.assert_allclose(outputs, iteration.forward.a[-1][:, 0], rtol=1e-9, atol=1e-12)


def test_the_first_output_is_taken_where_no_unit_is_named():
    network = find("softmax")
    trainer = Trainer(network)
    plane = prediction_plane(network, trainer.initial_state().parameters, trainer.inputs)
    assert (plane.layer, plane.unit, plane.across, plane.up) == (len(network.layers), 0, 0, 1)


def test_the_grid_reaches_beyond_the_data():
    values = span(np.array([-1.0, 3.0]), 5)
    assert len(values) == 5
    assert values[0] < -1.0
    assert values[-1] > 3.0
    alone = span(np.array([2.0]), 3)
    assert alone[0] < 2.0 < alone[-1]
    assert alone[1] == pytest.approx(2.0)
    assert span(np.zeros(3), 3).tolist() == [-1.0, 0.0, 1.0]


def test_a_straight_line_stays_one_and_tanh_does_not():
    for options, straight in ((Options(), True), (Options(activation="tanh"), False)):
        network = find("straight-line", options)
        trainer = Trainer(network)
        line = prediction_line(network, trainer.initial_state().parameters, trainer.inputs, count=50)
        bends = np.abs(np.diff(line.values[0], 2))
        assert (bends.max() < 1e-12) == straight
