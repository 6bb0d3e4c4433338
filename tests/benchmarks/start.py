"""Cold start: from a fresh process to its first full frame, beside a bare Textual app."""

from __future__ import annotations

from tests.benchmarks.measures import median, p95
from tests.benchmarks.report import Section, Table, Verdict
from tests.benchmarks.subjects import DIGITS, LABEL_READY, LARGE, READY, WORKED_EXAMPLE, XOR, Stage, present
from tests.benchmarks.terminal import Program

REACH = 1.25
FALLEN_QUIET = 0.1
"""Seconds of silence after which the first frame counts as whole; they are not counted."""


def measure(stage: Stage, quick: bool) -> Section:
    """Starts of every subject in turn, each in a fresh process with a fresh state folder."""
    section = Section("start")
    subjects = present((WORKED_EXAMPLE, XOR, DIGITS, LARGE), section.remarks)
    rounds = 4 if quick else 12
    bare: list[tuple[float, float]] = []
    ours: dict[str, list[tuple[float, float]]] = {subject.name: [] for subject in subjects}
    for number in range(-1, rounds):  # the first, to warm the caches, is not counted
        found = [_once(stage.label(), LABEL_READY)]
        found += [_once(stage.debugger(subject.argument), READY) for subject in subjects]
        if number >= 0:
            for taken, times in zip((bare, *ours.values()), found, strict=True):
                taken.append(times)
    reference = median([frame for _, frame in bare])
    rows = [_row("bare Textual app, one label", bare, reference, "")]
    for name, times in ours.items():
        ratio = median([frame for _, frame in times]) / reference
        section.verdicts.append(Verdict(f"cold start ÷ bare app, {name}", ratio, REACH))
        rows.append(_row(name, times, reference, "yes" if ratio <= REACH else "NO"))
    columns = ("120×40", "first byte ms", "full frame ms", "p95 ms", "÷ bare app", "starts", f"≤ {REACH}")
    note = "A full frame: its last row is on the screen, and then nothing more for 100 ms (not counted)."
    section.tables.append(Table("Cold start", columns, rows, (note,)))
    return section


def _once(program: Program, ready: str) -> tuple[float, float]:
    """Seconds to the first byte, and to the last one of the first full frame."""
    with program:
        first = program.started
        if program.read(30.0):
            first = program.chunks[0][0]
        last = program.until(ready)
        while program.read(FALLEN_QUIET):
            last = program.chunks[-1][0]
        return first - program.started, last - program.started


def _row(name: str, times: list[tuple[float, float]], reference: float, met: str) -> tuple[str | float, ...]:
    first, full = ([pair[place] * 1e3 for pair in times] for place in (0, 1))
    ratio = median(full) / reference / 1e3
    return name, median(first), median(full), p95(full), ratio, len(times), met
