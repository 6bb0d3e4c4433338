"""Completion: what a line that is being typed could become."""

from __future__ import annotations

from backprop_tui.network.files.library import names
from backprop_tui.program.identifiers import Identifiers
from backprop_tui.session.session import Session
from backprop_tui.stops.functions import FUNCTIONS
from backprop_tui.stops.words import WORDS
from backprop_tui.tui.commands.table import BY_NAME, COMMANDS
from backprop_tui.tui.pictures.registry import AUTO, NAMES

_WITH_NAMES = ("break", "watch", "set", "search")


def completions(session: Session, verb: str, text: str) -> list[str]:
    """Whole lines that begin as *text* does, the likeliest first.

    Args:
        session: its network's names are offered where a name is wanted.
        verb: the command that the line is for; empty where the line names it.
        text: what has been typed so far.
    """
    if not text:
        return []
    start = ""
    if not verb:
        name, space, text = text.partition(" ")
        if not space:
            return [command.name for command in COMMANDS if command.name.startswith(name)]
        verb, start = name, f"{name} "
    if verb == "open":
        return [start + name for name in names() if name.startswith(text)]
    if verb == "picture":
        return [start + name for name in (*NAMES, AUTO) if name.startswith(text)]
    if verb not in _WITH_NAMES or verb not in BY_NAME:
        return []
    place = max((text.rfind(character) for character in " (<>=+-*/,"), default=-1) + 1
    word, before = text[place:], start + text[:place]
    return [before + name for name in _names(session) if name.startswith(word)] if word else []


def _names(session: Session) -> list[str]:
    return [*WORDS, *(f"{name}(" for name in FUNCTIONS), *Identifiers(session.network).sample()]
