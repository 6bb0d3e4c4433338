"""The examples a network is trained on."""

from __future__ import annotations

from math import isfinite
from pathlib import Path

from backprop_tui.network.description import Data, Matrix
from backprop_tui.network.document import DataTable
from backprop_tui.network.errors import MISSING, NetworkError


def read_data(table: DataTable, inputs: int, outputs: int, seed: int, folder: Path | None) -> Data:
    """The examples that ``[data]`` gives.

    Raises:
        NetworkError: there are none, or they do not fit the network.

    """
    if table.inputs is None:
        raise NetworkError("data.inputs", "a row per example", MISSING)
    if table.targets is None:
        raise NetworkError("data.targets", "a row per example", MISSING)
    if not table.inputs:
        raise NetworkError("data.inputs", "at least one example", "none")
    if len(table.targets) != len(table.inputs):
        raise NetworkError(
            "data.targets", f"{len(table.inputs)} rows, as many as inputs", f"{len(table.targets)}"
        )
    return Data(
        _rows("data.inputs", table.inputs, inputs, "one per input"),
        _rows("data.targets", table.targets, outputs, "one per output unit"),
    )


def _rows(place: str, rows: list[list[float]], width: int, what: str) -> Matrix:
    for number, row in enumerate(rows):
        if len(row) != width:
            raise NetworkError(f"{place}[{number}]", f"{width} numbers ({what})", f"{len(row)}")
        for column, value in enumerate(row):
            if not isfinite(value):
                raise NetworkError(f"{place}[{number}][{column}]", "a finite number", value)
    return tuple(tuple(map(float, row)) for row in rows)
