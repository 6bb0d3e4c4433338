"""``flow``: how the error signal passes from layer to layer, as a table and as JSON."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from msgspec.structs import asdict

from backprop_tui.analysis.captions import flow_caption
from backprop_tui.analysis.gradient_flow import GradientFlow, LayerFlow, gradient_flow
from backprop_tui.network.description import Network
from backprop_tui.program.number_text import number
from backprop_tui.program.positions import Position
from backprop_tui.session.session import Session
from backprop_tui.session.table import Opened
from backprop_tui.session.trace import json_number

HEADINGS = ("layer", "", "‖δ‖", "× weights", "× slopes", "= factor", "product", "saturated", "dead", "")
LEFT = (1, 9)
"""The columns that are aligned to the left: words."""


def iteration_of(opened: Opened, position: str | None) -> int:
    """The iteration that a position on the command line lies in; left out, the first.

    Where an epoch begins one ended: ``12`` and ``12:0`` lie in the first iteration of epoch 12, ``11:19`` (of
    19 steps) and ``end`` in the one before.

    Raises:
        PositionError: there is no such position.

    """
    if position is None:
        return 0
    session, program = opened.session, opened.session.program
    session.time = opened.wanted  # from where +100 is meant
    try:
        time = session.time_of(position)
    finally:
        session.time = 0
    written = Position.parse(position.strip())
    begins = not written.step if written else position.strip().lower() not in ("end", "latest")
    at_start = time % program.statements == 0
    return program.iteration_at(time if begins and at_start else max(0, time - 1))


def flow_of(session: Session, iteration: int, told: Callable[[int], None]) -> GradientFlow:
    """The gradient flow of an iteration; *told* is told the iterations that are run first."""
    timeline = session.run.timeline
    for reached in timeline.going_to(iteration):
        told(reached)
    return gradient_flow(session.network, timeline.iteration(iteration))


def record(row: LayerFlow) -> dict[str, Any]:
    """A layer as JSON has it."""
    return {
        name: json_number(value) if isinstance(value, float) else value for name, value in asdict(row).items()
    }


def lines(network: Network, flow: GradientFlow) -> Iterator[str]:
    """The table, a layer a line from the output down, and what it says in words."""
    table = [HEADINGS, *(_cells(network, row) for row in flow)]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    for cells in table:
        padded = (
            cell.ljust(width) if place in LEFT else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(cells, widths, strict=True))
        )
        yield "  ".join(padded).rstrip()
    yield ""
    yield flow_caption(flow)


def _cells(network: Network, row: LayerFlow) -> tuple[str, ...]:
    layer = network.layers[row.layer - 1]
    numbers = (row.delta_norm, row.weight_factor, row.slope_factor, row.factor, row.product)
    return (
        str(row.layer),
        f"{layer.units} {layer.activation_name}",
        *map(_shown, numbers),
        f"{100 * row.saturated:.0f} %",
        f"{100 * row.dead:.0f} %",
        row.verdict or "",
    )


def _shown(value: float | None) -> str:
    """A number; with an exponent where it is small, as small ones are what is looked for here."""
    if value is not None and 0.0 < value < 0.01:
        return f"{value:.2e}".replace("-", "−")
    return number(value)
