"""``backprop-tui serve``: the debugger in a browser."""

from __future__ import annotations

from importlib.util import find_spec

import click

from backprop_tui.cli.opening.visit import openers
from backprop_tui.cli.output.streams import refuse, say
from backprop_tui.network.errors import NetworkError
from backprop_tui.network.lazy_module import lazy_module

web = lazy_module("aiohttp.web")
serving = lazy_module("backprop_tui.web.server")  # needs the extra

SHUTDOWN_SECONDS = 5.0
"""So long visits have to end, once ctrl+c was pressed."""


@click.command()
@click.argument("networks", nargs=-1, metavar="[NETWORK]...")
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen at.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8000,
    show_default=True,
    help="The port to listen at; 0: any that is free.",
)
@click.option(
    "--visitors", type=click.IntRange(1, 1000), default=20, show_default=True, help="How many at once."
)
@click.option(
    "--idle",
    type=click.FloatRange(0.01, 1440),
    default=15,
    show_default=True,
    metavar="MINUTES",
    help="A visit ends when no key came for so long.",
)
def serve(networks: tuple[str, ...], host: str, port: int, visitors: int, idle: float) -> None:
    """Show the debugger in browsers, each visitor a debugger of their own.

    Of several networks a visitor is shown a choice. A visitor can neither read nor write a file of this
    machine, may take so much time and memory and no more, and cannot see other visitors. Only this machine
    can reach it, unless --host says otherwise.
    """
    if find_spec("aiohttp") is None or find_spec("textual_serve") is None:
        refuse('serve: expected the extra web, found none installed (pip install "backprop-tui[web]")')
    openers(networks)
    terms = serving.Terms(networks, host, visitors, idle * 60)
    try:
        place = serving.listening(host, port)
    except NetworkError as error:
        refuse(str(error))
    shown = f"[{host}]" if ":" in host else host
    number = place.getsockname()[1]
    say(f"backprop-tui is at http://{shown}:{number}/  (ctrl+c ends it)")
    if not terms.is_loopback:
        say(
            f"Anyone who can reach {host} port {number} can open it, up to {visitors} at once: there is no "
            "password and no encryption.\n"
            "Visitors reach no file of this machine, and what they compute is limited."
        )
    app = serving.Server(terms).app
    web.run_app(app, sock=place, print=None, access_log=None, shutdown_timeout=SHUTDOWN_SECONDS)
