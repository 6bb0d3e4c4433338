"""What pictures load when it is first wanted: the overview of large networks, and watches.

Like the door to plotext it imports late, so that the first frame waits for none of it.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

from backprop_tui.tui.pictures.drawing.geometry import Geometry
from backprop_tui.tui.pictures.rows import Picture, Row
from backprop_tui.tui.view import Node, View


def drawing(module: str, function: str) -> Callable[..., Any]:
    """A function of a picture's module, which is loaded when it is first called."""

    def load_and_draw(*arguments: Any) -> Any:
        return getattr(import_module(module), function)(*arguments)

    return load_and_draw


def blocks(
    widths: tuple[int, ...],
    name_widths: tuple[int, ...],
    canvas: tuple[int, int],
    digits: int | None,
    active: Node,
) -> Geometry | None:
    """Where the blocks of a large network are drawn; None where there is no room for any."""
    from backprop_tui.tui.pictures.heat_maps.blocks import arrange_large

    found = arrange_large(widths, name_widths, canvas, digits, active)
    return found if found.blocks else None


def overview(
    view: View, geometry: Geometry, width: int, height: int, units: list[tuple[int, Row]]
) -> Picture:
    """A large network drawn as *geometry*, which ``blocks`` made, says; *units* are its list of units."""
    from backprop_tui.tui.pictures.heat_maps.blocks import LargeGeometry
    from backprop_tui.tui.pictures.heat_maps.overview import Overview

    assert isinstance(geometry, LargeGeometry)
    return Overview(view, geometry, width, height).draw(units)


def comparison(view: View) -> Any:
    """The table of values of runs side by side, a ``Comparison``."""
    from backprop_tui.tui.pictures.tables.comparison import Comparison

    found = view.kept.get("comparison")
    if found is None:
        found = view.kept["comparison"] = Comparison(view)
    return found


def watches_picture(view: View, width: int, height: int) -> Picture:
    """The first watches, a row each."""
    from backprop_tui.tui.pictures.tables import watches

    return watches.watches_picture(view, width, height)
