"""The strip over the drawing: the whole depth of a network, with the part in sight and the present layer."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from backprop_tui.session.session import Session
from backprop_tui.tui.pictures.rows import Row, Span, Tone

LEAST_HEIGHT = 4
"""Rows of a pane in which there is room for a strip."""
_BEGIN, _END = "┣", "┫"
"""What encloses the layers in sight."""


def layer_names(session: Session) -> tuple[str, ...]:
    """A short name for each layer: that of its unit where a file gives it, else x, h1 and so on, and o."""
    network = session.network
    last = len(network.layers)
    names = []
    for layer, units in enumerate(network.widths):
        given = network.layers[layer - 1].unit_names if layer else network.input_names
        short = "x" if layer == 0 else "o" if layer == last else f"h{layer}"
        names.append(given[0] if given and units == 1 else short)
    return tuple(names)


def strip(names: tuple[str, ...], shown: range, present: int, lit: Tone, width: int) -> Row:
    """A name for each layer where they fit, else a cell; the part in sight on a heavy line between two ends.

    Args:
        names: a short name for each layer, the input first.
        shown: the layers in sight.
        present: the layer at work.
        lit: how its name looks.
        width: cells.

    """
    longest = max(map(len, names))
    apart = min(3, (width - 2 - sum(map(len, names))) // max(1, len(names) - 1))
    if apart >= 1 and longest <= width:
        return _named(names, shown, present, lit, apart, width)
    return _cells(len(names), shown, present, lit, width)


def _named(names: Sequence[str], shown: range, present: int, lit: Tone, apart: int, width: int) -> Row:
    spans: list[Span] = [(_BEGIN if 0 in shown else " ", Tone.MUTED)]
    for layer, name in enumerate(names):
        tone = lit if layer == present else Tone.STRONG if layer in shown else Tone.MUTED
        spans.append((name, tone))
        last = layer == len(names) - 1
        if not last:
            spans.append(_edge(layer, layer + 1, shown, apart))
        elif layer in shown:
            spans.append((_END, Tone.MUTED))
    used = sum(len(text) for text, _ in spans)
    return ((" " * ((width - used) // 2), Tone.TEXT), *spans)


def _edge(below: int, above: int, shown: range, cells: int) -> Span:
    """What is between two layers of the strip."""
    if below in shown and above in shown:
        return "━" * cells, Tone.MUTED
    if above in shown:
        return _BEGIN.rjust(cells, "─"), Tone.MUTED
    if below in shown:
        return _END.ljust(cells, "─"), Tone.MUTED
    return "─" * cells, Tone.FAINT


def _cells(layers: int, shown: range, present: int, lit: Tone, width: int) -> Row:
    """A cell for each layer, or for several of them where there are too many."""
    words = f" layers {shown.start}–{shown.stop - 1} of 0–{layers - 1}"
    words = words if width - len(words) >= 8 else ""
    room = max(1, min(layers, width - len(words)))
    starts = [layers * cell // room for cell in range(room + 1)]
    spans: list[Span] = []
    for start, stop in pairwise(starts):
        seen = start < shown.stop and shown.start < stop
        if start <= present < stop:
            spans.append(("●", lit))
        else:
            spans.append(("━", Tone.STRONG) if seen else ("─", Tone.FAINT))
    return (*spans, (words, Tone.MUTED))
