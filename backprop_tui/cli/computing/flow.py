"""``backprop-tui flow``: how the error signal passes from layer to layer, as a table and as JSON."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Any

import click
from msgspec.structs import asdict

from backprop_tui.analysis.beside_pytorch.rounding_marks import lost_signals
from backprop_tui.analysis.captions import flow_caption
from backprop_tui.analysis.gradient_flow import GradientFlow, LayerFlow, gradient_flow
from backprop_tui.analysis.marks import Mark
from backprop_tui.cli.configured import config_options, decimals, digits_option
from backprop_tui.cli.options import as_json, iteration_of, session_options
from backprop_tui.cli.output.json_lines import say_json
from backprop_tui.cli.output.progress import progress
from backprop_tui.cli.output.streams import as_printed, say
from backprop_tui.network.description import Network
from backprop_tui.program.number_text import number
from backprop_tui.session.files.opened import Opened
from backprop_tui.session.records.trace import json_number
from backprop_tui.session.session import Session

HEADINGS = ("layer", "", "‖δ‖", "× weights", "× slopes", "= factor", "product", "saturated", "dead", "")
Lost = Mapping[int, Mark]
"""Whether PyTorch made one of a layer's error signals 0 or infinite, by the layer's number."""
NOTHING: Lost = MappingProxyType({})
LEFT = (1, 9)
"""The columns that are aligned to the left: words."""


@click.command()
@session_options
@click.option(
    "--position",
    metavar="EPOCH:STEP",
    help="A position in the iteration to show: 12, 12:5, 'iteration 7' or end; left out, the first, or of a "
    "recording the one at which it was written.",
)
@digits_option
@config_options
@as_json
def flow(opened: Opened, position: str | None, digits: str | None, as_json: bool) -> None:
    """Print how the error signal grows or shrinks from layer to layer, and whether weights or slopes do it.

    The norm of a layer's error signal over the batch is that of the layer above, times the weight factor
    (what the weights between the two do), times the slope factor (what the slopes of its activations do).
    JSON has every digit.
    """
    shown = None if as_json else decimals(digits)
    first = position is None and opened.session.network.recording is None
    iteration = 0 if first else iteration_of(opened, position)
    with progress("iteration", iteration) as bar:
        found = flow_of(opened.session, iteration, bar.show)
    network, lost = opened.session.network, lost_signals(opened.session.run, iteration)
    if as_json:
        for row in found:
            say_json(record(row, network, lost))
        return
    for line in lines(network, found, shown, lost):
        say(line)


def flow_of(session: Session, iteration: int, told: Callable[[int], None]) -> GradientFlow:
    """The gradient flow of an iteration; *told* is told the iterations that are run first."""
    timeline = session.run.timeline
    for reached in timeline.going_to(iteration):
        told(reached)
    return gradient_flow(session.network, timeline.iteration(iteration))


def record(row: LayerFlow, network: Network, lost: Lost = NOTHING) -> dict[str, Any]:
    """A layer as JSON has it; of a network that comes from PyTorch with what its type lost of it."""
    fields = {
        name: json_number(value) if isinstance(value, float) else value for name, value in asdict(row).items()
    }
    return fields if network.pytorch is None else {**fields, "lost": lost.get(row.layer)}


def lines(
    network: Network, flow: GradientFlow, digits: int | None = 4, lost: Lost = NOTHING
) -> Iterator[str]:
    """The table, a layer a line from the output down, and what it says in words."""
    rows = (HEADINGS, *(_cells(network, row, digits, lost) for row in flow))
    table = [tuple(map(as_printed, cells)) for cells in rows]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    for cells in table:
        padded = (
            cell.ljust(width) if place in LEFT else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(cells, widths, strict=True))
        )
        yield "  ".join(padded).rstrip()
    yield ""
    yield flow_caption(flow)


def _cells(network: Network, row: LayerFlow, digits: int | None, lost: Lost) -> tuple[str, ...]:
    layer = network.layers[row.layer - 1]
    numbers = (row.delta_norm, row.weight_factor, row.slope_factor, row.factor, row.product)
    return (
        str(row.layer),
        f"{layer.units} {layer.activation_name}",
        *(_shown(value, digits) for value in numbers),
        f"{100 * row.saturated:.0f} %",
        f"{100 * row.dead:.0f} %",
        "  ".join(word for word in (lost.get(row.layer), row.verdict) if word),
    )


def _shown(value: float | None, digits: int | None) -> str:
    """A number; with an exponent where it is small, as small ones are what is looked for here."""
    if digits is not None and value is not None and 0.0 < value < 0.01:
        return f"{value:.{digits - 2}e}".replace("-", "−")
    return number(value, digits)
