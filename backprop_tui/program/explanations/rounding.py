"""What the type of PyTorch's numbers made of a statement's result, in words."""

from __future__ import annotations

from math import isfinite

from backprop_tui.engine.quantities import Kind, Parameter, Phase
from backprop_tui.network.rules.dtypes import Dtype
from backprop_tui.program.facts import Facts
from backprop_tui.program.pytorch_numbers import InPyTorch, in_pytorch


def rounding(facts: Facts) -> tuple[str, str]:
    """What PyTorch's number was where it is another than ours: what to warn of, and what to add.

    Both are empty where there is nothing to say: for most statements, and for every network that does not
    come from PyTorch.
    """
    if facts.network.pytorch is None:
        return "", ""
    there, value = in_pytorch(facts.network, facts.statement.iteration), facts.value
    if there is None or value is None or not isfinite(value):
        return "", ""
    kind, layer, _, _ = facts.statement.quantity
    parameter = facts.statement.quantity.parameter
    if facts.statement.phase is Phase.UPDATE and parameter is not None:
        return _of_update(facts, there, parameter, value)
    if parameter is not None:
        if facts.batch_length > 1 or parameter.frozen(facts.network):
            return "", ""
        return _told(there.gradients, value, there.gradient_factor, there.factor_words, "this")
    if kind is Kind.LOSS:
        dtype = there.loss_dtype(facts.batch_length, facts.network.widths[-1])
        return _told(dtype, value, 1.0, "", "this")
    return _told(there.dtype_of(kind, layer), value, there.factor_of(kind), there.factor_words, "this")


def _of_update(facts: Facts, there: InPyTorch, parameter: Parameter, new: float) -> tuple[str, str]:
    """The gradient that the update takes, then the step, then the new value."""
    gradient, old = facts.mean_gradient(parameter).value, facts.parameter(parameter).value
    factor = there.gradient_factor
    if gradient is not None:
        words = "" if factor == 1.0 else f"{factor:,.6g} for what was differentiated and how it was averaged"
        what = "the batch's gradient" if facts.batch_length > 1 else "its gradient"
        warning, remark = _told(there.gradients, gradient, factor, words, what)
        if warning:
            return warning, remark
    dtype = there.parameters
    if dtype is None:
        return "", ""
    warning, remark = _told(dtype, new, 1.0, "", "this")
    if warning or old is None or not isfinite(old):
        return warning, remark
    start, step = dtype.rounded(old), new - old
    if step and dtype.rounded(start + step) == start:
        between = f"its numbers lie {short_number(dtype.spacing(start))} apart here"
        return f"{dtype.name} left this as it was: {between}, and the step is {short_number(step)}", ""
    return "", remark


def _told(dtype: Dtype | None, here: float, factor: float, words: str, what: str) -> tuple[str, str]:
    """What a type makes of ours times a factor."""
    value = here * factor
    fate = dtype.fate(value) if dtype is not None else ""
    if dtype is None or not fate:
        return "", ""
    origin = f": {short_number(here)} here, times {words}" if factor != 1.0 and words else ""
    became = {"underflow": "0", "overflow": "inf" if value > 0 else "−inf"}.get(fate)
    if became is not None:
        return f"{dtype.name} made {what} {became}; it is {short_number(value)}{origin}", ""
    near = short_number(dtype.rounded(value))
    return "", f"{dtype.name} made {what} {near}, with few digits left; it is {short_number(value)}{origin}"


def short_number(value: float) -> str:
    """A number to two digits, with a short exponent: ``3.1e−9``."""
    if value == 0.0 or not isfinite(value):
        return f"{value:g}".replace("-", "−")
    if 1e-3 <= abs(value) < 1e4:
        return f"{value:.2g}".replace("-", "−") if abs(value) < 100.0 else f"{value:.0f}".replace("-", "−")
    digits, _, exponent = f"{value:.1e}".partition("e")
    return f"{digits}e{int(exponent):+d}".replace("-", "−")
