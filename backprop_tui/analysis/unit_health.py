"""Which units let next to no error signal through: saturated for an example, or dead for a whole batch."""

from __future__ import annotations

from msgspec import Struct

from backprop_tui.network.lazy_numpy import Array, Marks, np
from backprop_tui.network.rules.activations import Activation


class LayerHealth(Struct, frozen=True, eq=False):
    """The health of a layer's units over the examples of a batch; arrays have a number a unit."""

    saturated: Array
    """The share of the examples for which each unit is saturated."""
    dead: Marks
    """Whether each unit's slope is 0 for every example."""

    @property
    def saturated_share(self) -> float:
        """The share of all units and examples that are saturated."""
        return float(np.mean(self.saturated))

    @property
    def dead_share(self) -> float:
        """The share of the units that are dead."""
        return float(np.mean(self.dead))


def unit_health(activation: Activation, slopes: Array) -> LayerHealth:
    """The health of a layer's units.

    A slope that is not a number is neither small nor 0.

    Args:
        activation: the layer's.
        slopes: da/dz, of the shape (examples, units).

    """
    saturated = is_saturated(activation, slopes)
    return LayerHealth(np.mean(saturated, axis=0), np.all(slopes == 0.0, axis=0))


def is_saturated(activation: Activation, slopes: Array) -> Marks:
    """Of each slope, falling ones by their size, whether the unit is saturated there."""
    return np.abs(slopes) < activation.least_slope
