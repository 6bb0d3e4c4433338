"""A session's numbers as arrays and by name, against NumPy and against reading them one by one."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from strategies import sessions

from backprop_tui import BackpropError, ConditionError, Grain, Kind, Parameter, Quantity, Session, load
from backprop_tui.history.readings import Freshness


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


@pytest.fixture
def backward():
    """xor after the backward pass of its last example."""
    session = Session(load("xor"))
    session.forward(Grain.BACKWARD)
    while session.now.example < 3:
        session.forward(Grain.BACKWARD)
    return session


def test_a_pass_is_what_numpy_computes(backward):
    s, network = backward, backward.network
    x, y = np.array(network.data.inputs[3]), np.array(network.data.targets[3])
    W1, W2 = (np.array(layer.weights) for layer in network.layers)
    b1, b2 = (np.array(layer.biases) for layer in network.layers)
    assert [layer.activation_name for layer in network.layers] == ["sigmoid", "sigmoid"]
    z1 = W1 @ x + b1
    a1 = sigmoid(z1)
    z2 = W2 @ a1 + b2
    a2 = sigmoid(z2)
    np.testing.assert_allclose(s.a["x"], x)
    np.testing.assert_allclose(s.y, y)
    np.testing.assert_allclose(s.z["h"], z1, rtol=1e-14)
    np.testing.assert_allclose(s.a["h"], a1, rtol=1e-14)
    np.testing.assert_allclose(s.a["o"], a2, rtol=1e-14)
    np.testing.assert_allclose(s.delta["h"], (s.delta["o"] @ W2) * a1 * (1 - a1), rtol=1e-12)
    np.testing.assert_allclose(s.da_dz["h"], a1 * (1 - a1), rtol=1e-12)
    np.testing.assert_allclose(s.dL_da["h"], s.delta["o"] @ W2, rtol=1e-12)
    np.testing.assert_allclose(s.dW["h"], np.outer(s.delta["h"], x), rtol=1e-14)
    np.testing.assert_allclose(s.db["h"], s.delta["h"])


def test_the_mean_gradients_are_what_the_update_takes(backward):
    before, gradient, bias = backward.W["h"], backward.mean_dW["h"], backward.mean_db["h"]
    b = backward.b["h"]
    assert not np.isnan(gradient).any()
    backward.forward(Grain.EPOCH)
    rate = backward.network.training.learning_rate
    np.testing.assert_allclose(backward.W["h"], before - rate * gradient, rtol=1e-14)
    np.testing.assert_allclose(backward.b["h"], b - rate * bias, rtol=1e-14)


def test_the_worked_example_by_name():
    session = Session(load())
    session.forward(Grain.BACKWARD)
    assert dict(session.gradients) == {
        "dL_dw1": pytest.approx(-0.007026187862560153),
        "dL_db1": pytest.approx(-0.014052375725120306),
        "dL_dw2": pytest.approx(-0.045851404744315157),
        "dL_db2": pytest.approx(-0.08156051466411174),
    }
    assert session.gradients["dL/dw1"] == session.gradients["dL_dw1"] == session.gradients["w1"]
    assert session.value("dL_dw1") == session.gradients["dL_dw1"]
    assert session.value("a_o*(1 - a_o)") == pytest.approx(0.2292140875963711)
    assert session.value("loss < 0.1") is True


def test_what_is_not_computed_yet_is_nan_and_never_zero():
    session = Session(load())
    for arrays in (session.z, session.delta, session.dW, session.mean_dW, session.dL_da, session.da_dz):
        assert np.isnan(arrays["o"]).all()
        assert not arrays.current("o").any()
    assert np.isnan([*session.gradients.values()]).all()
    assert session.value("a_o") is None
    np.testing.assert_array_equal(session.a["x"], [0.5])
    np.testing.assert_array_equal(session.W["h"], [[0.3]])
    session.forward()
    assert session.z["h"] == pytest.approx(0.25)
    assert np.isnan(session.a["h"])


def test_what_is_left_from_an_earlier_example_is_there_and_not_current(backward):
    left = backward.a["o"]
    backward.forward(Grain.EPOCH)
    backward.forward()  # z of the first hidden unit, of the first example of the next epoch
    np.testing.assert_array_equal(backward.z.current("h"), [True, False])
    np.testing.assert_array_equal(backward.a["o"], left)
    assert not backward.a.current("o").any()
    assert np.isnan(backward.mean_dW["h"]).all()


def test_arrays_stay_those_of_their_moment():
    session = Session(load())
    session.forward(Grain.FORWARD)
    then = session.a
    session.set("w1", 5.0)
    session.forward(Grain.EPOCH)
    session.forward(Grain.FORWARD)
    assert then["h"] == pytest.approx(0.5621765008857981)
    assert session.a["h"] != then["h"]


def test_layers_are_asked_for_by_name_or_number():
    session = Session(load("3-4-2-1"))
    assert list(session.a) == ["x", "h1", "h2", "o"]
    assert list(session.W) == ["h1", "h2", "o"]
    assert [array.shape for array in session.W.values()] == [(4, 3), (2, 4), (1, 2)]
    np.testing.assert_array_equal(session.W[2], session.W["h2"])
    assert "h3" not in session.W
    assert 0 in session.a
    assert 0 not in session.W
    assert list(Session(load("2-1")).W) == ["o"]
    assert repr(Session(load()).W) == "{'h': array([[0.3]]), 'o': array([[0.7]])}"


def test_arrays_cannot_be_written_to():
    session = Session(load())
    for array in (session.W["h"], session.a["x"], session.z["h"], session.y):
        with pytest.raises(ValueError, match="read-only"):
            array[...] = 0.0


@pytest.mark.parametrize(
    ("ask", "said"),
    [
        (lambda s: s.z["x"], 'there is no layer "x" here: there are h, o'),
        (lambda s: s.a["h1"], 'there is no layer "h1" here: there are x, h, o'),
        (lambda s: s.W[3], "there is no layer 3 here: there are h, o"),
        (lambda s: s.W[-1], "there is no layer -1 here: there are h, o"),
        (lambda s: s.gradients["dL_dw3"], 'there is no gradient "dL_dw3": did you mean dL_dw2?'),
        (lambda s: s.gradients["a_h"], 'there is no gradient "a_h": '),
        (lambda s: s.gradients["L"], 'there is no gradient "L": a name is as dL_dw1'),
    ],
)
def test_a_name_that_is_not_there_is_said(ask, said):
    with pytest.raises(BackpropError) as caught:
        ask(Session(load()))
    assert isinstance(caught.value, KeyError)
    assert str(caught.value).startswith(said)
    assert "a_h" not in Session(load()).gradients


def test_an_expression_that_means_nothing_is_refused():
    with pytest.raises(ConditionError, match="did you mean"):
        Session(load()).value("losss < 1")


def test_of_runs_side_by_side_the_debugged_one_is_read_and_others_by_name():
    session = Session(load())
    session.comparing.add("w1=0.5")
    session.forward(Grain.FORWARD)
    assert session.value("b.z_h") == pytest.approx(0.5 * 0.5 + 0.1)
    assert session.z["h"] == session.value("z_h") == pytest.approx(0.25)


KINDS = {
    "z": Kind.WEIGHTED_SUM,
    "a": Kind.ACTIVATION,
    "dL_da": Kind.ACTIVATION_GRADIENT,
    "da_dz": Kind.ACTIVATION_DERIVATIVE,
    "delta": Kind.DELTA,
}


def value(reading):
    return np.nan if reading.value is None else reading.value


@given(sessions())
def test_at_any_moment_edits_included_arrays_hold_what_is_read_one_by_one(session):
    widths, now = session.network.widths, session.now
    for layer in range(1, len(widths)):
        for name, kind in KINDS.items():
            arrays = getattr(session, name)
            read = [now.read(Quantity(kind, layer, unit)) for unit in range(widths[layer])]
            np.testing.assert_array_equal(arrays[layer], [value(one) for one in read])
            fresh = [one.freshness is Freshness.CURRENT for one in read]
            np.testing.assert_array_equal(arrays.current(layer), fresh)
        for unit in range(widths[layer]):
            for parameter in Parameter.of_unit(layer, unit, widths[layer - 1]):
                place, gradient = parameter.place, now.read(parameter.gradient)
                found = parameter.pick(session.dW, session.db)
                np.testing.assert_array_equal(found[layer][place], value(gradient))
                assert found.current(layer)[place] == (gradient.freshness is Freshness.CURRENT)
                here = parameter.pick(session.W, session.b)[layer][place]
                np.testing.assert_array_equal(here, value(now.parameter(parameter)))
                mean = now.mean_gradient(parameter)
                averaged = parameter.pick(session.mean_dW, session.mean_db)[layer][place]
                np.testing.assert_array_equal(averaged, np.nan if mean is None else mean)
