"""Watching: the expressions that a session keeps in sight."""

from __future__ import annotations

from backprop_tui.network.description import Network
from backprop_tui.stops.on_demand import conditions


class Watching:
    """What is watched."""

    def __init__(self, network: Network) -> None:
        self._network = network
        self.watches: list[str] = []
        """The expressions as they were typed, in that order."""

    def add(self, text: str) -> None:
        """Watch an expression.

        Raises:
            ConditionError: *text* is none.
        """
        conditions.parse_expression(text, self._network)
        if text.strip() not in self.watches:
            self.watches = [*self.watches, text.strip()]

    def remove(self, index: int) -> None:
        """Watch expression number *index* no longer."""
        self.watches = self.watches[:index] + self.watches[index + 1 :]
