"""The curve of an activation and of a loss: through the point, and touched by the tangent."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backprop_tui.analysis.activation_curve import activation_curve, loss_curve
from backprop_tui.network.rules.activations import ACTIVATIONS
from backprop_tui.network.rules.losses import LOSSES


@given(st.sampled_from(sorted(ACTIVATIONS)), st.lists(st.floats(-4.5, 4.5), min_size=1, max_size=4))
def test_the_curve_runs_through_the_point_and_the_tangent_touches_it(name, z):
    row, z = ACTIVATIONS[name], np.array(z)
    unit = len(z) - 1
    curve = activation_curve(row, z, unit, count=25)
    h = 1e-6
    there = [z + h * np.eye(len(z))[unit] * sign for sign in (-1.0, 0.0, 1.0)]
    below, here, above = (float(row.value(one[None])[0, unit]) for one in there)
    assert (curve.x, curve.y) == (z[unit], pytest.approx(here))
    if all(abs(z[unit] - kink) > 1e-3 for kink in row.kinks):
        assert curve.slope == pytest.approx((above - below) / (2 * h), abs=1e-6)
    assert curve.tangent(np.array([curve.x + 2.0]))[0] == pytest.approx(curve.y + 2.0 * curve.slope)
    assert curve.xs[0] < curve.x < curve.xs[-1]
    for x, y in zip(curve.xs, curve.ys, strict=True):
        z[unit] = x
        assert y == pytest.approx(float(row.value(z[None])[0, unit]), abs=1e-12)


def test_the_flat_ends_of_a_sigmoid():
    """a(1 − a) < 0.01·¼ where |z| > 5.9867…: the solution of a quadratic."""
    edge = np.log((1 + np.sqrt(0.99)) / (1 - np.sqrt(0.99)))
    curve = activation_curve(ACTIVATIONS["sigmoid"], np.array([7.0]), 0)
    assert (curve.saturated == (np.abs(curve.xs) > edge)).all()
    assert curve.saturated.any()
    assert curve.point_saturated
    assert not activation_curve(ACTIVATIONS["sigmoid"], np.array([5.9]), 0).point_saturated


def test_softmax_depends_on_the_others():
    one, other = (activation_curve(ACTIVATIONS["softmax"], np.array([0.0, z]), 0) for z in (0.0, 2.0))
    assert one.couples
    assert one.y == 0.5
    assert other.y == pytest.approx(1 / (1 + np.exp(2.0)))


@pytest.mark.parametrize("z", [np.nan, np.inf, -np.inf, 1e300])
@pytest.mark.parametrize("name", sorted(ACTIVATIONS))
def test_what_is_not_finite_gives_a_curve_all_the_same(name, z):
    curve = activation_curve(ACTIVATIONS[name], np.array([z, 0.0]), 0)
    assert np.isfinite(curve.xs).all()
    assert len(curve.ys) == len(curve.saturated) == len(curve.xs)


@given(
    st.sampled_from(sorted(LOSSES)),
    st.lists(st.tuples(st.floats(0.05, 0.95), st.floats(0.0, 1.0)), min_size=1, max_size=3),
)
def test_the_loss_over_a_prediction(name, pairs):
    row = LOSSES[name]
    a, y = (np.array(column) for column in zip(*pairs, strict=True))
    curve, h = loss_curve(row, y, a, 0), 1e-6
    step = h * np.eye(len(a))[0]
    assert curve.y == pytest.approx(float(row.value(y[None], a[None])[0]))
    slope = (
        float(row.value(y[None], (a + step)[None])[0]) - float(row.value(y[None], (a - step)[None])[0])
    ) / (2 * h)
    assert curve.slope == pytest.approx(slope, rel=1e-6, abs=1e-7)
    assert curve.xs[0] < curve.x < curve.xs[-1]
    assert np.isfinite(curve.ys).all()


def test_the_loss_is_least_at_the_target():
    for name in ("squared_error", "mean_squared_error", "binary_cross_entropy"):
        curve = loss_curve(LOSSES[name], np.array([0.3]), np.array([0.8]), 0, count=2001)
        assert curve.xs[np.argmin(curve.ys)] == pytest.approx(0.3, abs=2e-3)
