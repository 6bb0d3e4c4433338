"""On what, and with which versions, it was measured."""

from __future__ import annotations

import os
import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from backprop_tui import __version__

COMPARED = ("numpy", "textual", "plotext", "torch", "autograd", "micrograd", "pudb")


def described() -> list[str]:
    """Lines that say so."""
    kept = [f"backprop-tui {__version__}", *(f"{name} {_version(name)}" for name in COMPARED)]
    load = ", ".join(f"{one:.1f}" for one in os.getloadavg())
    return [
        f"{platform.python_implementation()} {platform.python_version()}, {platform.platform()}",
        f"{_processor()}, {len(os.sched_getaffinity(0))} cores; load before: {load}",
        ", ".join(kept),
    ]


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    except OSError:
        return platform.processor() or "unknown processor"
    return next(
        (line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "unknown"
    )
