"""Messages that go by themselves, or with the line that they refuse, and that the app survives as they go."""

from __future__ import annotations

from typing import Any

from textual.app import App
from textual.notifications import Notification
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


def refuse(app: App[Any], message: str, title: str, rows: int) -> None:
    """Tell what is wrong with a line, above the *rows* at the bottom in which it is typed."""
    app._notifications.add(Refusal(message, title, "warning", app.NOTIFICATION_TIMEOUT, markup=False))
    _place(app, rows)


def forget_refusals(app: App[Any]) -> None:
    """Take away what was said of a line: it is gone, or another."""
    said = [one for one in app._notifications if isinstance(one, Refusal)]
    for one in said:
        app._unnotify(one, refresh=False)
    if said:
        _place(app, 1)


def _place(app: App[Any], rows: int) -> None:
    for rack in app.screen.query_children(ToastRack):
        rack.styles.margin = (0, 0, rows, 0)
    app._refresh_notifications()
