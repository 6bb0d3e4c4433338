"""The search for the next or the previous time at which a breakpoint stops the run."""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from time import perf_counter

from msgspec import Struct

from backprop_tui.engine.quantities import Quantity, symbol_of
from backprop_tui.history.run import Run
from backprop_tui.network.names import shown
from backprop_tui.program.positions import MOST_EPOCHS
from backprop_tui.stops.breakpoints import Breakpoint, understood
from backprop_tui.stops.condition_values import ALONE, ConditionValues

SLICE_SECONDS = 0.008
FIRST_BLOCK = 8
"""Iterations looked through first when searching backwards; each further block has twice as many."""


class Stop(Struct, frozen=True):
    """A moment at which a breakpoint stops the run."""

    time: int
    breakpoint: Breakpoint
    reason: str
    """Which one and why: ``loss < 0.001: loss is 0.000999``."""


Search = Generator[int, None, Stop | None]


def searching(
    run: Run,
    time: int,
    breakpoints: Sequence[Breakpoint],
    direction: int,
    until: int = MOST_EPOCHS,
    beside: Mapping[str, Run] = ALONE,
) -> Search:
    """Look for the nearest stop after (or before) a time, a slice of computation at each step.

    Searching forwards runs iterations that have not been run yet. The search can be stopped after any step.

    Args:
        run: where to look.
        time: from when.
        breakpoints: those that are switched on count; of several that stop at one time, the first.
        direction: 1 for the next stop, −1 for the previous one.
        until: look no further than the start of this epoch.
        beside: all runs that they may name, by name.

    Yields:
        the epoch reached so far.

    Returns:
        the stop; None where there is none. (It is the generator's value: ``stop = yield from searching(…)``.)

    Raises:
        ConditionError: a breakpoint means nothing for this network.

    """
    search = _Search(run, breakpoints, beside)
    if direction > 0:
        return (yield from search.forwards(time, run.program.time(until, 0)))
    return (yield from search.backwards(time))


class _Search:
    def __init__(self, run: Run, breakpoints: Sequence[Breakpoint], beside: Mapping[str, Run]) -> None:
        self._run = run
        self._program = run.program
        self._standing: list[tuple[int, Breakpoint, tuple[Quantity, ...]]] = []
        self._conditions: list[tuple[int, Breakpoint, ConditionValues]] = []
        networks = {name: one.network for name, one in beside.items()}
        for rank, one in enumerate(breakpoints):
            if not one.enabled:
                continue
            meaning = understood(one.text, run.network, networks)
            if isinstance(meaning, tuple):
                self._standing.append((rank, one, meaning))
            else:
                self._conditions.append((rank, one, ConditionValues(run, meaning, beside)))
        self._timelines = {
            timeline: None for _, _, evaluation in self._conditions for timeline in evaluation.timelines
        }.keys()
        self._deadline = perf_counter() + SLICE_SECONDS

    def forwards(self, time: int, limit: int) -> Search:
        found: tuple[int, int] | None = None
        for rank, _, quantities in self._standing:
            times = (self._program.next_time(quantity, time) for quantity in quantities)
            for one in times:
                if one is not None and one <= limit and (found is None or (one, rank) < found):
                    found = (one, rank)
        end = found[0] if found else limit
        stops = self._stops(time, end)
        for progress in stops:
            if isinstance(progress, tuple):
                found = progress if found is None else min(found, progress)
                break
            yield progress
        return self._stop(found)

    def backwards(self, time: int) -> Search:
        found: tuple[int, int] | None = None
        for rank, _, quantities in self._standing:
            for quantity in quantities:
                one = self._program.last_time(quantity, time - 1)
                if one and (found is None or (one, -rank) > (found[0], -found[1])):
                    found = (one, rank)
        lowest = found[0] - 1 if found else 0
        end = time - 1
        size = FIRST_BLOCK
        while self._conditions and end > lowest:
            first = max(0, self._program.iteration_at(end - 1) - size + 1)
            start = max(lowest, self._program.iteration_start(first))
            last: tuple[int, int] | None = None
            for progress in self._stops(start, end):
                if not isinstance(progress, tuple):
                    yield progress
                elif last is None or progress[0] > last[0]:
                    last = progress
            if last:
                if found is None or (last[0], -last[1]) > (found[0], -found[1]):
                    found = last
                break
            end, size = start, size * 2
        return self._stop(found)

    def _stops(self, start: int, end: int) -> Generator[int | tuple[int, int], None, None]:
        """Every stop of a condition after *start*, up to *end*, as time and rank; in between, the epoch."""
        yield from self._run_to(start)
        states = []
        for rank, _, evaluation in self._conditions:
            states.append([rank, *evaluation.holds(start)])
        evaluations = [evaluation for _, _, evaluation in self._conditions]
        while states:
            time = min(state[2] for state in states)
            if time > end:
                return
            if perf_counter() >= self._deadline:
                yield self._program.position(time)[0]
                self._deadline = perf_counter() + SLICE_SECONDS
            yield from self._run_to(time)
            for state, evaluation in zip(states, evaluations, strict=True):
                if state[2] > time:
                    continue
                before = state[1]
                state[1:] = evaluation.holds(time)
                if state[1] and (not before or evaluation.changes_at(time)):
                    yield time, state[0]

    def _run_to(self, time: int) -> Generator[int, None, None]:
        """Train up to the iteration in which *time* lies, showing progress."""
        if not time:
            return
        for timeline in self._timelines:
            for iteration in timeline.running_to(self._program.iteration_at(time - 1), ahead=True):
                yield iteration // self._program.iterations_per_epoch
                self._deadline = perf_counter() + SLICE_SECONDS

    def _stop(self, found: tuple[int, int] | None) -> Stop | None:
        if found is None:
            return None
        time, rank = found
        for own, one, quantities in self._standing:
            if own == rank:
                return Stop(time, one, self._standing_reason(one, quantities, time))
        own_condition = next((one, evaluation) for own, one, evaluation in self._conditions if own == rank)
        return Stop(time, own_condition[0], f"{own_condition[0].text}: {own_condition[1].reason(time)}")

    def _standing_reason(self, one: Breakpoint, quantities: tuple[Quantity, ...], time: int) -> str:
        symbol = symbol_of(self._run.names, self._program.statement(time - 1).quantity)
        if one.text.split()[0] in ("phase", "unit") and len(one.text.split()) == 2:
            return f"{one.text}: begins with {shown(symbol)}"
        return f"{one.text} is computed"
