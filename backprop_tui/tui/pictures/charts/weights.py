"""How parameters have moved: their values at the ends of the epochs passed."""

from __future__ import annotations

from collections.abc import Iterator

from rich.cells import cell_len

from backprop_tui.analysis.captions import parameters_caption
from backprop_tui.analysis.parameters_over_epochs import (
    ParametersOverEpochs,
    parameters_over_epochs,
    read_already,
)
from backprop_tui.engine.quantities import Parameter
from backprop_tui.network.names import shown
from backprop_tui.tui.pictures.charts.captioned import captioned, only_words
from backprop_tui.tui.pictures.charts.loss import epochs_done, epochs_recorded
from backprop_tui.tui.pictures.plotting.plot import End, Plot, can_draw, with_ends
from backprop_tui.tui.pictures.plotting.scale import Range, spread
from backprop_tui.tui.pictures.rows import Picture, Tone, filled, shortened
from backprop_tui.tui.pictures.waiting import said
from backprop_tui.tui.view import Node, View

MOST = 6
"""So many curves are told apart."""
TONES = (Tone.FORWARD, Tone.BACKWARD, Tone.UPDATE, Tone.LOSS, Tone.STRONG, Tone.MUTED)
COARSE = (8, 32, 128)
"""How many points are read first, then, and at last."""


def weights_picture(view: View, width: int, height: int) -> Picture | None:
    """The curves, in exactly *height* rows of *width* cells; None as long as they have to be read."""
    passed = epochs_recorded(view)
    if not passed:
        words = f"How parameters move is seen once an epoch is over: {view.key('e')} runs one."
        return only_words(words, width, height)
    known = read_already(view.session.run, parameters_shown(view), passed)
    return None if known is None else _captioned(view, known, width, height)


def weights_painted(view: View, width: int, height: int) -> Iterator[Picture]:
    """The curves, of few points first."""
    for points in COARSE:
        known = parameters_over_epochs(
            view.session.run, parameters_shown(view), epochs_recorded(view), points
        )
        yield _captioned(view, known, width, height)


def parameters_shown(view: View) -> tuple[Parameter, ...]:
    """The parameter pointed at; of a unit pointed at, its own; else the first ones, layer by layer."""
    spot, network = view.spot, view.session.network
    if isinstance(spot, Parameter):
        return (spot,)
    if isinstance(spot, Node) and spot.layer:
        inputs = range(min(network.layers[spot.layer - 1].inputs, MOST - 1))
        return (*(Parameter(*spot, below) for below in inputs), Parameter(*spot, None))
    weights = [
        Parameter(number, unit, below)
        for number, layer in enumerate(network.layers, 1)
        for unit in range(min(layer.units, MOST))
        for below in range(min(layer.inputs, MOST))
    ]
    biases = [
        Parameter(number, unit, None)
        for number, layer in enumerate(network.layers, 1)
        for unit in range(min(layer.units, MOST))
    ]
    return tuple((*weights, *biases)[:MOST])


def _captioned(view: View, known: ParametersOverEpochs, width: int, height: int) -> Picture:
    names = [shown(view.session.names.parameter(*parameter)) for parameter in known.parameters]
    words = said(view, parameters_caption(known, names, view.digits))
    return captioned(words, width, height, lambda w, h: _drawn(view, known, names, w, h))


def _drawn(view: View, known: ParametersOverEpochs, names: list[str], width: int, height: int) -> Picture:
    if not can_draw(width, height):
        return filled((), width, height)
    names = [shortened(name, width // 3) for name in names]
    room = max(map(cell_len, names)) + 2
    ys = spread(known.values.ravel().tolist())
    plot = Plot(width - room, height, Range(0.0, float(known.epochs[-1])), ys, whole_x=True)
    plot.column(float(epochs_done(view)), Tone.FAINT)
    epochs = known.epochs.tolist()
    for row, tone in zip(known.values.tolist(), TONES, strict=False):
        plot.curve(zip(epochs, row, strict=True), tone)
    ends = [
        End(y, name, tone) for y, name, tone in zip(known.values[:, -1].tolist(), names, TONES, strict=False)
    ]
    return with_ends(plot, ends, width)
