"""``backprop-tui visit``: what ``serve`` starts for each visitor."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from backprop_tui.cli import launch
from backprop_tui.cli.output.streams import refuse
from backprop_tui.network.errors import NetworkError
from backprop_tui.network.files.library import names
from backprop_tui.network.files.shapes import is_shape
from backprop_tui.session.files.saved_sessions import Opener, opener


@click.command(hidden=True)
@click.argument("networks", nargs=-1)
def visit(networks: tuple[str, ...]) -> None:
    """Open the debugger for a visitor of `serve`."""
    if not launch.is_visited():
        refuse("visit: expected to be started by `backprop-tui serve`, found a terminal")
    given = openers(networks)
    first = next(iter(given.values()), None)
    launch.debug(first() if first else launch.opened(None), given=given)


def openers(networks: Sequence[str]) -> dict[str, Opener]:
    """What opens each NETWORK, by the name that a visitor sees: of a file, its own without the folders.

    Ends the program where one means none.
    """
    found: dict[str, Opener] = {}
    for argument in networks:
        name = argument if is_shape(argument) or argument in names() else Path(argument).stem
        number = 2
        while name in found:
            name, number = f"{name.removesuffix(f'-{number - 1}')}-{number}", number + 1
        try:
            found[name] = opener(argument)
            found[name]()
        except NetworkError as error:
            refuse(str(error))
    return found
