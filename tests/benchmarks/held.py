"""A key held down: how far the frames lag behind thirty keys a second, and whether the lag grows."""

from __future__ import annotations

from collections.abc import Sequence
from time import perf_counter

from tests.benchmarks.measures import median, p95
from tests.benchmarks.position import Trail, follow, go, shown_time
from tests.benchmarks.report import Cell, Section, Table, Verdict
from tests.benchmarks.subjects import ALL, FEW, READY, Stage, Subject, present
from tests.benchmarks.terminal import Program

RATE = 30
"""Keys a second."""
GROWING = 5
"""Milliseconds by which the lag may differ between the first and the last third: a busy machine's noise."""


def measure(stage: Stage, quick: bool) -> Section:
    """Every network, from the midst of its first backward pass on."""
    section = Section("held")
    rows: list[tuple[Cell, ...]] = []
    count = RATE * (2 if quick else 10)
    for subject in present(FEW if quick else ALL, section.remarks):
        with stage.debugger(subject.argument) as ours:
            ours.until(READY)
            ours.settle()
            go(ours, subject.statements, subject.moments()["backward"])
            ours.settle()
            rows.append(_held(ours, subject, count, section))
    behind, slow = max((float(row[5] or 0), str(row[0])) for row in rows)
    growing, name = max((float(row[4] or 0) - float(row[3] or 0), str(row[0])) for row in rows)
    section.verdicts += [
        Verdict(
            "last frame behind the last key held", behind, round(1e3 / RATE, 1), "ms", f"the worst: {slow}"
        ),
        Verdict("lag of the last third − of the first", growing, GROWING, "ms", f"the worst: {name}"),
        Verdict("keys lost while held", sum(int(row[-1] or 0) for row in rows), 0, "keys"),
    ]
    columns = (
        "120×40",
        "lag ms",
        "p95 ms",
        "first third",
        "last third",
        "last frame ms",
        "frames",
        "keys",
        "lost",
    )
    note = (
        f"Lag: from a key, {RATE} a second, until the status line shows its step. Thirds: medians of the lag."
    )
    section.tables.append(Table("A key held down", columns, rows, (note,)))
    return section


def _held(ours: Program, subject: Subject, count: int, section: Section) -> tuple[Cell, ...]:
    before = shown_time(ours, subject.statements) or 0
    sent, trail = _paced(ours, subject, before, count)
    arrivals = [trail.arrival(before + number + 1) for number in range(count)]
    lags = [arrived - at for arrived, at in zip(arrivals, sent, strict=True) if arrived is not None]
    first, last = median(lags[: count // 3]), median(lags[-(count // 3) :])
    behind = trail.chunks[-1][0] - sent[-1] if trail.chunks else float("inf")
    lost = abs(before + count - (trail.last or 0))
    if lost:
        section.remarks.append(f"{subject.name}: {lost} of {count} held keys lost")
    milliseconds = [1e3 * one for one in (median(lags), p95(lags), first, last, behind)]
    return subject.name, *milliseconds, trail.frames(), count, lost


def _paced(ours: Program, subject: Subject, before: int, count: int) -> tuple[Sequence[float], Trail]:
    """Send the keys on time; gives when each was sent, and what was shown when."""
    start = perf_counter()
    sent = []
    for number in range(count):
        due = start + number / RATE
        while (left := due - perf_counter()) > 0:
            ours.read(left)
        sent.append(ours.send(b"s"))
    return sent, follow(ours, subject.statements, before + count)
