"""Explanations of the update: the optimizer's rule with the numbers of one parameter."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from backprop_tui.engine.quantities import Parameter
from backprop_tui.network.lazy_numpy import np
from backprop_tui.network.rules.optimizers import Line, Optimizer, Options, options_for
from backprop_tui.program.explanations.explanation import Explanation, Working, explanation
from backprop_tui.program.facts import Facts
from backprop_tui.program.formulas import Expression, Part, Term
from backprop_tui.program.number_text import number

_WORD = r"\{[pg]\}|[A-Za-zη_][A-Za-z0-9_]*"


def update(facts: Facts, most: int | None) -> Explanation:
    """The new value of a parameter, with the optimizer's intermediate values."""
    updated = facts.statement.quantity.parameter
    assert updated is not None
    parameter = facts.parameter(updated)
    right, working = _working(facts, updated, parameter)
    name = parameter.symbol
    against = "its gradient"
    if facts.batch_length > 1:
        against = f"its mean gradient over {facts.batch_length} examples"
        if facts.network.training.sums_examples:
            against = f"its gradients of {facts.batch_length} examples, added up"
    rate = f"{facts.settings['learning_rate']:g}".replace("-", "−")
    sentence = f"{name} takes a step against {against}; the learning rate η = {rate} sets how far."
    moved = 0.0 if facts.value is None or parameter.value is None else facts.value - parameter.value
    if moved > 0 or moved < 0:
        sentence += f" It went {'up' if moved > 0 else 'down'} by {number(abs(moved), facts.digits)}."
    notes = [facts.network.training.optimizer.remark]
    if facts.settings.get("weight_decay") and "weight_decay" not in _options(facts, updated):
        notes.append("Biases are not decayed here: decay_biases is false.")
    return explanation(facts, right, sentence, working=working, notes=tuple(notes))


def _options(facts: Facts, updated: Parameter) -> Options:
    """The options by which a parameter is updated."""
    return options_for(facts.settings, bias=updated.is_bias)


def _working(facts: Facts, updated: Parameter, parameter: Term) -> tuple[Expression, tuple[Working, ...]]:
    """The optimizer's rule with this parameter's numbers: the last line's right side, and the lines before.

    The optimizer's state after the update before is named ``m_old``; after this one ``m``.
    """
    gradient = facts.mean_gradient(updated)
    optimizer, settings = facts.network.training.optimizer, _options(facts, updated)
    state = facts.optimizer_state(updated)
    known: dict[str, Term] = {"{p}": parameter, "{g}": gradient, "t": Term("t", facts.update_number)}
    known |= {name: Term(name, value) for name, value in settings.items()}
    known["η"] = Term("learning_rate", settings["learning_rate"])
    for name, old in state.items():
        known[name] = Term(f"{name}_old", old if facts.started else None)
    ready = parameter.value is not None and gradient.value is not None
    lines = _rule_lines(optimizer, parameter.value, gradient.value, state, facts.update_number, settings)
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
    state: Mapping[str, float],
    t: int,
    settings: Options,
) -> list[Line]:
    """The lines of an update of one number; where it is not known yet, only their formulas mean something."""
    if parameter is None or gradient is None:
        zeros: Any = dict.fromkeys(state, 0.0)
        nothing: Any = 0.0
        return optimizer.lines(nothing, nothing, zeros, t, settings)
    numbers: Any = {name: np.float64(value) for name, value in state.items()}
    p: Any = np.float64(parameter)
    g: Any = np.float64(gradient)
    with np.errstate(all="ignore"):
        return optimizer.lines(p, g, numbers, t, settings)


def _with_terms(formula: str, known: dict[str, Term]) -> list[Part]:
    """A formula's words as terms, where they are known."""
    parts: list[Part] = []
    end = 0
    for match in re.finditer(_WORD, formula):
        if match[0] in known:
            if formula[end : match.start()]:
                parts.append(formula[end : match.start()])
            parts.append(known[match[0]])
            end = match.end()
    if formula[end:]:
        parts.append(formula[end:])
    return parts
