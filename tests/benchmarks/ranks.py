"""What opening a recording costs against the number of ranks: indexes, headers, batches of one iteration."""

from __future__ import annotations

import gc
import json
import os
import resource
import shutil
import tempfile
from collections.abc import Callable
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from time import process_time
from typing import Any

from backprop_tui.pytorch.errors import PyTorchError
from backprop_tui.pytorch.opening.joining.union import Joined, joined
from backprop_tui.pytorch.opening.recordings import Recording
from tests.benchmarks.measures import median, seconds, slope
from tests.benchmarks.report import Cell, Plot, Section, Table, Verdict
from tests.benchmarks.subjects import Stage

RANKS = (1, 8, 64, 1024)
BATCH = 64
SHAPE = (784, 128, 10)
KEEP = 100
DESCRIPTORS = 8
"""Files that may be open at a time: so many are tried."""


def measure(stage: Stage, quick: bool) -> Section:
    """Against ranks; each has a folder and an index of its own, the numbers of all are one file."""
    section = Section("ranks")
    torch = import_module("torch")
    torch.set_num_threads(1)
    columns = (
        "ranks",
        "on disk MiB",
        "index ms",
        "index KiB",
        "joined ms",
        "joined KiB",
        "one rank's batch ms",
        "all ranks' batches ms",
        "batches MiB",
        "descriptors",
    )
    rows: list[tuple[Cell, ...]] = []
    with tempfile.TemporaryDirectory() as folder:
        source = _recorded(torch, Path(folder) / "one")
        for ranks in RANKS[: 3 if quick else None]:
            place = _replicated(source, Path(folder) / "many", ranks)
            rows.append(_row(place, ranks, 3 if quick else 5, section))
            shutil.rmtree(place)
    note = (
        f"Each rank: {'-'.join(map(str, SHAPE))}, Adam, batch {BATCH}, {KEEP} iterations kept. index: every "
        "rank's index.json and nothing else. joined: the headers of the windows, for every loss, gradient "
        "norm, count and note; both in time of the processor. Batches are read when they are asked for, here "
        "those of one iteration. KiB: read by system calls, each time. descriptors: with so many files open "
        "at a time it can be done."
    )
    section.tables.append(Table("Opening a recording", columns, rows, (note,)))
    counts = [float(row[0] or 0) for row in rows]
    curves = {
        name: [(count, float(row[columns.index(name)] or 0)) for count, row in zip(counts, rows, strict=True)]
        for name in columns
        if name.endswith(" ms")
    }
    section.plots.append(Plot("Opening a recording", "ranks", "milliseconds", curves))
    _judge(section, curves, rows)
    return section


def _judge(
    section: Section, curves: dict[str, list[tuple[float, float]]], rows: list[tuple[Cell, ...]]
) -> None:
    most, last = float(rows[-1][0] or 1), {name: points[-1][1] for name, points in curves.items()}
    for name in ("index", "joined"):  # the first is quicker: its file is in the processor's cache
        points = curves[f"{name} ms"][1:]
        found = slope([x for x, _ in points], [y for _, y in points])
        section.verdicts.append(
            Verdict(f"slope of {name} against ranks", found, 1.2, "", "1 is proportional")
        )
    each = last["index ms"] / most
    files = float(rows[-1][-1] or DESCRIPTORS + 1)
    section.verdicts.append(Verdict("files open at a time", files, 2.0, "", "of any number of ranks"))
    section.verdicts.append(Verdict(f"index of one of {most:,.0f} ranks", each, 1.0, "ms"))
    each = last["joined ms"] / most
    section.verdicts.append(Verdict(f"header of one of {most:,.0f} ranks", each, 10.0, "ms"))
    one = [point[1] for point in curves["one rank's batch ms"]]
    ratio = max(one) / min(one)
    section.verdicts.append(
        Verdict("one rank's batch, worst against best", ratio, 3.0, "×", "of any number of ranks")
    )


def _recorded(torch: Any, folder: Path) -> Path:
    """The folder of one rank that trained a while."""
    api = import_module("backprop_tui")
    inputs, hidden, outputs = SHAPE
    torch.manual_seed(1)
    layers = torch.nn.Linear(inputs, hidden), torch.nn.Tanh(), torch.nn.Linear(hidden, outputs)
    model, loss = torch.nn.Sequential(*layers), torch.nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters())
    with api.record(folder, model, loss, optimizer, keep=KEEP, when=""):
        for _ in range(2 * KEEP):
            optimizer.zero_grad()
            loss(model(torch.randn(BATCH, inputs)), torch.randint(0, outputs, (BATCH,))).backward()
            optimizer.step()
    return folder / "rank-0000"


def _replicated(source: Path, place: Path, ranks: int) -> Path:
    """As many folders; each with an index that gives its own number, and the window as a link."""
    index = json.loads((source / "index.json").read_text("utf-8"))
    index["about"]["world"] = ranks
    for rank in range(ranks):
        own = place / f"rank-{rank:04d}"
        own.mkdir(parents=True)
        (own / "index.json").write_text(json.dumps({**index, "rank": rank}), "utf-8")
        for window in index["windows"]:
            os.link(source / window["file"], own / window["file"])
    return place


def _row(place: Path, ranks: int, times: int, section: Section) -> tuple[Cell, ...]:
    on_disk = sum(path.stat().st_size for path in place.glob("*/*")) / 2**20
    index_seconds, index_read = _measured(lambda: Recording.open(place), times)
    recording = Recording.open(place)
    joined_seconds, joined_read = _measured(lambda: joined(recording), times if ranks <= 64 else 2)
    found = joined(recording)
    section.remarks += found.said
    parts = found.iterations[-1].parts
    one = median([seconds(parts[len(parts) // 2].batch) for _ in range(4 * times)])
    every = median(
        [seconds(lambda: [part.batch() for part in parts]) for _ in range(times if ranks <= 64 else 1)]
    )
    size = sum(tensor.nbytes for part in parts for tensor in (*part.batch().arguments, *part.batch().targets))
    held = _descriptors(place, found)
    return (
        ranks,
        on_disk,
        index_seconds * 1e3,
        index_read / 1024,
        joined_seconds * 1e3,
        joined_read / 1024,
        one * 1e3,
        every * 1e3,
        size / 2**20,
        held,
    )


def _measured(work: Callable[[], object], times: int) -> tuple[float, float]:
    """The fewest seconds of the processor, and the bytes read by system calls each time."""
    before = _read()
    taken = []
    gc.collect()
    gc.freeze()  # what is there already need not be looked through again and again
    for _ in range(times):
        start = process_time()
        work()
        taken.append(process_time() - start)
    gc.unfreeze()
    return min(taken), (_read() - before) / times


def _read() -> int:
    lines = Path("/proc/self/io").read_text("ascii").splitlines()
    return int(dict(line.split(": ") for line in lines)["rchar"])


def _descriptors(place: Path, found: Joined) -> int | None:
    """The fewest files that need be open at a time to open all and read an iteration; None for more."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (256, hard))
    fillers: list[int] = []
    try:
        with suppress(OSError):  # until there is no room for another
            while True:
                fillers.append(os.open(os.devnull, os.O_RDONLY))
        for free in range(1, DESCRIPTORS + 1):
            os.close(fillers.pop())
            with suppress(OSError, PyTorchError):
                joined(Recording.open(place))
                for part in found.iterations[-1].parts:
                    part.batch()
                return free
    finally:
        for one in fillers:
            os.close(one)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    return None
