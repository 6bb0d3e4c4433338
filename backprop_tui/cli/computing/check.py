"""``backprop-tui check``: every gradient against a central difference; every page of a lesson."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from math import isfinite

import click

from backprop_tui.cli.options import as_json, network_or_lesson_options
from backprop_tui.cli.output.json_lines import plain, say_json
from backprop_tui.cli.output.progress import progress
from backprop_tui.cli.output.streams import say, tell
from backprop_tui.engine.gradient_check import GradientCheck, check_gradients
from backprop_tui.engine.training import Trainer
from backprop_tui.lessons.checking import faults, staged
from backprop_tui.lessons.lesson import Lesson
from backprop_tui.lessons.reader import Reader
from backprop_tui.network.description import Network
from backprop_tui.network.lazy_module import lazy_module
from backprop_tui.network.names import Names, shown
from backprop_tui.tui.pictures.lesson.page import INSIDE, page
from backprop_tui.tui.view import View

recorded_check = lazy_module("backprop_tui.cli.computing.recorded_check")  # few networks were recorded

DISAGREE = 1
"""The exit status where a gradient is not what the central difference says, or a page cannot be shown."""
MOST_SHOWN = 20
"""How many gradients that disagree are printed."""


@click.command()
@network_or_lesson_options
@as_json
def check(network: Network | Lesson, as_json: bool) -> None:
    """Compare every gradient with a central difference; exit 1 where they disagree.

    Of the folder that a training in PyTorch recorded: tell how far PyTorch's losses, gradients and parameters
    and those of the replay in float64 are apart, layer by layer; exit 1 where rounding does not explain it.

    Of a lesson (a file, or a name that `backprop-tui lessons` lists): prove that every page can be shown with
    all its numbers; exit 1 where one cannot.
    """
    if isinstance(network, Lesson):
        sys.exit(_checked(network, as_json=as_json))
    if network.recording is not None:
        sys.exit(_replayed(network, as_json=as_json))
    with progress("gradient", network.parameters) as bar:
        result = check_gradients(Trainer(network), progress=bar.show)
    if as_json:
        say_json(
            {
                "checked": result.checked,
                "max_relative_error": plain(result.max_relative_error),
                "passed": result.passed,
            }
        )
    else:
        _say(network, result)
    sys.exit(0 if result.passed else DISAGREE)


def _replayed(network: Network, *, as_json: bool) -> int:
    """Compare a recording with its replay, print what was found, and give the exit status."""
    found = recorded_check.RecordedCheck(network)
    if as_json:
        say_json(found.as_json())
    else:
        for line in found.lines():
            say(line)
    return 0 if found.passed else DISAGREE


def _checked(lesson: Lesson, *, as_json: bool) -> int:
    """Check a lesson, print what was found, and give the exit status."""
    pages = len(lesson.pages)
    found: list[str] = []
    scrolling: list[str] = []
    with progress("page", pages) as bar:
        for number, fault in enumerate(faults(lesson), 1):
            bar.show(number)
            if fault is not None:
                found.append(str(fault))
            else:
                scrolling += _scrolling(lesson, number - 1)
    if as_json:
        say_json({"checked": pages, "faults": found, "passed": not found})
    else:
        for one in found:
            say(f"{lesson.name}: {one}")
        for one in scrolling:
            say(f"{lesson.name}: {one}")
        verdict = f"{len(found)} cannot be shown" if found else "all can be shown"
        say(f"{pages} pages checked, {verdict}")
    return DISAGREE if found else 0


def _scrolling(lesson: Lesson, index: int) -> Iterator[str]:
    """Where a page is longer than its pane, so that a person has to scroll."""
    stage = staged(lesson, index)
    for _ in stage.preparing():
        pass
    reader = Reader(lesson, index, {}, {}).turned(index, stage)
    for size, (width, height) in INSIDE.items():
        rows = len(page(View(stage.session, reader=reader), width).rows)
        if rows > height:
            yield f"pages[{index}] scrolls at {size}: it has {rows} rows, of which {height} are in sight"


def _say(network: Network, result: GradientCheck) -> None:
    names = Names(network)
    for one in result.disagreeing[:MOST_SHOWN]:
        name = shown("dL_d" + names.parameter(one.layer, one.unit, one.below))
        say(f"{name}: {one.analytic!r} analytically, {one.numeric!r} by central difference")
    kinks = len(result.compared) - result.checked
    note = f" ({kinks} not comparable: an activation has a kink there)" if kinks else ""
    verdict = "all agree" if result.passed else f"{len(result.disagreeing)} disagree"
    say(
        f"{result.checked} gradients checked{note}, {verdict}: "
        f"largest relative error {result.max_relative_error:.1e}, allowed {result.tolerance:.0e}"
    )
    if any(not isfinite(one.numeric) for one in result.disagreeing):
        tell(
            "a loss is not finite, so there is nothing to compare with: `backprop-tui trace` shows where from"
        )
