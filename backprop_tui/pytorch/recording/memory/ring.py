"""What a recorder keeps in memory: the latest iterations, and states from which they can be replayed."""

from __future__ import annotations

from backprop_tui.pytorch.recording.memory.copies import Copies
from backprop_tui.pytorch.recording.memory.iterations import Iteration
from backprop_tui.pytorch.recording.memory.states import State


class Ring:
    """The latest iterations and their states, in order."""

    def __init__(self, keep: int, copies: Copies) -> None:
        self.iterations: list[Iteration] = []
        self.states: list[State] = []
        self._keep, self._copies = keep, copies
        self._every = (keep + 1) // 2

    def wants_state(self, number: int) -> bool:
        """Whether a state is to be added before that iteration."""
        return number % self._every == 0 or not self.states

    def add_state(self, state: State) -> None:
        """Add what was before an iteration; one before an attempt at it whose step raised an error goes.

        The two may have memory in common, which is not to be used again for two things.
        """
        if self.states and self.states[-1].number == state.number:
            del self.states[-1]
        self.states.append(state)

    def add(self, iteration: Iteration) -> None:
        """Add what led to an update, and keep what the last iterations need."""
        self.iterations.append(iteration)
        self._forget(iteration.number + 1 - self._keep)

    def _forget(self, first: int) -> None:
        """Keep what is needed from there on: back to the latest parameters before it."""
        iterations, states = self.iterations, self.states
        begins = states[0].number
        if begins <= iterations[0].number and (len(states) == 1 or first < states[1].number):
            return
        start = max((state.number for state in states if state.number <= first), default=first)
        if begins >= start and iterations[0].number >= start:
            return
        self.states = [state for state in states if state.number >= start]
        self.iterations = [one for one in iterations if one.number >= start]
        forgotten: list[State | Iteration] = [*states, *iterations]
        self._copies.free(tensor for one in forgotten if one.number < start for tensor in one.held)
