"""What a word on the command line could become: names of networks, lessons, themes and rules, and files.

Asked for by a shell each time that tab is pressed; what knows the names is imported then.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import click
from click.shell_completion import CompletionItem

from backprop_tui.network.lazy_module import lazy_module

_networks = lazy_module("backprop_tui.network.files.library")
_lessons = lazy_module("backprop_tui.lessons.library")
_generators = lazy_module("backprop_tui.network.files.datasets.generators")
_activations = lazy_module("backprop_tui.network.rules.activations")
_losses = lazy_module("backprop_tui.network.rules.losses")
_optimizers = lazy_module("backprop_tui.network.rules.optimizers")
_initializers = lazy_module("backprop_tui.network.rules.initializers")
_changes = lazy_module("backprop_tui.session.changes")
_settings = lazy_module("backprop_tui.tui.configuring.table")
_themes = lazy_module("backprop_tui.tui.colours.themes")

Completing = Callable[[click.Context, click.Parameter, str], list[CompletionItem[Any]]]
"""How click asks: with what has been typed so far of the word."""

_PLAIN = re.compile(r"[\w.+~-]+")
"""Names of files that no shell needs quoted."""


def _words(words: Callable[[], Iterable[str]], *, or_files: bool = False) -> Completing:
    """One of some words; where none begins so, a file if that may be."""

    def complete(ctx: click.Context, option: click.Parameter, incomplete: str) -> list[CompletionItem[Any]]:
        found = [CompletionItem(word) for word in words() if word.startswith(incomplete)]
        return found or ([CompletionItem(incomplete, type="file")] if or_files else [])

    return complete


def _here() -> list[str]:
    """The files of the current folder that may hold a network or a lesson."""
    try:
        return sorted(path.name for path in Path().glob("*.toml") if _PLAIN.fullmatch(path.name))
    except OSError:
        return []


def _networks_and_files() -> list[str]:
    return [*_networks.names(), *_here()]


def _networks_and_lessons() -> list[str]:
    return [*_networks.names(), *_lessons.names(), *_here()]


def _lessons_and_files() -> list[str]:
    return [*_lessons.names(), *_here()]


RULES: dict[str, Callable[[], Iterable[str]]] = {
    "activation": lambda: _activations.ACTIVATIONS,
    "output": lambda: _activations.ACTIVATIONS,
    "loss": lambda: _losses.LOSSES,
    "optimizer": lambda: _optimizers.OPTIMIZERS,
    "initializer": lambda: _initializers.INITIALIZERS,
}
"""The names that some options take."""


def _differences() -> list[str]:
    """What may differ in a run beside; where it has names, each."""
    return [
        f"{name}={value}" for name in _changes.FIELDS for value in (RULES[name]() if name in RULES else ("",))
    ]


def _own_settings() -> list[str]:
    """Settings with their values, where these are words."""
    choices = {
        name: setting.choices or ("",) for name, setting in _settings.BY_NAME.items() if name != "keys"
    }
    values = [f"{name}={value}" for name, known in choices.items() for value in known]
    return [*values, *(f"keys.{name}=" for name in _settings.BY_NAME["keys"].shipped)]


files = _words(tuple, or_files=True)
"""A file."""
networks = _words(_networks_and_files, or_files=True)
"""NETWORK."""
networks_and_lessons = _words(_networks_and_lessons, or_files=True)
"""NETWORK, where it may be a lesson."""
lessons = _words(_lessons_and_files, or_files=True)
"""LESSON."""
themes = _words(lambda: ("dark", "light", *_themes.names()))
"""A theme, as ``screenshot`` takes it."""
differences = _words(_differences, or_files=True)
"""CHANGE."""
settings = _words(_own_settings)
"""NAME=VALUE of ``config``."""
data = _words(lambda: _generators.GENERATORS, or_files=True)
"""The data of a network."""


def values(option: str) -> list[str]:
    """The names that an option takes, which changes a network."""
    return list(_generators.GENERATORS if option == "data" else RULES[option]())


def completing(option: str) -> Completing | None:
    """How the value of an option that changes a network is completed; None where it is a number."""
    return data if option == "data" else _words(RULES[option]) if option in RULES else None
