"""The loss over two parameters as a heat map in bands, and the path that training has taken over it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from math import log10
from typing import NamedTuple

from backprop_tui.analysis.captions import surface_caption
from backprop_tui.analysis.loss_surface import LossSurface, surface_levels
from backprop_tui.analysis.parameters_over_epochs import parameters_over_epochs
from backprop_tui.analysis.point import point_at
from backprop_tui.engine.quantities import Parameter
from backprop_tui.history.parameters_at import parameters_at
from backprop_tui.network.lazy_numpy import Array, np
from backprop_tui.network.names import shown
from backprop_tui.tui.pictures.charts.captioned import captioned
from backprop_tui.tui.pictures.charts.loss import epochs_done
from backprop_tui.tui.pictures.charts.slice import of_the_batch
from backprop_tui.tui.pictures.heat_maps.heat import LEVELS, cells_of
from backprop_tui.tui.pictures.heat_maps.planes import plot_over
from backprop_tui.tui.pictures.kept_parts import parameters_key, shelf, unmoved
from backprop_tui.tui.pictures.rows import Picture, Tone, filled
from backprop_tui.tui.pictures.waiting import said
from backprop_tui.tui.view import Node, View

REACH = 1.0
"""How far the map goes beyond the path at least."""
PATH = 64
"""How many epochs of the path are drawn."""


class _Map(NamedTuple):
    """A surface with the path over it, from the start of training to now."""

    surface: LossSurface
    path: Sequence[tuple[float, float]]


def surface_picture(view: View, width: int, height: int) -> Picture | None:
    """The map where it has been computed; else None."""
    known: _Map | None = shelf(view.session, "surfaces").get(_key(view, width, height))
    return None if known is None else _captioned(view, known, width, height)


def surface_painted(view: View, width: int, height: int) -> Iterator[Picture | None]:
    """The map, coarse first."""
    run, (across, up) = view.session.run, axes_shown(view)
    path = _path(view, across, up)
    xs, ys = (_around([place[axis] for place in path]) for axis in (0, 1))
    size = (max(2, width - 8), max(2, height - 4))
    for found in surface_levels(point_at(run, view.time), across, up, xs, ys, size):
        if found is None:
            yield None
            continue
        known = _Map(found, path)
        if found.finest and unmoved(view.session, run, view.time):
            kept = shelf(view.session, "surfaces")
            kept.clear()
            kept[_key(view, width, height)] = known
        yield _captioned(view, known, width, height)


def axes_shown(view: View) -> tuple[Parameter, Parameter]:
    """The parameter pointed at, else the first weight; and another of its unit, else of the next layer."""
    network, spot = view.session.network, view.spot
    if isinstance(spot, Node) and spot.layer:
        spot = Parameter(*spot, 0)
    first = spot if isinstance(spot, Parameter) else Parameter(1, 0, 0)
    layer = network.layers[first.layer - 1]
    if first.below is None:
        return Parameter(first.layer, first.unit, 0), first
    if layer.inputs > 1:
        return first, first._replace(below=(first.below + 1) % layer.inputs)
    others = [number for number in range(1, len(network.layers) + 1) if number != first.layer]
    if others:
        return first, Parameter(min(others, key=lambda number: abs(number - first.layer)), 0, 0)
    return first, first._replace(below=None)


def _key(view: View, width: int, height: int) -> tuple[object, ...]:
    """All that the map depends on: the batch is that of the iteration."""
    return *parameters_key(view.session), axes_shown(view), width, height


def _path(view: View, across: Parameter, up: Parameter) -> Sequence[tuple[float, float]]:
    """The values of the two after the epochs passed, and now."""
    passed = epochs_done(view)
    places: list[tuple[float, float]] = []
    if passed:
        xs, ys = parameters_over_epochs(view.session.run, (across, up), passed, PATH).values.tolist()
        places = list(zip(xs, ys, strict=True))
    now = parameters_at(view.session.run, view.time)
    here = tuple(map(now.value, (across, up)))
    return [*places, (here[0], here[1])]


def _around(values: Sequence[float]) -> tuple[float, float]:
    """From below the least to above the greatest, of what is finite."""
    finite = [value for value in values if abs(value) < 1e100] or [0.0]
    low, high = min(finite), max(finite)
    room = max(REACH, 0.6 * (high - low), 0.5 * max(abs(low), abs(high)))
    return low - room, high + room


def _captioned(view: View, known: _Map, width: int, height: int) -> Picture:
    names = view.session.names
    across, up = (shown(names.parameter(*one)) for one in (known.surface.across, known.surface.up))
    words = f"L over {across} (right) and {up} (up){of_the_batch(view)}; ○ start, ● now"
    words = f"{words}; {surface_caption(known.surface, digits=view.digits)}"
    return captioned(said(view, words), width, height, lambda w, h: _drawn(known, w, h))


def _drawn(known: _Map, width: int, height: int) -> Picture:
    surface = known.surface
    found = plot_over(surface.xs, surface.ys, surface.losses, width, height)
    if found is None:
        return filled((), width, height)
    plot, losses = found
    plot.cells(_bands(losses))
    for start, end in pairwise(known.path):
        plot.trail(start, end, Tone.STRONG)
    plot.point(*known.path[0], "○", Tone.STRONG)
    plot.point(*known.path[-1], "●", Tone.NOW)
    return plot.picture()


def _bands(losses: Array) -> list[tuple[str, list[Tone]]]:
    """Cells in bands of equal steps of the logarithm, darkest where the loss is greatest."""
    finite = losses[np.isfinite(losses)]
    if not len(finite):
        return cells_of(losses, 1.0)
    least, greatest = float(np.min(finite)), float(np.max(finite))
    base = max((greatest - least) * 1e-3, 1e-300)
    top = log10((greatest - least + base) / base) or 1.0
    with np.errstate(all="ignore"):
        heights = np.log10((losses - least + base) / base) / top
    return cells_of(np.where(np.isfinite(losses), np.round(heights * LEVELS), np.nan), LEVELS)
