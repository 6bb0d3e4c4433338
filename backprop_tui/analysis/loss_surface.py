"""The loss over two parameters, everything else as it is: a grid that is computed coarse first."""

from __future__ import annotations

from collections.abc import Generator
from itertools import accumulate, repeat
from operator import floordiv

from msgspec import Struct
from msgspec.structs import replace

from backprop_tui.analysis.loss_slice import ends_around, losses_along
from backprop_tui.analysis.point import Point
from backprop_tui.engine.quantities import Parameter
from backprop_tui.network.lazy_numpy import Array, Indices, np

FINEST = (65, 33)
"""How many columns and rows the last grid has, unless asked otherwise."""
FIRST_STRIDE = 8
"""The first grid has every so-manieth column and row of the last."""


class LossSurface(Struct, frozen=True, eq=False):
    """The mean loss of a batch over two parameters."""

    across: Parameter
    """Whose values the columns have."""
    up: Parameter
    """Whose values the rows have."""
    xs: Array
    ys: Array
    losses: Array
    """A row for each of *ys*, a column for each of *xs*; infinite or not a number where it is so."""
    start: tuple[float, float]
    """The values of the two at the point."""
    finest: bool
    """Whether no finer one follows."""


def surface_levels(
    point: Point,
    across: Parameter,
    up: Parameter,
    x_ends: tuple[float, float] | None = None,
    y_ends: tuple[float, float] | None = None,
    size: tuple[int, int] = FINEST,
) -> Generator[LossSurface | None, None, None]:
    """The loss over two different parameters, each grid finer than the one before.

    Args:
        point: the point and its batch.
        across: the parameter that changes along a row.
        up: the one that changes from row to row.
        x_ends: the lowest and the highest value of *across*; left out, what surrounds the point.
        y_ends: those of *up*.
        size: how many columns and rows the finest grid has.

    Yields:
        a surface when one is complete, and None after each row of it: stop anywhere.

    """
    start = (point.parameters.value(across), point.parameters.value(up))
    with np.errstate(all="ignore"):
        xs = np.linspace(*(x_ends or ends_around(start[0])), size[0])
        ys = np.linspace(*(y_ends or ends_around(start[1])), size[1])
    losses = np.full((len(ys), len(xs)), np.nan)
    known = np.zeros(losses.shape, dtype=bool)
    for stride in accumulate(repeat(2, FIRST_STRIDE.bit_length() - 1), floordiv, initial=FIRST_STRIDE):
        rows, columns = _places(len(ys), stride), _places(len(xs), stride)
        for row in rows:
            wanted = columns[~known[row, columns]]
            if len(wanted):
                losses[row, wanted] = _row(point, across, up, xs[wanted], float(ys[row]))
                known[row, wanted] = True
                yield None
        grid = losses[np.ix_(rows, columns)]
        yield LossSurface(across, up, xs[columns], ys[rows], grid, start, stride == 1)


def loss_surface(
    point: Point,
    across: Parameter,
    up: Parameter,
    x_ends: tuple[float, float] | None = None,
    y_ends: tuple[float, float] | None = None,
    size: tuple[int, int] = FINEST,
) -> LossSurface:
    """The finest of ``surface_levels``, at once."""
    levels = surface_levels(point, across, up, x_ends, y_ends, size)
    return next(found for found in levels if found is not None and found.finest)


def _row(point: Point, across: Parameter, up: Parameter, xs: Array, y: float) -> Array:
    there = replace(point, parameters=point.parameters.replaced(up, y))
    return losses_along(there, there.forward(), across, xs)


def _places(count: int, stride: int) -> Indices:
    """Every so-manieth place of a row, the last one in any case."""
    return np.array(sorted({*range(0, count, stride), count - 1}))
