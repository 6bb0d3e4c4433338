"""A jump to any position already passed: what the session takes, and until its frame is painted."""

from __future__ import annotations

import random

from backprop_tui.session.session import Session
from tests.benchmarks.holding import run_to, spacing
from tests.benchmarks.measures import FRAME, median, p95, seconds
from tests.benchmarks.position import go, press_to
from tests.benchmarks.report import Cell, Section, Table, Verdict
from tests.benchmarks.subjects import DIGITS, LARGE, READY, WORKED_EXAMPLE, XOR, Stage, Subject, present

PATIENCE = 60.0
"""Seconds after which a run to the far end stops where it is."""


def measure(stage: Stage, quick: bool) -> Section:
    """Random jumps behind the far end of a run; the large networks until their checkpoints thin out."""
    section = Section("jump")
    rows: list[tuple[Cell, ...]] = []
    far = 10_000 if quick else 100_000
    epochs = {WORKED_EXAMPLE: far, XOR: far, DIGITS: 200 if quick else 1000, LARGE: 20 if quick else 200}
    for subject in present(tuple(epochs), section.remarks):
        session = run_to(subject.network, epochs[subject], PATIENCE)
        if session.epoch < epochs[subject] - 1:
            section.remarks.append(f"{subject.name}: stopped by the clock at epoch {session.epoch:,}")
        times = _jumps(session, 50 if quick else 200)
        bound = _bound(session)
        painted, ends = _painted(stage, subject, session.latest, 5 if quick else 15)
        iterations = session.latest // session.program.statements * session.program.iterations_per_epoch
        some = (median(times), p95(times), max(times), median(painted), max(painted), median(ends), max(ends))
        many = [1e3 * one for one in some]
        rows.append((subject.name, iterations, *many, spacing(session.run.timeline), bound and bound * 1e3))
        worst = max(times)
        if subject in (WORKED_EXAMPLE, XOR):
            section.verdicts += [
                Verdict(f"slowest jump of the session, {subject.name}", worst * 1e3, _FRAME_MS, "ms"),
                Verdict(f"median jump by g, painted, {subject.name}", median(painted) * 1e3, _FRAME_MS, "ms"),
                Verdict(f"median jump by home and end, {subject.name}", median(ends) * 1e3, _FRAME_MS, "ms"),
            ]
        elif bound is not None:
            reach = max(1.5 * bound, FRAME) * 1e3
            note = "half as much again as the spacing of the checkpoints costs, at least a frame"
            section.verdicts.append(
                Verdict(
                    f"slowest jump of the session, {subject.name}", worst * 1e3, round(reach, 1), "ms", note
                )
            )
    columns = (
        "network",
        "updates passed",
        "session ms",
        "p95",
        "worst",
        "g ms",
        "worst g",
        "home, end ms",
        "worst home, end",
        "spacing",
        "bound ms",
    )
    notes = (
        "session: Session.jump and the explanation of the statement there. g, home, end: from the last key "
        "of the command to the last byte of the frame, 120×40.",
        "bound: a replay of as many updates as lie between two checkpoints, and the one looked at.",
    )
    section.tables.append(Table("Jumps to random positions already passed", columns, rows, notes))
    return section


_FRAME_MS = round(FRAME * 1e3, 1)


def _jumps(session: Session, count: int) -> list[float]:
    """Seconds of jumps to random times."""
    pick = random.Random(5)

    def jump(time: int) -> None:
        session.jump(time)
        session.explain()

    return [seconds(lambda time=time: jump(time)) for time in _random_times(session.latest, count, pick)]


def _random_times(latest: int, count: int, pick: random.Random) -> list[int]:
    return [pick.randint(1, max(1, latest)) for _ in range(count)]


def _bound(session: Session) -> float | None:
    """Seconds that the longest replay takes: the spacing times an update, and the one that is looked at."""
    between = spacing(session.run.timeline)
    if between is None:
        return None
    trainer, state = session.run.timeline.trainer, session.run.timeline.initial
    one = median([seconds(lambda: trainer.iterate(state, 0)) for _ in range(20)])
    return one * (between + 1)


def _painted(stage: Stage, subject: Subject, latest: int, count: int) -> tuple[list[float], list[float]]:
    """Seconds from the last key to the frame, once the far end was reached: of random positions typed, and of
    the keys that go to both ends."""
    pick = random.Random(6)
    with stage.debugger(subject.argument) as ours:
        ours.until(READY)
        ours.settle()
        go(ours, subject.statements, latest, 300.0)
        ours.settle()
        typed, ends = [], []
        for time in _random_times(latest, count, pick):
            typed.append(go(ours, subject.statements, time))
            ours.settle(0.1)
            for key, end in ((b"\x1b[H", 0), (b"\x1b[F", latest)):
                ends.append(press_to(ours, subject.statements, key, end))
                ours.settle(0.1)
        return typed, ends
