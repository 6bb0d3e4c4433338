"""The explanation of any statement: its formula with names and with numbers, its terms, and what it means."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from msgspec import Struct

from backprop_tui.engine.quantities import Kind, Quantity
from backprop_tui.history.recorded_facts import Lookup, symbol_of
from backprop_tui.network.lazy_numpy import Array, np
from backprop_tui.network.names import shown
from backprop_tui.network.rules.optimizers import Line, Optimizer, Options
from backprop_tui.program.chain_rule import Chain, ChainReader
from backprop_tui.program.formulas import Expression, Part, Term, expression, joined
from backprop_tui.program.statements import Statement


class Working(Struct, frozen=True):
    """One line of a calculation on the way to the result: ``m = beta1·m + (1 − beta1)·g``."""

    symbol: str
    expression: Expression
    value: float | None


class Explanation(Struct, frozen=True, eq=False):
    """Everything there is to say of one statement."""

    statement: Statement
    symbol: str
    """The identifier of what is computed: ``dL_dw2``."""
    expression: Expression
    """The right-hand side."""
    value: float | None
    """None where it has not run yet."""
    sentence: str
    """What it means, in plain words."""
    also: Expression | None = None
    """The same written another way: a function spelt out, or the long way round to a short formula."""
    working: tuple[Working, ...] = ()
    """The lines on the way, where there are any."""
    chain: Chain | None = None
    notes: tuple[str, ...] = ()
    """Where the formula comes from."""

    @property
    def terms(self) -> tuple[Term, ...]:
        """The names of the formula and of the lines on the way to it, each once."""
        terms = [term for line in self.working for term in line.expression.terms]
        terms += [Term(line.symbol, line.value) for line in self.working]
        terms += [*self.expression.terms, *(self.also.terms if self.also else ())]
        return tuple({term.symbol: term for term in terms}.values())

    def formula(self) -> str:
        """The whole equation with names: ``dL/da_o = −(y − a_o)``."""
        return f"{shown(self.symbol)} = {self.expression.symbolic()}"


def explain(lookup: Lookup, most: int | None = None) -> Explanation:
    """The explanation of the statement that *lookup* is for.

    Args:
        lookup: the statement, with what is known when.
        most: write out at most so many terms of a sum, the largest; None writes all.

    """
    return _EXPLAINERS[lookup.statement.kind](lookup, most)


def _explanation(
    lookup: Lookup,
    right: Expression,
    sentence: str,
    *,
    also: Expression | None = None,
    working: tuple[Working, ...] = (),
    notes: tuple[str, ...] = (),
) -> Explanation:
    return Explanation(
        lookup.statement,
        symbol_of(lookup.names, lookup.statement.quantity),
        right,
        lookup.value,
        sentence,
        also,
        working,
        ChainReader(lookup).chain(),
        notes,
    )


def _place(lookup: Lookup) -> tuple[int, int]:
    _, layer, unit, _ = lookup.statement.quantity
    assert layer is not None
    assert unit is not None
    return layer, unit


def _weighted_sum(lookup: Lookup, most: int | None) -> Explanation:
    layer, unit = _place(lookup)
    below = lookup.network.widths[layer - 1]
    products: Array | None = None
    if most is not None and below > most and lookup.ran:
        iteration = lookup.timeline.iteration(lookup.statement.iteration)
        a = iteration.forward.a[layer - 1][lookup.statement.slot]
        with np.errstate(all="ignore"):
            products = iteration.before.parameters.weights[layer - 1][unit] * a
    chosen, short = lookup.largest(products, below, most)
    parts = [
        expression("{w}·{a}", w=lookup.parameter(layer, unit, i), a=lookup.activation(layer - 1, i))
        for i in chosen
    ]
    if short:
        rest = None if products is None or not lookup.ran else _rest(products, chosen)
        parts.append(Expression((Term(f"Σ {below - len(chosen)} more", rest),)))
    parts.append(Expression((lookup.parameter(layer, unit, None),)))
    name = lookup.names.unit(layer, unit)
    many = "inputs" if below > 1 else "input"
    return _explanation(
        lookup,
        joined(" + ", parts),
        f"First operation at {name}: its {many} times the weight{'s' if below > 1 else ''}, plus its bias.",
    )


def _rest(products: Array, chosen: list[int]) -> float:
    """The sum of the products that are not written out."""
    with np.errstate(all="ignore"):
        return float(np.sum(np.delete(products, chosen)))


def _activation(lookup: Lookup, most: int | None) -> Explanation:
    layer, unit = _place(lookup)
    activation = lookup.network.layers[layer - 1].activation
    z = lookup.term(Quantity(Kind.WEIGHTED_SUM, layer, unit))
    right = expression(activation.formula, z=z)
    also = None
    if activation.couples:
        units = lookup.network.widths[layer]
        shown_units, short = lookup.largest(None, units, most)
        total = joined(
            " + ",
            (
                expression("e^({z})", z=lookup.term(Quantity(Kind.WEIGHTED_SUM, layer, i)))
                for i in shown_units
            ),
        )
        right = expression("e^({z})/(", z=z) + total + Expression((" + …)" if short else ")",))
    elif activation.definition:
        also = expression(activation.definition, z=z)
    return _explanation(
        lookup,
        right,
        f"Second operation at {lookup.names.unit(layer, unit)}: the activation. {activation.remark}",
        also=also,
    )


def _loss(lookup: Lookup, most: int | None) -> Explanation:
    loss = lookup.network.training.loss
    outputs = lookup.network.widths[-1]
    shown_units, short = lookup.largest(None, outputs, most)
    last = len(lookup.network.layers)
    parts = [expression(loss.term, y=lookup.target(i), a=lookup.activation(last, i)) for i in shown_units]
    if short:
        parts.append(Expression((f"… {outputs - len(shown_units)} more",)))
    right = joined(" + ", parts)
    prefix = f"1/{outputs}·" if loss.averages_outputs and outputs > 1 else loss.prefix
    if prefix:
        if outputs > 1 or loss.prefix == "−":
            right = Expression((prefix + "(", *right.parts, ")"))
        else:
            right = Expression((prefix, *right.parts))
    return _explanation(
        lookup,
        right,
        f"How far the prediction is from the target, as one number to make small. {loss.remark}",
    )


def _activation_gradient(lookup: Lookup, most: int | None) -> Explanation:
    layer, unit = _place(lookup)
    network, names = lookup.network, lookup.names
    if layer == len(network.layers):
        loss = network.training.loss
        outputs = network.widths[-1]
        right = expression(
            loss.gradient_formula,
            y=lookup.target(unit),
            a=lookup.activation(layer, unit),
        )
        if loss.averages_outputs and outputs > 1:
            right = Expression((*right.parts, f"/{outputs}"))
        return _explanation(
            lookup,
            right,
            f"How the loss changes with the prediction {names.a(layer, unit)}: here the way back begins.",
            notes=(loss.remark,),
        )
    above = network.widths[layer + 1]
    products: Array | None = None
    if most is not None and above > most and lookup.ran:
        iteration = lookup.timeline.iteration(lookup.statement.iteration)
        weights = iteration.before.parameters.weights[layer][:, unit]
        with np.errstate(all="ignore"):
            products = iteration.backward.delta[layer][lookup.statement.slot] * weights
    chosen, short = lookup.largest(products, above, most)
    parts = [
        expression(
            "{delta}·{w}",
            delta=lookup.term(Quantity(Kind.DELTA, layer + 1, k), reused=True),
            w=lookup.parameter(layer + 1, k, unit),
        )
        for k in chosen
    ]
    if short:
        rest = None if products is None or not lookup.ran else _rest(products, chosen)
        parts.append(Expression((Term(f"Σ {above - len(chosen)} more", rest),)))
    name = names.unit(layer, unit)
    how = (
        f"{name} feeds {above} units: what each of them sends back along its weight adds up."
        if above > 1
        else f"{names.unit(layer + 1, 0)} sends its error signal back to {name} along the weight: reused."
    )
    return _explanation(lookup, joined(" + ", parts), how)


def _activation_derivative(lookup: Lookup, most: int | None) -> Explanation:
    layer, unit = _place(lookup)
    activation = lookup.network.layers[layer - 1].activation
    right = expression(
        activation.derivative_formula,
        z=lookup.term(Quantity(Kind.WEIGHTED_SUM, layer, unit)),
        a=lookup.activation(layer, unit),
    )
    name = lookup.names.unit(layer, unit)
    sentence = (
        f"How much {lookup.names.a(layer, unit)} follows its z: the slope of {activation.name} at {name}."
    )
    if lookup.value == 0.0:
        sentence += " It is 0 here: no gradient passes."
    elif activation.saturates and lookup.value is not None and lookup.value < 0.02:
        sentence += " It is almost 0 here: the unit is saturated, and little gradient passes."
    return _explanation(lookup, right, sentence, notes=activation.derivation)


def _delta(lookup: Lookup, most: int | None) -> Explanation:
    layer, unit = _place(lookup)
    network, names = lookup.network, lookup.names
    name = names.unit(layer, unit)
    output = layer == len(network.layers)
    long_way = _long_way(lookup, layer, unit, most)
    sentence = f"The error signal of {name}: how the loss changes with its z. Its weights and bias"
    sentence += " use it next" + (", and so does the layer below." if layer > 1 else ".")
    if output and network.partner:
        outputs = network.widths[-1]
        targets = sum(lookup.target(k).value or 0.0 for k in range(outputs))
        short = expression(
            network.partner.delta_formula,
            a=lookup.activation(layer, unit),
            y=lookup.target(unit),
            sum_y="" if targets == 1.0 else "·Σy",
        )
        if network.training.loss.averages_outputs and outputs > 1:
            short = Expression(("(", *short.parts, f")/{outputs}"))
        loss = network.training.loss_name
        why = f"{loss} after {network.partner.activation} collapses: {network.partner.why}."
        return _explanation(lookup, short, sentence, also=long_way, notes=(why,))
    return _explanation(lookup, long_way, sentence)


def _long_way(lookup: Lookup, layer: int, unit: int, most: int | None) -> Expression:
    """dL/da · da/dz; in a softmax layer the sum over every a that this z moves."""
    own = expression(
        "{g}·{d}",
        g=lookup.term(Quantity(Kind.ACTIVATION_GRADIENT, layer, unit)),
        d=lookup.term(Quantity(Kind.ACTIVATION_DERIVATIVE, layer, unit)),
    )
    if not lookup.network.layers[layer - 1].activation.couples:
        return own
    others = [k for k in range(lookup.network.widths[layer]) if k != unit]
    written = others if most is None else others[:most]
    parts = [
        expression(
            "{g}·{b}·{a}",
            g=lookup.term(Quantity(Kind.ACTIVATION_GRADIENT, layer, k)),
            b=lookup.activation(layer, k),
            a=lookup.activation(layer, unit),
        )
        for k in written
    ]
    if len(written) < len(others):
        parts.append(Expression((f"… {len(others) - len(written)} more",)))
    return joined(" − ", [own, *parts])


def _weight_gradient(lookup: Lookup, most: int | None) -> Explanation:
    layer, unit = _place(lookup)
    below = lookup.statement.quantity.input
    assert below is not None
    right = expression(
        "{delta}·{a}",
        delta=lookup.term(Quantity(Kind.DELTA, layer, unit), reused=True),
        a=lookup.activation(layer - 1, below),
    )
    return _explanation(lookup, right, _slope_sentence(lookup, lookup.names.weight(layer, unit, below)))


def _bias_gradient(lookup: Lookup, most: int | None) -> Explanation:
    layer, unit = _place(lookup)
    right = expression("{delta}·1", delta=lookup.term(Quantity(Kind.DELTA, layer, unit), reused=True))
    name = lookup.names.bias(layer, unit)
    sentence = "The same chain, ending in 1. " + _slope_sentence(lookup, name)
    return _explanation(lookup, right, sentence)


def _slope_sentence(lookup: Lookup, name: str) -> str:
    if (slope := lookup.value) is None:
        return f"The slope of the loss along {name}: its sign tells which way the update will go."
    if slope == 0.0:
        return f"The slope is 0: {name} makes no difference to the loss here."
    if slope != slope:
        return "This is not a number any more: the run has diverged."
    settings = lookup.settings
    plain = (
        lookup.batch_length == 1
        and lookup.network.training.optimizer_name == "sgd"
        and not settings["momentum"]
        and not settings["weight_decay"]
    )
    which, result = ("negative", "lowers") if slope < 0 else ("positive", "raises")
    sentence = f"The slope is {which}: raising {name} a little {result} the loss"
    up = slope < 0
    if _frozen(lookup):
        return f"{sentence}; but {name} is frozen and stays as it is."
    if plain:
        return f"{sentence}, so the update {'raises' if up else 'lowers'} it."
    return f"{sentence}, so this example pulls it {'up' if up else 'down'}."


def _frozen(lookup: Lookup) -> bool:
    layer, _ = _place(lookup)
    row = lookup.network.layers[layer - 1]
    return row.frozen_biases if lookup.statement.kind is Kind.BIAS_GRADIENT else row.frozen_weights


_WORD = re.compile(r"\{[pg]\}|[A-Za-zη_][A-Za-z0-9_]*")


def _update(lookup: Lookup, most: int | None) -> Explanation:
    layer, unit = _place(lookup)
    below = lookup.statement.quantity.input
    parameter = lookup.parameter(layer, unit, below)
    right, working = _update_working(lookup, parameter, lookup.mean_gradient(layer, unit, below))
    name = parameter.symbol
    sentence = f"The new {name}: a step against its gradient"
    if lookup.batch_length > 1:
        sentence += f", averaged over the {lookup.batch_length} examples of the batch"
    sentence += f", as long as the learning rate η = {lookup.settings['learning_rate']:g} says."
    if lookup.value is not None and parameter.value is not None and lookup.value != parameter.value:
        sentence += f" {name} went {'up' if lookup.value > parameter.value else 'down'}."
    return _explanation(lookup, right, sentence, working=working)


def _update_working(
    lookup: Lookup, parameter: Term, gradient: Term
) -> tuple[Expression, tuple[Working, ...]]:
    """The optimizer's rule with this parameter's numbers: the last line's right side, and the lines before.

    What the optimizer remembers from the update before is named ``m_old``; this update's ``m``.
    """
    _, layer, unit, below = lookup.statement.quantity
    assert layer is not None
    assert unit is not None
    optimizer, settings = lookup.network.training.optimizer, lookup.settings
    memory = lookup.memory(layer, unit, below)
    known: dict[str, Term] = {"{p}": parameter, "{g}": gradient, "t": Term("t", lookup.update_number)}
    known |= {name: Term(name, value) for name, value in settings.items()}
    known["η"] = Term("learning_rate", settings["learning_rate"])
    for name, old in memory.items():
        known[name] = Term(f"{name}_old", old if lookup.started else None)
    ready = parameter.value is not None and gradient.value is not None
    lines = _rule_lines(optimizer, parameter.value, gradient.value, memory, lookup.update_number, settings)
    working: list[Working] = []
    for line in lines[:-1]:
        right = Expression(tuple(_with_terms(line.formula, known)))
        value = float(line.value) if ready else None
        working.append(Working(line.name, right, value))
        known[line.name] = Term(line.name, value)
    return Expression(tuple(_with_terms(lines[-1].formula, known))), tuple(working)


def _rule_lines(
    optimizer: Optimizer,
    parameter: float | None,
    gradient: float | None,
    memory: Mapping[str, float],
    t: int,
    settings: Options,
) -> list[Line]:
    """The lines of an update of one number; where it is not known yet, only their formulas mean something."""
    if parameter is None or gradient is None:
        zeros: Any = dict.fromkeys(memory, 0.0)
        nothing: Any = 0.0
        return optimizer.rule(nothing, nothing, zeros, t, settings)
    numbers: Any = {name: np.float64(value) for name, value in memory.items()}
    p: Any = np.float64(parameter)
    g: Any = np.float64(gradient)
    with np.errstate(all="ignore"):
        return optimizer.rule(p, g, numbers, t, settings)


def _with_terms(formula: str, known: dict[str, Term]) -> list[Part]:
    """A formula's words as terms, where they are known."""
    parts: list[Part] = []
    end = 0
    for match in _WORD.finditer(formula):
        if match[0] in known:
            if formula[end : match.start()]:
                parts.append(formula[end : match.start()])
            parts.append(known[match[0]])
            end = match.end()
    if formula[end:]:
        parts.append(formula[end:])
    return parts


_EXPLAINERS: dict[Kind, Callable[[Lookup, int | None], Explanation]] = {
    Kind.WEIGHTED_SUM: _weighted_sum,
    Kind.ACTIVATION: _activation,
    Kind.LOSS: _loss,
    Kind.ACTIVATION_GRADIENT: _activation_gradient,
    Kind.ACTIVATION_DERIVATIVE: _activation_derivative,
    Kind.DELTA: _delta,
    Kind.WEIGHT_GRADIENT: _weight_gradient,
    Kind.BIAS_GRADIENT: _bias_gradient,
    Kind.WEIGHT_UPDATE: _update,
    Kind.BIAS_UPDATE: _update,
}
