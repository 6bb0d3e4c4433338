"""The network as a picture of TikZ: circles for units, arrows for weights."""

from __future__ import annotations

from collections.abc import Iterator

from backprop_tui.export import mathematics
from backprop_tui.export.calculation import Calculation, DrawnLayer
from backprop_tui.export.notation.tex import columns, tex
from backprop_tui.export.notation.tex_text import tex_text

WIDTH, HEIGHT = 12.5, 15.0
"""The largest extent of the picture, in cm."""
MOST_NAMED = 4
"""So many weights between two layers have their names at the arrows."""


def drawing_lines(calculation: Calculation) -> Iterator[str]:
    """The picture."""
    layers = calculation.layers
    tallest = max(len(layer.units) + bool(layer.left_out) for layer in layers)
    across = min(3.4, WIDTH / (len(layers) - 1))
    down = min(1.5, HEIGHT / max(1, tallest - 1))
    size = min(0.85, 0.8 * down)
    yield r"\begin{center}"
    yield r"\begin{tikzpicture}["
    yield rf"  unit/.style={{circle, draw, inner sep=1pt, minimum size={size:.2f}cm, font=\small}},"
    yield r"  weight/.style={font=\scriptsize, fill=white, inner sep=1pt}]"
    bottom = -down * (tallest - 1) / 2 - 0.9
    for layer in layers:
        yield from _layer(calculation, layer, (across, down), bottom)
    for gap in range(1, len(layers)):
        yield from _weights(calculation, gap, across)
    yield r"\end{tikzpicture}"
    yield r"\end{center}"


def _layer(
    calculation: Calculation, layer: DrawnLayer, distances: tuple[float, float], bottom: float
) -> Iterator[str]:
    across, down = distances
    x = across * layer.number
    rows = len(layer.units) + bool(layer.left_out)
    for place, unit in enumerate(layer.units):
        y = down * ((rows - 1) / 2 - place)
        name = tex(mathematics.symbol(calculation.names.unit(layer.number, unit)))
        yield rf"\node[unit] (u{layer.number}-{unit}) at ({x:.2f}, {y:.2f}) {{${name}$}};"
    if layer.left_out:
        y = -down * (rows - 1) / 2
        yield rf"\node at ({x:.2f}, {y:.2f}) {{\scriptsize $\vdots$ {layer.left_out:,} more}};"
    title = tex_text(layer.title).replace(", ", r"\\")
    style = rf"align=center, anchor=north, font=\scriptsize, text width={across:.2f}cm"
    yield rf"\node[{style}] at ({x:.2f}, {bottom:.2f}) {{{title}}};"


def _weights(calculation: Calculation, layer: int, across: float) -> Iterator[str]:
    edges = [edge for edge in calculation.edges if edge.parameter.layer == layer]
    named = len(edges) <= MOST_NAMED
    for edge in edges:
        _, unit, below = edge.parameter
        symbol = mathematics.symbol(edge.symbol)
        label = ""
        if named and columns(symbol) * 0.15 < across - 1.0:
            label = rf" node[weight, pos=0.27] {{${tex(symbol)}$}}"
        yield rf"\draw[->] (u{layer - 1}-{below}) --{label} (u{layer}-{unit});"
