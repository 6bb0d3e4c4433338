"""Memory: of a debugger after a long run, and of the history that a timeline holds."""

from __future__ import annotations

from tests.benchmarks.holding import budget, held_bytes, run_to
from tests.benchmarks.position import go
from tests.benchmarks.report import Cell, Section, Table, Verdict
from tests.benchmarks.subjects import DIGITS, LABEL_READY, LARGE, READY, WORKED_EXAMPLE, XOR, Stage, present

MEBIBYTE = 2**20
REACH = 80
LONG = 100_000
"""Epochs after which the worked example's debugger is looked at."""


def measure(stage: Stage, quick: bool) -> Section:
    """The debugger's peak in a terminal, and the checkpoints of a session without a screen."""
    section = Section("memory")
    rows: list[tuple[Cell, ...]] = []
    with stage.label() as label:
        label.until(LABEL_READY)
        label.settle()
        bare = label.peak_memory() / MEBIBYTE
    rows.append(("bare Textual app, one label", None, bare, None, None, None, None))
    epochs = {WORKED_EXAMPLE: LONG, XOR: LONG // 10, DIGITS: 100, LARGE: 20 if quick else 200}
    for subject in present(tuple(epochs), section.remarks):
        count = epochs[subject]
        with stage.debugger(subject.argument) as ours:
            ours.until(READY)
            ours.settle()
            fresh = ours.peak_memory() / MEBIBYTE
            go(ours, subject.statements, count * subject.statements.statements, 300.0)
            ours.settle()
            peak = ours.peak_memory() / MEBIBYTE
        timeline = run_to(subject.network, count, 120.0).run.timeline
        checkpoints = held_bytes(timeline) / MEBIBYTE
        rows.append(
            (subject.name, fresh, peak, count, checkpoints, timeline.initial.nbytes / 1024, peak / bare)
        )
        if subject is WORKED_EXAMPLE:
            section.verdicts.append(
                Verdict(f"peak memory of the debugger after {count:,} epochs", peak, REACH, "MiB")
            )
        if (limit := budget()) is not None:
            over = Verdict(f"history held, {subject.name}", checkpoints, limit / MEBIBYTE, "MiB")
            section.verdicts.append(over)
    columns = (
        "120×40",
        "at the start MiB",
        "peak MiB",
        "after epochs",
        "checkpoints MiB",
        "one state KiB",
        "÷ bare app",
    )
    stated = f"{budget() / MEBIBYTE:.0f} MiB" if budget() else "not stated"
    note = f"Peak of the resident memory (VmHWM), Python included. The history's stated budget: {stated}."
    section.tables.append(Table("Memory", columns, rows, (note,)))
    return section
