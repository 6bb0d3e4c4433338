"""Stopping: the breakpoints of a session, and running to them."""

from __future__ import annotations

from collections.abc import Generator, Iterable

from backprop_tui.engine.quantities import Quantity
from backprop_tui.history.run import Run
from backprop_tui.program.positions import MOST_EPOCHS
from backprop_tui.session.comparing import Comparing
from backprop_tui.stops.on_demand import breakpoints, condition_values, search

EPOCHS_A_SEARCH = 2_000_000
"""How many epochs that have not run yet are searched in one go; their losses take 16 MB."""


class Stopping:
    """Where the run stops."""

    def __init__(self, comparing: Comparing) -> None:
        self._comparing = comparing
        self.breakpoints: list[breakpoints.Breakpoint] = []
        """In the order in which they were set; replaced by the methods below."""
        self.marks: dict[Quantity, bool] = {}
        """What the breakpoints on statements stand at, and whether one of them is switched on."""

    def add(self, text: str) -> breakpoints.Breakpoint:
        """Stop the run at a statement (``dL_dw1``), a phase, a unit, or where a condition becomes true.

        Raises:
            ConditionError: *text* means none of these.
        """
        comparing = self._comparing
        added = breakpoints.Breakpoint.parse(text, comparing.debugged.network, beside=comparing.networks)
        if breakpoints.runs_named(text, comparing.debugged.network, comparing.networks):
            comparing.hold()
        if all(one.text != added.text for one in self.breakpoints):
            self.replace([*self.breakpoints, added])
        return added

    def toggle(self, text: str) -> bool:
        """Set a breakpoint, or take it away where there is one; tells whether there is one now.

        Raises:
            ConditionError: as ``add``.
        """
        kept = [one for one in self.breakpoints if one.text != text.strip()]
        if len(kept) < len(self.breakpoints):
            self.replace(kept)
            return False
        self.add(text)
        return True

    def remove(self, index: int) -> None:
        """Take breakpoint number *index* away."""
        self.replace(self.breakpoints[:index] + self.breakpoints[index + 1 :])

    def switch(self, index: int) -> None:
        """Switch breakpoint number *index* off, or on again."""
        self.replace(one.toggled() if n == index else one for n, one in enumerate(self.breakpoints))

    def count_hit(self, hit: breakpoints.Breakpoint) -> None:
        """Count that a breakpoint stopped the run."""
        self.replace(one.hit() if one.text == hit.text else one for one in self.breakpoints)

    def replace(self, wanted: Iterable[breakpoints.Breakpoint]) -> None:
        """Replace all breakpoints by these."""
        self.breakpoints = list(wanted)
        self.marks = {}
        for one in self.breakpoints:
            for quantity in one.quantities(self._comparing.debugged.network, self._comparing.networks):
                self.marks[quantity] = self.marks.get(quantity, False) or one.enabled

    def searching(self, run: Run, time: int, direction: int) -> Generator[int, None, search.Stop | None]:
        """Look for the next (1) or the previous (−1) time at which a breakpoint stops the run.

        Ahead it is looked for until the epoch ``end_of_search``.

        Yields:
            the epoch reached so far.

        Returns:
            the stop, to be jumped to; None where there is none.
        """
        beside, until = self._comparing.runs, self.end_of_search(run, time)
        return (yield from search.searching(run, time, self.breakpoints, direction, until, beside=beside))

    def end_of_search(self, run: Run, time: int) -> int:
        """The epoch before which a search ahead of a time ends.

        The loss of each epoch that runs is remembered, so a search for what never comes has to end. The
        replay of a recording is searched to its end, and not what would come after it.
        """
        epoch = run.program.position(time).epoch
        if run.network.recording is not None:
            return epoch + 1
        return min(max(epoch, len(run.timeline.losses)) + EPOCHS_A_SEARCH, MOST_EPOCHS)

    def describe(self, one: breakpoints.Breakpoint) -> str:
        """What a breakpoint does, in plain words."""
        return one.describe(self._comparing.debugged.network, self._comparing.networks)

    def holds_at(self, one: breakpoints.Breakpoint, time: int) -> bool:
        """Whether its condition is true at a time, and so will stop nothing before it was false.

        A breakpoint on a statement has none, and one on a change stops at each.
        """
        comparing = self._comparing
        meaning = breakpoints.understood(one.text, comparing.debugged.network, comparing.networks)
        if isinstance(meaning, tuple):
            return False
        values = condition_values.ConditionValues(comparing.debugged.editing.run, meaning, comparing.runs)
        return not values.asks_for_change and values.holds(time)[0] is True

    def review(self) -> None:
        """Take away the breakpoints that name a run which is not there any more."""
        network, beside = self._comparing.debugged.network, self._comparing.networks
        self.replace(
            one for one in self.breakpoints if breakpoints.means_something(one.text, network, beside)
        )
