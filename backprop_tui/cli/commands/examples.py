"""``examples``: the shipped networks."""

from __future__ import annotations

import click

from backprop_tui.cli.json_lines import write_json
from backprop_tui.cli.network_argument import as_json
from backprop_tui.cli.printing import write
from backprop_tui.network.files import library


@click.command()
@as_json
def examples(as_json: bool) -> None:
    """List the shipped networks with what they teach and where they come from."""
    for name, network in library.examples():
        about = network.about
        if as_json:
            write_json({"name": name, "title": network.title, "shape": network.shape, **about})
            continue
        write(f"{name}  ({network.shape})")
        for key in ("teaches", "source", "errata"):
            if about.get(key):
                write(f"    {key}: {about[key]}")
