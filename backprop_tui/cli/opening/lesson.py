"""``backprop-tui lesson``: the debugger with a lesson beside it."""

from __future__ import annotations

import click

from backprop_tui.cli import launch
from backprop_tui.cli.completing import candidates
from backprop_tui.cli.configured import config_options, settings, theme_option
from backprop_tui.cli.options import plain_option
from backprop_tui.cli.output.streams import refuse
from backprop_tui.lessons import checking, library
from backprop_tui.network.errors import NetworkError


@click.command()
@click.argument("lesson", required=False, shell_complete=candidates.lessons)
@click.option("--page", type=int, metavar="N", help="Open it at this page; left out, where you were last.")
@config_options
@theme_option
@plain_option
def lesson(lesson: str | None, page: int | None, theme: str | None, plain: bool) -> None:
    """Open a lesson beside the debugger.

    LESSON is the name of a shipped one (see `backprop-tui lessons`) or a file; left out, the first.
    """
    try:
        found = library.find(lesson)
        checking.demand_shown(found)
    except NetworkError as error:
        refuse(str(error if error.source else error.from_source(lesson or "")))
    if page is not None and not 1 <= page <= len(found.pages):
        refuse(f"--page: expected 1 to {len(found.pages)}, found {page}")
    launch.teach(found, None if page is None else page - 1, settings(theme), plain=plain)
