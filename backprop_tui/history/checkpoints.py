"""Checkpoints: states of training, evenly spaced, within a budget of memory."""

from __future__ import annotations

from backprop_tui.engine.state import TrainingState
from backprop_tui.network.description import Network

BYTES = 128 * 2**20
"""The most bytes that the checkpoints of a run may hold, unless it is given another budget."""
MOST = 4096
"""How many there are at most."""
FIRST_SPACING_BYTES = 2**20
"""The first spacing is chosen so that the parameters of all iterations in it have about this size ..."""
MOST_FIRST_SPACING = 64
"""... but is no longer than this."""


def first_spacing(network: Network) -> int:
    """How many iterations are between two checkpoints at first: a power of 2."""
    fitting = FIRST_SPACING_BYTES // (8 * network.parameters)
    return max(1, min(MOST_FIRST_SPACING, 1 << fitting.bit_length() >> 1))


class Checkpoints:
    """The state before every iteration that is a multiple of the spacing, but for iteration 0.

    Where they outgrow their budget every second one is dropped and the spacing doubles.
    """

    def __init__(self, network: Network, budget: int | None = None) -> None:
        self.budget = BYTES if budget is None else budget
        """The most bytes that all together may hold; two are always kept."""
        self._kept: tuple[int, dict[int, TrainingState]] = (first_spacing(network), {})
        """Spacing and states, exchanged together: another thread may be reading them."""

    @property
    def spacing(self) -> int:
        """How many iterations are between two checkpoints."""
        return self._kept[0]

    @property
    def states(self) -> dict[int, TrainingState]:
        """The states by iteration."""
        return self._kept[1]

    def after(self, iteration: int) -> int:
        """The iteration after this one at which the next checkpoint is due."""
        return iteration - iteration % self.spacing + self.spacing

    def nearest(self, iteration: int) -> tuple[int, TrainingState | None]:
        """The latest checkpoint no later than *iteration*; of iteration 0 there is no state."""
        spacing, states = self._kept
        start = iteration - iteration % spacing
        return start, states[start] if start else None

    def keep(self, iteration: int, state: TrainingState) -> None:
        """Keep the state before an iteration for which a checkpoint is due."""
        spacing, states = self._kept
        states[iteration] = state
        if len(states) >= max(2, min(MOST, self.budget // state.nbytes)):
            spacing *= 2
            self._kept = spacing, {k: v for k, v in states.items() if k % spacing == 0}

    def copied_until(self, iteration: int, other: Checkpoints) -> None:
        """Take over what another run has kept up to an iteration."""
        spacing, states = other._kept
        self._kept = spacing, {n: state for n, state in states.items() if n <= iteration}
