"""What a person has set in a session, a line each: breakpoints, watches and values."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from backprop_tui.history.edits import Edit, Target, name_of
from backprop_tui.network.names import shown
from backprop_tui.program.number_text import number
from backprop_tui.session.session import Session


class Kept(Struct, frozen=True):
    """One of them."""

    sort: str
    """``break``, ``watch`` or ``edit``."""
    index: int
    """Its number among those of its sort, from 0."""
    sign: str
    word: str
    """What it is: ``off`` is a breakpoint that is switched off."""
    words: str
    """What it says."""


def kept(session: Session) -> Iterator[Kept]:
    """All of them: breakpoints, then watches, then values."""
    for index, one in enumerate(session.breakpoints):
        hits = f"{one.hits} hit{'s' if one.hits != 1 else ''}" if one.hits else "no hits yet"
        said = f"{session.stopping.describe(one)}  ({hits})"
        yield Kept("break", index, "●" if one.enabled else "○", "break" if one.enabled else "off", said)
    for index, text in enumerate(session.watches):
        yield Kept("watch", index, "◇", "watch", shown(text))
    for index, edit in enumerate(session.edits):
        yield Kept("edit", index, "✎", "value", _edited(session, edit))


def _edited(session: Session, edit: Edit) -> str:
    """An edit in words: where, what, and the value."""
    epoch, step = session.program.position(edit.time)
    names = session.names
    name = "η" if edit.sets.target is Target.LEARNING_RATE else name_of(edit.sets, names)
    if edit.sets.target in (Target.INPUT, Target.TARGET):
        name += f" of example {edit.example}"
    return f"at {epoch}:{step}  {name} = {number(edit.value, None)}"
