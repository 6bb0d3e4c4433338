"""``backprop-tui check``: every gradient against a central difference."""

from __future__ import annotations

import sys

import click

from backprop_tui.cli.options import as_json, network_options
from backprop_tui.cli.printing import plain, say_json
from backprop_tui.cli.progress import progress
from backprop_tui.cli.streams import say
from backprop_tui.engine.gradient_check import GradientCheck, check_gradients
from backprop_tui.engine.training import Trainer
from backprop_tui.network.description import Network
from backprop_tui.network.names import Names, shown

DISAGREE = 1
"""The exit status where a gradient is not what the central difference says."""
MOST_SHOWN = 20
"""How many gradients that disagree are printed."""


@click.command()
@network_options
@as_json
def check(network: Network, as_json: bool) -> None:
    """Compare every gradient with a central difference; exit 1 where they disagree."""
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
