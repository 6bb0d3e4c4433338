"""``python -m tests.benchmarks [SECTION …] [--quick] [--markdown FILE] [--json FILE]``."""

from __future__ import annotations

import argparse
import json
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from time import perf_counter
from types import FrameType

from rich.console import Console

from tests.benchmarks import report
from tests.benchmarks.machine import described
from tests.benchmarks.plot import bars, svg
from tests.benchmarks.subjects import Stage
from tests.benchmarks.terminal import DiedError

SECTIONS = (
    "start",
    "keys",
    "pictures",
    "burst",
    "held",
    "training",
    "memory",
    "jump",
    "growth",
    "serve",
    "ranks",
    "recording",
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, write; 1 where a section could not be measured, 130 after ctrl+c."""
    parser = _parser()
    chosen = parser.parse_args(arguments)
    if wrong := [name for name in chosen.sections if name not in SECTIONS]:
        parser.error(f"no section {wrong[0]!r}: choose from {', '.join(SECTIONS)}")
    console = Console()
    if not console.is_terminal:
        console = Console(width=190)
    header = described()
    for line in header:
        console.print(line, markup=False, highlight=False)
    signal.signal(signal.SIGTERM, _interrupt)
    sections: list[report.Section] = []
    try:
        with Stage() as stage:
            with suppress(DiedError):  # each section tells it, too
                stage.warm()
            names = chosen.sections or SECTIONS
            sections.extend(_measured(name, stage, chosen.quick, console) for name in names)
    except KeyboardInterrupt:
        console.print("stopped; what was measured so far:")
        return 130
    finally:
        if sections:
            console.print()
            report.show(console, report.verdict_table(sections))
            if chosen.markdown:
                _write_markdown(chosen.markdown, header, sections)
            if chosen.json:
                record = {"machine": header, "sections": [report.plain(section) for section in sections]}
                chosen.json.write_text(json.dumps(record, indent=1, ensure_ascii=False) + "\n", "utf-8")
    return int(any(section.failed for section in sections))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks", description="Measure what is promised."
    )
    sections = f"of {', '.join(SECTIONS)}; left out: all"
    parser.add_argument("sections", nargs="*", metavar="SECTION", help=sections)
    parser.add_argument("--quick", action="store_true", help="fewer repetitions: about two minutes in all")
    parser.add_argument("--markdown", type=Path, metavar="FILE", help="also write the tables to it")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write every number to it")
    return parser


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _measured(name: str, stage: Stage, quick: bool, console: Console) -> report.Section:
    """One section, printed as soon as it is there; one that fails says so, and the others go on."""
    if console.is_terminal:
        console.print(f"\n[bold]{name}[/bold] …", end="\r")
    start = perf_counter()
    try:
        section = import_module(f"tests.benchmarks.{name}").measure(stage, quick)
    except DiedError as error:
        remark = f"the program died or never answered: {error}"
        section = report.Section(name, remarks=[remark], failed=True)
    section.seconds = perf_counter() - start
    console.print(f"[bold]{name}[/bold] ({section.seconds:.0f} s)")
    for table in section.tables:
        report.show(console, table)
    for plot in section.plots:
        console.print(bars(plot), markup=False, highlight=False)
    for remark in section.remarks:
        console.print(f"  ! {remark}", style="yellow", markup=False, highlight=False)
    return section


def _write_markdown(path: Path, header: Sequence[str], sections: Sequence[report.Section]) -> None:
    """All tables, the verdicts first; plots are written beside it as SVG."""
    lines = [
        "# Benchmarks",
        "",
        *(f"{line}  " for line in header),
        "",
        report.markdown(report.verdict_table(sections)),
    ]
    for section in sections:
        lines += [f"## {section.name}", ""]
        lines += [report.markdown(table) for table in section.tables]
        for number, plot in enumerate(section.plots, 1):
            picture = path.with_name(f"{path.stem}-{section.name}-{number}.svg")
            picture.write_text(svg(plot), "utf-8")
            lines += [f"![{plot.title}]({picture.name})", ""]
        lines += [*(f"- {remark}" for remark in section.remarks), ""]
    path.write_text("\n".join(lines).rstrip() + "\n", "utf-8")


if __name__ == "__main__":
    sys.exit(main())
