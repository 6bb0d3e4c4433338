"""Messages that go by themselves, and that the app survives when they do."""

from __future__ import annotations

from textual.notifications import Notification

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
