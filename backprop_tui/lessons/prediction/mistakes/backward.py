"""Mistakes of the way back: dL/da, the slope, and the error signal made of them."""

from __future__ import annotations

from backprop_tui.engine.quantities import Kind
from backprop_tui.lessons.prediction.mistakes.mistake import Mistakes, an, mistake, said
from backprop_tui.lessons.prediction.mistakes.numbers_at_hand import FEW, Calculation
from backprop_tui.network.lazy_numpy import np
from backprop_tui.network.rules.activations import ACTIVATIONS


def activation_gradient(c: Calculation) -> Mistakes:
    """dL/da: at the output from the loss, below the sum of delta·w."""
    layer, unit = c.place
    yield from chain_mistakes(c, layer, unit)
    slope = c.term(Kind.ACTIVATION_DERIVATIVE, layer, unit)
    advice = "You have multiplied by the slope already: ", slope, "; that is the error signal."
    yield mistake("slope too much", c.number(Kind.DELTA, layer, unit), *advice)
    if layer == c.last:
        yield mistake("loss taken", c.loss, "That is the loss itself, not how it changes.")
        yield mistake(
            "prediction taken", c.number(Kind.ACTIVATION, layer, unit), "That is the prediction alone."
        )
    for one in c.others(layer, unit):
        other = c.term(Kind.ACTIVATION_GRADIENT, layer, one)
        yield mistake("another unit", c.number(Kind.ACTIVATION_GRADIENT, layer, one), "That is ", other, ".")
    yield from averaged(c)


def chain_mistakes(c: Calculation, layer: int, unit: int) -> Mistakes:
    """The mistakes of dL/da that go on down the chain."""
    return _from_loss(c, unit) if layer == c.last else _sent_back(c, layer, unit)


def _from_loss(c: Calculation, unit: int) -> Mistakes:
    a, y = c.number(Kind.ACTIVATION, c.last, unit), np.float64(c.targets[unit])
    value, n = c.number(Kind.ACTIVATION_GRADIENT, c.last, unit), len(c.targets)
    match c.network.training.loss_name:
        case "squared_error":
            yield mistake("2 too much", 2.0 * value, "The 2 from the square cancels against the ½.")
            yield mistake("½ too much", 0.5 * value, "The ½ has cancelled against the 2 from the square.")
            yield mistake("squared", 0.5 * value * value, "That is the loss: its derivative has no square.")
        case "mean_squared_error" | "summed_squared_error":
            yield mistake("2 left out", 0.5 * value, "You left out the 2 that comes from the square.")
        case "binary_cross_entropy":
            yield mistake("denominator left out", (a - y) / n, "You left out the denominator a(1 − a).")
            yield mistake("half left out", -y / a / n, "You left out the part of 1 − y.")
            yield mistake("half left out", (1.0 - y) / (1.0 - a) / n, "You left out the part of y.")
        case "summed_binary_cross_entropy":
            yield mistake("denominator left out", a - y, "You left out the denominator a(1 − a).")
            yield mistake("half left out", -y / a, "You left out the part of 1 − y.")
            yield mistake("half left out", (1.0 - y) / (1.0 - a), "You left out the part of y.")
        case "cross_entropy":
            yield mistake("not divided by a", -y, "You left out the a below: it is −y/a.")
            yield mistake("not divided by a", -a, "It is −y/a: the target over the prediction.")
    if n > 1 and c.network.training.loss.averages_outputs:
        yield mistake("not averaged", value * n, f"Divide by the {n} outputs: the loss is their mean.")
    elif n > 1:
        yield mistake("averaged", value / n, f"The loss is a sum: nothing divides it by the {n} outputs.")


def _sent_back(c: Calculation, layer: int, unit: int) -> Mistakes:
    """Σ delta·w over the units above."""
    above = layer + 1
    count = c.network.widths[above]
    delta, gradient = c.of_layer(Kind.DELTA, above), c.of_layer(Kind.ACTIVATION_GRADIENT, above)
    w = c.weights(above)[:, unit]
    edge = c.weight(above, 0, unit)
    if count == 1:
        slope = c.term(Kind.ACTIVATION_DERIVATIVE, above, 0)
        yield mistake("slope left out", gradient[0] * w[0], "You left out the slope factor ", slope, ".")
        yield mistake("weight left out", delta[0], "You left out the weight ", edge, " on the way back.")
    else:
        advice = "You used dL/da of the units above: their error signals have their slopes in them."
        yield mistake("slope left out", np.sum(gradient * w), advice)
        yield mistake("weight left out", np.sum(delta), "You left out the weights on the way back.")
        yield from _of_several_paths(c, above, delta * w)
    yield from _along_other_edges(c, layer, unit)
    new = c.new_weights(above)[:, unit]
    advice = "Those are the weights after the update: the way back uses those of the forward pass."
    yield mistake("new weights", np.sum(delta * new), advice)
    a = c.term(Kind.ACTIVATION, layer, unit)
    for one in range(min(count, FEW)):
        words = "You multiplied by the activation ", a, "; the way to dL/da is the weight."
        yield mistake("activation for weight", delta[one] * np.float64(a.value), *words)


def _of_several_paths(c: Calculation, above: int, shares: np.ndarray) -> Mistakes:
    """Paths forgotten, or averaged."""
    count = len(shares)
    for one in range(min(count, FEW)):
        name = c.names.unit(above, one)
        advice = f"You took the path through {name} alone: all {count} paths add up."
        yield mistake("one path alone", shares[one], advice)
        advice = f"You left out the path through {name}."
        yield mistake("one path left out", np.sum(shares) - shares[one], advice)
    yield mistake("paths averaged", np.mean(shares), "Paths add up; they are not averaged.")


def _along_other_edges(c: Calculation, layer: int, unit: int) -> Mistakes:
    """The weights of other edges on the way back."""
    above = layer + 1
    delta, weights = c.of_layer(Kind.DELTA, above), c.weights(above)
    if len(delta) == 1:
        own = c.weight(above, 0, unit)
        for other in c.other_weights(above, 0, unit):
            words = "You used ", other, "; the error comes back along ", own, "."
            yield mistake("weight of another edge", delta[0] * np.float64(other.value), *words)
        return
    for one in c.others(layer, unit):
        advice = f"Those are the weights that lead out of {c.names.unit(layer, one)}."
        yield mistake("weight of another edge", np.sum(delta * weights[:, one]), advice)
    if weights.shape[0] == weights.shape[1]:
        name = c.names.unit(layer, unit)
        advice = f"You took the weights the other way round: those that lead out of {name} count."
        yield mistake("transposed weights", np.sum(delta * weights[unit]), advice)


def activation_derivative(c: Calculation) -> Mistakes:
    """da/dz."""
    yield from slope_mistakes(c, *c.place)


def slope_mistakes(c: Calculation, layer: int, unit: int) -> Mistakes:
    """What is taken for the slope of a unit's activation."""
    row = c.network.layers[layer - 1].activation
    z, a = c.number(Kind.WEIGHTED_SUM, layer, unit), c.number(Kind.ACTIVATION, layer, unit)
    given = c.term(Kind.ACTIVATION, layer, unit)
    yield mistake("activation for slope", a, "That is ", given, " itself: the slope is made of it.")
    if row.name in ("sigmoid", "softmax"):
        yield mistake("1 − a alone", 1.0 - a, "That is 1 − a: the slope is a(1 − a).")
        yield mistake("a too much", a * a, "That is a²: the slope is a(1 − a).")
        yield mistake("z in the place of a", z * (1.0 - z), "The slope is a(1 − a), with a, not with z.")
    elif row.name == "tanh":
        yield mistake("not squared", 1.0 - a, "You left out the square: it is 1 − a².")
        yield mistake("1 − left out", a * a, "You left out the 1 −: it is 1 − a².")
        yield mistake("z in the place of a", 1.0 - z * z, "The slope is 1 − a², with a, not with z.")
    else:
        yield mistake("z for slope", z, "That is z itself.")
    if not row.couples:
        again = np.array([a])
        advice = f"That is the slope at a; it is taken at z = {z:.4g}.".replace("-", "−")
        yield mistake("slope at a", row.derivative(again, row.value(again))[0], advice)
    greatest = f"That is the steepest the {said(row.name)} is anywhere; here it is less steep."
    yield mistake("greatest slope", row.greatest_slope, greatest)
    for other in ACTIVATIONS.values():
        if not other.couples and other is not row:
            slope = other.derivative(np.array([z]), other.value(np.array([z])))[0]
            advice = f"That is the slope of {an(other.name)}; {c.names.unit(layer, unit)} has {an(row.name)}."
            yield mistake("another activation", slope, advice)
    for one in c.others(layer, unit):
        term = c.term(Kind.ACTIVATION_DERIVATIVE, layer, one)
        yield mistake("another unit", c.number(Kind.ACTIVATION_DERIVATIVE, layer, one), "That is ", term, ".")


def delta(c: Calculation) -> Mistakes:
    """dL/dz."""
    layer, unit = c.place
    yield from signal_mistakes(c, layer, unit)
    for one in c.others(layer, unit):
        other = c.term(Kind.DELTA, layer, one)
        yield mistake("another unit", c.number(Kind.DELTA, layer, one), "That is ", other, ".")
    yield from averaged(c)


def signal_mistakes(c: Calculation, layer: int, unit: int) -> Mistakes:
    """The mistakes of an error signal that go on into the gradients."""
    g, d = c.number(Kind.ACTIVATION_GRADIENT, layer, unit), c.number(Kind.ACTIVATION_DERIVATIVE, layer, unit)
    slope = c.term(Kind.ACTIVATION_DERIVATIVE, layer, unit)
    gradient = c.term(Kind.ACTIVATION_GRADIENT, layer, unit)
    yield mistake("slope left out", g, "You left out the slope factor ", slope, ".")
    if c.network.fused_loss and layer == c.last:
        words = "Here the slope has cancelled: ", slope, " does not come in once more."
        yield mistake("slope too much", c.number(Kind.DELTA, layer, unit) * d, *words)
        if len(c.targets) > 1 and c.network.training.loss.averages_outputs:
            value = c.number(Kind.DELTA, layer, unit) * len(c.targets)
            yield mistake("not averaged", value, f"Divide by the {len(c.targets)} outputs.")
        a = c.term(Kind.ACTIVATION, layer, unit)
        yield mistake("target left out", np.float64(a.value), "That is ", a, ": take the target off.")
    if c.network.layers[layer - 1].activation.couples:
        advice = "In a softmax layer this z moves every a: the other units' terms count as well."
        yield mistake("one path alone", g * d, advice)
        return
    yield mistake("dL/da left out", d, "That is the slope alone: you left out ", gradient, ".")
    yield mistake("added for multiplied", g + d, "Multiply the two: along a chain factors multiply.")
    for one in chain_mistakes(c, layer, unit):
        yield mistake(one.name, one.value * d, *one.advice)
    for one in slope_mistakes(c, layer, unit):
        if one.name != "another activation":
            yield mistake(one.name, g * one.value, *one.advice)


def averaged(c: Calculation) -> Mistakes:
    """The mean over the batch, which comes later."""
    if c.examples > 1:
        what = "sum" if c.network.training.sums_examples else "mean"
        advice = f"The {what} over the {c.examples} examples is taken in the update; this is one example's."
        yield mistake("averaged over examples", c.value / c.examples, advice)
        yield mistake("summed over examples", c.value * c.examples, advice)
