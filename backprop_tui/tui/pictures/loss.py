"""The loss over the epochs, with the present position marked."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise
from math import isfinite, log10

import numpy as np

from backprop_tui.debugger.numbers import number
from backprop_tui.tui.chart import Chart, draw_chart
from backprop_tui.tui.pictures.rows import Picture, Row, Tone, filled, fitted, wrapped
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
    recorded = min(epochs_recorded(view), len(view.session.timeline.losses))
    if recorded < 2 or width < LEAST_WIDTH or height < LEAST_HEIGHT:
        return None
    return _chart(
        view.session.timeline, recorded, width, height, view.log_scale, min(epochs_done(view), recorded) - 1
    )


@lru_cache(maxsize=8)
def _chart(
    timeline: object, recorded: int, width: int, height: int, log_scale: bool, here: int
) -> Chart | None:
    losses = timeline.losses  # type: ignore[attr-defined]
    xs, ys = thinned(losses[:recorded] if recorded < len(losses) else losses, width)
    if log_scale:
        kept = [(x, y) for x, y in zip(xs, ys, strict=True) if y > 0]
        xs, ys = [x for x, _ in kept], [y for _, y in kept]
    if not ys:
        return None
    low, high = min(ys), max(ys)
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
        ys,
        (width, height),
        x_ticks=[(x, str(x)) for x in sorted({0, last // 2, last})],
        y_ticks=[(y, number(y, 4)) for y in (low, middle, high)],
        limits=(0, last, low, high),
        log_scale=log_scale,
        mark=here if here >= 0 else None,
    )


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
    chart = loss_chart(view, width, height)
    if chart is None:
        return filled(_words(view, width), width, height)
    rows: list[Row] = [_row(chart, row) for row in chart.rows]
    losses = view.session.timeline.losses
    if losses and not isfinite(losses[min(epochs_recorded(view), len(losses)) - 1]):
        first = next(epoch for epoch, loss in enumerate(losses) if not isfinite(loss))
        rows[0] = fitted([(f" diverged: not finite from epoch {first}", Tone.WARNING)], width)
    return filled(rows, width, height)


def _row(chart: Chart, text: str) -> Row:
    """Axes muted, the curve up to here bright, what lies ahead faint, a line where we are."""
    axis, body = text[: chart.left], text[chart.left :]
    if chart.mark is None:
        return ((axis, Tone.MUTED), (body, Tone.FAINT))
    if "┤" not in axis and "│" not in axis:
        return ((text, Tone.MUTED),)
    cut = chart.mark - chart.left
    at = body[cut] if body[cut] != " " else "┊"
    return ((axis, Tone.MUTED), (body[:cut], Tone.LOSS), (at, Tone.STRONG), (body[cut + 1 :], Tone.FAINT))


def _words(view: View, width: int) -> list[Row]:
    losses = view.session.timeline.losses
    shown = range(min(epochs_done(view), len(losses), 3))
    rows: list[Row] = [((f" epoch {epoch}: loss {view.text(losses[epoch])}", Tone.TEXT),) for epoch in shown]
    if not rows:
        rows += wrapped("The loss of each epoch appears here once the epoch is over.", width, Tone.MUTED)
    rows += wrapped("e runs an epoch; g 200 goes to epoch 200.", width, Tone.MUTED)
    return rows
