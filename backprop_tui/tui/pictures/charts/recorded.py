"""What PyTorch recorded beside float64: the loss and the gradient over the iterations of the training."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from math import isfinite
from typing import NamedTuple

from backprop_tui.analysis.beside_pytorch.captions import (
    apart_words,
    gradient_words,
    length_unscaled,
    loss_words,
    parameters_words,
    remarks,
    short_words,
    type_name,
)
from backprop_tui.analysis.beside_pytorch.recorded import (
    IterationBeside,
    LayerBeside,
    beside_already,
    first_apart,
    iterations_beside,
    parameters_beside,
)
from backprop_tui.network.description import Network, RecordedIteration, Recording
from backprop_tui.tui.pictures.charts.captioned import only_words
from backprop_tui.tui.pictures.plotting.dots import DOTTED
from backprop_tui.tui.pictures.plotting.plot import End, Plot, can_draw, with_ends
from backprop_tui.tui.pictures.plotting.scale import Range, spread
from backprop_tui.tui.pictures.rows import Picture, Row, Tone, filled, shortened, wrapped
from backprop_tui.tui.requests import Go, Request
from backprop_tui.tui.view import View

LEAST_CHART = 6
"""A chart of fewer rows says little ..."""
LOW_CHART = 5
"""... and in a picture of fewer than ``LOW`` has no more, so that words have room as well."""
LOW = 12
NARROW = 60
"""In fewer cells the words are short ones; their tone says whether rounding explains the difference."""
TALL = 16
"""So many rows have room for a second chart, and for the gradient's words."""
STEEP = 1e3
"""Where the greatest is so many times the least, the axis is logarithmic unasked."""
MOST_WORDS = 2
"""An iteration whose words take more rows leaves to their tone whether rounding explains the difference."""
HERE = "here"


class _Line(NamedTuple):
    """One quantity over the iterations, as PyTorch had it and as it is here."""

    title: str
    numbers: Sequence[int]
    pytorch: Sequence[float]
    here: Sequence[float]
    """Of the first iterations, as many as are known."""


def recorded_picture(view: View, width: int, height: int) -> Picture | None:
    """The charts, in exactly *height* rows of *width* cells; None while iterations have to be computed."""
    recording = view.session.network.recording
    if recording is None:
        return only_words("Nothing was recorded of this network in PyTorch.", width, height)
    if "parameters" not in view.session.run.shelves.setdefault("recorded parameters", {}):
        return None
    return _drawn(view, recording, width, height)


def recorded_painted(view: View, width: int, height: int) -> Iterator[Picture | None]:
    """PyTorch's line at once, then more and more of ours."""
    recording, run = view.session.network.recording, view.session.run
    if recording is None:
        return
    yield _drawn(view, recording, width, height)
    known, done = len(beside_already(run)), 0
    work = iterations_beside(run)
    for done in work:
        if done > known and done % max(1, len(recording.iterations) // 8) == 0:
            yield _drawn(view, recording, width, height)
        else:
            yield None
    found: tuple[LayerBeside, ...] = ()
    parameters = parameters_beside(run)
    while True:
        try:
            next(parameters)
        except StopIteration as end:
            found = end.value
            break
        yield None
    run.shelves.setdefault("recorded parameters", {})["parameters"] = found
    yield _drawn(view, recording, width, height)


def recorded_arrow(view: View, right: int, down: int) -> Request | None:
    """To the same place of the next or the previous iteration, or to the end of the recording."""
    program = view.session.program
    here = program.iteration_at(max(0, view.time - 1))
    into = view.time - program.iteration_start(here)
    there = max(0, here + right)
    end = program.iteration_start(there + 1)
    return Go(min(program.iteration_start(there) + into, end)) if right else None


def recorded_pointed_at(view: View, width: int, height: int, x: int, y: int) -> Request | None:
    """Go to the end of the backward pass of the iteration at a column of a chart."""
    recording = view.session.network.recording
    if recording is None:
        return None
    for top, plot, _ in _charts(view, recording, width, height).plots:
        if top <= y < top + plot.rows and plot.left <= x < plot.left + plot.columns:
            numbers = _numbers(recording)
            across = (x - plot.left) / max(1, plot.columns - 1)
            number = numbers[0] + across * (numbers[-1] - numbers[0])
            place = min(range(len(numbers)), key=lambda one: abs(numbers[one] - number))
            return Go(view.session.program.backward_end(place))
    return None


# What is drawn


class _Charts(NamedTuple):
    """The rows above the charts, the charts with the rows at which they begin, and the rows below."""

    above: list[Row]
    plots: list[tuple[int, Plot, list[End]]]
    titles: list[str]
    below: list[Row]


def _drawn(view: View, recording: Recording, width: int, height: int) -> Picture:
    charts = _charts(view, recording, width, height)
    rows: list[Row] = [*charts.above]
    for (_, plot, ends), title in zip(charts.plots, charts.titles, strict=True):
        if title:
            rows.append(((f" {title}", Tone.MUTED),))
        rows += with_ends(plot, ends, width)
    return filled([*rows, *charts.below], width, height)


def _charts(view: View, recording: Recording, width: int, height: int) -> _Charts:
    """What there is room for: first the words of the iteration, then a chart, then the rest."""
    found = beside_already(view.session.run)
    place = _place(view)
    above, below = _words(view, recording, found, place, width, height)
    if not can_draw(width, height - len(above)):
        return _Charts(_fitting([*above, *below], height, width), [], [], [])
    room = height - len(above)
    count = 2 if room - len(below) >= 2 * (LEAST_CHART + 1) else 1
    titles = ["loss", "length of the gradient"] if count == 2 else [""]
    lines = _lines(view.session.network, recording, found)[:count]
    least = LEAST_CHART if height >= LOW else LOW_CHART
    below = _fitting(below, max(0, room - count * (least + (count == 2))), width)
    rest = len(below)
    each, more = divmod(room - rest - count * (count == 2), count)
    plots, top = [], len(above)
    name = type_name(view.session.network, min(place, len(recording.iterations) - 1))
    first = first_apart(found)
    marks = (_number(recording, place), first.recorded.number if first else None)
    for at, line in enumerate(lines):
        top += count == 2
        rows = each + (more if at == 0 else 0)
        plot, ends = _plot(line, (width, rows), name, marks, log=view.log_scale)
        plots.append((top, plot, ends))
        top += rows
    return _Charts(above, plots, titles, below)


def _fitting(rows: list[Row], most: int, width: int) -> list[Row]:
    """So many of the rows; the last one ends in an ellipsis where more follow."""
    if len(rows) <= most or most <= 0:
        return rows[:most]
    *_, (text, tone) = rows[most - 1]
    whole = f"{text} …"
    return [*rows[: most - 1], ((whole if len(whole) <= width else shortened(whole, width), tone),)]


def _words(
    view: View,
    recording: Recording,
    found: Sequence[IterationBeside],
    place: int,
    width: int,
    height: int,
) -> tuple[list[Row], list[Row]]:
    """The words above and below the charts, the most important ones first."""
    run, network = view.session.run, view.session.network
    count, text = len(recording.iterations), partial(_significant, view)
    here = next((one for one in found if one.place == place), None)
    above: list[Row] = []
    below: list[tuple[str, Tone]] = []
    if place >= count:
        last = recording.iterations[-1].number
        above += wrapped(
            f"the recording ended with iteration {last:,}: its batches come again", width, Tone.MUTED
        )
    elif here is None:
        above += wrapped(_of_pytorch(view, place, recording.iterations[place]), width, Tone.TEXT)
    else:
        tone = Tone.TEXT if here.loss.within else Tone.WARNING
        short = width < NARROW and height < LOW
        loss, gradient = (
            short_words(network, here, text)
            if short
            else (loss_words(network, here, text), gradient_words(network, here, text))
        )
        rows = wrapped(loss, width, tone)
        above += rows if len(rows) <= MOST_WORDS else wrapped(loss.rpartition(" (")[0] or loss, width, tone)
        tone = Tone.TEXT if here.grad_norm.within else Tone.WARNING
        if height >= TALL:
            above += wrapped(gradient, width, tone)
        else:
            below.append((gradient, tone))
    if words := apart_words(found, count):
        below.insert(0, (words, Tone.WARNING if first_apart(found) else Tone.TEXT))
    parameters = run.shelves.get("recorded parameters", {}).get("parameters", ())
    if words := parameters_words(run, parameters):
        below.append((words, Tone.TEXT))
    below += [(words, Tone.MUTED) for words in remarks(network, place)]
    return above, [row for words, tone in below for row in wrapped(words, width, tone)]


def _of_pytorch(view: View, place: int, one: RecordedIteration) -> str:
    """An iteration whose float64 is not known yet."""
    norm = length_unscaled(view.session.network, place, one.grad_norm)
    loss, gradient = _significant(view, one.loss), _significant(view, norm)
    return f"iteration {one.number:,}: loss {loss}, gradient {gradient} in PyTorch"


def _significant(view: View, value: float | None) -> str:
    """A number with the digits that the person chose; small ones with as many that count."""
    if value is None or view.digits is None or not 0.0 < abs(value) < 0.1:
        return view.text(value)
    return f"{value:.{max(1, view.digits)}g}".replace("-", "−")


def _place(view: View) -> int:
    return view.session.program.iteration_at(max(0, view.time - 1))


def _number(recording: Recording, place: int) -> int | None:
    return recording.iterations[place].number if place < len(recording.iterations) else None


def _numbers(recording: Recording) -> list[int]:
    return [one.number for one in recording.iterations]


def _lines(network: Network, recording: Recording, found: Sequence[IterationBeside]) -> list[_Line]:
    numbers, known = _numbers(recording), []
    for at, one in enumerate(found):  # the first without a gap
        if one.place != at:
            break
        known.append(one)
    theirs = [length_unscaled(network, at, one.grad_norm) for at, one in enumerate(recording.iterations)]
    ours = [length_unscaled(network, one.place, one.grad_norm.here) for one in known]
    return [
        _Line("loss", numbers, [one.loss for one in recording.iterations], [one.loss.here for one in known]),
        _Line("gradient", numbers, theirs, ours),
    ]


def _plot(
    line: _Line,
    size: tuple[int, int],
    name: str,
    marks: tuple[int | None, int | None],
    *,
    log: bool,
) -> tuple[Plot, list[End]]:
    """The two lines; what is not finite is marked at the upper edge."""
    width, height = size
    here, apart = marks
    finite = [value for value in (*line.pytorch, *line.here) if isfinite(value)]
    log = bool(finite) and min(finite) > 0.0 and (log or max(finite) / min(finite) > STEEP)
    y = Range(min(finite) / 1.2, max(finite) * 1.2) if log else spread(finite)
    first, last = float(line.numbers[0]), float(line.numbers[-1])
    x = Range(first, last) if last > first else Range(first - 1.0, first + 1.0)
    room = max(len(name), len(HERE)) + 2 if width >= 30 else 0
    plot = Plot(width - room, height, x, y, log_y=log, whole_x=True)
    if apart is not None:
        plot.column(float(apart), Tone.WARNING, "╎")
    if here is not None:
        plot.column(float(here), Tone.STRONG)
    plot.curve(zip(map(float, line.numbers), line.here, strict=False), Tone.FORWARD)
    plot.curve(zip(map(float, line.numbers), line.pytorch, strict=True), Tone.LOSS, dots=DOTTED)
    for values, tone in ((line.here, Tone.FORWARD), (line.pytorch, Tone.WARNING)):
        for number, value in zip(line.numbers, values, strict=False):
            if not isfinite(value):
                plot.point(float(number), y.high, "✕", tone)
    ends = []
    for values, text, tone in ((line.pytorch, name, Tone.LOSS), (line.here, HERE, Tone.FORWARD)):
        known = [value for value in values if isfinite(value)]
        if room and known:
            ends.append(End(known[-1] if isfinite(values[-1]) else y.high, text, tone))
    return plot, ends
