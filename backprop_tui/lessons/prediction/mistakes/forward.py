"""Mistakes of the forward pass: weighted sums, activations, and the loss."""

from __future__ import annotations

from math import log
from typing import Any

from backprop_tui.engine.quantities import Kind
from backprop_tui.lessons.prediction.mistakes.mistake import Mistakes, an, mistake, said
from backprop_tui.lessons.prediction.mistakes.numbers_at_hand import FEW, Calculation
from backprop_tui.network.lazy_numpy import np
from backprop_tui.network.rules.activations import ACTIVATIONS
from backprop_tui.network.rules.losses import LOSSES


def weighted_sum(c: Calculation) -> Mistakes:
    """The weighted sum: z = Σ w·a + b."""
    layer, unit = c.place
    below = layer - 1
    a, w = c.of_layer(Kind.ACTIVATION, below), c.weights(layer)[unit]
    bias = c.bias(layer, unit)
    b = np.float64(bias.value)
    yield mistake("bias left out", np.sum(w * a), "You left out the bias ", bias, ".")
    yield mistake(
        "activation taken",
        c.number(Kind.ACTIVATION, layer, unit),
        "That is the activation ",
        c.term(Kind.ACTIVATION, layer, unit),
        ": z is what goes into it.",
    )
    if len(a) > 1:
        yield from _of_several_inputs(c, w * a, b)
        yield mistake("weight left out", np.sum(a) + b, "You left out the weights.")
    else:
        yield mistake("weight left out", a[0] + b, "You left out the weight ", c.weight(layer, unit, 0), ".")
        yield mistake("added for multiplied", w[0] + a[0] + b, "Weight and input are multiplied, not added.")
    yield mistake("bias subtracted", np.sum(w * a) - b, "The bias is added: ", bias, ".")
    yield from _with_other_weights(c, b)
    if below:
        z = c.of_layer(Kind.WEIGHTED_SUM, below)
        advice = f"You used z of {_units(c, below)} in the place of a: what goes on is the activation."
        yield mistake("z in the place of a", np.sum(w * z) + b, advice)
    elif c.examples > 1:
        for slot in range(min(c.examples, FEW)):
            x = c.iteration.of_layer(Kind.ACTIVATION, 0, slot)
            yield mistake("another example", np.sum(w * x) + b, "Those are the inputs of another example.")


def _of_several_inputs(c: Calculation, products: np.ndarray, b: float) -> Mistakes:
    """Inputs forgotten, or their weights exchanged."""
    layer, unit = c.place
    for one in range(min(len(products), FEW)):
        share = c.term(Kind.ACTIVATION, layer - 1, one)
        yield mistake("one input left out", c.value - products[one], "You left out the input ", share, ".")
        yield mistake("only one input", products[one] + b, "You took one input alone: ", share, ".")
    if len(products) == 2:
        a, w = c.of_layer(Kind.ACTIVATION, layer - 1), c.weights(layer)[unit]
        yield mistake("weights exchanged", np.sum(w[::-1] * a) + b, "You exchanged the two weights.")


def _with_other_weights(c: Calculation, b: float) -> Mistakes:
    """The weights of other edges."""
    layer, unit = c.place
    a, weights = c.of_layer(Kind.ACTIVATION, layer - 1), c.weights(layer)
    own = c.weight(layer, unit, 0)
    if len(a) == 1:
        for other in c.other_weights(layer, unit, 0):
            yield mistake(
                "weight of another edge",
                np.float64(other.value) * a[0] + b,
                "You used ",
                other,
                "; the edge has ",
                own,
                ".",
            )
        return
    for one in c.others(layer, unit):
        name, mine = c.names.unit(layer, one), c.names.unit(layer, unit)
        advice = f"Those are the weights of {name}; {mine} has its own."
        yield mistake("weight of another edge", np.sum(weights[one] * a) + b, advice)
        advice = f"Those are the weights and the bias of {name}."
        yield mistake("another unit", c.number(Kind.WEIGHTED_SUM, layer, one), advice)
    if weights.shape[0] == weights.shape[1]:
        yield mistake(
            "transposed weights",
            np.sum(weights[:, unit] * a) + b,
            f"You took the weights the other way round: those into {c.names.unit(layer, unit)} count.",
        )


def _units(c: Calculation, layer: int) -> str:
    return c.names.unit(layer, 0) if c.network.widths[layer] == 1 else "the units below"


def activation(c: Calculation) -> Mistakes:
    """The activation: a = f(z)."""
    layer, unit = c.place
    row = c.network.layers[layer - 1].activation
    z: Any = c.number(Kind.WEIGHTED_SUM, layer, unit)
    given = c.term(Kind.WEIGHTED_SUM, layer, unit)
    yield mistake(
        "activation left out", z, "That is ", given, f": its {said(row.name)} is still to be taken."
    )
    if row.couples:
        all_z = c.of_layer(Kind.WEIGHTED_SUM, layer)
        yield mistake(
            "not divided by the sum", np.exp(z), "Divide e^z by the sum over all units of the layer."
        )
        yield mistake("exponential left out", z / np.sum(all_z), "You took shares of z, not of e^z.")
    else:
        yield mistake("minus left out", row.value(-z), f"That is the {said(row.name)} of −z: mind the minus.")
    if row.name == "sigmoid":
        yield mistake("not turned over", 1.0 + np.exp(-z), "You left out the 1/…: it is 1/(1 + e^(−z)).")
        yield mistake("1 + left out", np.exp(z), "You left out the 1 +: it is 1/(1 + e^(−z)).")
        yield mistake("only e^(−z)", np.exp(-z), "That is e^(−z) alone: it is 1/(1 + e^(−z)).")
    yield mistake(
        "derivative taken",
        c.number(Kind.ACTIVATION_DERIVATIVE, layer, unit),
        "That is the slope ",
        c.term(Kind.ACTIVATION_DERIVATIVE, layer, unit),
        ", which comes on the way back.",
    )
    yield mistake(
        "activated twice", row.value(np.array([c.value]))[0], f"You took the {said(row.name)} twice."
    )
    name = c.names.unit(layer, unit)
    for other in ACTIVATIONS.values():
        if not other.couples and other is not row:
            advice = f"That is the {said(other.name)} of z; {name} has {an(row.name)}."
            yield mistake("another activation", other.value(z), advice)
    for one in c.others(layer, unit):
        yield mistake(
            "another unit",
            c.number(Kind.ACTIVATION, layer, one),
            "That is another unit's: ",
            c.term(Kind.ACTIVATION, layer, one),
            ".",
        )


def loss(c: Calculation) -> Mistakes:
    """L of one example."""
    a, y = c.of_layer(Kind.ACTIVATION, c.last), c.targets
    d, n, name = y - a, len(y), c.network.training.loss_name
    if name == "squared_error":
        yield mistake("½ left out", 2.0 * c.value, "You left out the ½.")
    elif name == "mean_squared_error":
        yield mistake("½ too much", 0.5 * c.value, "There is no ½ here: it is the mean of the squares.")
    elif name == "summed_squared_error":
        yield mistake("½ too much", 0.5 * c.value, "There is no ½ here: it is the sum of the squares.")
    elif name != "given_gradient":
        yield from _without_logarithm(c)
    for power, order in ((d, "y − a"), (a - y, "a − y")):
        yield mistake(
            "difference taken", np.sum(power), f"That is the difference {order}: it is still squared."
        )
        yield mistake("not squared", 0.5 * np.sum(power), "The difference is squared before it is halved.")
        yield mistake("not squared", np.mean(power), "The differences are squared before they are averaged.")
    if n > 1:
        yield mistake("not averaged", c.value * n, f"Divide by the {n} outputs.")
        yield mistake("averaged", c.value / n, f"The {n} outputs' shares add up; they are not averaged.")
        yield from _one_output(c)
    for other in LOSSES.values():
        if other.name != name:
            advice = f"That is the {said(other.name)}; here the loss is the {said(name)}."
            yield mistake("another loss", other.value(y[None], a[None])[0], advice)
    if c.examples > 1:
        yield mistake("averaged over examples", c.value / c.examples, "It is the loss of this example alone.")


def _without_logarithm(c: Calculation) -> Mistakes:
    """An entropy with something amiss."""
    a, y = c.of_layer(Kind.ACTIVATION, c.last), c.targets
    share: Any = np.sum(y * a)
    if c.network.training.loss_name.endswith("binary_cross_entropy"):
        first, second = -np.mean(y * np.log(a)), -np.mean((1.0 - y) * np.log1p(-a))
        share = np.mean(y * a + (1.0 - y) * (1.0 - a))
        yield mistake("half left out", first, "You left out (1 − y)·ln(1 − a).")
        yield mistake("half left out", second, "You left out y·ln a.")
        yield mistake("other half", -np.mean(np.log1p(-a)), "That is −ln(1 − a), which counts where y is 0.")
        yield mistake("other half", -np.mean(np.log(a)), "That is −ln a, which counts where y is 1.")
    yield mistake("logarithm left out", share, "You left out the logarithm: it is −ln of that.")
    yield mistake("logarithm left out", -share, "You left out the logarithm.")
    yield mistake(
        "logarithm to base 10", c.value / log(10), "That is the logarithm to base 10; ln is to base e."
    )
    yield mistake(
        "logarithm to base 2", c.value / log(2), "That is the logarithm to base 2; ln is to base e."
    )


def _one_output(c: Calculation) -> Mistakes:
    """The loss of one output in the place of all."""
    a, y, row = c.of_layer(Kind.ACTIVATION, c.last), c.targets, c.network.training.loss
    for one in range(min(len(y), FEW)):
        share = row.value(y[None, one : one + 1], a[None, one : one + 1])[0]
        name = c.names.unit(c.last, one)
        yield mistake("one output alone", share, f"You took the share of {name} alone: all outputs count.")
