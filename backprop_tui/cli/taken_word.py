"""A first word that is no command is taken for a network; if it means none, the nearest command is named."""

from __future__ import annotations

import click

from backprop_tui.network.errors import NetworkError, closest
from backprop_tui.network.lazy_module import lazy_module

_library = lazy_module("backprop_tui.network.files.library")  # the command line imports it late

_TAKEN = "backprop_tui.taken_word"


def take(context: click.Context, word: str) -> None:
    """Remember the word that was taken for a network."""
    context.meta[_TAKEN] = word


def misspelt_command() -> NetworkError | None:
    """What is wrong with the word that was taken for a network, where it is nearest to a command's name."""
    context = click.get_current_context(silent=True)
    word = context.meta.get(_TAKEN, "-") if context else "-"
    if context is None or word.startswith("-") or _library.could_be_meant(word):
        return None
    root = context.find_root()
    assert isinstance(root.command, click.Group)
    commands = root.command.list_commands(root)
    near = closest(word, (*commands, *_library.names()))
    if near not in commands:
        return None
    expected = "a command, a network file, the name of a shipped network or a shape such as 2-4-1"
    hint = f"did you mean the command {near}?"
    return NetworkError("", expected, "none of them", hint=hint, source=word[:80])
