"""What differs between two moments: a line a quantity, with its old value, its new one and the change."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from backprop_tui.engine.quantities import Kind, Parameter, Quantity
from backprop_tui.history.moment import Moment
from backprop_tui.history.readings import Reading
from backprop_tui.session.session import Session
from backprop_tui.tui.pictures.rows import Picture, Row, Tone, filled, shortened
from backprop_tui.tui.view import View

MOST_COMPARED = 4000
"""No more quantities than this are looked through."""
_OF_UNIT = (
    Kind.WEIGHTED_SUM,
    Kind.ACTIVATION,
    Kind.ACTIVATION_GRADIENT,
    Kind.ACTIVATION_DERIVATIVE,
    Kind.DELTA,
)


class Difference(NamedTuple):
    """A quantity or parameter whose value differs; None is the loss."""

    what: Quantity | Parameter | None
    old: float | None
    new: float | None


def changes_length(view: View, since: int) -> int:
    """How many rows there are: a heading, and one for each value that differs, or that says none does."""
    return 1 + max(1, len(_differences(view.session, since)))


def changes_picture(view: View, since: int, width: int, height: int, top: int) -> Picture:
    """The rows from *top* on, in exactly *height* rows of *width* cells."""
    found = _differences(view.session, since)
    cell = max(8, (width - 14) // 3)
    rows = [_row(view, one, cell) for one in found[max(0, top - 1) : top + height]]
    if not found:
        rows.append(((" nothing differs", Tone.MUTED),))
    if top == 0:
        epoch, step = view.session.program.position(since)
        titles = f"{'old':>{cell}}{'new':>{cell}}{'change':>{cell}}"
        rows.insert(0, ((f" since {epoch}:{step}".ljust(14), Tone.MUTED), (titles, Tone.MUTED)))
    return filled(rows[:height], width, height)


def _row(view: View, one: Difference, cell: int) -> Row:
    old, new = one.old, one.new
    change = None if old is None or new is None else new - old
    numbers = "".join(f"{view.text(value, cell - 1):>{cell}}" for value in (old, new, change))
    return (f" {shortened(_name(view, one.what), 12):<13}", Tone.STRONG), (numbers, Tone.TEXT)


def _name(view: View, what: Quantity | Parameter | None) -> str:
    if what is None:
        return "L"
    return view.session.names.parameter(*what) if isinstance(what, Parameter) else view.name(what)


def _differences(session: Session, since: int) -> list[Difference]:
    """All of them; the run keeps the last that were asked for, of which a frame asks several times."""

    def differences() -> list[Difference]:
        return [
            Difference(what, old.value, new.value)
            for what, old, new in _readings(session, since)
            if old.value != new.value and not (old.value != old.value and new.value != new.value)
        ]

    run = session.run
    return run.remembered("changes", (run.edits, since, session.time), 1, differences)


def _readings(session: Session, since: int) -> Iterator[tuple[Quantity | Parameter | None, Reading, Reading]]:
    widths = session.network.widths
    then, now = Moment(session.run, since), session.now
    left = MOST_COMPARED
    yield None, then.loss, now.loss
    for layer in range(1, len(widths)):
        for unit in range(widths[layer]):
            for kind in _OF_UNIT:
                quantity = Quantity(kind, layer, unit)
                yield quantity, then.read(quantity), now.read(quantity)
            for parameter in Parameter.of_unit(layer, unit, widths[layer - 1]):
                if (left := left - 1) < 0:
                    return
                gradient = parameter.gradient
                yield gradient, then.read(gradient), now.read(gradient)
                yield parameter, then.parameter(parameter), now.parameter(parameter)
