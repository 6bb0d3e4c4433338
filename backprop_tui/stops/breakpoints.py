"""Breakpoints, and the search for the next or the previous moment at which one of them stops the run.

A breakpoint is one of: the name of something computed (``dL_dw1``), where every statement that computes it
stops; ``phase backward``, where the first statement of every such phase stops; ``unit h``, where the first
statement of that unit in every phase stops; or a condition, where each statement stops at which it becomes
true, be it by an edit made there (``changed(…)`` and ``changed_sign(…)``: at every such change).
So the stops are a property of the run: going forwards and backwards finds the same ones.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from time import perf_counter

from msgspec import Struct
from msgspec.structs import replace

from backprop_tui.engine.quantities import Kind, Phase, Quantity
from backprop_tui.network.description import Network
from backprop_tui.network.errors import nearest
from backprop_tui.network.names import shown
from backprop_tui.program.identifiers import Identifiers, computes
from backprop_tui.session.session import MOST_EPOCHS, Session
from backprop_tui.stops.condition_tree import Name
from backprop_tui.stops.condition_values import Evaluation
from backprop_tui.stops.conditions import LONGEST, QUANTITIES, Condition, ConditionError, parse_expression

SLICE_SECONDS = 0.008
FIRST_BLOCK = 8
"""Iterations looked through first when searching backwards; each further block has twice as many."""


class Breakpoint(Struct, frozen=True):
    """Something at which the run stops. ``hits`` counts how often it has."""

    text: str
    enabled: bool = True
    hits: int = 0

    @staticmethod
    def parse(text: str, network: Network, *, enabled: bool = True, hits: int = 0) -> Breakpoint:
        """The breakpoint that *text* means for *network*.

        Raises:
            ConditionError: it means none.

        """
        understood(text, network)
        return Breakpoint(text.strip(), enabled, hits)

    def hit(self) -> Breakpoint:
        """The same, having stopped the run once more."""
        return replace(self, hits=self.hits + 1)

    def toggled(self) -> Breakpoint:
        """The same, switched on or off."""
        return replace(self, enabled=not self.enabled)

    def quantities(self, network: Network) -> tuple[Quantity, ...]:
        """What the statements that it stands at compute; empty for a condition."""
        meaning = understood(self.text, network)
        return meaning if isinstance(meaning, tuple) else ()

    def describe(self, network: Network) -> str:
        """What it does, in plain words."""
        meaning = understood(self.text, network)
        words = self.text.split()
        if isinstance(meaning, Condition):
            return f"stops when {self.text} becomes true"
        if len(words) == 1:
            return f"stops where {shown(self.text)} is computed"
        if words[0] == "phase":
            return f"stops where {_PHASES[Phase(words[1])]} begins"
        return f"stops where work at unit {words[1]} begins, in each phase"


class Stop(Struct, frozen=True):
    """A moment at which a breakpoint stops the run."""

    time: int
    breakpoint: Breakpoint
    reason: str
    """Which one and why: ``loss < 0.001: loss is 0.000999``."""


Meaning = tuple[Quantity, ...] | Condition
_PHASES = {
    Phase.FORWARD: "a forward pass",
    Phase.LOSS: "the loss",
    Phase.BACKWARD: "a backward pass",
    Phase.UPDATE: "an update",
}


def understood(text: str, network: Network) -> Meaning:
    """What a breakpoint's text means: the statements it stands at, by what they compute, or a condition.

    Raises:
        ConditionError: it means nothing.

    """
    words = text.split() if len(text) <= LONGEST else []
    if len(words) == 2 and words[0] in ("phase", "unit"):
        column = text.index(words[1], text.index(words[0]) + len(words[0])) + 1
        return _FIRST[words[0]](words[1], network, column)
    condition = parse_expression(text, network)
    if condition.is_truth:
        if not condition.sources:
            raise ConditionError("this never changes: name something that the program computes", 1)
        return condition
    if not isinstance(condition.root, Name):
        raise ConditionError("this is a number: compare it with something", 1, f"as in {condition.text} > 0")
    source = condition.root.source
    if source.quantity is None:
        what = QUANTITIES.get(source.symbol, "given with each example")
        raise ConditionError(
            f"{source.symbol} ({what}) is a number: compare it with something",
            1,
            f"as in {source.symbol} > 0",
        )
    if not computes(network, source.quantity):
        raise ConditionError(f"{source.symbol} is frozen: no statement computes it", 1)
    return (source.quantity,)


def _first_of_phase(word: str, network: Network, column: int) -> tuple[Quantity, ...]:
    last = len(network.layers)
    match word:
        case "forward":
            return (Quantity(Kind.WEIGHTED_SUM, 1, 0),)
        case "loss":
            return (Quantity(Kind.LOSS),)
        case "backward":
            return (Quantity(Kind.ACTIVATION_GRADIENT, last, 0),)
        case "update":
            found = [update for layer in range(last, 0, -1) for update in _updates(network, layer, 0)]
            if not found:
                raise ConditionError("nothing is ever updated: all parameters are frozen", column)
            return (found[0],)
    words = [phase.value for phase in Phase]
    hint = nearest(word, words) or "phases are " + ", ".join(words)
    raise ConditionError(f"no phase is called {word[:40]}", column, hint)


def _first_of_unit(word: str, network: Network, column: int) -> tuple[Quantity, ...]:
    identifiers = Identifiers(network)
    place = identifiers.unit(word)
    if place is None:
        hint = nearest(word, identifiers.sample_units())
        raise ConditionError(f"no unit is called {word[:40]}", column, hint)
    layer, unit = place
    if layer == 0:
        raise ConditionError(f"{word} is an input: nothing is computed there", column)
    found = [Quantity(Kind.WEIGHTED_SUM, layer, unit), Quantity(Kind.ACTIVATION_GRADIENT, layer, unit)]
    return (*found, *_updates(network, layer, unit)[:1])


def _updates(network: Network, layer: int, unit: int) -> list[Quantity]:
    """The first weight's and the bias's update of a unit, those that there are."""
    updates = [Quantity(Kind.WEIGHT_UPDATE, layer, unit, 0), Quantity(Kind.BIAS_UPDATE, layer, unit)]
    return [one for one in updates if computes(network, one)]


_FIRST = {"phase": _first_of_phase, "unit": _first_of_unit}


# Searching

Search = Generator[int, None, Stop | None]


def searching(
    session: Session, breakpoints: Sequence[Breakpoint], direction: int, until: int = MOST_EPOCHS
) -> Search:
    """Look for the nearest stop after (or before) the session's position, a slice of time at each step.

    The session stays where it is: jump to the stop that is found. Searching forwards runs what has not been
    run yet; stopping early leaves everything whole.

    Args:
        session: where to look.
        breakpoints: those that are switched on count; of several that stop at one time, the first.
        direction: 1 for the next stop, −1 for the previous one.
        until: look no further than the start of this epoch.

    Yields:
        the epoch reached so far.

    Returns:
        the stop; None where there is none. (It is the generator's value: ``stop = yield from searching(…)``.)

    Raises:
        ConditionError: a breakpoint means nothing for this network.

    """
    search = _Search(session, breakpoints)
    if direction > 0:
        return (yield from search.forwards(session.time, session.program.time(until, 0)))
    return (yield from search.backwards(session.time))


class _Search:
    def __init__(self, session: Session, breakpoints: Sequence[Breakpoint]) -> None:
        self._session = session
        self._program = session.program
        self._standing: list[tuple[int, Breakpoint, tuple[Quantity, ...]]] = []
        self._conditions: list[tuple[int, Breakpoint, Evaluation]] = []
        for rank, one in enumerate(breakpoints):
            if not one.enabled:
                continue
            meaning = understood(one.text, session.network)
            if isinstance(meaning, tuple):
                self._standing.append((rank, one, meaning))
            else:
                self._conditions.append((rank, one, Evaluation(session, meaning)))
        self._trains = any(evaluation.trains for _, _, evaluation in self._conditions)
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
        if self._trains and time:
            for iteration in self._session.timeline.running_to(
                self._program.iteration_at(time - 1), ahead=True
            ):
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
        symbol = self._session.symbol(self._program.statement(time - 1).quantity)
        if one.text.split()[0] in ("phase", "unit") and len(one.text.split()) == 2:
            return f"{one.text}: begins with {shown(symbol)}"
        return f"{one.text} is computed"
