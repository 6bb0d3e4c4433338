"""Serving: twenty visitors at once on loopback, their memory, and how long their keys take."""

from __future__ import annotations

import asyncio
from pathlib import Path
from statistics import median, quantiles
from tempfile import TemporaryDirectory
from time import perf_counter

from tests.benchmarks.report import Section, Table
from tests.benchmarks.subjects import Stage
from tests.web.visits import Served, Visit, served, visit

VISITORS = 20
KEYS = "sssssfbuSSBUeeEE"
"""What each visitor presses, one after the other's answer."""
KIBIBYTES = 1024


def measure(stage: Stage, quick: bool) -> Section:
    """Visitors who come one after another, and stay; then all of them press keys at the same time."""
    section = Section("serve")
    rows = [_measured(count, 1 if quick else 4) for count in (1, VISITORS)]
    columns = (
        "visitors, 120×40",
        "first frame ms, median",
        "slowest",
        "key to answer ms, median",
        "95 %",
        "resident MiB each",
        "of its own MiB each",
        "server MiB",
    )
    note = (
        "Of its own: its proportional share. All press keys at once, each "
        "after the answer to the one before; the visitors are simulated on the same machine."
    )
    section.tables.append(Table("Visitors on loopback", columns, rows, (note,)))
    return section


def _measured(count: int, rounds: int) -> tuple[str | int | float | None, ...]:
    with TemporaryDirectory() as folder, served(Path(folder), "--visitors", str(count)) as server:
        firsts, keys, memories, own = asyncio.run(_visited(server, count, rounds))
        ours = _memory(server.process.pid, "VmRSS")
    late = quantiles(keys, n=20)[-1]
    return (
        count,
        median(firsts) * 1000,
        max(firsts) * 1000,
        median(keys) * 1000,
        late * 1000,
        sum(memories) / count / KIBIBYTES,
        sum(own) / count / KIBIBYTES,
        ours / KIBIBYTES,
    )


async def _visited(
    server: Served, count: int, rounds: int
) -> tuple[list[float], list[float], list[int], list[int]]:
    """Seconds to the first frames and to answers, and kibibytes of each visitor's process."""
    firsts: list[float] = []
    begun: list[Visit] = []
    leaving = asyncio.Event()

    async def stay() -> None:
        start = perf_counter()
        async with visit(server) as one:
            await one.see("step 0/19")
            firsts.append(perf_counter() - start)
            begun.append(one)
            await leaving.wait()

    async with asyncio.TaskGroup() as group:
        for number in range(count):
            group.create_task(stay())
            while len(begun) <= number:
                await asyncio.sleep(0.01)
        keys = [
            seconds
            for answers in await asyncio.gather(*(_pressed(one, KEYS * rounds) for one in begun))
            for seconds in answers
        ]
        processes = server.children()
        memories = [_memory(process, "VmRSS") for process in processes]
        own = [_share(process) for process in processes]
        leaving.set()
    return firsts, keys, memories, own


async def _pressed(one: Visit, keys: str) -> list[float]:
    """Seconds from each key to the first byte of its frame."""
    while True:  # what is still under way of the first frame
        before = one.bytes
        await one.take(0.5)
        if one.bytes == before:
            break
    found = []
    for key in keys:
        before, start = one.bytes, perf_counter()
        await one.type(key)
        while one.bytes == before:
            await one.take(10.0)
        found.append(perf_counter() - start)
        while True:
            before = one.bytes
            await one.take(0.15)
            if one.bytes == before:
                break
    return found


def _memory(process: int, name: str) -> int:
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{name}:"))


def _share(process: int) -> int:
    lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
