"""The loss along one parameter: the point, the tangent (its slope is the gradient), and the update's step."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from math import isfinite

from backprop_tui.analysis.captions import slice_caption
from backprop_tui.analysis.loss_slice import LossSlice, products, slice_at
from backprop_tui.engine.quantities import Parameter
from backprop_tui.network.names import shown
from backprop_tui.tui.pictures.charts.captioned import captioned
from backprop_tui.tui.pictures.kept_parts import shelf, unmoved
from backprop_tui.tui.pictures.plotting.dots import DOTTED
from backprop_tui.tui.pictures.plotting.plot import Plot, can_draw
from backprop_tui.tui.pictures.plotting.scale import Range, spread
from backprop_tui.tui.pictures.rows import Picture, Tone, filled
from backprop_tui.tui.pictures.waiting import said
from backprop_tui.tui.view import Node, View

MOST_ABOVE = 2.0
"""So many times as high as the highest point lies over the lowest loss, the curve leaves the picture."""
QUICK = 6_000_000
"""A slice of so many products takes about a millisecond: it is there within the frame."""
MOST_KEPT = 16
"""So many slices are remembered."""
REACH = 0.3
"""How far the tangent goes to both sides of its point, as a share of the axis."""


def slice_picture(view: View, width: int, height: int) -> Picture | None:
    """The curve, in exactly *height* rows of *width* cells; None where it takes longer than a frame."""
    parameter = parameter_shown(view)
    found: LossSlice | None = shelf(view.session, "slices").get(_key(view, parameter))
    if found is None and products(view.session.run, view.time, parameter) <= QUICK:
        found = _computed(view, parameter)
    return None if found is None else _captioned(view, found, parameter, width, height)


def slice_painted(view: View, width: int, height: int) -> Iterator[Picture]:
    """The curve, as soon as it is computed."""
    parameter = parameter_shown(view)
    yield _captioned(view, _computed(view, parameter), parameter, width, height)


def _captioned(view: View, found: LossSlice, parameter: Parameter, width: int, height: int) -> Picture:
    name = shown(view.session.names.parameter(*parameter))
    slope = f"slope {'' if _computed_already(view, parameter) else 'will be '}{view.text(found.gradient)}"
    meaning = slice_caption(found, name, view.digits)
    words = f"L over {name}{of_the_batch(view)}: {slope}; {meaning}"
    return captioned(said(view, words), width, height, lambda w, h: _drawn(found, w, h))


def of_the_batch(view: View) -> str:
    """Of which examples the loss of a picture is, where the batch has more than one."""
    training, program = view.session.network.training, view.session.program
    if program.batch_length(program.iteration_at(max(0, view.time - 1))) == 1:
        return ""
    return f", {'sum' if training.sums_examples else 'mean'} over the batch"


def _computed_already(view: View, parameter: Parameter) -> bool:
    """Whether the gradient of a parameter has been computed for all examples of the batch."""
    program = view.session.program
    iteration = program.iteration_at(max(0, view.time - 1))
    last_block = (program.batch_length(iteration) - 1) * program.layout.block
    place = program.layout.offset(parameter.gradient)
    return place is None or program.iteration_start(iteration) + last_block + place < view.time


def parameter_shown(view: View) -> Parameter:
    """The parameter pointed at, else that of the statement, else the first weight of its unit, or of all."""
    if isinstance(view.spot, Parameter):
        return view.spot
    if isinstance(view.spot, Node) and view.spot.layer:
        return Parameter(view.spot.layer, view.spot.unit, 0)
    quantity = view.subject.quantity if view.subject else None
    if quantity is None or quantity.layer is None or quantity.unit is None:
        return Parameter(len(view.session.network.layers) if quantity else 1, 0, 0)
    return quantity.parameter or Parameter(quantity.layer, quantity.unit, 0)


def _computed(view: View, parameter: Parameter) -> LossSlice:
    """The slice, remembered for a step back; saves 0.2 to 1.5 ms of it."""
    kept, key, run = shelf(view.session, "slices"), _key(view, parameter), view.session.run
    found = slice_at(run, view.time, parameter)
    if unmoved(view.session, run, view.time):
        if len(kept) >= MOST_KEPT:
            del kept[next(iter(kept))]
        kept[key] = found
    return found


def _key(view: View, parameter: Parameter) -> tuple[object, ...]:
    number = view.session.program.iteration_at(max(0, view.time - 1))
    return number, sum(edit.time <= view.time for edit in view.session.edits), parameter


@lru_cache(maxsize=MOST_KEPT)  # saves 0.4 ms of a step back
def _drawn(found: LossSlice, width: int, height: int) -> Picture:
    xs = Range(float(found.values[0]), float(found.values[-1]))
    if not can_draw(width, height, xs):
        return filled((), width, height)
    plot = Plot(width, height, xs, _heights(found))
    if found.landing is not None:
        plot.column(found.landing, Tone.UPDATE)
    plot.curve(zip(found.values.tolist(), found.losses.tolist(), strict=True), Tone.LOSS)
    half = REACH * xs.length
    ends = (found.start - half, found.start + half)
    plot.curve(
        [(x, found.start_loss + found.gradient * (x - found.start)) for x in ends], Tone.BACKWARD, dots=DOTTED
    )
    if found.landing is not None and found.landing_loss is not None:
        plot.point(found.landing, found.landing_loss, "◆", Tone.UPDATE)
        if found.loss_after is not None:
            plot.point(found.landing, found.loss_after, "◇", Tone.UPDATE)
    plot.point(found.start, found.start_loss, "●", Tone.NOW)
    return plot.picture()


def _heights(found: LossSlice) -> Range:
    """From the lowest loss to somewhat above the points, so that their heights can be told apart."""
    points = [found.start_loss, found.landing_loss, found.loss_after]
    shown = [loss for loss in points if loss is not None and isfinite(loss)]
    losses = [loss for loss in found.losses.tolist() if isfinite(loss)]
    if not shown or not losses:
        return spread((*shown, *losses), 0.08)
    low = min((*shown, *losses))
    return spread((low, min(max((*shown, *losses)), low + MOST_ABOVE * (max(shown) - low) + 1e-12)), 0.08)
