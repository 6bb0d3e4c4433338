"""Statements and losses as data, with every digit: JSON and CSV."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Generator, Iterable, Sequence

from msgspec import Struct

from backprop_tui.export.calculation import describing
from backprop_tui.export.choosing import Span
from backprop_tui.history.moment import Moment
from backprop_tui.history.run import Run
from backprop_tui.network.errors import NetworkError
from backprop_tui.program.explanations.explanation import Explanation
from backprop_tui.session.trace import JsonNumber, Record, json_number, record

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
    records: tuple[Record, ...]
    numbers: tuple[str, ...]
    """The right-hand side of each statement with the numbers put in."""
    losses: tuple[tuple[int, float], ...]
    """Every whole epoch with its mean loss."""
    left_out: tuple[str, ...]
    """What is not there, in sentences."""
    statements: int
    """How many statements there would be."""


def recording(run: Run, span: Span, *, losses_only: bool = False) -> Generator[int, None, Recorded]:
    """Record the statements of some iterations, a slice at each step.

    Args:
        run: whose training.
        span: which iterations.
        losses_only: whether to record no statements.

    Yields:
        the iteration reached.

    Returns:
        what was recorded.
    """
    program, timeline = run.program, run.timeline
    start, end = program.iteration_start(span.first), program.iteration_start(span.last + 1)
    records: list[Record] = []
    numbers: list[str] = []
    left_out: list[str] = []

    def keep(explanation: Explanation, example: int | None) -> None:
        records.append(record(explanation, example))
        numbers.append(explanation.expression.numeric(None))

    if not losses_only and end - start <= MOST_RECORDS:
        for time in range(start, end):
            number = program.iteration_at(time)
            if time == program.iteration_start(number):
                yield from timeline.going_to(number)
            statement = program.statement(time)
            explanation = Moment(run, time + 1).explain(statement)
            assert explanation is not None
            keep(explanation, None if statement.slot is None else timeline.example(number, statement.slot))
            if time % SLICE == 0:
                yield number
    elif not losses_only:
        calculation = yield from describing(run, span, None)
        for iteration in calculation.iterations:
            for section in iteration.sections:
                for step in section.steps:
                    keep(step.explanation, section.example)
            left_out += iteration.left_out
        left_out = [*calculation.left_out, *dict.fromkeys(left_out)]
    yield from timeline.running_to(span.last + 1)
    per_epoch = program.iterations_per_epoch
    whole = range(-(-span.first // per_epoch), (span.last + 1) // per_epoch)
    losses = tuple((epoch, timeline.losses[epoch]) for epoch in whole)
    network = run.network
    return Recorded(
        network.title, network.shape, tuple(records), tuple(numbers), losses, tuple(left_out), end - start
    )


def as_json(recorded: Recorded) -> str:
    """One JSON object; a statement and an epoch a line. Not-a-number and the infinities are text."""
    losses = [{"epoch": epoch, "loss": json_number(loss)} for epoch, loss in recorded.losses]
    head = {"title": recorded.title, "network": recorded.shape, "left_out": recorded.left_out}
    parts = [f"{json.dumps(key)}: {_dumped(value)}" for key, value in head.items()]
    parts.append(f'"statements": {_lines(recorded.records)}')
    parts.append(f'"losses": {_lines(losses)}')
    return "{\n" + ",\n".join(parts) + "\n}\n"


def statements_csv(recorded: Recorded) -> str:
    """A statement a line.

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
    rows = (
        [_cell(cell) for cell in _cells(one, numbers)]
        for one, numbers in zip(recorded.records, recorded.numbers, strict=True)
    )
    return _csv(STATEMENT_COLUMNS, rows)


def losses_csv(recorded: Recorded) -> str:
    """An epoch a line, with its mean loss."""
    return _csv(("epoch", "loss"), ([str(epoch), _cell(loss)] for epoch, loss in recorded.losses))


def _cells(one: Record, numbers: str) -> tuple[JsonNumber | None, ...]:
    """The cells of a statement, in the order of the columns."""
    place = (one["epoch"], one["example"], one["step"], one["phase"], one["kind"])
    unit = (one["layer"], one["unit"], one["input"])
    return (*place, *unit, one["symbol"], one["formula"], numbers, one["value"])


def _cell(value: JsonNumber | None) -> str:
    return "" if value is None else repr(value) if isinstance(value, float) else str(value)


def _csv(heading: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(heading)
    writer.writerows(rows)
    return text.getvalue()


def _lines(items: Iterable[object]) -> str:
    found = [_dumped(item) for item in items]
    return "[\n" + ",\n".join(found) + "\n]" if found else "[]"


def _dumped(item: object) -> str:
    return json.dumps(item, ensure_ascii=False, allow_nan=False)
