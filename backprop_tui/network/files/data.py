"""The examples a network is trained on: written in the file, read from a CSV file, or generated."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterable, Sequence
from functools import cached_property
from io import StringIO
from math import isfinite
from pathlib import Path
from typing import TypeVar

from msgspec import Struct

from backprop_tui.network.description import Data, Matrix, Vector
from backprop_tui.network.errors import MISSING, NetworkError, described, nearest, one_of
from backprop_tui.network.files.document import DataTable
from backprop_tui.network.files.generators import GENERATORS, MOST_NOISE, generate

MOST_VALUES = 4_000_000
"""What all inputs and targets together may come to."""
MOST_CSV_BYTES = 16 * 2**20


def read_data(table: DataTable, inputs: int, outputs: int, seed: int, folder: Path | None) -> Data:
    """The examples that ``[data]`` gives.

    Args:
        table: the table as read.
        inputs: how many inputs the network has.
        outputs: how many output units.
        seed: where a generator's random numbers start.
        folder: where a CSV file's path starts; None: the current folder.

    Raises:
        NetworkError: there are none, there are two sorts of them, or they do not fit the network.

    """
    _one_source(table)
    if table.csv is not None:
        return _from_csv(table, inputs, outputs, folder)
    if table.generator is not None:
        return _generated(table, inputs, outputs, seed)
    return _written(table, inputs, outputs)


def _one_source(table: DataTable) -> None:
    """Examples come from one place, and each field belongs to it."""
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


def _few(place: str, examples: int, inputs: int, outputs: int) -> None:
    """Refuse more numbers than a description can hold."""
    if examples * (inputs + outputs) > MOST_VALUES:
        most = MOST_VALUES // (inputs + outputs)
        found = f"{examples:,}" if examples < 10**18 else "more than can be counted"
        raise NetworkError(place, f"at most {most:,} examples of {inputs + outputs:,} numbers", found)


# Written in the file


def _written(table: DataTable, inputs: int, outputs: int) -> Data:
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
    _few("data.inputs", len(table.inputs), inputs, outputs)
    return Data(
        _rows("data.inputs", table.inputs, inputs, "one per input"),
        _rows("data.targets", table.targets, outputs, "one per output unit"),
    )


def _rows(place: str, rows: list[list[float]], width: int, what: str) -> Matrix:
    for number, row in enumerate(rows):
        if len(row) != width:
            raise NetworkError(f"{place}[{number}]", f"{width} numbers ({what})", f"{len(row)}")
        require_finite(f"{place}[{number}]", row)
    return tuple(tuple(map(float, row)) for row in rows)


def require_finite(place: str, row: Sequence[float]) -> None:
    """Refuse a row of numbers in which one is infinite or none, naming the column."""
    if isfinite(sum(row)):  # which it is not where one of them is not; where they are, it may overflow
        return
    for column, value in enumerate(row):
        if not isfinite(value):
            raise NetworkError(f"{place}[{column}]", "a finite number", value)


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
    _few("data.examples", examples, inputs, outputs)
    noise = row.noise if table.noise is None else float(table.noise)
    if not 0.0 <= noise <= MOST_NOISE:
        raise NetworkError("data.noise", f"a number from 0 to {MOST_NOISE:g}", noise)
    points, targets = generate(row, inputs, outputs, seed, examples, noise)
    origin: dict[str, object] = {"generator": name}
    if table.examples is not None:
        origin["examples"] = examples
    if table.noise is not None:
        origin["noise"] = noise
    return Data(tuple(map(tuple, points.tolist())), tuple(map(tuple, targets.tolist())), origin)


# Read from a CSV file


class CsvTable(Struct, frozen=True, dict=True):
    """A CSV file as text. A row's number is its line in the file, the header's being 1."""

    path: Path
    header: tuple[str, ...]
    rows: tuple[tuple[int, tuple[str, ...]], ...]

    @property
    def where(self) -> str:
        """Its place for a message."""
        return _where(self.path)

    @cached_property
    def _index(self) -> dict[str, int]:
        return {name: index for index, name in enumerate(self.header)}

    def cells(self, name: str) -> Iterable[tuple[str, str]]:
        """The cells of a column from the top, each with its place for a message."""
        index = self._index[name]
        for line, row in self.rows:
            yield f"{self.where}: row {line}, column {_printable(name)}", row[index]


def _where(path: Path) -> str:
    return f"data.csv: {_printable(str(path))}"


def _printable(text: str) -> str:
    """A name from a stranger, fit for a message."""
    text = "".join(c if c.isprintable() else "?" for c in text)
    return text if len(text) <= 200 else "…" + text[-199:]


def counted(count: int, noun: str) -> str:
    """A number with its noun: ``1 column``, ``2 columns``."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def resolved(path: str, folder: Path | None) -> Path:
    """A CSV file's path, made absolute: a relative one starts at *folder*, or the current folder."""
    return Path(os.path.abspath((folder or Path()) / path))  # noqa: PTH100 (resolve() would follow links)


def read_csv(path: Path) -> CsvTable:
    """A CSV file, its first line naming the columns.

    Raises:
        NetworkError: it cannot be read, or is not such a file.

    """
    where = _where(path)
    reader = csv.reader(StringIO(_csv_text(path, where), newline=""), strict=True, skipinitialspace=True)
    rows: list[tuple[int, tuple[str, ...]]] = []
    header: tuple[str, ...] | None = None
    try:
        for cells in reader:
            row = tuple(cell.strip() for cell in cells)
            if not any(row) and len(row) < 2:
                continue
            if header is None:
                header = _header(row, where)
            elif len(row) != len(header):
                place = f"{where}: row {reader.line_num}"
                raise NetworkError(
                    place, f"{counted(len(header), 'cell')}, as many as the header", f"{len(row)}"
                )
            else:
                rows.append((reader.line_num, row))
    except csv.Error as error:
        raise NetworkError(f"{where}: row {reader.line_num}", "CSV", hint=str(error)) from None
    if header is None:
        raise NetworkError(where, "a line that names the columns", "an empty file")
    if not rows:
        raise NetworkError(where, "at least one example below the header", "none")
    return CsvTable(path, header, tuple(rows))


def _csv_text(path: Path, where: str) -> str:
    try:
        if not path.is_file():
            found = "a folder" if path.is_dir() else "no such file" if not path.exists() else "something else"
            raise NetworkError(where, "a CSV file", found)
        with path.open("rb") as file:
            content = file.read(MOST_CSV_BYTES + 1)
    except (OSError, ValueError) as error:
        if isinstance(error, NetworkError):
            raise
        reason = getattr(error, "strerror", None) or str(error)
        raise NetworkError(where, "a file that can be read", reason.lower()) from None
    if len(content) > MOST_CSV_BYTES:
        raise NetworkError(where, f"at most {MOST_CSV_BYTES >> 20} MiB", "more")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        found = f"the byte 0x{content[error.start]:02x}"
        raise NetworkError(f"{where}: row {line}", "text in UTF-8", found) from None


def _header(row: tuple[str, ...], where: str) -> tuple[str, ...]:
    place = f"{where}: row 1"
    if all(_number(cell) is not None for cell in row):
        raise NetworkError(place, "the names of the columns", "only numbers")
    if len(row) == 1 and any(mark in row[0] for mark in ";\t|"):
        raise NetworkError(place, "columns separated by commas", described(row[0]))
    seen: set[str] = set()
    for name in filter(None, row):
        if name in seen:
            raise NetworkError(place, "each column's name once", f"{described(name)} twice")
        seen.add(name)
    return row


def _number(cell: str) -> float | None:
    """The number in a cell; None where it holds none."""
    try:
        return None if "_" in cell else float(cell)
    except ValueError:
        return None


def _from_csv(table: DataTable, inputs: int, outputs: int, folder: Path | None) -> Data:
    given = table.csv or ""
    if not given:
        raise NetworkError("data.csv", "the path of a CSV file", described(given))
    file = read_csv(resolved(given, folder))
    if table.target_columns is None:
        raise NetworkError(
            "data.target_columns", "the names of the target columns", MISSING, hint=_has(file.header)
        )
    targets = _columns("data.target_columns", table.target_columns, file.header)
    taken = set(targets)
    if table.input_columns is None:
        chosen = [name for name in file.header if name not in taken]
        place = file.where
    else:
        chosen, place = table.input_columns, "data.input_columns"
    columns = _columns(place, chosen, file.header)
    for index, name in enumerate(columns):
        if name in taken:
            raise NetworkError(f"{place}[{index}]", "a column that is no target", described(name))
    if len(columns) != inputs:
        raise NetworkError(
            place,
            f"{counted(inputs, 'input column')}, one per input",
            f"{len(columns)}",
            hint=_has(file.header),
        )
    _few(file.where, len(file.rows), inputs, outputs)
    origin: dict[str, object] = {"csv": str(file.path), "relative": not Path(given).is_absolute()}
    if table.input_columns is not None:
        origin["input_columns"] = tuple(columns)
    origin["target_columns"] = tuple(targets)
    x = [_numbers(file, name) for name in columns]
    return Data(_turned(x), _targets(file, targets, outputs), origin)


def _has(header: Sequence[str]) -> str:
    names = [described(name, 30) for name in header[:12]]
    return "the file has " + ", ".join(names) + (", …" if len(header) > 12 else "")


def _columns(place: str, names: list[str], header: tuple[str, ...]) -> list[str]:
    if not names:
        raise NetworkError(place, "at least one column", "none", hint=_has(header))
    known, seen = set(header), set[str]()
    for index, name in enumerate(names):
        here = f"{place}[{index}]" if place.endswith("_columns") else place
        if not name:
            raise NetworkError(
                here, "a name for every column", "an empty one", hint="or name the columns in input_columns"
            )
        if name not in known:
            hint = _printable(nearest(name, filter(None, header[:1000]))) or _has(header)
            raise NetworkError(here, "a column of the CSV file", described(name), hint=hint)
        if name in seen:
            raise NetworkError(here, "each column once", f"{described(name)} twice")
        seen.add(name)
    return names


def _numbers(file: CsvTable, name: str) -> Vector:
    numbers: list[float] = []
    for place, cell in file.cells(name):
        value = _number(cell)
        if value is None:
            raise NetworkError(place, "a number", described(cell) if cell else "an empty cell")
        if not isfinite(value):
            raise NetworkError(place, "a finite number", described(cell))
        numbers.append(value)
    return tuple(numbers)


def _targets(file: CsvTable, names: list[str], outputs: int) -> Matrix:
    if len(names) == 1:
        cells = [cell for _, cell in file.cells(names[0])]
        numeric = [_number(cell) is not None for cell in cells]
        if all(numeric) and outputs > 1:
            return _labels(_numbers(file, names[0]), names[0], outputs)
        if all(cells) and (outputs > 1 or not any(numeric)):
            return _labels(cells, names[0], outputs)
    if len(names) != outputs:
        raise NetworkError(
            "data.target_columns", f"{counted(outputs, 'column')}, one per output unit", f"{len(names)}"
        )
    return _turned([_numbers(file, name) for name in names])


Label = TypeVar("Label", str, float)


def _labels(cells: Sequence[Label], name: str, outputs: int) -> Matrix:
    """One-hot targets over the sorted labels, or with one output unit 0 and 1."""
    labels = sorted(set(cells))
    if len(labels) == 2 and outputs == 1:
        return tuple((float(cell == labels[1]),) for cell in cells)
    if len(labels) != outputs:
        shown = ", ".join(described(label, 20) for label in labels[:6]) + (", …" if len(labels) > 6 else "")
        wanted = "a target column of numbers or of 2 labels" if outputs == 1 else f"{outputs} labels"
        raise NetworkError(
            "data.target_columns",
            f"{wanted} for {outputs} output {'unit' if outputs == 1 else 'units'}",
            f"{len(labels)} in {_printable(name)}: {shown}",
        )
    rows = {
        label: tuple(float(place == index) for place in range(outputs)) for index, label in enumerate(labels)
    }
    return tuple(rows[cell] for cell in cells)


def _turned(columns: list[Vector]) -> Matrix:
    """Rows from columns."""
    return tuple(zip(*columns, strict=True))
