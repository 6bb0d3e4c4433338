"""Training without a screen: our engines beside the textbook's loop, NumPy by hand, and three libraries."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Sequence
from statistics import fmean

from backprop_tui.engine.epochs import run
from backprop_tui.engine.training import Trainer
from tests.benchmarks import rivals
from tests.benchmarks.measures import interleaved, median, p95, seconds
from tests.benchmarks.report import Cell, Section, Table, Verdict
from tests.benchmarks.rivals import Problem, Steps
from tests.benchmarks.subjects import Stage

OURS, PYTORCH, TEXTBOOK = "ours", "PyTorch", "textbook's own loop"
NOISE = 1.05
"""By how much two runs of the very same statements differ on the clock."""
SPINNING = 0.25
"""Seconds for which the threads of PyTorch's libraries keep a core busy after their work is done."""
ENGINES = ("arrays", "scalars")
AGREE = 1e-9
VERIFIED = 100
"""How many steps' losses are compared; of micrograd, as many as it finishes soon."""
SLOW = {True: 5_000, False: 50_000}
"""The most products of weights and examples with which micrograd finishes soon; quickly, and in full."""


def measure(stage: Stage, quick: bool) -> Section:
    """Every problem; in each, all contestants in turn."""
    section = Section("training")
    for module in (*rivals.OPTIONAL, "torch"):
        if not rivals.installed(module):
            section.remarks.append(f"{module} is not installed: not compared")
    if not _engines():
        section.remarks.append("the trainer knows no choice of engine: measured with the one it has")
    rows: list[tuple[Cell, ...]] = []
    differences = []
    for problem in _problems():
        found, difference = _measured(problem, quick)
        rows += found
        differences.append(difference)
        section.verdicts += _verdicts(problem.name, found)
    section.verdicts.append(Verdict("largest difference between any two losses", max(differences), AGREE))
    threads = f"PyTorch uses {rivals.torch_threads()} threads. " if rivals.installed("torch") else ""
    notes = (
        f"{threads}Everything in float64, SGD, sigmoid, squared error; each step's loss is collected.",
        f"Medians, best and 95th percentile of {3 if quick else 9} rounds, in each of which all take turns.",
        "784-128-10 b64 is computed on all cores: where others want them too, look at the best.",
        "ours: the engine that the program chooses; ours run(): the loop behind the train command.",
        "first step: from the description to the end of the first step, once; code is generated there.",
        f"The first losses of all agree to {max(differences):.1e} "
        f"(up to {VERIFIED} steps from the same initial values).",
    )
    columns = (
        "problem",
        "by",
        "µs a step",
        "best",
        "p95",
        "ours ÷ it",
        "largest difference",
        "first step ms",
    )
    section.tables.append(Table("A training step", columns, rows, notes))
    return section


def _problems() -> list[Problem]:
    shapes = ("2-4-4-1", "16-16-16-4", "784-128-10")
    return [rivals.worked_example(), *(rivals.problem(shape, size) for shape in shapes for size in (1, 64))]


def _measured(problem: Problem, quick: bool) -> tuple[list[tuple[Cell, ...]], float]:
    """The rows of one problem, and the largest difference between any loss and NumPy's."""
    makers = _contestants(problem, quick)
    reference = rivals.numpy_by_hand(problem)(VERIFIED)
    differences = {}
    for name, make in makers.items():
        losses = make()(5 if name == "micrograd" and problem.batch_size > 1 else VERIFIED)
        gaps = [abs(one - other) for one, other in zip(losses, reference, strict=False)]
        differences[name] = max(gaps) if all(map(math.isfinite, losses)) else math.inf
    first = {name: seconds(lambda make=make: make()(1)) for name, make in makers.items()}
    ready = {name: make() for name, make in makers.items()}
    rests = {PYTORCH: SPINNING}
    times = interleaved(ready, 3 if quick else 9, 0.02 if quick else 0.1, rests=rests)
    rows: list[tuple[Cell, ...]] = []
    for name, taken in times.items():
        middle = median(taken)
        cells = (middle * 1e6, min(taken) * 1e6, p95(taken) * 1e6, _ratio(times[OURS], taken))
        shown = f"{OURS}: {_chosen(problem)}" if name == OURS else name
        rows.append((problem.name, shown, *cells, f"{differences[name]:.0e}", first[name] * 1e3))
    return rows, max(differences.values())


def _contestants(problem: Problem, quick: bool) -> dict[str, Callable[[], Steps]]:
    """All who take part, each to be made anew."""
    makers: dict[str, Callable[[Problem], Steps]] = {OURS: _ours}
    makers |= {f"ours, {engine}": _with_engine(engine) for engine in _engines() if _can(problem, engine)}
    if problem.name.startswith("1-1-1"):
        makers |= {"ours, run()": _run, TEXTBOOK: rivals.textbook}
    makers["NumPy by hand"] = rivals.numpy_by_hand
    weights = sum(w.size for w in problem.weights) * problem.batch_size
    if rivals.installed("torch"):
        makers |= {PYTORCH: rivals.pytorch, "PyTorch, 1 thread": rivals.pytorch_alone}
    for module, make in rivals.OPTIONAL.items():
        if rivals.installed(module) and (module != "micrograd" or weights <= SLOW[quick]):
            makers[module] = make
    return {name: (lambda make=make: make(problem)) for name, make in makers.items()}


def _engines() -> tuple[str, ...]:
    """The engines that can be chosen; none where there is no choice."""
    return ENGINES if "engine" in inspect.signature(Trainer).parameters else ()


def _can(problem: Problem, engine: str) -> bool:
    """Whether an engine takes a problem; generated scalar code is for small networks."""
    if engine == "scalars" and sum(w.size for w in problem.weights) > 10_000:
        return False
    try:
        Trainer(problem.network, engine=engine)  # type: ignore[call-arg]
    except ValueError:
        return False
    return True


def _chosen(problem: Problem) -> str:
    """The engine that the program chooses."""
    return str(getattr(Trainer(problem.network), "engine", "its engine"))


def _ours(problem: Problem) -> Steps:
    return _trained(Trainer(problem.network), problem.batch_size)


def _with_engine(engine: str) -> Callable[[Problem], Steps]:
    def made(problem: Problem) -> Steps:
        return _trained(Trainer(problem.network, engine=engine), problem.batch_size)  # type: ignore[call-arg]

    return made


def _trained(trainer: Trainer, batch_size: int) -> Steps:
    state, done = [trainer.initial_state()], [0]

    def steps(count: int) -> list[float]:
        state[0], losses = trainer.advance(state[0], done[0], count)
        done[0] += count
        if batch_size == 1:
            return losses
        starts = range(0, len(losses), batch_size)
        return [fmean(losses[at : at + batch_size]) for at in starts]

    return steps


def _run(problem: Problem) -> Steps:
    """The loop that the train command runs, from the start each time; only the last epoch is asked for."""
    sparse = "every" in inspect.signature(run).parameters

    def steps(count: int) -> list[float]:
        if count <= VERIFIED:
            return [result.loss for result in run(problem.network, count)]
        options = {"every": count} if sparse else {}
        for _ in run(problem.network, count, **options):
            pass
        return []

    return steps


def _ratio(ours: Sequence[float], theirs: Sequence[float]) -> float:
    """The median of the rounds' own ratios, so that a minute in which all are slow does no harm."""
    return median([one / other for one, other in zip(ours, theirs, strict=True)])


def _verdicts(name: str, rows: list[tuple[Cell, ...]]) -> list[Verdict]:
    """Ours against each rival that is to be reached."""
    ratios = {str(row[1]): float(row[5] or 0) for row in rows}
    ratios["PyTorch"] = max((ratio for by, ratio in ratios.items() if by.startswith("PyTorch")), default=0.0)
    found = [
        Verdict(f"ours ÷ {by}, {name}", ratios[by], 1.0)
        for by in ("NumPy by hand", "PyTorch", "micrograd")
        if ratios.get(by)
    ]
    if TEXTBOOK in ratios:
        note = "the same statements: all beyond 1 is the clock's noise"
        found.append(Verdict(f"ours ÷ {TEXTBOOK}, {name}", ratios[TEXTBOOK], NOISE, "", note))
    return found
