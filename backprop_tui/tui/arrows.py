"""What an arrow key asks for in the drawing, the listing and the chain rule, as pure functions."""

from __future__ import annotations

from collections.abc import Sequence

from backprop_tui.engine.quantities import Parameter
from backprop_tui.tui.pictures.drawing.network import active_unit
from backprop_tui.tui.requests import Choose, Point, Read, Request
from backprop_tui.tui.view import Node, Spot, View


def in_network(view: View, right: int, down: int) -> Request:
    """Explore: the first arrow points at where the last statement was, the next ones go on from there."""
    if view.spot is None:
        return Point(active_unit(view))
    return Point(neighbour(view.session.network.widths, view.spot, right, down))


def in_program(view: View, right: int, down: int) -> Request | None:
    """Move the cursor to the next or the previous statement of the epoch."""
    program, subject = view.session.program, view.subject
    step = min(max((subject.step if subject else 0) + down, 1), program.statements)
    return Read(program.statement(program.time(view.session.epoch, step - 1))) if down else None


def in_chain_rule(view: View, right: int, down: int) -> Request | None:
    """Choose the next or the previous term that can be gone to."""
    if not right or not view.origins:
        return None
    return Choose((min(view.term, len(view.origins) - 1) + right) % len(view.origins))


def neighbour(widths: Sequence[int], spot: Spot, right: int, down: int) -> Spot:
    """Where an arrow leads from *spot*: left and right through the layers, up and down within one.

    Between two units lies the weight that joins them; below a unit's weights lies its bias.

    Args:
        widths: units a layer, the input first.
        spot: where we are.
        right: 1 for the right arrow, −1 for the left one, else 0.
        down: 1 for the down arrow, −1 for the up one, else 0.

    """
    if isinstance(spot, Node):
        if down:
            return Node(spot.layer, min(max(spot.unit + down, 0), widths[spot.layer] - 1))
        if right > 0 and spot.layer + 1 < len(widths):
            return Parameter(spot.layer + 1, min(spot.unit, widths[spot.layer + 1] - 1), spot.unit)
        if right < 0 and spot.layer > 0:
            return Parameter(spot.layer, spot.unit, min(spot.unit, widths[spot.layer - 1] - 1))
        return spot
    inputs = widths[spot.layer - 1]
    if right > 0:
        return Node(spot.layer, spot.unit)
    if right < 0:
        return Node(spot.layer - 1, 0 if spot.below is None else spot.below)
    place = spot.unit * (inputs + 1) + spot.number(inputs) + down
    unit, below = divmod(min(max(place, 0), widths[spot.layer] * (inputs + 1) - 1), inputs + 1)
    return Parameter(spot.layer, unit, below if below < inputs else None)
