"""The curve of a unit's activation with its point and tangent; or of the loss against one prediction."""

from __future__ import annotations

from math import isfinite

from msgspec import Struct

from backprop_tui.analysis.unit_health import is_saturated
from backprop_tui.network.lazy_numpy import Array, Marks, np
from backprop_tui.network.rules.activations import Activation
from backprop_tui.network.rules.losses import Loss

HALF = 6.0
"""How far a curve goes to both sides of z = 0 at least."""
EDGE = 1e-3
"""How near to 0 and 1 the curve of an entropy goes: beyond, it climbs out of sight."""


class Curve(Struct, frozen=True, eq=False):
    """A curve y(x), with a point on it and the slope there."""

    xs: Array
    ys: Array
    x: float
    y: float
    slope: float

    def tangent(self, values: Array) -> Array:
        """The height of the tangent over some values."""
        with np.errstate(all="ignore"):
            return np.asarray(self.y + self.slope * (values - self.x))


class ActivationCurve(Curve, frozen=True, eq=False):
    """a over z of one unit."""

    saturated: Marks
    """Where the curve is so flat that the unit is saturated."""
    point_saturated: bool
    """Whether it is so at the point."""
    couples: bool
    """Whether a depends on the other units' z as well, which are held as they are."""


def activation_curve(
    activation: Activation, z: Array, unit: int, count: int = 129, ends: tuple[float, float] | None = None
) -> ActivationCurve:
    """The curve of a unit's activation.

    Args:
        activation: the layer's.
        z: of all units of the layer, for one example, of the shape (units,).
        unit: which unit.
        count: how many points the curve has.
        ends: the lowest and the highest z; left out, both sides of 0 with the point.

    """
    here = float(z[unit])
    half = max(HALF, 1.25 * abs(here)) if isfinite(here) else HALF
    with np.errstate(all="ignore"):
        xs = np.linspace(*(ends or (-half, half)), count)
    rows = np.append(xs, here)[:, None]
    if activation.couples:
        rows = np.where(np.arange(len(z)) == unit, rows, z)
    with np.errstate(all="ignore"):
        a = activation.value(rows)
        slopes = activation.derivative(rows, a)
    column = unit if activation.couples else 0
    a, slopes = a[:, column], slopes[:, column]
    flat = is_saturated(activation, slopes)
    return ActivationCurve(
        xs, a[:-1], here, float(a[-1]), float(slopes[-1]), flat[:-1], bool(flat[-1]), activation.couples
    )


def loss_curve(loss: Loss, y: Array, a: Array, unit: int = 0, count: int = 129) -> Curve:
    """The loss of one example against one of its predictions, the others as they are.

    Args:
        loss: the loss.
        y: the targets of the example, of the shape (outputs,).
        a: its predictions.
        unit: which output.
        count: how many points the curve has.

    """
    here = float(a[unit])
    low, high = _ends(loss, float(y[unit]), here)
    with np.errstate(all="ignore"):
        xs = np.linspace(low, high, count)
    rows = np.where(np.arange(len(a)) == unit, np.append(xs, here)[:, None], a)
    targets = np.tile(y, (len(rows), 1))
    with np.errstate(all="ignore"):
        losses = loss.value(targets, rows)
        slope = float(loss.gradient(targets[-1:], rows[-1:])[0, unit])
    return Curve(xs, losses[:-1], here, float(losses[-1]), slope)


def _ends(loss: Loss, target: float, here: float) -> tuple[float, float]:
    """The lowest and the highest prediction of a curve: an entropy's are shares."""
    if loss.fused:
        return EDGE, 1.0 - EDGE
    if not isfinite(here):
        return target - 1.0, target + 1.0
    half = max(1.0, 1.25 * abs(here - target))
    return target - half, target + half
