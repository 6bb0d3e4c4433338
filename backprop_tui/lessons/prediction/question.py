"""What a step will be asked about: one statement, what it is, and its value once the step has run."""

from __future__ import annotations

from math import isfinite

from msgspec import Struct

from backprop_tui.engine.quantities import Kind, Phase, Quantity
from backprop_tui.history.facts_of_run import FactsOfRun
from backprop_tui.history.moment import Moment
from backprop_tui.history.run import Run
from backprop_tui.lessons.typed import TypedError, number_typed
from backprop_tui.network.names import shown
from backprop_tui.program.boundaries import Grain
from backprop_tui.program.statements import Program, Statement

WRITTEN_OUT = 6
"""Sums on the screen write out at most so many terms."""

_WHEN = {
    Grain.UNIT: "After this unit",
    Grain.LAYER: "After this layer",
    Grain.FORWARD: "After the forward pass",
    Grain.BACKWARD: "After the backward pass",
    Grain.UPDATE: "After the update",
    Grain.EPOCH: "After the epoch",
}


class Question(Struct, frozen=True, eq=False):
    """One prediction that is asked for."""

    run: Run
    statement: Statement
    end: int
    """The time at which the step ends."""
    words: str
    """What is asked: ``Next: dL/dw2, the gradient of w2``."""
    value: float
    """The answer."""

    @property
    def symbol(self) -> str:
        """The name of what is asked, as the screen shows it."""
        return shown(self.run.symbol(self.statement.quantity))

    @property
    def answerable(self) -> bool:
        """Whether the answer is a number that a person could give."""
        return isfinite(self.value)

    def as_shown(self, digits: int | None) -> float | None:
        """What the statement's line comes to with the numbers put in, each with so many decimals.

        A careful calculation with the numbers on the screen finds this. None: it is no arithmetic.
        """
        explanation = Moment(self.run, self.statement.time).explain(self.statement, WRITTEN_OUT)
        if explanation is None:
            return None
        try:
            return number_typed(explanation.expression.numeric(digits), self.run)
        except TypedError:
            return None


def question(run: Run, grain: Grain, start: int, end: int) -> Question:
    """What the step of *grain* from time *start* to time *end* will be asked about."""
    statement = asked(run.program, grain, start, end)
    value = Moment(run, end).value_of(statement)
    assert value is not None, "it has run by then"
    if end - start == 1:
        when = "Next"
    elif statement.time < end:
        when = "In this unit"
    else:
        when = _WHEN[grain]
    return Question(run, statement, end, f"{when}: {_what(run, statement)}", value)


def asked(program: Program, grain: Grain, start: int, end: int) -> Statement:
    """What a step is asked about: its last statement; of a unit on the way back the error signal."""
    last = program.statement(end - 1)
    if grain is Grain.UNIT and last.phase is Phase.BACKWARD:
        signal = Quantity(Kind.DELTA, last.quantity.layer, last.quantity.unit)
        time = program.last_time(signal, end)
        if time is not None and time > start:
            return program.statement(time - 1)
    return last


def _what(run: Run, statement: Statement) -> str:
    """A statement's name, and what it computes in words."""
    kind, layer, unit, _ = statement.quantity
    names, network = run.names, run.network
    facts = FactsOfRun(run, statement, statement.time)
    symbol = shown(run.symbol(statement.quantity))
    if layer is None or unit is None:
        several = len(network.data) > 1
        example = run.timeline.example(statement.iteration, statement.slot or 0)
        given = f" (y = {_short(facts.target(0).value)})" if network.widths[-1] == 1 else ""
        return f"{symbol}, the loss{f' of example {example}' if several else ''}{given}"
    if statement.quantity.parameter:
        if kind not in _UPDATES:
            return f"{symbol}, the gradient"
        return f"{symbol}, its new value (η = {_short(facts.settings['learning_rate'])})"
    name = names.unit(layer, unit)
    target = (
        f" ({names.target(unit)} = {_short(facts.target(unit).value)})"
        if layer == len(network.layers)
        else ""
    )
    return f"{symbol}, " + {
        Kind.WEIGHTED_SUM: f"the weighted sum of {name}",
        Kind.ACTIVATION: f"the activation of {name}",
        Kind.ACTIVATION_GRADIENT: f"how the loss changes with {names.a(layer, unit)}{target}",
        Kind.ACTIVATION_DERIVATIVE: f"the slope of {name}'s {network.layers[layer - 1].activation_name}",
        Kind.DELTA: f"the error signal of {name}",
    }.get(kind, kind)


def _short(value: float | None) -> str:
    """A given number as it was written."""
    return "–" if value is None else f"{value:g}".replace("-", "−")


_UPDATES = (Kind.WEIGHT_UPDATE, Kind.BIAS_UPDATE)
