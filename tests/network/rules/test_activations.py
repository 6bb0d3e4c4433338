"""The activations: their values against closed forms, their derivatives against central differences."""

import math

import numpy as np
import pytest
from plain import activate, jacobian

from backprop_tui.network.rules.activations import ACTIVATIONS

ALL = sorted(ACTIVATIONS)
ELEMENTWISE = [name for name in ALL if not ACTIVATIONS[name].couples]
POINTS = [-3.0, -1.5, -0.7, -0.001, 0.001, 0.3, 1.0, 2.5, 4.0]


def value(name, z):
    return ACTIVATIONS[name].value(np.array(z, dtype=float))


def slope(name, z):
    z = np.array(z, dtype=float)
    return ACTIVATIONS[name].derivative(z, ACTIVATIONS[name].value(z))


def test_the_table_has_the_activations_of_the_design():
    assert set(ALL) == {
        *("identity", "sigmoid", "tanh", "relu", "leaky_relu", "elu", "gelu", "silu", "softplus", "softmax")
    }
    assert all(ACTIVATIONS[name].name == name for name in ALL)


@pytest.mark.parametrize("name", ALL)
def test_the_value_is_that_of_the_definition(name):
    rows = [POINTS, POINTS[::-1], [1.0] * len(POINTS)]
    expected = [activate(name, row) for row in rows]
    np.testing.assert_allclose(value(name, rows), expected, rtol=1e-13, atol=1e-15)


@pytest.mark.parametrize(
    ("name", "z", "a"),
    [
        ("sigmoid", 0.0, 0.5),
        ("sigmoid", math.log(3.0), 0.75),
        ("tanh", math.log(2.0), 0.6),
        ("softplus", 0.0, math.log(2.0)),
        ("silu", math.log(3.0), 0.75 * math.log(3.0)),
        ("gelu", 1.0, 0.8413447460685429),  # the normal distribution function at 1
        ("elu", -math.log(2.0), -0.5),
        ("leaky_relu", -3.0, -0.03),
        ("relu", -3.0, 0.0),
    ],
)
def test_known_values(name, z, a):
    assert value(name, [[z]])[0, 0] == pytest.approx(a, rel=1e-14)


@pytest.mark.parametrize("name", ELEMENTWISE)
def test_the_derivative_is_the_slope_of_the_value(name):
    z, h = np.array(POINTS), 1e-5
    near_a_kink = [np.any(np.abs(point - np.array(ACTIVATIONS[name].kinks)) < h) for point in POINTS]
    assert not any(near_a_kink)
    slopes = (value(name, z + h) - value(name, z - h)) / (2 * h)
    np.testing.assert_allclose(slope(name, z), slopes, rtol=1e-8, atol=1e-9)


@pytest.mark.parametrize("name", ALL)
def test_pulling_back_is_the_product_with_the_slopes_of_the_value(name):
    """The whole Jacobian, column by column, by central differences."""
    activation, h = ACTIVATIONS[name], 1e-5
    z = np.array([[0.3, -1.2, 2.0], [0.5, 0.4, -0.3]])
    a = activation.value(z)
    dL_da = np.array([[1.0, -2.0, 0.5], [0.0, 3.0, -1.0]])
    delta = activation.pull_back(dL_da, activation.derivative(z, a), a)
    for row in range(2):
        for unit in range(3):
            offset = np.zeros_like(z)
            offset[row, unit] = h
            da_dz = (activation.value(z + offset) - activation.value(z - offset)) / (2 * h)
            assert delta[row, unit] == pytest.approx(float(np.sum(dL_da * da_dz)), rel=1e-8, abs=1e-9)


def test_softmax_has_the_diagonal_of_its_jacobian_as_derivative():
    z = [0.1, 2.0, -1.0]
    diagonal = np.diag(jacobian("softmax", z))
    np.testing.assert_allclose(slope("softmax", [z])[0], diagonal, rtol=1e-14)


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("z", [-1000.0, -750.0, 750.0, 1000.0, 1e300, -1e300])
def test_saturated_values_and_slopes_stay_finite(name, z):
    with np.errstate(under="ignore", over="ignore"):
        assert np.isfinite(value(name, [[z, 0.0]])).all()
        assert np.isfinite(slope(name, [[z, 0.0]])).all()


@pytest.mark.parametrize(
    ("name", "low", "high"),
    [
        ("identity", (-1000.0, 1.0), (1000.0, 1.0)),
        ("sigmoid", (0.0, 0.0), (1.0, 0.0)),
        ("tanh", (-1.0, 0.0), (1.0, 0.0)),
        ("relu", (0.0, 0.0), (1000.0, 1.0)),
        ("leaky_relu", (-10.0, 0.01), (1000.0, 1.0)),
        ("elu", (-1.0, 0.0), (1000.0, 1.0)),
        ("gelu", (0.0, 0.0), (1000.0, 1.0)),
        ("silu", (0.0, 0.0), (1000.0, 1.0)),
        ("softplus", (0.0, 0.0), (1000.0, 1.0)),
    ],
)
def test_saturation_is_exact_at_plus_and_minus_a_thousand(name, low, high):
    with np.errstate(under="ignore"):
        for z, (a, da_dz) in ((-1000.0, low), (1000.0, high)):
            assert value(name, [[z]])[0, 0] == a
            assert slope(name, [[z]])[0, 0] == da_dz


def test_saturated_softmax_is_exact_and_sums_to_one():
    with np.errstate(under="ignore"):
        assert value("softmax", [[1000.0, -1000.0, 1000.0]]).tolist() == [[0.5, 0.0, 0.5]]
    assert value("softmax", [[1000.0, 1000.0 - math.log(3.0)]])[0] == pytest.approx([0.75, 0.25], rel=1e-12)


def test_small_tails_are_not_rounded_away():
    """At z = −40 the sigmoid is e^(−40) to many digits, and 1 − a would be 1."""
    assert value("sigmoid", [[-40.0]])[0, 0] == pytest.approx(math.exp(-40.0), rel=1e-14)
    assert value("softplus", [[-40.0]])[0, 0] == pytest.approx(math.exp(-40.0), rel=1e-14)
    assert value("elu", [[-1e-12]])[0, 0] == pytest.approx(-1e-12, rel=1e-11)


@pytest.mark.parametrize("name", ALL)
def test_not_a_number_goes_in_and_comes_out(name):
    assert np.isnan(value(name, [[math.nan]])).all()
    assert np.isnan(slope(name, [[math.nan]])).all() or name == "identity"


@pytest.mark.parametrize("name", ["relu", "leaky_relu"])
def test_at_a_corner_the_slope_is_the_one_on_the_left(name):
    assert ACTIVATIONS[name].kinks == (0.0,)
    assert slope(name, [[0.0]])[0, 0] == slope(name, [[-1.0]])[0, 0]


@pytest.mark.parametrize("name", ALL)
def test_every_row_tells_where_its_derivative_comes_from(name):
    row = ACTIVATIONS[name]
    assert row.derivation
    assert row.remark
    assert "{z}" in row.formula
