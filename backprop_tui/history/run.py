"""A run: a network, its program, and what happened in its training with some edits."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import Any, TypeVar

from backprop_tui.engine.quantities import Quantity, symbol_of
from backprop_tui.history.edits import Edit
from backprop_tui.history.readings import Readings
from backprop_tui.history.timeline import Timeline
from backprop_tui.network.description import Network
from backprop_tui.network.names import Names
from backprop_tui.program.statements import Program

_Result = TypeVar("_Result")


class Run:
    """A network's training with some edits; whatever reads, explains or searches a run takes one of these.

    Args:
        network: the description.
        timeline: what happened; left out, a run without edits of which nothing has been computed yet.

    """

    def __init__(self, network: Network, timeline: Timeline | None = None) -> None:
        self.network = network
        self.names = Names(network)
        self.timeline = timeline or Timeline(network)
        self.readings = Readings(self.timeline)
        self.shelves: dict[Hashable, dict[Any, Any]] = {}
        """Caches of what was computed from the run, one per user; they are freed with the run."""

    @property
    def program(self) -> Program:
        """Its statements."""
        return self.timeline.program

    @property
    def edits(self) -> tuple[Edit, ...]:
        """The values set in it by hand, by time."""
        return self.timeline.edits

    def remembered(self, shelf: Hashable, key: Hashable, most: int, make: Callable[[], _Result]) -> _Result:
        """The result of *make*, which is never None, kept on a shelf under all that it depends on.

        Args:
            shelf: the name of the shelf.
            key: tells this result from the others on it.
            most: how many of them are kept; the oldest makes room.
            make: computes it.

        """
        results = self.shelves.setdefault(shelf, {})
        found: _Result | None = results.get(key)
        if found is None:
            found = make()
            if len(results) >= most:
                results.pop(next(iter(results)), None)
            results[key] = found
        return found

    def symbol(self, quantity: Quantity) -> str:
        """The identifier of a quantity: ``dL_dw2``."""
        return symbol_of(self.names, quantity)

    def with_edits(self, edits: Sequence[Edit]) -> Run:
        """The run with other edits; what lies before the first difference is taken over."""
        timeline = self.timeline.with_edits(edits)
        return self if timeline is self.timeline else Run(self.network, timeline)
