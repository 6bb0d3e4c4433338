"""Watching: the expressions that a session keeps in sight."""

from __future__ import annotations

from backprop_tui.session.comparing import Comparing
from backprop_tui.stops.on_demand import condition_values, conditions


class Watching:
    """What is watched."""

    def __init__(self, comparing: Comparing) -> None:
        self._comparing = comparing
        self.watches: list[str] = []
        """The expressions as they were typed, in that order."""

    def add(self, text: str) -> None:
        """Watch an expression.

        Raises:
            ConditionError: *text* is none.
        """
        comparing = self._comparing
        watched = conditions.parse_expression(text, comparing.debugged.network, comparing.networks)
        if watched.runs:
            comparing.hold()
        if text.strip() not in self.watches:
            self.watches = [*self.watches, text.strip()]

    def value(self, text: str, time: int) -> float | bool | None:
        """The value of an expression at *time*; None where it is not known yet.

        Raises:
            ConditionError: *text* is none.
        """
        comparing = self._comparing
        read = conditions.parse_expression(text, comparing.debugged.network, comparing.networks)
        return condition_values.value_at(comparing.debugged.editing.run, read, time, comparing.runs)

    def remove(self, index: int) -> None:
        """Watch expression number *index* no longer."""
        self.watches = self.watches[:index] + self.watches[index + 1 :]

    def review(self) -> None:
        """Take away the watches that name a run which is not there any more."""
        network, beside = self._comparing.debugged.network, self._comparing.networks
        self.watches = [one for one in self.watches if conditions.means_something(one, network, beside)]
