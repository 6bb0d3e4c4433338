"""Mistakes of the update: the new value of a weight or a bias."""

from __future__ import annotations

from typing import Any

from backprop_tui.engine.quantities import Parameter
from backprop_tui.lessons.prediction.mistakes.mistake import Mistakes, mistake
from backprop_tui.lessons.prediction.mistakes.numbers_at_hand import Calculation
from backprop_tui.network.lazy_numpy import np
from backprop_tui.network.rules.optimizers import Line, Options, options_for
from backprop_tui.program.formulas import Term


def update(c: Calculation) -> Mistakes:
    """The new value: old − step."""
    parameter = c.statement.quantity.parameter
    assert parameter is not None
    old, gradient = c.facts.parameter(parameter), c.facts.mean_gradient(parameter)
    p, g = np.float64(old.value), np.float64(gradient.value)
    settings, name = _options(c, parameter), old.symbol
    rate = np.float64(settings["learning_rate"])
    η = Term("learning_rate", float(rate))
    step = p - c.value
    advice = f"The step is taken off {name}: against the gradient, not along it."
    yield mistake("step added", p + step, advice)
    yield mistake("learning rate left out", p - step / rate, "You left out the learning rate ", η, ".")
    yield mistake("learning rate left out", p - g, "You left out the learning rate ", η, ".")
    yield mistake("learning rate left out", p + g, "You left out the learning rate ", η, ", and added.")
    yield mistake("step alone", step, "That is the step alone: take it off ", old, ".")
    yield mistake("step alone", -step, "That is the step alone: add it to ", old, ".")
    yield mistake("gradient alone", g, "That is the gradient, not the new value.")
    yield mistake("not updated", p, "That is ", old, " as it was.")
    yield from _without_options(c, parameter, p, g, settings)
    yield from _plain(c, p, g, rate)
    yield from _of_batch(c, parameter, p, g)


def _plain(c: Calculation, p: Any, g: Any, rate: Any) -> Mistakes:
    """Plain gradient descent in the place of another optimizer."""
    optimizer = c.network.training.optimizer_name
    advice = f"That is the plain step η·gradient; {optimizer} makes another of it."
    if optimizer == "sgd":
        advice = "That is the plain step η·gradient: momentum or weight decay come in as well."
    yield mistake("plain step", p - rate * g, advice)
    yield mistake("plain step", p + rate * g, "You added, and took the plain step η·gradient.")
    yield mistake("plain step", rate * g, "That is η·gradient alone.")


def _of_batch(c: Calculation, parameter: Parameter, p: Any, g: Any) -> Mistakes:
    """The gradient of the batch, otherwise than averaged, or summed."""
    if c.examples < 2:
        return
    summed = c.network.training.sums_examples
    if summed:
        advice = f"The gradients of the {c.examples} examples are added up; nothing divides them."
        yield mistake("averaged", _new(c, parameter, p, g / c.examples), advice)
    else:
        advice = f"Average the gradient over the {c.examples} examples of the batch."
        yield mistake("not averaged", _new(c, parameter, p, g * c.examples), advice)
    for slot in range(c.examples)[-3:]:
        one = c.iteration.value(parameter.gradient, slot)
        what = "sum" if summed else "mean"
        advice = f"You used the gradient of one example; the {what} of the {c.examples} counts."
        yield mistake("one example alone", _new(c, parameter, p, np.float64(one)), advice)


def _without_options(c: Calculation, parameter: Parameter, p: Any, g: Any, settings: Options) -> Mistakes:
    """Options of the optimizer forgotten, and what it remembers."""
    for option in ("weight_decay", "momentum"):
        if settings.get(option):
            new = _lines(c, parameter, p, g, {**settings, option: 0.0})[-1].value
            yield mistake(f"{option} left out", new, "You left out ", Term(option, settings[option]), ".")
    if c.facts.settings.get("weight_decay") and "weight_decay" not in settings:
        new = _lines(c, parameter, p, g, c.facts.settings)[-1].value
        yield mistake("bias decayed", new, "Only weights are decayed here: a bias has no weight_decay.")
    lines = {line.name: line.value for line in _lines(c, parameter, p, g, settings)}
    if "m_hat" in lines:
        start = lines.get("decayed", p)
        step = settings["learning_rate"] * lines["m"] / (np.sqrt(lines["v"]) + settings["eps"])
        yield mistake(
            "not corrected", start - step, "You left out the correction: m_hat and v_hat, not m and v."
        )
        step = settings["learning_rate"] * lines["m_hat"]
        yield mistake("root left out", start - step, "You left out the division by √v_hat.")
    state = c.facts.optimizer_state(parameter)
    if any(state.values()):
        forgotten = dict.fromkeys(state, np.float64(0.0))
        new = _lines(c, parameter, p, g, settings, forgotten)[-1].value
        yield mistake("memory left out", new, "You left out what is kept of the updates before.")


def _new(c: Calculation, parameter: Parameter, p: Any, g: Any) -> Any:
    """The new value with another gradient."""
    return _lines(c, parameter, p, g, _options(c, parameter))[-1].value


def _options(c: Calculation, parameter: Parameter) -> Options:
    """The options by which a parameter is updated."""
    return options_for(c.facts.settings, bias=parameter.is_bias)


def _lines(
    c: Calculation, parameter: Parameter, p: Any, g: Any, settings: Options, state: Any = None
) -> list[Line]:
    """The lines of the optimizer's rule."""
    if state is None:
        state = {name: np.float64(value) for name, value in c.facts.optimizer_state(parameter).items()}
    return c.network.training.optimizer.lines(p, g, state, c.facts.update_number, settings)
