"""One shape of table for every section, and what can be made of it: a terminal's, Markdown, JSON."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from rich.console import Console
from rich.table import Table as RichTable

Cell = str | int | float | None


@dataclass(frozen=True)
class Table:
    """Rows of cells under names; the units stand in the names."""

    title: str
    columns: tuple[str, ...]
    rows: Sequence[Sequence[Cell]]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Verdict:
    """A number to reach, and what was measured."""

    what: str
    measured: float
    reach: float
    unit: str = ""
    note: str = ""

    @property
    def met(self) -> bool:
        """Whether it is reached; a number that is none is not."""
        return self.measured <= self.reach


@dataclass(frozen=True)
class Plot:
    """Curves over logarithmic axes; each is a name and its points."""

    title: str
    x: str
    y: str
    curves: dict[str, list[tuple[float, float]]]


@dataclass
class Section:
    """What a section measured."""

    name: str
    tables: list[Table] = field(default_factory=list)
    verdicts: list[Verdict] = field(default_factory=list)
    plots: list[Plot] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    """What could not be measured and why, and whatever looked wrong."""
    seconds: float = 0.0
    failed: bool = False
    """Whether the program died or never answered, so that nothing could be measured."""


def text(cell: Cell) -> str:
    """A cell as people read it: three significant digits or so, never an exponent where it can be avoided."""
    if cell is None:
        return "–"
    if isinstance(cell, str):
        return cell
    if isinstance(cell, int):
        return f"{cell:,}"
    if math.isnan(cell):
        return "–"
    size = abs(cell)
    if size >= 100 or cell == 0:
        return f"{cell:,.0f}"
    if size >= 1:
        return f"{cell:.2f}"
    return f"{cell:.3f}" if size >= 0.001 else f"{cell:.1e}"


def verdict_table(sections: Sequence[Section]) -> Table:
    """Every number to reach in one table, what is missed first."""
    found = [(section.name, verdict) for section in sections for verdict in section.verdicts]
    found.sort(key=lambda pair: pair[1].met)
    rows = [
        (name, one.what, one.measured, f"≤ {text(one.reach)}", one.unit, "yes" if one.met else "NO", one.note)
        for name, one in found
    ]
    met = sum(one.met for _, one in found)
    title = f"Numbers to reach: {met} of {len(found)} met"
    return Table(title, ("section", "what", "measured", "reach", "unit", "met", "note"), rows)


def show(console: Console, table: Table) -> None:
    """Print a table to a terminal."""
    shown = RichTable(title=table.title, title_justify="left", title_style="bold")
    for place, name in enumerate(table.columns):
        words = all(isinstance(row[place], str) for row in table.rows)
        shown.add_column(name, justify="left" if words else "right")
    for row in table.rows:
        shown.add_row(*map(text, row), style="yellow" if "NO" in row else None)
    console.print(shown)
    for note in table.notes:
        console.print(f"  {note}", style="dim", markup=False, highlight=False)


def markdown(table: Table) -> str:
    """A table in Markdown."""
    lines = [
        f"### {table.title}",
        "",
        _markdown_row(table.columns),
        _markdown_row(["---"] * len(table.columns)),
    ]
    lines += [_markdown_row([text(cell) for cell in row]) for row in table.rows]
    lines += ["", *(f"{note}  " for note in table.notes)]
    return "\n".join(lines).rstrip() + "\n"


def _markdown_row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def plain(section: Section) -> dict[str, Any]:
    """A section as JSON can hold it, every number in full."""
    return {
        "section": section.name,
        "seconds": section.seconds,
        "tables": [
            {
                "title": table.title,
                "rows": [dict(zip(table.columns, map(_plain, row), strict=True)) for row in table.rows],
                "notes": table.notes,
            }
            for table in section.tables
        ],
        "verdicts": [
            {"what": v.what, "measured": _plain(v.measured), "reach": v.reach, "unit": v.unit, "met": v.met}
            for v in section.verdicts
        ],
        "remarks": section.remarks,
    }


def _plain(cell: Cell) -> Cell:
    return None if isinstance(cell, float) and not math.isfinite(cell) else cell
