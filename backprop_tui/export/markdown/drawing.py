"""The network as lines of text: a column a layer, and between two layers every line that connects them."""

from __future__ import annotations

from backprop_tui.export.calculation import Calculation, DrawnLayer

_CORNERS = {
    # left, right, up, down
    (1, 1, 0, 0): "─",
    (1, 1, 0, 1): "┬",
    (1, 1, 1, 0): "┴",
    (1, 1, 1, 1): "┼",
    (1, 0, 0, 1): "┐",
    (1, 0, 1, 0): "┘",
    (1, 0, 1, 1): "┤",
    (0, 1, 0, 1): "┌",
    (0, 1, 1, 0): "└",
    (0, 1, 1, 1): "├",
    (0, 0, 1, 1): "│",
    (0, 0, 0, 0): " ",
}


def drawing_lines(calculation: Calculation) -> list[str]:
    """The drawing, the input on the left; where each layer has one unit, with the weights' names."""
    columns = [_column(calculation, layer) for layer in calculation.layers]
    height = max(map(len, columns))
    rows: list[str] = [""] * height
    before: list[int] | None = None
    for layer, column in zip(calculation.layers, columns, strict=True):
        top = (height - len(column)) // 2
        places = [top + index for index in range(len(layer.units))]
        if before is not None:
            label = _label(calculation, layer.number)
            rows = [row + _between(place, before, places, label) for place, row in enumerate(rows)]
        width = max(map(len, column))
        cells = ["".ljust(width)] * height
        cells[top : top + len(column)] = [cell.ljust(width) for cell in column]
        rows = [f"{row} {cell} " for row, cell in zip(rows, cells, strict=True)]
        before = places
    return [row.rstrip() for row in rows]


def _column(calculation: Calculation, layer: DrawnLayer) -> list[str]:
    cells = [calculation.names.unit(layer.number, unit) for unit in layer.units]
    return [*cells, f"⋮ {layer.left_out:,} more"] if layer.left_out else cells


def _label(calculation: Calculation, layer: int) -> str:
    """The name of the only weight into a layer; empty where there are several."""
    network = calculation.network
    alone = network.widths[layer - 1] == network.widths[layer] == 1
    return f" {calculation.names.weight(layer, 0, 0)} " if alone else ""


def _between(place: int, left: list[int], right: list[int], label: str) -> str:
    """What a row has between two layers: a line from each unit on the left, a line that joins them all."""
    first, last = min(*left, *right), max(*left, *right)
    inside = first <= place <= last
    key = (
        int(place in left),
        int(place in right),
        int(inside and place > first),
        int(inside and place < last),
    )
    start = "──" if key[0] else "  "
    end = "─▶" if key[1] else "  "
    if label:
        return f"──{label}─▶" if key[0] else " " * (len(label) + 4)
    return f"{start}{_CORNERS[key]}{end}"
