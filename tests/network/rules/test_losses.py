"""The losses: their values against the definitions, their derivatives against central differences."""

import math

import numpy as np
import pytest
from plain import activate, loss

from backprop_tui.network.rules.losses import LOSSES

Y = [[1.0, 0.0, 0.25], [0.0, 1.0, 0.0]]
A = [[0.7, 0.2, 0.1], [0.05, 0.35, 0.6]]
Z = [[0.7, -1.2, 0.1], [2.0, -0.5, 0.3]]
ALL = sorted(LOSSES)
FUSED = [name for name in ALL if LOSSES[name].fused]


def test_the_table_has_the_losses_of_the_design():
    assert {
        "binary_cross_entropy",
        "cross_entropy",
        "mean_squared_error",
        "squared_error",
        "given_gradient",
    } <= {*ALL}
    assert {name: LOSSES[name].fused.activation for name in FUSED} == {
        "binary_cross_entropy": "sigmoid",
        "summed_binary_cross_entropy": "sigmoid",
        "cross_entropy": "softmax",
    }


@pytest.mark.parametrize("name", ALL)
def test_the_value_is_that_of_the_definition(name):
    got = LOSSES[name].value(np.array(Y), np.array(A))
    assert got == pytest.approx([loss(name, y, a) for y, a in zip(Y, A, strict=True)], rel=1e-14)


def test_values_on_paper():
    y, a = np.array([[1.0, 0.0]]), np.array([[0.5, 0.5]])
    assert LOSSES["squared_error"].value(y, a)[0] == 0.25
    assert LOSSES["mean_squared_error"].value(y, a)[0] == 0.25
    assert LOSSES["binary_cross_entropy"].value(y, a)[0] == pytest.approx(math.log(2.0), rel=1e-15)
    assert LOSSES["cross_entropy"].value(y, a)[0] == pytest.approx(math.log(2.0), rel=1e-15)


@pytest.mark.parametrize("name", ALL)
def test_the_gradient_is_the_slope_of_the_value(name):
    h = 1e-6
    gradient = LOSSES[name].gradient(np.array(Y), np.array(A))
    for row in range(len(A)):
        for unit in range(len(A[0])):
            high, low = list(A[row]), list(A[row])
            high[unit] += h
            low[unit] -= h
            numeric = (loss(name, Y[row], high) - loss(name, Y[row], low)) / (2 * h)
            assert gradient[row, unit] == pytest.approx(numeric, rel=1e-7, abs=1e-8)


@pytest.mark.parametrize("name", FUSED)
def test_fused_with_its_activation_a_loss_is_the_same_from_z(name):
    fused = LOSSES[name].fused
    a = [activate(fused.activation, z) for z in Z]
    got = fused.value(np.array(Y), np.array(Z))
    assert got == pytest.approx([loss(name, y, row) for y, row in zip(Y, a, strict=True)], rel=1e-13)


@pytest.mark.parametrize("name", FUSED)
def test_the_fused_error_signal_is_the_slope_by_z(name):
    """Also where the targets do not sum to 1."""
    fused, h = LOSSES[name].fused, 1e-6
    a = np.array([activate(fused.activation, z) for z in Z])
    delta = fused.delta(np.array(Y), a)
    for row in range(len(Z)):
        for unit in range(len(Z[0])):
            high, low = list(Z[row]), list(Z[row])
            high[unit] += h
            low[unit] -= h
            numeric = (
                loss(name, Y[row], activate(fused.activation, high))
                - loss(name, Y[row], activate(fused.activation, low))
            ) / (2 * h)
            assert delta[row, unit] == pytest.approx(numeric, rel=1e-7, abs=1e-8)


def test_entropies_of_saturated_outputs_are_finite_and_exact():
    with np.errstate(under="ignore"):
        binary = LOSSES["binary_cross_entropy"].fused.value
        assert binary(
            np.array([[1.0], [0.0], [1.0]]), np.array([[-1000.0], [1000.0], [1000.0]])
        ).tolist() == [
            1000.0,
            1000.0,
            0.0,
        ]
        shares = LOSSES["cross_entropy"].fused.value
        assert shares(np.array([[1.0, 0.0], [0.0, 1.0]]), np.array([[-1000.0, 1000.0]] * 2)).tolist() == [
            2000.0,
            0.0,
        ]


def test_entropies_of_outputs_that_are_exactly_wrong():
    """PyTorch's BCELoss lets no logarithm fall below −100; a share of 0 that is wanted costs infinitely."""
    with np.errstate(divide="ignore", invalid="ignore"):
        assert LOSSES["binary_cross_entropy"].value(np.array([[1.0, 0.0]]), np.array([[0.0, 0.0]]))[0] == 50.0
        assert LOSSES["cross_entropy"].value(np.array([[0.0, 1.0]]), np.array([[0.0, 1.0]]))[0] == 0.0
        assert LOSSES["cross_entropy"].value(np.array([[1.0, 0.0]]), np.array([[0.0, 1.0]]))[0] == math.inf
        gradient = LOSSES["binary_cross_entropy"].gradient(np.array([[1.0]]), np.array([[0.0]]))
    assert gradient[0, 0] == pytest.approx(-1e12)
