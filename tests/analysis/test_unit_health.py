"""Saturated and dead, by their definitions."""

from __future__ import annotations

import numpy as np
import pytest

from backprop_tui.analysis.unit_health import is_saturated, unit_health
from backprop_tui.network.rules.activations import ACTIVATIONS


@pytest.mark.parametrize("name", sorted(ACTIVATIONS))
def test_the_greatest_slope_of_each_activation(name):
    """By central differences of the value, on a grid that is finer about the peak."""
    row = ACTIVATIONS[name]
    h = 1e-5

    def value(z):
        return row.value(np.column_stack([z, np.zeros_like(z)]))[:, 0]

    def slopes(z):
        return (value(z + h) - value(z - h)) / (2.0 * h)

    z = np.linspace(-40.0, 40.0, 80001)
    peak = z[np.argmax(slopes(z))]
    assert row.greatest_slope == pytest.approx(
        np.max(slopes(peak + np.linspace(-2e-3, 2e-3, 4001))), abs=1e-8
    )


def test_shares_of_saturated_and_dead():
    slopes = np.array([[0.25, 0.0024, 0.0], [0.0026, 0.001, 0.0], [0.1, 0.2, 0.0], [np.nan, 0.2, 0.0]])
    health = unit_health(ACTIVATIONS["sigmoid"], slopes)
    assert health.saturated.tolist() == [0.0, 0.5, 1.0]
    assert health.dead.tolist() == [False, False, True]
    assert health.saturated_share == 0.5
    assert health.dead_share == pytest.approx(1 / 3)


def test_a_slope_of_one_percent_is_not_below_it_and_a_falling_one_counts_by_its_size():
    assert not is_saturated(ACTIVATIONS["leaky_relu"], np.array([0.01])).any()
    assert is_saturated(ACTIVATIONS["gelu"], np.array([-0.1, -0.01, 0.01, 0.1])).tolist() == [
        False,
        True,
        True,
        False,
    ]
    assert is_saturated(ACTIVATIONS["relu"], np.array([0.0, 1.0])).tolist() == [True, False]
