"""``check``: every gradient against a central difference."""

from __future__ import annotations

import sys

import click

from backprop_tui.cli.json_lines import plain, write_json
from backprop_tui.cli.network_argument import as_json, network_options
from backprop_tui.cli.printing import write
from backprop_tui.cli.progress import showing
from backprop_tui.engine.gradient_check import check_gradients
from backprop_tui.engine.training import Trainer
from backprop_tui.network.description import Network
from backprop_tui.network.names import Names, shown


@click.command()
@network_options
@as_json
def check(network: Network, as_json: bool) -> None:
    """Compare every gradient with a central difference; exit 1 where they disagree."""
    with showing("gradient", network.parameters) as progress:
        result = check_gradients(Trainer(network), progress=progress.show)
    if as_json:
        write_json(
            {
                "checked": result.checked,
                "max_relative_error": plain(result.max_relative_error),
                "passed": result.passed,
            }
        )
    else:
        names = Names(network)
        for one in result.disagreeing[:20]:
            name = shown("dL_d" + names.parameter(one.layer, one.unit, one.below))
            write(f"{name}: {one.analytic!r} analytically, {one.numeric!r} by central difference")
        kinks = len(result.compared) - result.checked
        note = f" ({kinks} not comparable: an activation has its kink there)" if kinks else ""
        verdict = "all agree" if result.passed else f"{len(result.disagreeing)} disagree"
        write(
            f"{result.checked} gradients checked{note}, {verdict}: "
            f"largest relative error {result.max_relative_error:.1e}, allowed {result.tolerance:.0e}"
        )
    sys.exit(0 if result.passed else 1)
