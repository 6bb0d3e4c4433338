"""Input that makes Textual 8.2 fail, recognised so that it can be dropped."""

from __future__ import annotations

from textual import events
from textual.app import App
from textual.errors import NoWidget
from textual.widgets import OptionList

LEAST_PAGE = 3
"""Rows and columns that a list has at least before it goes by pages; one without lines looks for one."""


def pages_through_nothing(app: App[int], action: object) -> bool:
    """Whether an action would turn the pages of a list that has no room for any.

    Asked when the action is run: since its key was pressed the terminal may have become smaller.
    """
    return "page_" in str(action) and any(
        min(one.scrollable_content_region.size) < LEAST_PAGE for one in app.screen.query(OptionList)
    )


def unanswerable(app: App[int], event: events.InputEvent) -> bool:
    """Whether an event would end the app with an error, however well it is meant."""
    if not app.screen_stack:
        return True
    if event.is_forwarded:  # from a widget, which has heard of it
        return False
    if app.return_code is not None:
        return True  # it is being left: what would be opened now is never composed
    return isinstance(event, events.MouseDown | events.MouseMove) and _over_what_is_gone(app, event)


def _over_what_is_gone(app: App[int], event: events.MouseEvent) -> bool:
    """Whether a widget lies there that has left the tree, such as a message, and is still on the screen.

    Text that is selected there would be looked for in its parent, which it has no more.
    """
    try:
        widget, _ = app.get_widget_at(event.x, event.y)
    except NoWidget:
        return False
    return not widget.is_attached
