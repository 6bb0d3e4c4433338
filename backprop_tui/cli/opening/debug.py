"""``backprop-tui debug``, which need not be said: the debugger with its own options."""

from __future__ import annotations

import click

from backprop_tui.cli import launch
from backprop_tui.cli.configured import config_options, settings, theme_option
from backprop_tui.cli.options import plain_option, session_options, time_of
from backprop_tui.cli.output.streams import refuse
from backprop_tui.session.files.opened import Opened
from backprop_tui.session.files.table import misunderstood
from backprop_tui.session.session import Session
from backprop_tui.stops.on_demand import conditions


@click.command()
@session_options
@config_options
@click.option("--position", metavar="EPOCH:STEP", help="Where to start: 12, 12:5 or end.")
@click.option(
    "--break",
    "breakpoints",
    metavar="BREAKPOINT",
    multiple=True,
    help="Where to stop: a name such as dL_dw1, 'phase update', 'unit h', or a condition such as "
    "'loss < 0.01'. Can be given several times.",
)
@click.option(
    "--watch",
    "watches",
    metavar="EXPRESSION",
    multiple=True,
    help="Show the value of this expression all the time. Can be given several times.",
)
@click.option("--run", is_flag=True, help="Run to the first breakpoint at once.")
@theme_option
@plain_option
def debug(
    opened: Opened,
    position: str | None,
    breakpoints: tuple[str, ...],
    watches: tuple[str, ...],
    run: bool,
    theme: str | None,
    plain: bool,
) -> None:
    """Open the debugger; `debug` need not be said."""
    _stop_and_watch(opened.session, breakpoints, watches)
    travel_to = opened.wanted if position is None else time_of(opened, position)
    if run and not any(one.enabled for one in opened.session.breakpoints):
        refuse("--run: expected a breakpoint to run to, found none (set one: --break 'loss < 0.01')")
    launch.debug(opened, travel_to=travel_to, run=run, settings=settings(theme), plain=plain)


def _stop_and_watch(session: Session, breakpoints: tuple[str, ...], watches: tuple[str, ...]) -> None:
    for option, expected, texts, add in (
        ("--break", "a breakpoint", breakpoints, session.stopping.add),
        ("--watch", "an expression", watches, session.watching.add),
    ):
        for text in texts:
            try:
                add(text)
            except conditions.ConditionError as error:
                refuse(str(misunderstood(option, expected, text, error)))
