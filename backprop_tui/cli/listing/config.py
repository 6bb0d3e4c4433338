"""``backprop-tui config``: prints the settings in force and where each comes from, and sets them."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from typing import Any

import click

from backprop_tui.cli.completing import candidates
from backprop_tui.cli.configured import config_options, settings, source
from backprop_tui.cli.options import as_json
from backprop_tui.cli.output.json_lines import say_json
from backprop_tui.cli.output.streams import refuse, say
from backprop_tui.network.errors import NetworkError
from backprop_tui.tui.configuring import writing
from backprop_tui.tui.configuring.source import NO_FILE, Source
from backprop_tui.tui.configuring.table import SETTINGS
from backprop_tui.tui.settings import Settings

FILE, SHIPPED = "file", "shipped"
"""Where a value comes from."""
_NO_COLOR = "NO_COLOR is set: a theme decides what is bold, and shows no colours"
_WORDS = {FILE: "set", SHIPPED: "as shipped"}


@click.command()
@click.argument("changes", nargs=-1, metavar="[NAME=VALUE]...", shell_complete=candidates.settings)
@click.option("--init", is_flag=True, help="Write a file with every setting, explained, to begin with.")
@config_options
@as_json
def config(changes: tuple[str, ...], init: bool, as_json: bool) -> None:
    """Print your settings: the file, what is in force, and where each value comes from.

    NAME=VALUE sets one in the file: theme=backprop-projector, digits=6, keys.zoom=Z, and for several keys
    'keys.step=["j", "space"]'. NAME= takes it out of the file again. What was set is printed, and where.

    The file is config.toml in your folder of settings, or what BACKPROP_TUI_CONFIG or --config names.
    """
    place = source()
    if init and changes:
        refuse("--init: expected no NAME=VALUE beside it")
    if (init or changes) and place.path is None:
        refuse("expected a file to write, found --no-config")
    changed: list[str] = []
    try:
        if init:
            writing.begin(place)
        elif changes:
            changed = writing.change(place, changes)
    except NetworkError as error:
        refuse(str(error))
    found = settings()
    if as_json:
        say_json(record(place, found))
        return
    for line in what_was_set(place, found, changed) if changed else lines(place, found):
        say(line)


def record(place: Source, found: Settings) -> dict[str, Any]:
    """What is in force, as JSON has it."""
    values = {name: {"value": value, "from": origin} for name, value, origin in _values(found)}
    keys = {name: {"value": value, "from": origin} for name, value, origin in _keys(found)}
    return {
        "path": None if place.path is None else str(place.path),
        "exists": place.path is not None and place.path.exists(),
        "named_by": place.named_by or "usual",
        **values,
        "keys": keys,
    }


def lines(place: Source, found: Settings) -> Iterator[str]:
    """The same for people."""
    yield _where(place)
    yield ""
    values = [(name, _text(value), _WORDS[origin]) for name, value, origin in _values(found)]
    keys = [(name, "  ".join(value) or "none", _WORDS[origin]) for name, value, origin in _keys(found)]
    name_width = max(len(row[0]) for row in keys) + 2
    value_width = max(len(row[1]) for row in (*values, *keys))
    for name, value, words in values:
        yield f"{name:{name_width}}  {value:{value_width}}  {words}"
    if os.environ.get("NO_COLOR"):
        yield _NO_COLOR
    yield "keys"
    for name, value, words in keys:
        yield f"  {name:{name_width - 2}}  {value:{value_width}}  {words}"


def what_was_set(place: Source, found: Settings, names: Sequence[str]) -> Iterator[str]:
    """What holds now of the settings that were set or taken out, and where that stands."""
    values = {name: (_text(value), origin) for name, value, origin in _values(found)}
    values |= {f"keys.{name}": ("  ".join(keys) or "none", origin) for name, keys, origin in _keys(found)}
    for name in names:
        value, origin = values[name]
        words = f"set in {place.path}" if origin == FILE else f"as shipped: taken out of {place.path}"
        yield f"{name}  {value}  {words}"
    if "theme" in names and os.environ.get("NO_COLOR"):
        yield _NO_COLOR


def _text(value: str | float) -> str:
    return value if isinstance(value, str) else f"{value:g}"


def _where(place: Source) -> str:
    if place.path is None:
        return "no file is read (--no-config)" if place == NO_FILE else "no file: there is no home for it"
    named = f"  (named by {place.named_by})" if place.named_by else ""
    absent = "" if place.is_there else "  (not there; `backprop-tui config --init` writes it)"
    return f"{place.path}{named}{absent}"


def _values(found: Settings) -> Iterator[tuple[str, Any, str]]:
    """Name, value and origin of each setting but the keys."""
    for setting in SETTINGS:
        if setting.name != "keys":
            own = getattr(found, setting.name)
            yield setting.name, setting.shipped if own is None else own, SHIPPED if own is None else FILE


def _keys(found: Settings) -> Iterator[tuple[str, list[str], str]]:
    """Name, keys and origin of each command."""
    shipped = next(setting.shipped for setting in SETTINGS if setting.name == "keys")
    for name, keys in shipped.items():
        yield name, list(found.keys.get(name, keys)), FILE if name in found.keys else SHIPPED
