"""``backprop-tui export``: the network as another kind of file."""

from __future__ import annotations

import click

from backprop_tui.cli.options import network_options
from backprop_tui.export import formats
from backprop_tui.network.description import Network
from backprop_tui.session.session import Session


@click.command()
@network_options
@click.option(
    "-o", "path", metavar="FILE", required=True, help="The file to write; its ending says of what kind: .py."
)
@click.option(
    "--epochs",
    type=click.IntRange(min=1),
    default=1000,
    show_default=True,
    help="How many epochs the script trains.",
)
@click.option(
    "--log-every",
    type=click.IntRange(min=1),
    default=200,
    show_default=True,
    help="The script prints every K-th epoch.",
)
def export(network: Network, path: str, epochs: int, log_every: int) -> None:
    """Write the network as another kind of file, replacing it.

    FILE.py is a script that trains the network and prints what `train` prints, without this program: every
    line of it is a line of the calculation.
    """
    wanted = formats.Wanted(Session(network), script_epochs=epochs, log_every=log_every)
    formats.export(wanted, path)
