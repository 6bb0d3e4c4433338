"""``backprop-tui examples``: what is shipped."""

from __future__ import annotations

import click

from backprop_tui.cli.options import as_json
from backprop_tui.cli.output.json_lines import say_json
from backprop_tui.cli.output.streams import say
from backprop_tui.network.files import library


@click.command()
@as_json
def examples(as_json: bool) -> None:
    """List the shipped networks with what they teach and where they come from."""
    for name, network in library.examples():
        about = network.about
        if as_json:
            say_json({"name": name, "title": network.title, "shape": network.shape, **about})
            continue
        say(f"{name}  ({network.shape})")
        for key in ("teaches", "source", "errata"):
            if about.get(key):
                say(f"    {key}: {about[key]}")
