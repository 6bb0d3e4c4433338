"""Examples from a CSV file: its columns are inputs, and targets or labels."""

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
from backprop_tui.network.errors import MISSING, NetworkError, described, nearest
from backprop_tui.network.files.demands import counted, few_enough
from backprop_tui.network.files.document import DataTable
from backprop_tui.network.reach import demand_files

MOST_CSV_BYTES = 16 * 2**20


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
    """Text from a file, cut and cleaned for a message."""
    text = "".join(c if c.isprintable() else "?" for c in text)
    return text if len(text) <= 200 else "…" + text[-199:]


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
    demand_files()
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
    line = ",".join(row)
    if mark := next((mark for mark in ";\t|" if mark in line), None):
        if len(row) == 1:
            raise NetworkError(place, "columns separated by commas", described(line))
        if all(_number(cell.replace(",", ".")) is not None for cell in line.split(mark)):
            raise NetworkError(place, "columns separated by commas, numbers with a point", described(line))
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


def from_csv(table: DataTable, inputs: int, outputs: int, folder: Path | None) -> Data:
    """The examples that a CSV file holds, by the columns that ``[data]`` names; as ``read_data``."""
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
    few_enough(file.where, len(file.rows), inputs, outputs)
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
    """The rows of some columns."""
    return tuple(zip(*columns, strict=True))
