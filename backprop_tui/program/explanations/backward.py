"""Explanations of the backward pass: error signals, and the gradients made of them."""

from __future__ import annotations

from backprop_tui.engine.quantities import Kind, Parameter, Quantity
from backprop_tui.network.lazy_numpy import Array, np
from backprop_tui.network.names import shown
from backprop_tui.network.rules.optimizers import options_for
from backprop_tui.program.explanations.explanation import Explanation, explanation, place_of
from backprop_tui.program.explanations.sums import largest, left_out
from backprop_tui.program.facts import Facts
from backprop_tui.program.formulas import Expression, expression, joined
from backprop_tui.program.number_text import number


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
        effect = _effect(facts, names.a(layer, unit))
        return explanation(facts, right, f"The way back starts here. {effect}.", notes=(loss.remark,))
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
        parts.append(left_out(products, chosen, above))
    name = names.unit(layer, unit)
    if above > 1:
        how = f"{name} feeds {above} units. Each sends its error signal back through its weight; they add up."
    else:
        sender, weight = names.unit(layer + 1, 0), names.weight(layer + 1, 0, unit)
        how = f"{sender}'s error signal, computed before, goes back to {name} through the weight {weight}."
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
    names, slope = facts.names, facts.value
    name, z, a = names.unit(layer, unit), names.z(layer, unit), names.a(layer, unit)
    times = "" if slope is None else f" by {number(slope, facts.digits)} times that"
    sentence = f"The slope of {name}'s {activation.name}: raising {z} a little changes {a}{times}."
    if slope == 0.0:
        sentence = f"The slope of {name}'s {activation.name} is 0 here: {a} stays as it is when {z} changes "
        sentence += "a little, and no error gets through."
    elif activation.saturates and slope is not None and abs(slope) < activation.least_slope:
        sentence += f" That is almost nothing: {name} is saturated."
    derivation = tuple(line.named(z, a, shown(names.da_dz(layer, unit))) for line in activation.derivation)
    notes = tuple(f"{line.left} = {line.right}".strip() for line in derivation)
    return explanation(facts, right, sentence, notes=notes, derivation=derivation)


def delta(facts: Facts, most: int | None) -> Explanation:
    """dL/dz: the error signal of a unit."""
    layer, unit = place_of(facts)
    network, names = facts.network, facts.names
    name = names.unit(layer, unit)
    output = layer == len(network.layers)
    long_way = _long_way(facts, layer, unit, most)
    user = "The layer below reuses it." if layer > 1 else "Its gradients use it."
    sentence = f"{name}'s error signal. {_effect(facts, names.z(layer, unit))}. {user}"
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
        pair = f"{network.training.loss_name} after {network.fused_loss.activation}"
        why = f"The formula is so short for {pair}: {network.fused_loss.why}."
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
    a = facts.activation(layer, unit)
    products = _shares(facts, layer, unit) if most is not None and len(others) > most else None
    chosen, short = largest(products, len(others), most)
    parts = [
        expression(
            "{g}·{b}·{a}",
            g=facts.term(Quantity(Kind.ACTIVATION_GRADIENT, layer, others[k])),
            b=facts.activation(layer, others[k]),
            a=a,
        )
        for k in chosen
    ]
    if short:
        parts.append(left_out(products, chosen, len(others)))
    return joined(" − ", [own, *parts])


def _shares(facts: Facts, layer: int, unit: int) -> Array | None:
    """dL/da of every other unit of a softmax layer, times how this unit's z moves it."""
    dL_da, a = facts.of_layer(Kind.ACTIVATION_GRADIENT, layer), facts.of_layer(Kind.ACTIVATION, layer)
    if dL_da is None or a is None:
        return None
    with np.errstate(all="ignore"):
        return np.delete(dL_da * a * a[unit], unit)


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
    names = facts.names
    sentence = f"{names.unit(layer, unit)}'s error signal times its input {names.a(layer - 1, below)}."
    return explanation(
        facts, right, f"{sentence} {_effect_and_update(facts, names.weight(layer, unit, below))}"
    )


def bias_gradient(facts: Facts, most: int | None) -> Explanation:
    """dL/db = delta·1: the same chain, ending in 1."""
    layer, unit = place_of(facts)
    right = expression("{delta}·1", delta=facts.term(Quantity(Kind.DELTA, layer, unit), reused=True))
    names = facts.names
    bias = names.bias(layer, unit)
    sentence = f"{names.unit(layer, unit)}'s error signal times 1. {_effect_and_update(facts, bias)}"
    why = f"A bias has no input: {names.z(layer, unit)} grows just as {bias} does, so the last factor is 1."
    return explanation(facts, right, sentence, notes=(why,))


def _effect(facts: Facts, name: str) -> str:
    """What a small change of something does to the loss, in a batch of one example; without the full stop."""
    slope = facts.value
    loss = "the loss" if facts.batch_length == 1 else "this example's loss"
    if slope is None:
        return f"It tells how {loss} changes when {name} rises a little"
    if slope == 0.0:
        return f"It is 0: raising {name} a little does not change {loss}"
    if slope != slope:
        return "It is not a number: the run has diverged"
    result = "lowers" if slope < 0 else "raises"
    return f"Raising {name} a little {result} {loss} by {number(abs(slope), facts.digits)} times that"


def _effect_and_update(facts: Facts, name: str) -> str:
    """What a small change of a parameter does to the loss, and where the update will move it for that."""
    slope, parameter = facts.value, facts.statement.quantity.parameter
    effect = _effect(facts, name)
    if slope is None or slope == 0.0 or slope != slope:
        return f"{effect}."
    if parameter and parameter.frozen(facts.network):
        return f"{effect}, but {name} is frozen."
    settings = options_for(facts.settings, bias=parameter is not None and parameter.is_bias)
    plain = (
        facts.batch_length == 1
        and facts.network.training.optimizer_name == "sgd"
        and not settings["momentum"]
        and not settings.get("weight_decay")
    )
    way = "up" if slope < 0 else "down"
    if plain:
        return f"{effect}, so {name} will go {way}."
    return f"{effect}: {'this example' if facts.batch_length == 1 else 'it'} pulls {name} {way}."
