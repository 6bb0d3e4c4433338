"""Explanations of the forward pass: weighted sums, activations, and the loss."""

from __future__ import annotations

from backprop_tui.engine.quantities import Kind, Parameter, Quantity
from backprop_tui.network.lazy_numpy import Array, np
from backprop_tui.network.names import shown
from backprop_tui.network.rules.losses import Loss
from backprop_tui.program.explanations.explanation import Explanation, explanation, place_of
from backprop_tui.program.explanations.sums import largest, left_out
from backprop_tui.program.facts import Facts
from backprop_tui.program.formulas import Expression, expression, joined


def weighted_sum(facts: Facts, most: int | None) -> Explanation:
    """The first operation at a unit: z = Σ w·a + b."""
    layer, unit = place_of(facts)
    below = facts.network.widths[layer - 1]
    products = facts.weighted_inputs(layer, unit) if most is not None and below > most else None
    chosen, short = largest(products, below, most)
    parts = [
        expression("{w}·{a}", w=facts.parameter(Parameter(layer, unit, i)), a=facts.activation(layer - 1, i))
        for i in chosen
    ]
    if short:
        parts.append(left_out(products, chosen, below))
    parts.append(Expression((facts.parameter(Parameter(layer, unit, None)),)))
    name = facts.names.unit(layer, unit)
    what = f"{name}'s inputs, each times its weight," if below > 1 else f"{name}'s input times its weight,"
    sentence = f"{what} plus the bias. The activation turns this sum into {name}'s output."
    return explanation(facts, joined(" + ", parts), sentence)


def activation(facts: Facts, most: int | None) -> Explanation:
    """The second operation at a unit: a = f(z)."""
    layer, unit = place_of(facts)
    activation = facts.network.layers[layer - 1].activation
    z = facts.term(Quantity(Kind.WEIGHTED_SUM, layer, unit))
    right = expression(activation.formula, z=z)
    also = None
    if activation.couples:
        right = expression("e^({z})/(", z=z) + _exponentials(facts, layer, most) + Expression((")",))
    elif activation.definition:
        also = expression(activation.definition, z=z)
    output = layer == len(facts.network.layers)
    name = facts.names.unit(layer, unit)
    what = f"{name}'s output, the prediction." if output else f"{name}'s output, for the next layer."
    return explanation(facts, right, f"{what} {activation.remark}", also=also)


def _exponentials(facts: Facts, layer: int, most: int | None) -> Expression:
    """The sum of e^z over a layer."""
    units = facts.network.widths[layer]
    z = facts.of_layer(Kind.WEIGHTED_SUM, layer) if most is not None and units > most else None
    exponentials: Array | None = None
    if z is not None:
        with np.errstate(all="ignore"):
            exponentials = np.exp(z)
    chosen, short = largest(exponentials, units, most)
    parts = [expression("e^({z})", z=facts.term(Quantity(Kind.WEIGHTED_SUM, layer, i))) for i in chosen]
    if short:
        parts.append(left_out(exponentials, chosen, units))
    return joined(" + ", parts)


def loss(facts: Facts, most: int | None) -> Explanation:
    """L: how far the prediction is from the target."""
    loss = facts.network.training.loss
    outputs = facts.network.widths[-1]
    last = len(facts.network.layers)
    shares = _shares(facts, loss) if most is not None and outputs > most else None
    chosen, short = largest(shares, outputs, most)
    parts = [expression(loss.term, y=facts.target(i), a=facts.activation(last, i)) for i in chosen]
    if short:
        parts.append(left_out(shares, chosen, outputs))
    right = joined(" + ", parts)
    prefix = f"1/{outputs}·" if loss.averages_outputs and outputs > 1 else loss.prefix
    if prefix:
        if outputs > 1 or loss.prefix == "−":
            right = Expression((prefix + "(", *right.parts, ")"))
        else:
            right = Expression((prefix, *right.parts))
    sentence = f"How wrong the prediction is, in one number. Training makes it smaller. {loss.remark}"
    if (outside := _no_probability(facts, loss)) is not None:
        name = shown(facts.activation(last, outside).symbol)
        activation = facts.network.layers[-1].activation.name
        sentence = (
            f"{name} is no probability: this loss takes the logarithm of predictions, which have to lie "
            f"between 0 and 1. {activation} gives others; sigmoid and softmax do not."
        )
    return explanation(facts, right, sentence)


def _no_probability(facts: Facts, loss: Loss) -> int | None:
    """The first output outside 0 to 1, where the loss is of probabilities; None where there is none."""
    a = facts.of_layer(Kind.ACTIVATION, len(facts.network.layers)) if loss.of_probabilities else None
    if a is None:
        return None
    outside = np.flatnonzero((a < 0.0) | (a > 1.0))
    return int(outside[0]) if len(outside) else None


def _shares(facts: Facts, loss: Loss) -> Array | None:
    """Each output's term of the sum in a loss; None where it has not run."""
    outputs = facts.network.widths[-1]
    a = facts.of_layer(Kind.ACTIVATION, len(facts.network.layers))
    if a is None:
        return None
    y = np.array([facts.target(i).value for i in range(outputs)])
    with np.errstate(all="ignore"):
        each = loss.value(y[:, None], a[:, None])
    return np.asarray(each / {"½": 0.5, "−": -1.0}.get(loss.prefix, 1.0))
