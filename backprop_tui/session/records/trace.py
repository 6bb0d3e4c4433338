"""The statements of an epoch as records, for JSON and for text."""

from __future__ import annotations

from collections.abc import Iterator
from math import isfinite
from typing import TypedDict

from backprop_tui.program.explanations.explanation import Explanation
from backprop_tui.session.session import Session

JsonNumber = float | str


class TermRecord(TypedDict):
    """A name with its value."""

    symbol: str
    value: JsonNumber | None


class Record(TypedDict):
    """One statement as ``trace --json`` prints it."""

    epoch: int
    example: int | None
    step: int
    phase: str
    kind: str
    layer: int | None
    unit: int | None
    input: int | None
    symbol: str
    formula: str
    terms: list[TermRecord]
    value: JsonNumber | None


def explanations(session: Session, epoch: int) -> Iterator[tuple[Explanation, int | None]]:
    """Every statement of an epoch, explained, and the example it is for (None in the update)."""
    session.jump(session.program.time(epoch, 0))
    for _ in range(session.program.statements):
        session.forward()
        explanation = session.explain()
        assert explanation is not None
        yield explanation, None if explanation.statement.slot is None else session.now.example


def record(explanation: Explanation, example: int | None) -> Record:
    """A statement as JSON has it."""
    statement = explanation.statement
    kind, layer, unit, below = statement.quantity
    return {
        "epoch": statement.epoch,
        "example": example,
        "step": statement.step,
        "phase": statement.phase.value,
        "kind": kind.value,
        "layer": layer,
        "unit": unit,
        "input": below,
        "symbol": explanation.symbol,
        "formula": explanation.formula(),
        "terms": [{"symbol": term.symbol, "value": json_number(term.value)} for term in explanation.terms],
        "value": json_number(explanation.value),
    }


def json_number(value: float | None) -> JsonNumber | None:
    """A number that JSON can hold: not-a-number and the infinities become text."""
    if value is None or isfinite(value):
        return value
    return str(float(value))
