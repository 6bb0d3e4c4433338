"""``[data]``: which of the three sources of examples it names, and the examples that stand in it."""

from __future__ import annotations

from pathlib import Path

from backprop_tui.network.description import Data, Matrix
from backprop_tui.network.errors import MISSING, NetworkError, described, nearest, one_of
from backprop_tui.network.files.datasets.generators import GENERATORS, MOST_NOISE, generate
from backprop_tui.network.files.demands import counted, few_enough, require_finite
from backprop_tui.network.files.document import DataTable
from backprop_tui.network.lazy_module import lazy_module

csv_file = lazy_module("backprop_tui.network.files.datasets.csv_file")
"""Imported with the first CSV file: with module csv it takes 1 ms, and few networks have one."""


def read_data(
    table: DataTable, inputs: int, outputs: int, seed: int, folder: Path | None, *, finite: bool = True
) -> Data:
    """The examples that ``[data]`` gives.

    Args:
        table: the table as read.
        inputs: how many inputs the network has.
        outputs: how many output units.
        seed: where a generator's random numbers start.
        folder: where a CSV file's path starts; None: the current folder.
        finite: whether numbers that stand in the table must be finite.

    Raises:
        NetworkError: there are none, there are two sorts of them, or they do not fit the network.

    """
    _one_source(table)
    if table.csv is not None:
        read: Data = csv_file.from_csv(table, inputs, outputs, folder)
        return read
    if table.generator is not None:
        return _generated(table, inputs, outputs, seed)
    return _written(table, inputs, outputs, finite=finite)


def _one_source(table: DataTable) -> None:
    """Refuse two sources of examples, and fields of a source that is not used."""
    ways = {
        "inputs": table.inputs is not None or table.targets is not None,
        "csv": table.csv is not None,
        "generator": table.generator is not None,
    }
    given = [way for way, there in ways.items() if there]
    if len(given) > 1:
        raise NetworkError(
            f"data.{given[1]}", "one of inputs with targets, csv or generator", " and ".join(given)
        )
    for way, fields in (
        ("csv", ("input_columns", "target_columns")),
        ("generator", ("examples", "noise")),
    ):
        for field in fields:
            if getattr(table, field) is not None and not ways[way]:
                raise NetworkError(f"data.{field}", f"a {way} that it belongs to", "none")


# Written in the file


def _written(table: DataTable, inputs: int, outputs: int, *, finite: bool) -> Data:
    if table.inputs is None:
        hint = "" if table.targets is not None else "or: csv, or generator"
        raise NetworkError("data.inputs", "a row per example", MISSING, hint=hint)
    if table.targets is None:
        raise NetworkError("data.targets", "a row per example", MISSING)
    if not table.inputs:
        raise NetworkError("data.inputs", "at least one example", "none")
    if len(table.targets) != len(table.inputs):
        raise NetworkError(
            "data.targets", f"{len(table.inputs)} rows, as many as inputs", f"{len(table.targets)}"
        )
    few_enough("data.inputs", len(table.inputs), inputs, outputs)
    return Data(
        _rows("data.inputs", table.inputs, inputs, "one per input", finite=finite),
        _rows("data.targets", table.targets, outputs, "one per output unit", finite=finite),
    )


def _rows(place: str, rows: list[list[float]], width: int, what: str, *, finite: bool) -> Matrix:
    for number, row in enumerate(rows):
        if len(row) != width:
            raise NetworkError(f"{place}[{number}]", f"{width} numbers ({what})", f"{len(row)}")
        if finite:
            require_finite(f"{place}[{number}]", row)
    return tuple(tuple(map(float, row)) for row in rows)


# Generated


def _generated(table: DataTable, inputs: int, outputs: int, seed: int) -> Data:
    name = table.generator or ""
    if name not in GENERATORS:
        raise NetworkError(
            "data.generator", one_of(GENERATORS), described(name), hint=nearest(name, GENERATORS)
        )
    row = GENERATORS[name]
    if row.inputs is not None and inputs != row.inputs:
        expected = f"a network of {counted(row.inputs, 'input')} for {name}"
        raise NetworkError("data.generator", expected, f"{inputs}")
    most = 1 if row.regression else row.most_classes
    if most is not None and outputs > most:
        units = "1 output unit" if most == 1 else f"1 or {most} output units"
        raise NetworkError("data.generator", f"{units} for {name}", f"{outputs}")
    if row.outputs is not None and outputs != row.outputs:
        expected = f"a network of {counted(row.outputs, 'output unit')} for {name}"
        raise NetworkError("data.generator", expected, f"{outputs}")
    examples = row.examples if table.examples is None else table.examples
    if examples < 1:
        raise NetworkError("data.examples", "at least 1", examples)
    if row.most_examples is not None and examples > row.most_examples:
        raise NetworkError("data.examples", f"at most {row.most_examples:,} for {name}", examples)
    few_enough("data.examples", examples, inputs, outputs)
    noise = row.noise if table.noise is None else float(table.noise)
    if not 0.0 <= noise <= MOST_NOISE:
        raise NetworkError("data.noise", f"a number from 0 to {MOST_NOISE:g}", noise)
    points, targets = generate(row, inputs, outputs, seed, examples, noise)
    origin: dict[str, object] = {"generator": name}
    if table.examples is not None:
        origin["examples"] = examples
    if table.noise is not None:
        origin["noise"] = noise
    return Data(points, targets, origin)
