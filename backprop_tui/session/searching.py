"""Searching the listing of an epoch for a symbol, a phase, a unit or a value."""

from __future__ import annotations

from collections.abc import Generator

from backprop_tui.engine.quantities import symbol_of
from backprop_tui.network.names import shown
from backprop_tui.program.number_text import number
from backprop_tui.program.statements import Statement
from backprop_tui.session.session import Session


def finding(
    session: Session, text: str, start: int, direction: int, digits: int | None
) -> Generator[int, None, int | None]:
    """Look through the listing of the present epoch.

    Args:
        session: where to look.
        text: part of a symbol, the name of a phase or of a unit, or the beginning of a value as shown.
        start: the step from which to look; the search goes on at the other end.
        direction: 1 to look forwards, −1 backwards.
        digits: the decimals with which values are shown.

    Yields:
        the epoch, once every few thousand statements.

    Returns:
        the number of the statement found, from 1; None where there is none.
    """
    wanted = text.strip().replace("-", "−").lower()
    program, epoch = session.program, session.now.position.epoch
    for distance in range(1, program.statements + 1):
        if distance % 2000 == 0:
            yield epoch
        step = (start - 1 + direction * distance) % program.statements + 1
        if _matches(session, program.statement(program.time(epoch, step - 1)), wanted, digits):
            return step
    return None


def _matches(session: Session, statement: Statement, wanted: str, digits: int | None) -> bool:
    symbol = symbol_of(session.names, statement.quantity)
    if wanted.replace("−", "-") in (symbol.lower(), statement.phase.value) or wanted in shown(symbol).lower():
        return True
    _, layer, unit, _ = statement.quantity
    if layer is not None and unit is not None and wanted == session.names.unit(layer, unit).lower():
        return True
    if not wanted or wanted[0] not in "0123456789−":
        return False
    value = session.now.value_of(statement)
    return value is not None and number(value, digits).startswith(wanted)
