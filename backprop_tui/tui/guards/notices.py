"""Messages that go by themselves, or with the line that they refuse, and that the app survives as they go."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from textual.app import App
from textual.notifications import Notification
from textual.screen import Screen
from textual.widgets._toast import ToastRack

SOON = 0.05
"""Seconds."""


class Notice(Notification):
    """A message of Textual's, of which there is always some time left.

    A toast sets a timer with the time that is left. Where the message expires between the two, that is
    negative, and Textual 8.2 never comes back from counting the ticks of such a timer.
    """

    @property
    def time_left(self) -> float:
        """In seconds."""
        return max(SOON, super().time_left)

    @property
    def has_expired(self) -> bool:
        """Whether its time is over."""
        return super().time_left <= 0.0


class Refusal(Notice):
    """What is wrong with a line that a person has typed."""


def refuse(app: App[Any], message: str, title: str) -> None:
    """Tell what is wrong with a line."""
    app._notifications.add(Refusal(message, title, "warning", app.NOTIFICATION_TIMEOUT, markup=False))
    app._refresh_notifications()


def forget_refusals(app: App[Any]) -> None:
    """Take away what was said of a line: it is gone, or another."""
    _forget(app, [one for one in app._notifications if isinstance(one, Refusal)])


def keep_refusals(app: App[Any]) -> None:
    """Leave what was said of a line that was obeyed: what is wrong is something that it led to."""
    kept = [one for one in app._notifications if isinstance(one, Refusal)]
    _forget(app, kept)
    for one in kept:
        app.notify(one.message, title=one.title, severity=one.severity, markup=False)


def forget_same(app: App[Any], message: str, title: str) -> None:
    """Take away a message that is about to be shown again."""
    _forget(app, [one for one in app._notifications if (one.message, one.title) == (message, title)])


def leave_room(screen: Screen[Any], rows: int) -> None:
    """Show messages above so many rows at the bottom."""
    for rack in screen.query_children(ToastRack):
        rack.styles.margin = (0, 0, rows, 0)


def _forget(app: App[Any], notices: Sequence[Notification]) -> None:
    for one in notices:
        app._unnotify(one, refresh=False)
    if notices:
        app._refresh_notifications()
