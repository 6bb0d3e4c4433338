"""Captions: true for every case, and never more than a line."""

from __future__ import annotations

import re
from math import inf, isfinite, nan

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from strategies import networks

from backprop_tui.analysis.activation_curve import activation_curve
from backprop_tui.analysis.captions import (
    activation_caption,
    flow_caption,
    line_caption,
    parameters_caption,
    plane_caption,
    slice_caption,
    surface_caption,
)
from backprop_tui.analysis.gradient_flow import LayerFlow, flow_at, verdict_on
from backprop_tui.analysis.loss_slice import LossSlice, slice_at
from backprop_tui.analysis.loss_surface import loss_surface
from backprop_tui.analysis.mark_words import mark_words, through
from backprop_tui.analysis.marks import Mark
from backprop_tui.analysis.parameters_over_epochs import parameters_over_epochs
from backprop_tui.analysis.point import point_at
from backprop_tui.analysis.prediction_grid import prediction_line
from backprop_tui.engine.quantities import Parameter
from backprop_tui.engine.training import Trainer
from backprop_tui.history.run import Run
from backprop_tui.network.files.library import find
from backprop_tui.network.files.shapes import Options
from backprop_tui.network.rules.activations import ACTIVATIONS


def flow(*factors, top=1.0, dead=0.0):
    """A flow from pairs of weight and slope factors, from the output down."""
    rows = [LayerFlow(len(factors) + 1, top, None, None, None, 1.0, 0.0, 0.0, None)]
    for weight, slope in factors:
        norm = rows[-1].delta_norm * weight * slope
        product = rows[-1].product * weight * slope
        number = rows[-1].layer - 1
        rows.append(
            LayerFlow(number, norm, weight, slope, weight * slope, product, 0.0, dead, verdict_on(product))
        )
    return tuple(rows)


@pytest.mark.parametrize(
    ("found", "words"),
    [
        ((), "no error signal has been computed yet"),
        (flow(), "one layer: its error signal comes straight from the loss"),
        (
            flow((1.0, 0.5))[:1],
            "layer 2, the output: its error signal comes straight from the loss",
        ),
        (flow(top=0.0), "the error signal is 0 at the output: nothing is left to learn from these examples"),
        (flow(top=nan), "layer 1's error signal is nan: its size cannot be compared"),
        (
            flow((1.0, 0.23), (1.0, 0.23)),
            "the slope factors shrink the error signal 4.3-fold a layer; the weights do not",
        ),
        (
            flow((10.0, 0.25), (10.0, 0.25)),
            "the weights amplify the error signal 10-fold a layer; the slope factors shrink it only 4-fold",
        ),
        (
            flow((3.0, 0.1)),
            "the slope factors shrink the error signal 10-fold; the weights amplify it only 3-fold",
        ),
        (flow((0.2, 0.5)), "the weights shrink the error signal 5-fold, the slope factors another 2-fold"),
        (flow((5.0, 1.0)), "the weights amplify the error signal 5-fold; the slope factors do not"),
        (flow((0.5, 0.95)), "the weights shrink the error signal 2-fold; the slope factors hardly do"),
        (flow((1.0, 1.0), (1.0, 1.0)), "the error signal keeps its size from layer to layer"),
        (flow((1.0, 1.0)), "the error signal keeps its size"),
        (
            flow((4.0, 0.25), (4.0, 0.25)),
            "the slope factors shrink the error signal 4-fold a layer; the weights make up for it",
        ),
        (
            flow((0.25, 4.0)),
            "the weights shrink the error signal 4-fold; the slope factors make up for it",
        ),
        (
            flow((1.0, 0.9), (1.0, 0.01)),
            "the slope factors shrink the error signal 11-fold a layer on average; the weights do not",
        ),
        (flow((1.0, 0.0), dead=1.0), "the error signal ends at layer 1: the slope of every unit is 0"),
        (flow((1.0, 0.0)), "the error signal ends at layer 1: the slopes let none of it through"),
        (flow((0.0, nan)), "layer 1's error signal is nan: its size cannot be compared"),
    ],
)
def test_flow(found, words):
    assert flow_caption(found) == words


def test_weights_of_0_send_nothing_down():
    top, below = flow((0.0, 1.0))
    assert flow_caption((top, replace(below, slope_factor=nan))) == (
        "the error signal ends above layer 1: the weights send none of it down"
    )


def test_many_layers_that_each_do_little_are_not_called_balanced():
    deep = flow(*[(1.0, 0.93)] * 80)
    assert deep[-1].verdict
    assert flow_caption(deep) == (
        "the slope factors shrink the error signal 1.1-fold a layer; the weights do not"
    )


@given(networks(layers=4), st.integers(0, 2))
def test_every_network_gets_a_line_for_every_picture(network, iteration):
    run = Run(network)
    time = run.program.iteration_start(iteration) + 1
    parameter = Parameter(len(network.layers), 0, None)
    layer = network.layers[0]
    z = run.timeline.iteration(iteration).forward.z[0][0]
    surface = loss_surface(point_at(run, time), Parameter(1, 0, 0), parameter, size=(3, 3))
    for line in (
        flow_caption(flow_at(run, time)),
        slice_caption(slice_at(run, time, parameter, count=33), "b_o1"),
        slice_caption(slice_at(run, time, None, count=33)),
        activation_caption(activation_curve(layer.activation, z, 0)),
        surface_caption(surface, [(0.0, 0.0), (0.1, 0.2)]),
    ):
        assert 10 < len(line) < 140
        assert not re.search(r"-\d|\be[+-]|  |None|\.$", line)


SHIPPED = {
    "vanishing": "the slope factors shrink the error signal 4.4-fold a layer; the weights do not",
    "exploding": (
        "the weights amplify the error signal 10-fold a layer; the slope factors shrink it only 4-fold"
    ),
}


@pytest.mark.parametrize("name", SHIPPED)
def test_the_networks_that_are_shipped_for_it(name):
    assert flow_caption(flow_at(Run(find(name)), 0)) == SHIPPED[name]


def parabola(start, landing, *, least=0.0, after=None, low=-4.0, high=4.0):
    """(w − 1)² + least, with a step from *start* to *landing*."""

    def height(w):
        return (w - 1.0) ** 2 + least

    values = np.linspace(low, high, 801)
    return LossSlice(
        Parameter(1, 0, 0),
        values,
        height(values),
        start,
        height(start),
        2.0 * (start - 1.0),
        landing,
        None if landing is None else height(landing),
        height(landing) if after is None and landing is not None else after,
    )


@pytest.mark.parametrize(
    ("cut", "words"),
    [
        (parabola(0.0, 2.76), "the step jumps over the lowest point and lands 3.1 times as high above it"),
        (parabola(0.0, 2.0), "the step jumps over the lowest point and lands just as high"),
        (parabola(0.0, 1.5), "the step jumps over the lowest point and lands lower than it began"),
        (parabola(0.0, 1.1), "the step lands close to the lowest point"),
        (parabola(0.0, 0.98), "the step goes nearly all of the way to the lowest point"),
        (parabola(0.0, 0.3), "the step goes 30 % of the way to the lowest point"),
        (parabola(0.0, 0.0004), "the step goes 0.04 % of the way to the lowest point"),
        (parabola(0.0, -0.3), "the step leads away from the lowest point"),
        (parabola(0.0, None), "w1 is not updated: it stays where it is"),
        (parabola(1.0, 1.0), "the gradient is 0: the update leaves w1 where it is"),
        (parabola(0.0, inf), "the step overflows: w1 becomes inf"),
        (parabola(0.0, 0.5, high=0.9), "this step alone would lower the loss by 75 %"),
        (parabola(0.0, -1.0, high=0.9), "this step alone would raise the loss 4-fold"),
        (parabola(0.0, -1e-6, high=0.9), "this step alone would hardly change the loss"),
        (
            parabola(0.0, 2.0, after=2.25),
            "the step jumps over the lowest point and lands just as high; "
            "all parameters together raise the loss 2.2-fold",
        ),
        (
            parabola(0.0, 0.3, after=nan),
            "the step goes 30 % of the way to the lowest point; all parameters together make the loss nan",
        ),
        (parabola(nan, 1.0), "the loss is nan here: there is no slope to follow"),
    ],
)
def test_slice(cut, words):
    assert slice_caption(cut, "w1") == words


def test_a_slice_of_the_update_speaks_of_the_update():
    over = slice_at(Run(find("overshooting")), 0, None)
    assert slice_caption(over) == "the step jumps over the lowest point and lands 2.3 times as high above it"
    crawling = slice_at(Run(find("crawling")), 0, None)
    assert slice_caption(crawling) == "the update would lower the loss by 0.1 %"


def curve(name, *z):
    return activation_caption(activation_curve(ACTIVATIONS[name], np.array(z), 0))


def test_activation():
    assert curve("sigmoid", 10.0) == "saturated: slope 4.5e−05, 0.0045 % of this error gets through"
    assert curve("sigmoid", 0.0) == "slope 0.25, 25 % of this error gets through"
    assert curve("relu", -1.0) == "slope 0, none of this error gets through"
    assert curve("relu", 1.0) == "slope 1, all of this error gets through"
    assert curve("gelu", 1.4142) == "slope 1.1, this error grows 1.1-fold"
    assert curve("silu", -2.0).endswith("9.1 % of this error gets through, with its sign turned")
    assert curve("softmax", 0.0, 0.0).endswith("; the other units of the layer change it too")
    assert curve("tanh", nan) == "z is not a number, and neither is the slope"


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_what_gets_through_is_the_size_of_the_slope(slope):
    words = through(slope)
    assert ("sign turned" in words) == (slope < 0.0)
    if 1e-3 < abs(slope) < 1.0:
        percent = float(re.match(r"([\d.]+) %", words)[1])
        assert percent == pytest.approx(100 * abs(slope), rel=0.06)


def test_marks():
    assert mark_words(Mark.SATURATED, 0.0021) == "slope 0.0021: saturated, 0.21 % of this error gets through"
    assert mark_words(Mark.DEAD, 0.0) == (
        "slope 0 for every example of the batch: dead, no error gets through"
    )


ANY = st.floats() | st.sampled_from([0.0, 1.0, 5e-324, 1e308, -1e308])
SIZES = st.floats(0.0) | st.sampled_from([0.0, 1.0, 5e-324, 1e308, inf, nan])


@given(st.lists(st.tuples(SIZES, SIZES), max_size=5), SIZES)
def test_no_flow_is_too_odd_for_a_line(factors, top):
    assert flow_caption(flow(*factors, top=top))


@given(st.lists(ANY, min_size=3, max_size=9), st.lists(ANY, min_size=5, max_size=5), st.booleans())
def test_no_slice_is_too_odd_for_a_line(losses, numbers, along):
    start, start_loss, gradient, landing, landing_loss = numbers
    parameter = None if along else Parameter(1, 0, 0)
    values = np.linspace(-1.0, 1.0, len(losses))
    cut = LossSlice(
        parameter, values, np.array(losses), start, start_loss, gradient, landing, landing_loss, start_loss
    )
    assert slice_caption(cut, "w1")
    assert plane_caption(np.array(losses), values, 0.0)


def test_plane():
    answers = np.array([0.2, 0.4, 0.6, 0.9])
    assert plane_caption(answers, np.array([0.0, 0.0, 1.0, 1.0]), 0.5) == (
        "all 4 examples lie on their side of the boundary"
    )
    assert plane_caption(answers, np.array([0.0, 1.0, 1.0, 1.0]), 0.5).startswith("3 of 4 examples")
    assert plane_caption(answers, np.array([0.1, 0.5, 0.5, 1.0]), 0.5) == (
        "the answers are off by 0.1000 on average"
    )
    assert plane_caption(answers * nan, np.ones(4), 0.5) == "some answers are not finite"


def test_line():
    for name, options, words in (
        ("straight-line", Options(), "the answer is a straight line"),
        ("straight-line", Options(activation="tanh"), "the answer is a curve"),
    ):
        trainer = Trainer(find(name, options))
        line = prediction_line(trainer.network, trainer.initial_state().parameters, trainer.inputs)
        assert line_caption(line) == words
    assert line_caption(replace(line, values=np.full((1, 9), 0.3))) == "the answer is the same everywhere"
    assert line_caption(replace(line, values=np.full((1, 9), inf))) == "some answers are not finite"


def test_parameters():
    run, weights = Run(find("worked-example")), (Parameter(1, 0, 0), Parameter(2, 0, 0))
    now = parameters_over_epochs(run, weights, 200)
    w2 = float(now.values[1, -1])
    assert parameters_caption(now, ("w1", "w2")) == (f"w2 moved most, from 0.7000 to {w2:.4f} in 200 epochs")
    alone = replace(now, values=now.values[:1])
    assert parameters_caption(alone, ("w1",)).startswith("w1 moved from 0.3000 to ")
    still = replace(now, values=np.ones((2, len(now.epochs))))
    assert parameters_caption(still, ("w1", "w2")) == "none of them has moved in 200 epochs"
    start = parameters_over_epochs(run, weights, 0)
    assert parameters_caption(start, ("w1", "w2")).startswith("no epoch is over yet")
    broken = replace(now, values=now.values * nan)
    assert "nan" in parameters_caption(broken, ("w1", "w2"))


def test_a_surface_that_is_nowhere_finite():
    surface = loss_surface(point_at(Run(find("xor")), 0), Parameter(1, 0, 0), Parameter(1, 0, 1), size=(3, 3))
    assert isfinite(surface.losses[0, 0])
    broken = replace(surface, losses=np.full((3, 3), nan))
    assert surface_caption(broken) == "the loss is not finite anywhere here"
