"""Statements and losses as data, with every digit: JSON and CSV."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence

from msgspec import Struct

from backprop_tui.export.choosing import Span
from backprop_tui.export.describing import describing
from backprop_tui.history.moment import Moment
from backprop_tui.history.run import Run
from backprop_tui.network.errors import NetworkError
from backprop_tui.program.explanations.explanation import Explanation
from backprop_tui.session.records.trace import JsonNumber, Record, json_number, record

MOST_RECORDS = 100_000
"""Of more statements those are written that a document would tell."""
SLICE = 50
"""Statements between two yields."""
STATEMENT_COLUMNS = (
    "epoch",
    "example",
    "step",
    "phase",
    "kind",
    "layer",
    "unit",
    "input",
    "symbol",
    "formula",
    "numbers",
    "value",
)


class Recorded(Struct, frozen=True, eq=False):
    """Statements as data, and the losses of the epochs that they make whole."""

    title: str
    shape: str
    lines: tuple[str, ...]
    """Each statement as it is written: text takes a tenth of the room that its record takes."""
    losses: tuple[tuple[int, float], ...]
    """Every whole epoch with its mean loss."""
    left_out: tuple[str, ...]
    """What is not there, in sentences."""
    statements: int
    """How many statements there would be."""


Line = Callable[[Record, str], str]
"""A statement's record, and its right-hand side with the numbers put in → the line that is written."""


def recording(run: Run, span: Span, line: Line | None) -> Generator[int, None, Recorded]:
    """Record the statements of some iterations, a slice at each step.

    Args:
        run: whose training.
        span: which iterations.
        line: writes a statement; None: the losses alone are wanted.

    Yields:
        the iteration reached.

    Returns:
        what was recorded.
    """
    program, timeline = run.program, run.timeline
    start, end = program.iteration_start(span.first), program.iteration_start(span.last + 1)
    lines: list[str] = []
    left_out: list[str] = []

    def keep(line: Line, explanation: Explanation, example: int | None) -> None:
        lines.append(line(record(explanation, example), explanation.expression.numeric(None)))

    if line is not None and end - start <= MOST_RECORDS:
        for time in range(start, end):
            number = program.iteration_at(time)
            if time == program.iteration_start(number):
                yield from timeline.going_to(number)
            statement = program.statement(time)
            explanation = Moment(run, time + 1).explain(statement)
            assert explanation is not None
            keep(
                line,
                explanation,
                None if statement.slot is None else timeline.example(number, statement.slot),
            )
            if time % SLICE == 0:
                yield number
    elif line is not None:
        calculation = yield from describing(run, span, None)
        for iteration in calculation.iterations:
            for section in iteration.sections:
                for step in section.steps:
                    keep(line, step.explanation, section.example)
            left_out += iteration.left_out
        left_out = [*calculation.left_out, *dict.fromkeys(left_out)]
    yield from timeline.running_to(span.last + 1)
    per_epoch = program.iterations_per_epoch
    whole = range(-(-span.first // per_epoch), (span.last + 1) // per_epoch)
    losses = tuple((epoch, timeline.losses[epoch]) for epoch in whole)
    network = run.network
    return Recorded(network.title, network.shape, tuple(lines), losses, tuple(left_out), end - start)


def json_line(record: Record, numbers: str) -> str:
    """A statement as ``trace --json`` prints it."""
    return _dumped(record)


def csv_line(record: Record, numbers: str) -> str:
    """A statement as a row, with its line's end."""
    return _csv([[_cell(cell) for cell in _cells(record, numbers)]])


def as_json(recorded: Recorded) -> str:
    """One JSON object; each statement, as ``json_line`` wrote it, and each epoch has a line.

    Not-a-number and the infinities are text.
    """
    losses = [_dumped({"epoch": epoch, "loss": json_number(loss)}) for epoch, loss in recorded.losses]
    head = {"title": recorded.title, "network": recorded.shape, "left_out": recorded.left_out}
    pieces = ["{"]
    for key, value in head.items():
        pieces += [f'"{key}": {_dumped(value)},']
    pieces += ['"statements": [', *_with_commas(recorded.lines), "],"]
    pieces += ['"losses": [', *_with_commas(losses), "]", "}", ""]
    return "\n".join(pieces)


def statements_csv(recorded: Recorded) -> str:
    """A statement a line, as ``csv_line`` wrote them.

    Raises:
        NetworkError: there are too many; a table cannot say what it leaves out.
    """
    if recorded.left_out:
        raise NetworkError(
            "",
            f"at most {MOST_RECORDS:,} statements",
            f"{recorded.statements:,}",
            hint="--epochs writes the losses; a .json says what is left out",
        )
    return _csv([STATEMENT_COLUMNS]) + "".join(recorded.lines)


def losses_csv(recorded: Recorded) -> str:
    """An epoch a line, with its mean loss."""
    return _csv([("epoch", "loss"), *([str(epoch), _cell(loss)] for epoch, loss in recorded.losses)])


def _cells(one: Record, numbers: str) -> tuple[JsonNumber | None, ...]:
    """The cells of a statement, in the order of the columns."""
    place = (one["epoch"], one["example"], one["step"], one["phase"], one["kind"])
    unit = (one["layer"], one["unit"], one["input"])
    return (*place, *unit, one["symbol"], one["formula"], numbers, one["value"])


def _cell(value: JsonNumber | None) -> str:
    return "" if value is None else repr(value) if isinstance(value, float) else str(value)


def _csv(rows: Iterable[Sequence[str]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()


def _with_commas(lines: Sequence[str]) -> Iterator[str]:
    yield from (f"{line}," for line in lines[:-1])
    yield from lines[-1:]


def _dumped(item: object) -> str:
    return json.dumps(item, ensure_ascii=False, allow_nan=False)
