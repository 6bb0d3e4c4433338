"""What each pane says in words, when a person asks for it: 1 the network, 2 the program, and so on."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType

from backprop_tui.engine.quantities import Parameter
from backprop_tui.history.readings import Reading
from backprop_tui.network.names import shown
from backprop_tui.tui.desk.terminal import LESSON
from backprop_tui.tui.pictures.charts.loss import epochs_done
from backprop_tui.tui.pictures.lesson.page import page, reader_of
from backprop_tui.tui.pictures.registry import figure
from backprop_tui.tui.pictures.rows import plain
from backprop_tui.tui.pictures.tables.values import parameter_readings, unit_readings
from backprop_tui.tui.plain.words import equation_words, position_words, value_words, why_words
from backprop_tui.tui.view import Node, View

MOST_LINES = 24
"""Of a longer pane the first lines are said, and how many are left out; ``z`` says all."""
AROUND = 4
"""Statements said before and after the present one."""
WIDTH = 76
"""Cells of a page of a lesson and of a drawn picture."""
HEIGHT = 18
FEW_LOSSES = 8
"""Of about so many epochs the loss is said."""
_UNIT = ("z", "a", "slope", "delta")
_PARAMETER = ("value", "gradient", "change", "new value")


def network_words(view: View) -> Iterator[str]:
    """The network layer by layer: which units there are, and what is known of them."""
    network = view.session.network
    yield f"{network.title}, {network.shape}, {network.parameters:,} parameters"
    for layer, width in enumerate(network.widths):
        kind = "input" if layer == 0 else network.layers[layer - 1].activation.name
        yield f"layer {layer}, {kind}, {width} unit{'s' if width != 1 else ''}"
        yield from (f"  {_unit(view, Node(layer, unit))}" for unit in range(width))


def values_words(view: View) -> Iterator[str]:
    """Every unit and every parameter with its numbers."""
    session = view.session
    yield position_words(view)
    for layer, width in enumerate(session.network.widths):
        yield from (_unit(view, Node(layer, unit)) for unit in range(width))
    for unit in range(session.network.widths[-1]):
        yield f"{session.names.target(unit)}, target {view.text(session.now.target(unit))}"
    widths = session.network.widths
    for layer in range(len(widths) - 1, 0, -1):
        for unit in range(widths[layer]):
            for below in (*range(widths[layer - 1]), None):
                parameter = Parameter(layer, unit, below)
                readings = parameter_readings(view, parameter)
                yield f"{session.names.parameter(*parameter)}, {_named(view, _PARAMETER, readings)}"


def _unit(view: View, node: Node) -> str:
    mark = view.marks.get((node.layer, node.unit))
    words = f"{view.session.names.unit(*node)}, {_named(view, _UNIT, unit_readings(view, node))}"
    return f"{words}, {mark}" if mark else words


def _named(view: View, names: tuple[str, ...], readings: list[Reading | None]) -> str:
    """Names with their values; those that are not computed yet are left out where another is known."""
    found = [(name, one) for name, one in zip(names, readings, strict=True) if one is not None]
    known = [f"{name} {value_words(view, one)}" for name, one in found if one.value is not None]
    return ", ".join(known) or "not computed yet"


def program_words(view: View) -> Iterator[str]:
    """The statements around the one that is shown, with their results where they have run."""
    session = view.session
    program = session.program
    subject = view.subject
    here = subject.step if subject else 0
    yield f"epoch {session.epoch}, {program.statements} statements an epoch"
    for step in range(max(1, here - AROUND), min(program.statements, here + AROUND) + 1):
        statement = program.statement(program.time(session.epoch, step - 1))
        explained = session.explain(statement)
        if explained is None:
            continue
        sign = "here: " if step == here else ""
        run = statement.time <= view.time
        words = equation_words(view, explained) if run else f"{explained.formula()}, not run yet"
        yield f"{sign}{step}  {statement.phase}, {words}"


def picture_words(view: View) -> Iterator[str]:
    """What is to be seen in the picture, in its caption's words."""
    chosen = figure(view)
    yield f"picture: {chosen.title}"
    if chosen.name == "loss":
        yield from _loss_words(view)
    else:
        yield _drawn(view, 400, 6)[0].strip()
    yield f"{view.key('z')} draws it in characters; {view.key('i')} goes to the next picture"


def _loss_words(view: View) -> Iterator[str]:
    """The losses of a few epochs from the first to the present one."""
    done = epochs_done(view)
    losses = view.session.run.timeline.losses[:done]
    if not losses:
        yield "no epoch has run whole yet"
        return
    step = max(1, done // FEW_LOSSES)
    for epoch in sorted({*range(0, done, step), done - 1}):
        yield f"  epoch {epoch}, loss {view.text(losses[epoch])}"


def drawn_words(view: View) -> Iterator[str]:
    """The picture itself, in characters."""
    yield from "\n".join(row.rstrip() for row in _drawn(view, WIDTH, HEIGHT)).rstrip().split("\n")


def _drawn(view: View, width: int, height: int) -> list[str]:
    """The picture's rows; what takes longer is waited for."""
    chosen = figure(view)
    rows = chosen.draw(view, width, height)
    if rows is None and chosen.paint is not None:
        for finer in chosen.paint(view, width, height):
            rows = finer or rows
    return plain(rows or ())


def lesson_words(view: View) -> Iterator[str]:
    """The lesson's page."""
    reader = reader_of(view)
    if reader is None:
        yield "no lesson is open"
        return
    place = f"page {reader.index + 1} of {len(reader.lesson.pages)}"
    yield f"{reader.lesson.title}, {place}"
    yield from (row.rstrip() for row in plain(page(view, WIDTH).rows))


def watch_words(view: View) -> Iterator[str]:
    """Each watch with its present value."""
    for text in view.session.watches:
        value = view.session.value(text)
        known = ("true" if value else "false") if isinstance(value, bool) else view.text(value)
        yield f"watch {shown(text)} = {known}"


SAID: Mapping[str, Callable[[View], Iterator[str]]] = MappingProxyType(
    {
        "network": network_words,
        "program": program_words,
        "chain": why_words,
        "values": values_words,
        "loss": picture_words,
        LESSON: lesson_words,
    }
)
"""What each pane says, by its name."""
