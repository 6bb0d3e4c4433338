"""Explanations of the backward pass: error signals, and the gradients made of them."""

from __future__ import annotations

from backprop_tui.engine.quantities import Kind, Parameter, Quantity
from backprop_tui.program.explanations.explanation import Explanation, explanation, place_of
from backprop_tui.program.explanations.sums import largest, rest
from backprop_tui.program.facts import Facts
from backprop_tui.program.formulas import Expression, Term, expression, joined


def activation_gradient(facts: Facts, most: int | None) -> Explanation:
    """dL/da: at the output from the loss, below the sum of what comes back along the weights."""
    layer, unit = place_of(facts)
    network, names = facts.network, facts.names
    if layer == len(network.layers):
        loss = network.training.loss
        outputs = network.widths[-1]
        right = expression(
            loss.gradient_formula,
            y=facts.target(unit),
            a=facts.activation(layer, unit),
        )
        if loss.averages_outputs and outputs > 1:
            right = Expression((*right.parts, f"/{outputs}"))
        return explanation(
            facts,
            right,
            f"How the loss changes with the prediction {names.a(layer, unit)}: here the way back begins.",
            notes=(loss.remark,),
        )
    above = network.widths[layer + 1]
    products = facts.errors_sent_back(layer, unit) if most is not None and above > most else None
    chosen, short = largest(products, above, most)
    parts = [
        expression(
            "{delta}·{w}",
            delta=facts.term(Quantity(Kind.DELTA, layer + 1, k), reused=True),
            w=facts.parameter(Parameter(layer + 1, k, unit)),
        )
        for k in chosen
    ]
    if short:
        parts.append(Expression((Term(f"Σ {above - len(chosen)} more", rest(products, chosen)),)))
    name = names.unit(layer, unit)
    how = (
        f"{name} feeds {above} units: what each of them sends back along its weight adds up."
        if above > 1
        else f"{names.unit(layer + 1, 0)} sends its error signal back to {name} along the weight: reused."
    )
    return explanation(facts, joined(" + ", parts), how)


def activation_derivative(facts: Facts, most: int | None) -> Explanation:
    """da/dz: the slope of the activation."""
    layer, unit = place_of(facts)
    activation = facts.network.layers[layer - 1].activation
    right = expression(
        activation.derivative_formula,
        z=facts.term(Quantity(Kind.WEIGHTED_SUM, layer, unit)),
        a=facts.activation(layer, unit),
    )
    name = facts.names.unit(layer, unit)
    sentence = (
        f"How much {facts.names.a(layer, unit)} follows its z: the slope of {activation.name} at {name}."
    )
    if facts.value == 0.0:
        sentence += " It is 0 here: no gradient passes."
    elif activation.saturates and facts.value is not None and abs(facts.value) < activation.least_slope:
        sentence += " It is almost 0 here: the unit is saturated, and little gradient passes."
    return explanation(facts, right, sentence, notes=activation.derivation)


def delta(facts: Facts, most: int | None) -> Explanation:
    """dL/dz: the error signal of a unit."""
    layer, unit = place_of(facts)
    network, names = facts.network, facts.names
    name = names.unit(layer, unit)
    output = layer == len(network.layers)
    long_way = _long_way(facts, layer, unit, most)
    sentence = f"The error signal of {name}: how the loss changes with its z. Its weights and bias"
    sentence += " use it next" + (", and so does the layer below." if layer > 1 else ".")
    if output and network.fused_loss:
        outputs = network.widths[-1]
        targets = sum(facts.target(k).value or 0.0 for k in range(outputs))
        short = expression(
            network.fused_loss.delta_formula,
            a=facts.activation(layer, unit),
            y=facts.target(unit),
            sum_y="" if targets == 1.0 else "·Σy",
        )
        if network.training.loss.averages_outputs and outputs > 1:
            short = Expression(("(", *short.parts, f")/{outputs}"))
        loss = network.training.loss_name
        why = f"{loss} after {network.fused_loss.activation} collapses: {network.fused_loss.why}."
        return explanation(facts, short, sentence, also=long_way, notes=(why,))
    return explanation(facts, long_way, sentence)


def _long_way(facts: Facts, layer: int, unit: int, most: int | None) -> Expression:
    """dL/da · da/dz; in a softmax layer the sum over every a that this z moves."""
    own = expression(
        "{g}·{d}",
        g=facts.term(Quantity(Kind.ACTIVATION_GRADIENT, layer, unit)),
        d=facts.term(Quantity(Kind.ACTIVATION_DERIVATIVE, layer, unit)),
    )
    if not facts.network.layers[layer - 1].activation.couples:
        return own
    others = [k for k in range(facts.network.widths[layer]) if k != unit]
    written = others if most is None else others[:most]
    parts = [
        expression(
            "{g}·{b}·{a}",
            g=facts.term(Quantity(Kind.ACTIVATION_GRADIENT, layer, k)),
            b=facts.activation(layer, k),
            a=facts.activation(layer, unit),
        )
        for k in written
    ]
    if len(written) < len(others):
        parts.append(Expression((f"… {len(others) - len(written)} more",)))
    return joined(" − ", [own, *parts])


def weight_gradient(facts: Facts, most: int | None) -> Explanation:
    """dL/dw = delta·a: the error signal times what came in along the weight."""
    layer, unit = place_of(facts)
    below = facts.statement.quantity.input
    assert below is not None
    right = expression(
        "{delta}·{a}",
        delta=facts.term(Quantity(Kind.DELTA, layer, unit), reused=True),
        a=facts.activation(layer - 1, below),
    )
    return explanation(facts, right, _slope_sentence(facts, facts.names.weight(layer, unit, below)))


def bias_gradient(facts: Facts, most: int | None) -> Explanation:
    """dL/db = delta·1: the same chain, ending in 1."""
    layer, unit = place_of(facts)
    right = expression("{delta}·1", delta=facts.term(Quantity(Kind.DELTA, layer, unit), reused=True))
    name = facts.names.bias(layer, unit)
    sentence = "The same chain, ending in 1. " + _slope_sentence(facts, name)
    return explanation(facts, right, sentence)


def _slope_sentence(facts: Facts, name: str) -> str:
    if (slope := facts.value) is None:
        return f"The slope of the loss along {name}: its sign tells which way the update will go."
    if slope == 0.0:
        return f"The slope is 0: {name} makes no difference to the loss here."
    if slope != slope:
        return "This is not a number any more: the run has diverged."
    settings = facts.settings
    plain = (
        facts.batch_length == 1
        and facts.network.training.optimizer_name == "sgd"
        and not settings["momentum"]
        and not settings["weight_decay"]
    )
    which, result = ("negative", "lowers") if slope < 0 else ("positive", "raises")
    sentence = f"The slope is {which}: raising {name} a little {result} the loss"
    up = slope < 0
    parameter = facts.statement.quantity.parameter
    if parameter and parameter.frozen(facts.network):
        return f"{sentence}; but {name} is frozen and stays as it is."
    if plain:
        return f"{sentence}, so the update {'raises' if up else 'lowers'} it."
    return f"{sentence}, so this example pulls it {'up' if up else 'down'}."
