"""What differs between two moments: a line a quantity, with its old value, its new one and the change."""

from __future__ import annotations

from collections.abc import Iterator

from backprop_tui.engine.quantities import Kind, Parameter, Quantity
from backprop_tui.history.moment import Moment
from backprop_tui.history.readings import Reading
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


def changes_rows(view: View, since: int, width: int) -> list[Row]:
    """A heading, and a row for each quantity whose value differs."""
    program = view.session.program
    epoch, step = program.position(since)
    cell = max(8, (width - 14) // 3)
    rows: list[Row] = [
        (
            (f" since {epoch}:{step}".ljust(14), Tone.MUTED),
            (f"{'old':>{cell}}{'new':>{cell}}{'change':>{cell}}", Tone.MUTED),
        )
    ]
    for name, old, new in _differences(view, since):
        change = None if old is None or new is None else new - old
        numbers = "".join(f"{view.text(value):>{cell}}" for value in (old, new, change))
        rows.append(((f" {shortened(name, 12):<13}", Tone.STRONG), (numbers, Tone.TEXT)))
    if len(rows) == 1:
        rows.append(((" nothing differs", Tone.MUTED),))
    return rows


def changes_picture(view: View, since: int, width: int, height: int, top: int) -> Picture:
    """The rows from *top* on, in exactly *height* rows of *width* cells."""
    return filled(changes_rows(view, since, width)[top:], width, height)


def _differences(view: View, since: int) -> Iterator[tuple[str, float | None, float | None]]:
    for name, old, new in _readings(view, since):
        if old.value != new.value and not (old.value != old.value and new.value != new.value):
            yield name, old.value, new.value


def _readings(view: View, since: int) -> Iterator[tuple[str, Reading, Reading]]:
    session = view.session
    widths = session.network.widths
    then, now = Moment(session.run, since), session.now
    left = MOST_COMPARED
    yield "L", then.loss, now.loss
    for layer in range(1, len(widths)):
        for unit in range(widths[layer]):
            for kind in _OF_UNIT:
                quantity = Quantity(kind, layer, unit)
                yield view.name(quantity), then.read(quantity), now.read(quantity)
            for parameter in Parameter.of_unit(layer, unit, widths[layer - 1]):
                if (left := left - 1) < 0:
                    return
                gradient = parameter.gradient
                yield view.name(gradient), then.read(gradient), now.read(gradient)
                name = session.names.parameter(*parameter)
                yield name, then.parameter(parameter), now.parameter(parameter)
