"""The value of a condition at any time of a run, and its past values."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from backprop_tui.history.run import Run
from backprop_tui.program.identifiers import What
from backprop_tui.program.number_text import number
from backprop_tui.stops.condition_tree import Call
from backprop_tui.stops.conditions import Condition
from backprop_tui.stops.functions import FUNCTIONS
from backprop_tui.stops.values_over_time import NumberAt, TruthAt, latest, number_at, truth_at
from backprop_tui.stops.words import WORDS, Runs, named_value

_MOST_IN_REASON = 4
ALONE: Mapping[str, Run] = MappingProxyType({})
"""No runs stand beside the one that is debugged."""


class ConditionValues:
    """The values of a condition, or of any expression, in one run."""

    def __init__(self, run: Run, condition: Condition, beside: Mapping[str, Run] = ALONE) -> None:
        """Nothing is read yet.

        Args:
            run: the run that is debugged.
            condition: what is read in it.
            beside: all runs that it may name, by name.
        """
        runs = Runs(run, beside)
        self.condition = condition
        self._named = {source: named_value(runs, source) for source in condition.sources}
        self.timelines = {one.run.timeline: None for one in self._named.values() if one.trains}.keys()
        """What has to be trained for it."""
        self._number: NumberAt | None = None
        self._truth: TruthAt | None = None
        if condition.is_truth:
            self._truth = truth_at(runs, condition.root, self._named)
        else:
            self._number = number_at(runs, condition.root, self._named)

    def read(self, time: int) -> tuple[float | bool | None, int]:
        """Its value at *time* (None: not known yet), and the time until which it stays that."""
        if self._truth:
            return self._truth(time)
        assert self._number
        return self._number(time)

    def holds(self, time: int) -> tuple[bool, int]:
        """Whether the condition is true at *time*, and the time until which that stays."""
        assert self._truth
        return self._truth(time)

    @property
    def asks_for_change(self) -> bool:
        """Whether it is ``changed(…)`` or the like, which each change makes true anew."""
        root = self.condition.root
        return isinstance(root, Call) and FUNCTIONS[root.function].in_time

    def changes_at(self, time: int) -> bool:
        """Whether it asks for a change, and something that it depends on was computed at *time*."""
        return self.asks_for_change and self.last_time(time) == time

    def last_time(self, time: int) -> int | None:
        """The latest time by *time* at which something that it depends on was computed."""
        return latest(self._named.values(), time)

    def reason(self, time: int) -> str:
        """The values that the condition has to do with at *time*: ``loss is 0.000999``."""
        said = []
        for source, one in list(self._named.items())[:_MOST_IN_REASON]:
            value, _ = one.read(time)
            word = WORDS[source.word] if source.what is What.WORD else None
            if word and word.truth:
                said.append(f"{source.written} is {'true' if value else 'false'}")
            else:
                known = int(value) if word and word.whole and value is not None else value
                said.append(f"{source.written} is {number(known, 6)}")
        return ", ".join(said)


def value_at(
    run: Run, condition: Condition, time: int, beside: Mapping[str, Run] = ALONE
) -> float | bool | None:
    """The value of an expression at *time*: a number, true or false; None where it is not known yet."""
    return ConditionValues(run, condition, beside).read(time)[0]


def past_values(
    run: Run, condition: Condition, time: int, count: int, beside: Mapping[str, Run] = ALONE
) -> list[tuple[int, float | bool | None]]:
    """The last values of an expression by *time*, each with the time at which it was computed or set.

    Args:
        run: where to look.
        condition: what to follow, from ``parse`` or ``parse_expression``.
        time: the present.
        count: how many values, at most; the oldest comes first.
        beside: all runs that it may name, by name.

    """
    values = ConditionValues(run, condition, beside)
    times: list[int] = []
    found = values.last_time(time)
    while found is not None and found > 0 and len(times) < count:
        times.append(found)
        found = values.last_time(found - 1)
    past = [(one, values.read(one)[0]) for one in reversed(times)]
    if past and (now := values.read(time)[0]) != past[-1][1] and now == now:  # set by hand since
        past = [*past, (time, now)][-count:]
    return past
