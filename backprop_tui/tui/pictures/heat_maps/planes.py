"""A plot over the plane of two values, of which a number is known at each point of a grid."""

from __future__ import annotations

from backprop_tui.network.lazy_numpy import Array, np
from backprop_tui.tui.pictures.plotting.plot import Plot, can_draw
from backprop_tui.tui.pictures.plotting.scale import Range


def plot_over(xs: Array, ys: Array, values: Array, width: int, height: int) -> tuple[Plot, Array] | None:
    """The plot, and of each of its cells the number at the nearest point; None where there is no room.

    Args:
        xs: where the columns of the grid are, ascending.
        ys: where its rows are, ascending.
        values: of the shape (rows, columns).
        width: of the whole, axes included, in cells.
        height: the same.

    """
    x, y = Range(float(xs[0]), float(xs[-1])), Range(float(ys[0]), float(ys[-1]))
    if not can_draw(width, height, x, y):
        return None
    plot = Plot(width, height, x, y)
    columns = np.linspace(0, len(xs) - 1, plot.columns).round().astype(int)
    rows = np.linspace(len(ys) - 1, 0, plot.rows).round().astype(int)
    return plot, values[np.ix_(rows, columns)]
