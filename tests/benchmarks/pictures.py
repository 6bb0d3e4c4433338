"""One key with each picture shown: the same bounds hold; what takes longer is painted after the frame."""

from __future__ import annotations

from backprop_tui.tui.pictures.registry import NAMES
from tests.benchmarks.keys import COLUMNS, keys_at
from tests.benchmarks.measures import FRAME
from tests.benchmarks.position import go
from tests.benchmarks.report import Cell, Section, Table, Verdict
from tests.benchmarks.subjects import (
    FEW,
    LABEL_READY,
    NORMAL,
    PUDB_READY,
    READY,
    XOR,
    Stage,
    Subject,
    present,
)
from tests.benchmarks.terminal import Program


def measure(stage: Stage, quick: bool) -> Section:
    """Each picture of a few networks in the midst of the backward pass, at 120×40."""
    section = Section("pictures")
    rows: list[tuple[Cell, ...]] = []
    with stage.label(NORMAL) as label:
        label.until(LABEL_READY)
        pudb = stage.pudb(NORMAL)
        try:
            if pudb is not None:
                pudb.until(PUDB_READY)
            for subject in present((XOR, *FEW), section.remarks):
                rows += _pictures(stage, subject, label, pudb, 5 if quick else 15)
        finally:
            if pudb is not None:
                pudb.close()
    section.tables.append(Table("One key, with a picture shown", COLUMNS, rows, ("As in: One key.",)))

    def worst(column: str) -> tuple[float, str]:
        value, name = max((float(row[COLUMNS.index(column)] or 0), f"{row[1]}, {row[2]}") for row in rows)
        return value, f"the worst: {name}"

    ratio, which = worst("÷ pudb")
    slowest, slow = worst("p95 ms")
    section.verdicts += [
        Verdict("median of a key with a picture ÷ pudb's step", ratio, 1.0, "", which),
        Verdict("95th percentile of a key with a picture", slowest, round(FRAME * 1e3, 1), "ms", slow),
    ]
    return section


def _pictures(
    stage: Stage, subject: Subject, label: Program, pudb: Program | None, rounds: int
) -> list[tuple[Cell, ...]]:
    rows = []
    time = subject.statements.statements + subject.moments()["backward"]
    with stage.debugger(subject.argument, NORMAL) as ours:
        ours.until(READY)
        ours.settle()
        go(ours, subject.statements, time)
        for name in NAMES:
            ours.press(f":picture {name}\r".encode())
            ours.settle(0.5)
            times = keys_at(ours, subject, time, label, pudb, rounds)
            rows.append(times.row(NORMAL, subject.name, name))
    return rows
