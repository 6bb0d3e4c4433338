"""Completion: what a line that is being typed could become."""

from __future__ import annotations

from collections.abc import Sequence

from backprop_tui.history.edits import settable
from backprop_tui.lessons import library
from backprop_tui.network.files.library import names
from backprop_tui.network.rules.activations import ACTIVATIONS
from backprop_tui.network.rules.initializers import INITIALIZERS
from backprop_tui.network.rules.losses import LOSSES
from backprop_tui.network.rules.optimizers import OPTIMIZERS
from backprop_tui.program.identifiers import Identifiers
from backprop_tui.session.changes import FIELDS, WITHOUT_EDITS
from backprop_tui.session.session import Session
from backprop_tui.stops.functions import FUNCTIONS
from backprop_tui.stops.words import WORDS
from backprop_tui.tui.commands.table import BY_NAME, COMMANDS
from backprop_tui.tui.pictures.registry import AUTO, names_of

_VALUES = {
    "optimizer": tuple(OPTIMIZERS),
    "activation": tuple(ACTIVATIONS),
    "output": tuple(ACTIVATIONS),
    "loss": tuple(LOSSES),
    "initializer": tuple(INITIALIZERS),
}
"""The values of what may differ between runs, where they have names."""
_FLAGS = ("true", "false")
_WITH_NAMES = ("break", "break-if", "watch", "set", "search")


def completions(session: Session, verb: str, text: str, themes: Sequence[str] = ()) -> list[str]:
    """Whole lines that begin as *text* does, the likeliest first.

    Args:
        session: its network's names are offered where a name is wanted.
        verb: the command that the line is for; empty where the line names it.
        text: what has been typed so far.
        themes: the names of all themes.
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
        return [start + name for name in (*names(), *library.names()) if name.startswith(text)]
    if verb == "lesson":
        return [start + name for name in (*library.names(), "off") if name.startswith(text)]
    if verb == "picture":
        return [start + name for name in (*names_of(session.network), AUTO) if name.startswith(text)]
    if verb == "theme":
        return [start + name for name in themes if name.startswith(text)]
    if verb == "compare":
        return _compared(session, start, text)
    if verb == "other-run":
        return [start + name for name in session.comparing.labels if name.startswith(text)]
    if verb not in _WITH_NAMES or verb not in BY_NAME:
        return []
    place = max((text.rfind(character) for character in " (<>=+-*/,"), default=-1) + 1
    word, before = text[place:], start + text[:place]
    return [before + name for name in _names(session) if name.startswith(word)] if word else []


def _compared(session: Session, start: str, text: str) -> list[str]:
    """What may differ in a run beside: the name of the last word, or its value."""
    settings = session.network.training.optimizer.options
    before, _, word = text.rpartition(" ")
    start += f"{before} " if before else ""
    name, equals, value = word.partition("=")
    if equals:
        known = value.rpartition(",")[0]
        start += f"{name}={known}," if known else f"{name}="
        last = value.rpartition(",")[2]
        values = _FLAGS if name in settings and settings[name].flag else _VALUES.get(name, ())
        return [start + one for one in values if one.startswith(last)]
    identifiers = Identifiers(session.network)
    settables = [one for one in identifiers.sample() if settable(identifiers, one)]
    known_names = dict.fromkeys([*FIELDS, *settings, *settables])
    words = [] if before else ["off", WITHOUT_EDITS, *names()]
    wanted = [*(f"{one}=" for one in known_names), *words]
    return [start + one for one in wanted if one.startswith(word)]


def _names(session: Session) -> list[str]:
    own = [*WORDS, *(f"{name}(" for name in FUNCTIONS), *Identifiers(session.network).sample()]
    return own + [f"{run}.{name}" for run in session.comparing.networks for name in own]
