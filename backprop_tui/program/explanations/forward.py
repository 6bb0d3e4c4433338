"""Explanations of the forward pass: weighted sums, activations, and the loss."""

from __future__ import annotations

from backprop_tui.engine.quantities import Kind, Parameter, Quantity
from backprop_tui.program.explanations.explanation import Explanation, explanation, place_of
from backprop_tui.program.explanations.sums import largest, rest
from backprop_tui.program.facts import Facts
from backprop_tui.program.formulas import Expression, Term, expression, joined


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
        parts.append(Expression((Term(f"Σ {below - len(chosen)} more", rest(products, chosen)),)))
    parts.append(Expression((facts.parameter(Parameter(layer, unit, None)),)))
    name = facts.names.unit(layer, unit)
    many = "inputs" if below > 1 else "input"
    return explanation(
        facts,
        joined(" + ", parts),
        f"First operation at {name}: its {many} times the weight{'s' if below > 1 else ''}, plus its bias.",
    )


def activation(facts: Facts, most: int | None) -> Explanation:
    """The second operation at a unit: a = f(z)."""
    layer, unit = place_of(facts)
    activation = facts.network.layers[layer - 1].activation
    z = facts.term(Quantity(Kind.WEIGHTED_SUM, layer, unit))
    right = expression(activation.formula, z=z)
    also = None
    if activation.couples:
        units = facts.network.widths[layer]
        shown_units, short = largest(None, units, most)
        total = joined(
            " + ",
            (expression("e^({z})", z=facts.term(Quantity(Kind.WEIGHTED_SUM, layer, i))) for i in shown_units),
        )
        right = expression("e^({z})/(", z=z) + total + Expression((" + …)" if short else ")",))
    elif activation.definition:
        also = expression(activation.definition, z=z)
    return explanation(
        facts,
        right,
        f"Second operation at {facts.names.unit(layer, unit)}: the activation. {activation.remark}",
        also=also,
    )


def loss(facts: Facts, most: int | None) -> Explanation:
    """L: how far the prediction is from the target."""
    loss = facts.network.training.loss
    outputs = facts.network.widths[-1]
    shown_units, short = largest(None, outputs, most)
    last = len(facts.network.layers)
    parts = [expression(loss.term, y=facts.target(i), a=facts.activation(last, i)) for i in shown_units]
    if short:
        parts.append(Expression((f"… {outputs - len(shown_units)} more",)))
    right = joined(" + ", parts)
    prefix = f"1/{outputs}·" if loss.averages_outputs and outputs > 1 else loss.prefix
    if prefix:
        if outputs > 1 or loss.prefix == "−":
            right = Expression((prefix + "(", *right.parts, ")"))
        else:
            right = Expression((prefix, *right.parts))
    return explanation(
        facts,
        right,
        f"How far the prediction is from the target, as one number to make small. {loss.remark}",
    )
