"""What opening gives: a session, where to go in it, and how to look at it."""

from __future__ import annotations

from typing import NamedTuple

from backprop_tui.session.look import Look
from backprop_tui.session.session import Session


class Opened(NamedTuple):
    """A session that was opened."""

    session: Session
    """At the very start: nothing has been run. Its ``latest`` is the one that was saved."""
    wanted: int
    """The time at which it was saved: travel there."""
    look: Look
    """How the person looked at it."""
