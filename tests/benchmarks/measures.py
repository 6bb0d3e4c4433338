"""Small statistics, and a stopwatch that gives all contestants the same weather."""

from __future__ import annotations

import gc
import math
from collections.abc import Callable, Mapping, Sequence
from time import perf_counter, sleep

FRAME = 1 / 60
"""Seconds a frame lasts on a 60 Hz screen."""


def quantile(values: Sequence[float], share: float) -> float:
    """The value below which a share of the values lie, between two of them by interpolation; nan of none."""
    ordered = sorted(values)
    if not ordered:
        return math.nan
    place = share * (len(ordered) - 1)
    low = math.floor(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


def median(values: Sequence[float]) -> float:
    """The middle value; nan of none."""
    return quantile(values, 0.5)


def p95(values: Sequence[float]) -> float:
    """The value that 95 of 100 do not exceed; nan of none."""
    return quantile(values, 0.95)


def slope(xs: Sequence[float], ys: Sequence[float]) -> float:
    """The power with which y grows in x: the slope of the least-squares line through the logarithms.

    0 is flat, 1 proportional. nan where fewer than two different x are left above 0.
    """
    points = [(math.log(x), math.log(y)) for x, y in zip(xs, ys, strict=True) if x > 0 and y > 0]
    if len({x for x, _ in points}) < 2:
        return math.nan
    x_mean = sum(x for x, _ in points) / len(points)
    y_mean = sum(y for _, y in points) / len(points)
    return sum((x - x_mean) * (y - y_mean) for x, y in points) / sum((x - x_mean) ** 2 for x, _ in points)


def seconds(work: Callable[[], object]) -> float:
    """How long *work* takes."""
    start = perf_counter()
    work()
    return perf_counter() - start


def interleaved(
    contestants: Mapping[str, Callable[[int], object]],
    rounds: int,
    budget: float,
    *,
    most: int = 100_000,
    rests: Mapping[str, float] | None = None,
) -> dict[str, list[float]]:
    """Seconds a repetition, a value a round, of work that takes how often it is to be done.

    A B C A B C …: a busy machine hits all alike, and nobody clears away another's garbage. Each works for
    about *budget* seconds a round, and at least once. After those in *rests* it waits so many seconds.
    """
    gc.collect()
    gc.freeze()  # what is there already need not be looked through again and again
    try:
        counts = {name: _repetitions(work, budget, most) for name, work in contestants.items()}
        found: dict[str, list[float]] = {name: [] for name in contestants}
        for _ in range(rounds):
            for name, work in contestants.items():
                gc.collect()
                start = perf_counter()
                work(counts[name])
                found[name].append((perf_counter() - start) / counts[name])
                if rests and name in rests:
                    sleep(rests[name])
    finally:
        gc.unfreeze()
    return found


def _repetitions(work: Callable[[int], object], budget: float, most: int) -> int:
    """How many repetitions fill *budget* seconds, found by doing more and more of them."""
    count = 1
    while True:
        gc.collect()
        start = perf_counter()
        work(count)
        taken = perf_counter() - start
        if taken >= budget / 4 or count >= most:
            return max(1, min(most, round(count * budget / max(taken, 1e-9))))
        count *= 4
