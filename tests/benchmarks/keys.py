"""One key, to the last byte of what it paints: forwards and back, in each pass of networks of all sizes."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass, field
from time import sleep

from tests.benchmarks.measures import FRAME, median, p95
from tests.benchmarks.position import go, shown_time
from tests.benchmarks.report import Cell, Section, Table, Verdict
from tests.benchmarks.subjects import (
    ALL,
    FEW,
    LABEL_READY,
    NORMAL,
    PUDB_READY,
    READY,
    SIZES,
    Stage,
    Subject,
    present,
)
from tests.benchmarks.terminal import Program

STEP, BACK = b"s", b"S"
COLUMNS = (
    "size",
    "network",
    "in the midst of",
    "s ms",
    "S ms",
    "both ms",
    "p95 ms",
    "label ms",
    "pudb ms",
    "÷ label",
    "÷ pudb",
    "cpu ms",
    "pudb cpu",
    "bytes",
    "keys",
    "lost",
    "late",
)


@dataclass
class Times:
    """Seconds from a key to the last byte, for every key that was answered."""

    forth: list[float] = field(default_factory=list)
    back: list[float] = field(default_factory=list)
    label: list[float] = field(default_factory=list)
    pudb: list[float] = field(default_factory=list)
    sizes: list[int] = field(default_factory=list)
    computing: float = 0.0
    """Seconds on a processor for each key."""
    pudb_computing: float = 0.0
    """The same of pudb."""
    lost: int = 0
    """Keys after which another position was shown than the right one."""
    late: int = 0
    """Keys after whose frame, and a pause, more was written."""

    def row(self, size: tuple[int, int], network: str, moment: str) -> tuple[Cell, ...]:
        """The row of the table."""
        both = [*self.forth, *self.back]
        found = [median(some) * 1e3 for some in (self.forth, self.back, both)]
        label, pudb = median(self.label) * 1e3, median(self.pudb) * 1e3
        ratios = (found[2] / label, found[2] / pudb)
        computing = (self.computing * 1e3, self.pudb_computing * 1e3, round(median(self.sizes or [0])))
        end = (p95(both) * 1e3, label, pudb, *ratios, *computing)
        return f"{size[0]}×{size[1]}", network, moment, *found, *end, len(both), self.lost, self.late


def measure(stage: Stage, quick: bool) -> Section:
    """Every size, network and pass; label and pudb take their keys in between."""
    section = Section("keys")
    rows: list[tuple[Cell, ...]] = []
    subjects = present(FEW if quick else ALL, section.remarks)
    for size in (NORMAL,) if quick else SIZES:
        with stage.label(size) as label:
            label.until(LABEL_READY)
            pudb = stage.pudb(size)
            try:
                if pudb is not None:
                    pudb.until(PUDB_READY)
                else:
                    section.remarks.append("pudb is not installed: no ratio to its step")
                found = [row for s in subjects for row in _network(stage, s, size, label, pudb, quick)]
            finally:
                if pudb is not None:
                    pudb.close()
        rows += found
        section.verdicts += verdicts(found)
    notes = (
        "From the key to the last byte of what follows; 25 ms of silence end it and are not counted.",
        "cpu: on a processor, a key, all threads; it tells more than the clock where the machine is busy.",
        "Medians. Keys go to the debugger, the label and pudb in turn, 60 to 80 ms apart.",
        "lost: keys after which the status line showed another position than the right one. "
        "late: keys after whose burst more was painted.",
    )
    section.tables.append(Table("One key", COLUMNS, rows, notes))
    for row in rows:
        if row[COLUMNS.index("lost")]:
            section.remarks.append(f"lost keys: {row[:3]}: {row[COLUMNS.index('lost')]}")
    return section


def _network(
    stage: Stage, subject: Subject, size: tuple[int, int], label: Program, pudb: Program | None, quick: bool
) -> list[tuple[Cell, ...]]:
    rows = []
    with stage.debugger(subject.argument, size) as ours:
        ours.until(READY)
        ours.settle()
        for moment, time in subject.moments().items():
            go(ours, subject.statements, time)
            for program in (ours, label, pudb):
                if program is not None:
                    program.settle(0.5 if program is ours else 0.02)
            times = keys_at(ours, subject, time, label, pudb, 5 if quick else 15)
            rows.append(times.row(size, subject.name, moment))
    return rows


def keys_at(
    ours: Program, subject: Subject, time: int, label: Program, pudb: Program | None, rounds: int
) -> Times:
    """Keys in turn: one forth, the label's, one back, pudb's. The first round warms up."""
    times, pause = Times(), random.Random(7)
    before = _computing(ours), _computing(pudb)
    for number in range(-1, rounds):
        kept = times if number >= 0 else Times()
        for key, expected, into in ((STEP, time + 1, kept.forth), (BACK, time, kept.back)):
            kept.late += ours.drain() > 0
            burst = ours.press(key)
            kept.lost += shown_time(ours, subject.statements) != expected
            if burst.seconds is not None:
                into.append(burst.seconds)
                kept.sizes.append(burst.size)
            sleep(pause.uniform(0.025, 0.045))
            reference, its_key = (label, b"k") if key == STEP else (pudb, b"n")
            if reference is not None and (taken := reference.press(its_key).seconds) is not None:
                (kept.label if key == STEP else kept.pudb).append(taken)
                sleep(pause.uniform(0.025, 0.045))
    ours_spent, pudb_spent = _computing(ours) - before[0], _computing(pudb) - before[1]
    times.computing, times.pudb_computing = ours_spent / (2 * rounds + 2), pudb_spent / (rounds + 1)
    return times


def _computing(program: Program | None) -> float:
    return program.computing() if program is not None else math.nan


def verdicts(rows: list[tuple[Cell, ...]]) -> list[Verdict]:
    """Of one size of screen, by the network and pass that does worst."""

    def worst(column: str) -> tuple[float, str]:
        place = COLUMNS.index(column)
        value, name = max((float(row[place] or 0), f"{row[1]}, {row[2]}") for row in rows)
        return value, f"the worst: {name}"

    size = rows[0][0]
    ratio, which = worst("÷ pudb")
    slowest, slow = worst("p95 ms")
    lost = sum(float(row[COLUMNS.index("lost")] or 0) for row in rows)
    return [
        Verdict(f"median of a key ÷ pudb's step, {size}", ratio, 1.0, "", which),
        Verdict(f"95th percentile of a key, {size}", slowest, round(FRAME * 1e3, 1), "ms", slow),
        Verdict(f"keys lost one by one, {size}", lost, 0, "keys"),
    ]
