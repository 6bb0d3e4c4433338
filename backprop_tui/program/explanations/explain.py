"""Who explains a statement: one row for each kind of it."""

from __future__ import annotations

from collections.abc import Callable

from msgspec.structs import replace

from backprop_tui.engine.quantities import Kind
from backprop_tui.network.lazy_module import lazy_module
from backprop_tui.program.explanations import backward, forward, update
from backprop_tui.program.explanations.explanation import Explanation
from backprop_tui.program.facts import Facts

_rounding = lazy_module("backprop_tui.program.explanations.rounding")  # most networks never were in PyTorch

_EXPLAINERS: dict[Kind, Callable[[Facts, int | None], Explanation]] = {
    Kind.WEIGHTED_SUM: forward.weighted_sum,
    Kind.ACTIVATION: forward.activation,
    Kind.LOSS: forward.loss,
    Kind.ACTIVATION_GRADIENT: backward.activation_gradient,
    Kind.ACTIVATION_DERIVATIVE: backward.activation_derivative,
    Kind.DELTA: backward.delta,
    Kind.WEIGHT_GRADIENT: backward.weight_gradient,
    Kind.BIAS_GRADIENT: backward.bias_gradient,
    Kind.WEIGHT_UPDATE: update.update,
    Kind.BIAS_UPDATE: update.update,
}


def explain(facts: Facts, most: int | None = None) -> Explanation:
    """The explanation of the statement that *facts* are about.

    Args:
        facts: the statement, with what is known when.
        most: write out at most so many terms of a sum, the largest; None writes all.

    """
    found = _EXPLAINERS[facts.statement.kind](facts, most)
    if facts.network.pytorch is None:
        return found
    warning, remark = _rounding.rounding(facts)
    told = tuple(text for text in (warning, remark) if text)
    return replace(found, notes=(*told, *found.notes), warning=warning) if told else found
