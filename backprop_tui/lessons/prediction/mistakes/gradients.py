"""Mistakes of the gradients: error signal times input, and of a bias times 1."""

from __future__ import annotations

from backprop_tui.engine.quantities import Kind
from backprop_tui.lessons.prediction.mistakes.backward import averaged, signal_mistakes
from backprop_tui.lessons.prediction.mistakes.mistake import Mistakes, mistake
from backprop_tui.lessons.prediction.mistakes.numbers_at_hand import FEW, Calculation
from backprop_tui.network.lazy_numpy import np


def weight_gradient(c: Calculation) -> Mistakes:
    """dL/dw = delta·a."""
    layer, unit = c.place
    below = c.statement.quantity.input or 0
    delta, a = c.number(Kind.DELTA, layer, unit), c.number(Kind.ACTIVATION, layer - 1, below)
    gradient = c.number(Kind.ACTIVATION_GRADIENT, layer, unit)
    slope = c.term(Kind.ACTIVATION_DERIVATIVE, layer, unit)
    came_in = c.term(Kind.ACTIVATION, layer - 1, below)
    weight = c.weight(layer, unit, below)
    yield mistake("slope left out", gradient * a, "You left out the slope factor ", slope, ".")
    yield mistake("input left out", delta, "You left out what came in along the weight: ", came_in, ".")
    advice = "You multiplied by the weight ", weight, "; the gradient takes what came in: ", came_in, "."
    yield mistake("weight in the place of the input", delta * np.float64(weight.value), *advice)
    if layer > 1:
        z = c.term(Kind.WEIGHTED_SUM, layer - 1, below)
        advice = "You used ", z, " in the place of ", came_in, "."
        yield mistake("z in the place of a", delta * np.float64(z.value), *advice)
    yield mistake("added for multiplied", delta + a, "Multiply error signal and input; they are not added.")
    for one in c.others(layer - 1, below):
        other = c.term(Kind.ACTIVATION, layer - 1, one)
        advice = "You used ", other, "; along this weight came ", came_in, "."
        yield mistake("wrong input", delta * np.float64(other.value), *advice)
    own = c.term(Kind.ACTIVATION, layer, unit)
    advice = "You used the unit's own ", own, "; along the weight came ", came_in, "."
    yield mistake("wrong input", delta * np.float64(own.value), *advice)
    yield from _other_signals(c, a)
    yield mistake("error signal left out", a, "That is the input alone: you left out the error signal.")
    for wrong in signal_mistakes(c, layer, unit):
        yield mistake(wrong.name, wrong.value * a, *wrong.advice)
    yield from _too_early(c)


def bias_gradient(c: Calculation) -> Mistakes:
    """dL/db = delta·1."""
    layer, unit = c.place
    delta = c.number(Kind.DELTA, layer, unit)
    slope = c.term(Kind.ACTIVATION_DERIVATIVE, layer, unit)
    gradient = c.number(Kind.ACTIVATION_GRADIENT, layer, unit)
    yield mistake("slope left out", gradient, "You left out the slope factor ", slope, ".")
    for one in range(min(c.network.widths[layer - 1], FEW)):
        a = c.term(Kind.ACTIVATION, layer - 1, one)
        advice = "A bias has no input: its chain ends in 1, not in ", a, "."
        yield mistake("input too much", delta * np.float64(a.value), *advice)
    bias = c.bias(layer, unit)
    advice = "The bias itself does not come in: you multiplied by ", bias, "."
    yield mistake("bias too much", delta * np.float64(bias.value), *advice)
    yield mistake("error signal left out", 1.0, "That is dz/db = 1 alone: you left out the error signal.")
    yield from _other_signals(c, np.float64(1.0))
    yield from signal_mistakes(c, layer, unit)
    yield from _too_early(c)


def _other_signals(c: Calculation, a: np.float64) -> Mistakes:
    """The error signals of other units."""
    layer, unit = c.place
    own = c.term(Kind.DELTA, layer, unit)
    units = [(layer, one) for one in c.others(layer, unit)]
    if layer < c.last:
        units += [(layer + 1, one) for one in range(min(c.network.widths[layer + 1], FEW))]
    for place in units:
        other = c.term(Kind.DELTA, *place)
        advice = "You used the error signal ", other, "; this unit's is ", own, "."
        yield mistake("another error signal", np.float64(other.value) * a, *advice)


def _too_early(c: Calculation) -> Mistakes:
    """What is only done in the update."""
    yield from averaged(c)
    rate = c.facts.settings["learning_rate"]
    advice = "That is a step already: the learning rate comes in the update."
    yield mistake("learning rate too early", -rate * c.value, advice)
    yield mistake("learning rate too early", rate * c.value, advice)
