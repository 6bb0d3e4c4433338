"""The loss over two parameters: every number of every level is the loss of a forward pass there."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import networks

from backprop_tui.analysis.loss_slice import slice_at
from backprop_tui.analysis.loss_surface import loss_surface, surface_levels
from backprop_tui.analysis.point import point_at
from backprop_tui.engine.quantities import Parameter
from backprop_tui.engine.reference import forward
from backprop_tui.history.run import Run
from backprop_tui.network.files.library import find


def parameters_of(network):
    return [
        Parameter(layer, unit, below)
        for layer in range(1, len(network.widths))
        for unit in range(network.widths[layer])
        for below in (*range(network.widths[layer - 1]), None)
    ]


def loss_at(point, places):
    parameters = point.parameters
    for parameter, value in places:
        parameters = parameters.replaced(parameter, float(value))
    losses = forward(point.network, parameters, point.inputs, point.targets).loss
    return float(np.sum(losses) if point.network.training.reduction == "sum" else np.mean(losses))


@settings(max_examples=20)
@given(networks(layers=2, units=3), st.data())
def test_every_number_is_the_loss_there(network, data):
    across, up = data.draw(
        st.lists(st.sampled_from(parameters_of(network)), min_size=2, max_size=2, unique=True)
    )
    point = point_at(Run(network), 0)
    surface = loss_surface(point, across, up, size=(5, 4))
    wanted = [[loss_at(point, [(across, x), (up, y)]) for x in surface.xs] for y in surface.ys]
    np.testing.assert_allclose(surface.losses, wanted, rtol=1e-9, atol=1e-12)


def test_each_level_is_finer_and_keeps_what_was_known():
    point = point_at(Run(find("xor")), 0)
    across, up = Parameter(1, 0, 0), Parameter(2, 0, 1)
    steps = list(surface_levels(point, across, up, size=(17, 10)))
    levels = [level for level in steps if level is not None]
    assert steps.count(None) >= 10
    assert [level.losses.shape for level in levels] == [(3, 3), (4, 5), (6, 9), (10, 17)]
    assert [level.finest for level in levels] == [False, False, False, True]
    last = levels[-1]
    whole = {
        (x, y): loss
        for y, row in zip(last.ys, last.losses, strict=True)
        for x, loss in zip(last.xs, row, strict=True)
    }
    for level in levels:
        assert (level.xs[0], level.xs[-1], level.ys[0], level.ys[-1]) == (
            last.xs[0],
            last.xs[-1],
            last.ys[0],
            last.ys[-1],
        )
        for y, row in zip(level.ys, level.losses, strict=True):
            for x, loss in zip(level.xs, row, strict=True):
                assert whole[x, y] == loss


def test_a_row_through_the_point_is_the_slice():
    run = Run(find("worked-example"))
    across, up = Parameter(2, 0, 0), Parameter(1, 0, 0)
    surface = loss_surface(point_at(run, 0), across, up, size=(9, 9))
    cut = slice_at(run, 0, across, count=9, ends=(surface.xs[0], surface.xs[-1]))
    middle = int(np.argmin(np.abs(surface.ys - surface.start[1])))
    assert surface.ys[middle] == pytest.approx(surface.start[1])
    np.testing.assert_allclose(surface.losses[middle], cut.losses, rtol=1e-12)
