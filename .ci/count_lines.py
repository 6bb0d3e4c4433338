"""Counts the lines of the package that tests run: a plugin of pytest, and the program that tells the result.

Nothing is traced: SlipCover has each line say once that it has run. Traced, the tests take twice as long.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
import slipcover
from slipcover import FileMatcher, ImportManager, Slipcover

PACKAGE = "backprop_tui"
COUNTED = Path(".ci-lines").absolute()
"""Where each process that runs tests writes what it counted."""
NEVER = 10**9
"""Code stays as it was prepared: put back while it runs, it would keep alive what some tests want gone."""
LEAST = 10
"""Files of which is told how much of them runs."""
counting = Slipcover(source=[PACKAGE], d_miss_threshold=NEVER)


def pytest_load_initial_conftests() -> None:
    """Prepare the package before anything imports it."""
    ImportManager(counting, FileMatcher(sources=[PACKAGE])).__enter__()


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish() -> None:
    """Write what was counted in this process; later it may be ended before it has."""
    COUNTED.mkdir(exist_ok=True)
    (COUNTED / f"{os.getpid()}.json").write_text(json.dumps(counting.get_coverage()))


def main() -> None:
    """Say how many lines ran in any process, and in which files the fewest."""
    first, *others = (json.loads(path.read_text()) for path in COUNTED.glob("*.json"))
    for other in others:
        slipcover.merge_coverage(first, other)
    print(f"lines of the package that the tests run, in percent: {first['summary']['percent_covered']:.0f}")
    print(f"the {LEAST} files of which they run least:")
    shares = {name: one["summary"] for name, one in first["files"].items()}
    for name in sorted(shares, key=lambda name: shares[name]["percent_covered"])[:LEAST]:
        summary = shares[name]
        lines = summary["covered_lines"] + summary["missing_lines"]
        print(f"  {summary['percent_covered']:4.0f} of {lines:4d}  {name}")


if __name__ == "__main__":
    main()
