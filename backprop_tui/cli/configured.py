"""A person's own settings on the command line: the options that name their file, and what it says."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from backprop_tui.cli.output.streams import refuse
from backprop_tui.network.errors import NetworkError
from backprop_tui.network.lazy_module import lazy_module

# The group of commands takes the options too, and is imported for every command line.
_completing = lazy_module("backprop_tui.cli.completing.candidates")
_launch = lazy_module("backprop_tui.cli.launch")
_source = lazy_module("backprop_tui.tui.configuring.source")
_looks = lazy_module("backprop_tui.tui.shots.looks")
_structs = lazy_module("msgspec.structs")

Command = TypeVar("Command", bound=Callable[..., Any])

_KEPT = "backprop_tui.config"
"""The name by which the contexts of click, which share it, know the file."""


def config_options(command: Command) -> Command:
    """``--config`` and ``--no-config``; they pass nothing, and ``source`` gives what they say."""
    named = click.option(
        "--config",
        metavar="FILE",
        shell_complete=lambda ctx, option, word: _completing.files(ctx, option, word),
        expose_value=False,
        is_eager=True,
        callback=_named,
        help="Read your settings from this file (see `backprop-tui config`).",
    )
    none = click.option(
        "--no-config",
        is_flag=True,
        expose_value=False,
        is_eager=True,
        callback=_none,
        help="Read no settings.",
    )
    return named(none(command))


def source() -> Any:
    """The ``Source`` of settings that the command line names, or else the usual one."""
    chosen: tuple[Path | None, str] | None = click.get_current_context().meta.get(_KEPT)
    return _source.usual() if chosen is None else _source.Source(*chosen)


def settings(theme: str | None = None) -> Any:
    """The ``Settings`` there; ends the program where something in them is wrong.

    Args:
        theme: the one to begin with, in the place of theirs.
    """
    own = _launch.own_settings(source())
    if theme is None:
        return own
    try:
        return _structs.replace(own, theme=_looks.theme_named(theme))
    except NetworkError as error:
        refuse(str(error))


def theme_option(command: Command) -> Command:
    """``--theme``; passes ``theme``, as ``settings`` takes it."""
    return click.option(
        "--theme",
        metavar="NAME",
        shell_complete=lambda ctx, option, word: _completing.themes(ctx, option, word),
        help="The theme for this time: dark, light, projector, red-green, blue-yellow, ansi-light, nord, ...",
    )(command)


def digits_option(command: Command) -> Command:
    """``--digits``; passes ``digits``, as ``decimals`` takes it."""
    return click.option(
        "--digits",
        type=click.Choice(("4", "6", "9", "all")),
        help="Decimals shown; left out, those of your settings, else 4.",
    )(command)


def decimals(chosen: str | None) -> int | None:
    """The decimals that numbers are written with: as said, or as set, or 4; None for every digit."""
    if chosen is None:
        found: int | None = settings().decimals
        return found
    return None if chosen == "all" else int(chosen)


def _named(ctx: click.Context, option: click.Parameter, path: str | None) -> None:
    if path is not None:
        ctx.meta[_KEPT] = (Path(path), "--config")


def _none(ctx: click.Context, option: click.Parameter, given: bool) -> None:
    if given:
        ctx.meta[_KEPT] = (None, "--no-config")
