"""The loss over the epochs, with the present position marked."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from math import isfinite, log10
from typing import NamedTuple

from backprop_tui.history.timeline import Timeline
from backprop_tui.network.lazy_numpy import np
from backprop_tui.program.number_text import number
from backprop_tui.tui.pictures.charts.before_the_curve import before_the_curve
from backprop_tui.tui.pictures.charts.plotext_chart import Chart, draw_chart
from backprop_tui.tui.pictures.kept_parts import shelf
from backprop_tui.tui.pictures.on_demand import drawing
from backprop_tui.tui.pictures.plotting.scale import BEFORE
from backprop_tui.tui.pictures.rows import Picture, Row, Span, Tone, filled, fitted, wrapped
from backprop_tui.tui.requests import Go, Request
from backprop_tui.tui.view import View

LEAST_WIDTH, LEAST_HEIGHT = 20, 5


def epochs_done(view: View) -> int:
    """How many epochs have run whole at the view's moment."""
    session = view.session
    whole = view.time > 0 and session.step == session.program.statements
    return session.epoch + (1 if whole else 0)


def epochs_recorded(view: View) -> int:
    """How many epochs have run whole, counting what lies ahead on the way back.

    Of the epoch that is being stepped through nothing is shown before it is computed.
    """
    session = view.session
    done = epochs_done(view)
    latest = session.latest // session.program.statements
    return latest if latest > done + 1 else done


def loss_chart(view: View, width: int, height: int) -> Chart | None:
    """The chart; None where there is no curve to draw yet, or no room."""
    return _drawn(view, width, height).chart


class _Drawn(NamedTuple):
    """A chart with its rows; it is kept with the run, as long as it is the latest of its size."""

    of: tuple[object, ...]
    chart: Chart | None
    rows: Picture


def _drawn(view: View, width: int, height: int) -> _Drawn:
    """The chart of the run, with the runs beside it where there are any, and its rows.

    A step within an epoch leaves it as it is; to draw it takes 3 to 8 ms, so it is kept.
    """
    session = view.session
    timeline = session.run.timeline
    others = session.comparing.others
    recorded = min(epochs_recorded(view), len(timeline.losses))
    here = min(epochs_done(view), recorded) - 1
    beside = tuple((one.run, min(recorded, len(one.run.timeline.losses))) for one in others)
    of = (recorded, view.log_scale, here, session.comparing.labels if others else None, beside)
    charts = shelf(session, "loss charts")
    found: _Drawn | None = charts.get((width, height))
    if found is None or found.of != of:
        chart: Chart | None = None
        rows: Picture = ()
        if recorded >= 2 and width >= LEAST_WIDTH and height >= LEAST_HEIGHT:
            if others:
                frame = (width, height, recorded - 1, here, view.log_scale)
                chart, rows = _compared(_curves(view, recorded, width), frame)
            else:
                chart = _chart(timeline, recorded, (width, height), view.log_scale, here)
                rows = tuple(_row(chart, row) for row in chart.rows) if chart else ()
        found = charts[width, height] = _Drawn(of, chart, rows)
    return found


_compared = drawing("backprop_tui.tui.pictures.charts.compared", "compared_chart")


def _curves(view: View, recorded: int, width: int) -> list[tuple[object, ...]]:
    """The losses of all runs, the debugged one's first, as ``compared_chart`` takes them."""
    comparing = view.session.comparing
    curves: list[tuple[object, ...]] = []
    for one in (comparing.debugged, *comparing.others):
        losses = one.run.timeline.losses[:recorded]
        points = tuple(zip(*_points(one.run.timeline, recorded, width, view.log_scale), strict=True))
        finite = bool(losses) and isfinite(losses[-1])
        diverged = None if finite or not losses else _first_not_finite(losses)
        curves.append((one.name, comparing.labels[one.name], points, diverged))
    return curves


def _first_not_finite(losses: Sequence[float]) -> int:
    return next(epoch for epoch, loss in enumerate(losses) if not isfinite(loss))


def _chart(
    timeline: Timeline, recorded: int, size: tuple[int, int], log_scale: bool, here: int
) -> Chart | None:
    """The chart of one run."""
    xs, heights = _points(timeline, recorded, size[0], log_scale)
    if not heights:
        return None
    low, high = min(heights), max(heights)
    if log_scale:
        low, high = (low, high) if high > low else (low / 2, high * 2)
        middle = 10 ** ((log10(low) + log10(high)) / 2)
    else:
        low = min(0.0, low)
        high = high if high > low else low + 1.0
        middle = (low + high) / 2
    last = recorded - 1
    return draw_chart(
        xs,
        heights,
        size,
        x_ticks=[(x, str(x)) for x in sorted({0, last // 2, last})],
        y_ticks=[(y, number(y, 4)) for y in (low, middle, high)],
        limits=(0, last, low, high),
        log_scale=log_scale,
        mark=here,
    )


def _points(
    timeline: Timeline, recorded: int, width: int, log_scale: bool
) -> tuple[list[float], list[float]]:
    xs, ys = thinned(timeline.losses[:recorded], width)  # a copy: another thread may be adding to them
    if log_scale:
        kept = [(x, y) for x, y in zip(xs, ys, strict=True) if y > 0]
        xs, ys = [x for x, _ in kept], [y for _, y in kept]
    return xs, ys


def thinned(losses: Sequence[float], width: int) -> tuple[list[float], list[float]]:
    """At most two points a column, the least and the greatest, and none that is not finite."""
    values = np.array(losses)
    if len(values) <= 2 * width:
        places = np.arange(len(values))
    else:
        edges = np.linspace(0, len(values), width + 1).astype(int)
        filled_in = np.where(np.isfinite(values), values, 0.0)
        pairs = [
            sorted((a + int(np.argmin(filled_in[a:b])), a + int(np.argmax(filled_in[a:b]))))
            for a, b in pairwise(edges)
        ]
        places = np.array([place for pair in pairs for place in pair])
    kept = places[np.isfinite(values[places])]
    return kept.astype(float).tolist(), values[kept].tolist()


def loss_picture(view: View, width: int, height: int) -> Picture:
    """The chart, or what there is to say before there is one, in exactly *height* rows of *width* cells."""
    drawn = _drawn(view, width, height)
    if drawn.chart is None:
        return filled(_words(view, width, height), width, height)
    rows = list(drawn.rows)
    losses = view.session.run.timeline.losses
    alone = not view.session.comparing.others
    if alone and losses and not isfinite(losses[min(epochs_recorded(view), len(losses)) - 1]):
        first = _first_not_finite(losses)
        rows[0] = fitted([(f" diverged: not finite from epoch {first}", Tone.WARNING)], width)
    return filled(rows, width, height)


def _row(chart: Chart, text: str) -> Row:
    """Axes muted, the curve up to here bright, what lies ahead faint, a line where we are.

    Before the end of the first epoch that is the axis.
    """
    axis, body = text[: chart.left], text[chart.left :]
    if "┤" not in axis and "│" not in axis:
        return ((text, Tone.MUTED),)
    spans: list[Span] = [(axis, Tone.MUTED)]
    if chart.mark is not None and chart.mark < chart.left:
        spans = [(axis[:-1], Tone.MUTED), (BEFORE["┤" in axis], Tone.STRONG)]
    for column, mine in enumerate(body, chart.left):
        if chart.mark is not None and column == chart.mark:
            spans.append((mine if mine != " " else "┊", Tone.STRONG))
        else:
            ahead = chart.mark is None or column > chart.mark
            tone = Tone.MUTED if mine == " " else Tone.FAINT if ahead else Tone.LOSS
            spans.append((mine, tone))
    return tuple(spans)


def loss_arrow(view: View, right: int, down: int) -> Request | None:
    """To the next or the previous epoch."""
    time = view.session.time + right * view.session.program.statements
    return Go(max(0, min(time, view.session.latest))) if right else None


def loss_pointed_at(view: View, width: int, height: int, x: int, y: int) -> Request | None:
    """Go to the end of the epoch at a column of the chart."""
    chart = loss_chart(view, width, height)
    if chart is None or not chart.left <= x <= chart.right:
        return None
    return Go(view.session.program.time(chart.epoch_at(x) + 1, 0))


def _words(view: View, width: int, height: int) -> list[Row]:
    """What there is to say before there is a curve."""
    losses = view.session.run.timeline.losses
    shown = range(min(epochs_done(view), len(losses), 3))
    if not shown:
        return before_the_curve(view, width, height)
    rows: list[Row] = [((f" epoch {epoch}: loss {view.text(losses[epoch])}", Tone.TEXT),) for epoch in shown]
    return rows + wrapped(
        "The curve begins with the next epoch: e. g 200 goes to epoch 200.", width, Tone.MUTED
    )
