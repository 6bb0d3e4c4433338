"""Many keys typed at once: when the last of them is shown, and whether all of them were run."""

from __future__ import annotations

import math

from tests.benchmarks.measures import median
from tests.benchmarks.position import follow, go, shown_time
from tests.benchmarks.report import Cell, Section, Table, Verdict
from tests.benchmarks.subjects import ALL, FEW, LABEL_READY, READY, Stage, Subject, present
from tests.benchmarks.terminal import Program

KEYS = 200
REACH = 0.3
EPOCHS = 20
"""Epochs typed at once: of a large network each of them takes longer than the keys to come."""
HUGE = Subject("1000-900-110", "1000-900-110")
"""A network of which an epoch takes several frames."""


def measure(stage: Stage, quick: bool) -> Section:
    """Every network, the label between; from the midst of the backward pass and from the very start."""
    section = Section("burst")
    rows: list[tuple[Cell, ...]] = []
    epochs: list[tuple[Cell, ...]] = []
    for subject in present(FEW if quick else ALL, section.remarks):
        with stage.label() as label, stage.debugger(subject.argument) as ours:
            label.until(LABEL_READY)
            ours.until(READY)
            ours.settle()
            epochs.append(_epochs(ours, subject))
            times, frames, lost, reference = _rounds(ours, subject, label, 2 if quick else 5)
        worst, ratio = max(times), median(times) / median(reference)
        whole = [median(times) * 1e3, worst * 1e3, median(reference) * 1e3, ratio, median(frames)]
        rows.append((subject.name, *whole, len(times), lost))
        if lost:
            section.remarks.append(f"{subject.name}: {lost} of {KEYS * len(times)} keys lost")
    with stage.debugger(HUGE.argument) as ours:
        ours.until(READY)
        ours.settle()
        epochs.append(_epochs(ours, HUGE))
    slowest, name = max((float(row[1] or 0), str(row[0])) for row in rows)
    section.verdicts += [
        Verdict(f"{KEYS} steps at once, drained", slowest / 1e3, REACH, "s", f"the worst: {name}"),
        Verdict(f"keys lost of {KEYS} at once", sum(int(row[-1] or 0) for row in rows), 0, "keys"),
    ]
    columns = ("120×40", "drained ms", "worst ms", "label ms", "÷ label", "frames", "bursts", "lost")
    note = "Drained: from the one write of 200 keys until the status line shows the step 200 further."
    section.tables.append(Table("200 steps typed at once", columns, rows, (note,)))
    section.tables.append(_epochs_table(epochs))
    section.verdicts.append(_epochs_verdict(epochs))
    return section


def _epochs(ours: Program, subject: Subject) -> tuple[Cell, ...]:
    """The first epoch after the start, and many at once; how many of them are missing at the end."""
    statements = subject.statements
    first = ours.press(b"e", quiet=0.3, patience=10.0).seconds
    ours.settle()
    before = (shown_time(ours, statements) or 0) // statements.statements
    sent = ours.send(b"e" * EPOCHS)
    trail = follow(ours, statements, (before + EPOCHS) * statements.statements, 5.0)
    taken = trail.chunks[-1][0] - sent if trail.chunks else math.nan
    lost = before + EPOCHS - (trail.last or 0) // statements.statements
    return subject.name, (first or math.nan) * 1e3, taken * 1e3, EPOCHS, lost


def _epochs_table(rows: list[tuple[Cell, ...]]) -> Table:
    columns = ("120×40", "first epoch ms", f"{EPOCHS} at once ms", "keys", "lost")
    note = "First epoch: the very first key after the start, with the first chart of the loss."
    return Table("Epochs typed at once", columns, rows, (note,))


def _epochs_verdict(rows: list[tuple[Cell, ...]]) -> Verdict:
    lost, name = max((int(row[-1] or 0), str(row[0])) for row in rows)
    return Verdict(
        f"keys lost of {EPOCHS} epochs at once", lost, 0, "keys", f"the worst: {name}" if lost else ""
    )


def _rounds(
    ours: Program, subject: Subject, label: Program, rounds: int
) -> tuple[list[float], list[float], int, list[float]]:
    """Seconds until drained, frames, keys lost, and the label's seconds for as many keys."""
    statements = subject.statements
    times: list[float] = []
    frames: list[float] = []
    reference: list[float] = []
    lost = 0
    for number in range(-1, rounds):
        go(ours, statements, (0, subject.moments()["backward"])[number % 2])
        ours.settle()
        wanted = (shown_time(ours, statements) or 0) + KEYS
        sent = ours.send(b"s" * KEYS)
        trail = follow(ours, statements, wanted)
        taken = label.press(b"k" * KEYS, quiet=0.1).seconds
        if number < 0:
            continue
        arrived = trail.arrival(wanted)
        lost += abs(wanted - (trail.last or 0))
        times.append(float("inf") if arrived is None else arrived - sent)
        frames.append(trail.frames())
        reference.append(taken or float("nan"))
    return times, frames, lost, reference
