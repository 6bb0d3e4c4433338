"""How cost grows with the size of the network and with the position: flat where it must be flat."""

from __future__ import annotations

import random
from collections.abc import Callable
from contextlib import suppress
from time import perf_counter, sleep

from backprop_tui.session.session import Session
from backprop_tui.tui.pictures.charts.loss import loss_picture
from backprop_tui.tui.pictures.drawing.network import network_picture
from backprop_tui.tui.pictures.explanation.picture import chain_rule_picture
from backprop_tui.tui.pictures.status_and_keys import status_row
from backprop_tui.tui.pictures.tables.listing import program_picture
from backprop_tui.tui.pictures.tables.values import values_picture
from backprop_tui.tui.view import View
from tests.benchmarks.holding import held_bytes, run_to, spacing
from tests.benchmarks.measures import interleaved, median, seconds, slope
from tests.benchmarks.position import go
from tests.benchmarks.report import Cell, Plot, Section, Table, Verdict
from tests.benchmarks.rivals import problem
from tests.benchmarks.subjects import READY, Stage, Subject
from tests.benchmarks.terminal import DiedError

SHAPES = ("1-3-1", "4-14-2", "16-50-3", "64-128-12", "300-300-33", "1000-900-110")
"""About 10, 100, …, 1,000,000 parameters."""
FLAT = 0.1
"""The slope up to which a cost counts as flat: from one end to the other of six powers of ten, times 4."""
PATIENCE = 60.0


def measure(stage: Stage, quick: bool) -> Section:
    """Against parameters, and against epochs."""
    section = Section("growth")
    _against_parameters(stage, quick, section)
    _against_epochs(quick, section)
    return section


def _against_parameters(stage: Stage, quick: bool, section: Section) -> None:
    rows: list[tuple[Cell, ...]] = []
    for shape in SHAPES[:: 2 if quick else 1]:
        network = problem(shape, 1, 1).network
        session = run_to(network, 200, PATIENCE)
        session.jump(session.program.layout.forward + 3)
        steps, pictures = _steps(session, 30 if quick else 200)
        key = _keys(stage, Subject(shape, shape), 6 if quick else 20, section)
        session.end()
        jumps = _jumps(session, 20)
        epoch = _epoch(session)
        state = session.run.timeline.initial.nbytes / 1024
        held = held_bytes(session.run.timeline) / 2**20
        size = sum(len(layer.weights) * (len(layer.weights[0]) + 1) for layer in network.layers)
        many = (median(steps) * 1e3, median(pictures) * 1e3, key, jumps * 1e3, epoch * 1e6, state, held)
        rows.append((shape, size, *many))
    names = ("step ms", "pictures ms", "key ms", "jump ms", "epoch µs", "state KiB", "history MiB")
    _add(section, "Against parameters", ("network", "parameters", *names), rows, "parameters")


def _against_epochs(quick: bool, section: Section) -> None:
    from backprop_tui.network.files.library import find

    rows: list[tuple[Cell, ...]] = []
    for power in range(5 if quick else 7):
        begun = perf_counter()
        session = run_to(find("worked-example"), 10**power, PATIENCE)
        run_seconds = perf_counter() - begun
        epochs = session.latest // session.program.statements
        session.jump(session.latest - 8)
        steps, pictures = _steps(session, 30 if quick else 200)
        jumps = _jumps(session, 50)
        timeline = session.run.timeline
        losses = timeline.losses.itemsize * len(timeline.losses) / 1024
        each = run_seconds / epochs * 1e6
        many = (median(steps) * 1e3, median(pictures) * 1e3, jumps * 1e3, each)
        rows.append(("1-1-1", epochs, *many, held_bytes(timeline) / 1024, losses, spacing(timeline)))
        if epochs < 10**power:
            section.remarks.append(f"stopped by the clock at epoch {epochs:,} of {10**power:,}")
            break
    names = (
        "step ms",
        "pictures ms",
        "jump ms",
        "µs an epoch run",
        "checkpoints KiB",
        "losses KiB",
        "spacing",
    )
    _add(section, "Against epochs", ("network", "epochs", *names), rows, "epochs")


def _add(
    section: Section, title: str, columns: tuple[str, ...], rows: list[tuple[Cell, ...]], against: str
) -> None:
    """The table with the fitted slopes below it, the curves, and the verdict on what must be flat."""
    sizes = [float(row[1] or 0) for row in rows]
    slopes: list[Cell] = []
    curves = {}
    for place in range(2, len(columns)):
        values = [float(row[place] or 0) for row in rows]
        slopes.append(slope(sizes, values))
        if " " in columns[place]:
            curves[columns[place]] = list(zip(sizes, values, strict=True))
    note = (
        "slope: the power with which a column grows (0 flat, 1 proportional), fitted to the logarithms. "
        "step: one statement and its explanation; pictures: all panes' at 120×40, made anew; "
        "key: in a terminal."
    )
    shown = [*rows, ("slope", "", *slopes)]
    section.tables.append(Table(title, columns, shown, (note,)))
    section.plots.append(Plot(title, against, "in the unit of each name", curves))
    for name in ("step ms", "key ms"):
        if name in columns:
            found = float(slopes[columns.index(name) - 2] or 0)
            what = f"slope of a {name.removesuffix(' ms')} {title.lower()}"
            section.verdicts.append(Verdict(what, found, FLAT, "", "0 is flat, 1 proportional"))


def _pictures(session: Session) -> None:
    """What the panes show, as they show it at 120×40."""
    view = View(session, time=session.time)
    status_row(view, 120)
    network_picture(view, 58, 20)
    program_picture(view, 58, 20)
    chain_rule_picture(view, 58, 13)
    values_picture(view, 58, 13)
    loss_picture(view, 58, 13)


def _steps(session: Session, count: int) -> tuple[list[float], list[float]]:
    """Seconds of steps forth and back with what is explained of them, and of the pictures after each."""
    moves: tuple[Callable[[], None], ...] = (session.forward, session.back)

    def step(number: int) -> None:
        moves[number % 2]()
        session.explain(most=6)

    steps, pictures = [], []
    for number in range(count + 2):
        steps.append(seconds(lambda number=number: step(number)))
        pictures.append(seconds(lambda: _pictures(session)))
    return steps[2:], pictures[2:]


def _jumps(session: Session, count: int) -> float:
    """The median of the seconds of a jump to a random position already passed."""
    pick = random.Random(9)
    times = [pick.randint(1, max(1, session.latest)) for _ in range(count)]

    def jump(time: int) -> None:
        session.jump(time)
        session.explain(most=6)

    return median([seconds(lambda time=time: jump(time)) for time in times])


def _epoch(session: Session) -> float:
    """The median of the seconds of an epoch of one example, nothing kept."""
    trainer, state = session.run.timeline.trainer, session.run.timeline.initial
    taken = interleaved({"ours": lambda count: trainer.advance(state, 0, count)}, 5, 0.02)
    return median(taken["ours"])


def _keys(stage: Stage, subject: Subject, count: int, section: Section) -> float | None:
    """The median of the milliseconds of a key in a terminal; None where the network cannot be shown."""
    times: list[float] = []
    with suppress(DiedError), stage.debugger(subject.argument) as ours:
        ours.until(READY)
        ours.settle()
        go(ours, subject.statements, subject.moments()["backward"])
        ours.settle()
        for number in range(-2, count):
            taken = ours.press(b"sS"[number % 2 : number % 2 + 1]).seconds
            if number >= 0 and taken is not None:
                times.append(taken)
            sleep(0.03)
    if not times:
        section.remarks.append(f"{subject.name}: no key was answered in a terminal")
        return None
    return median(times) * 1e3
