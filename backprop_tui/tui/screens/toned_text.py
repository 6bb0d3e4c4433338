"""Rows of toned text as a text that Textual's own widgets show: always plain, never markup."""

from __future__ import annotations

from collections.abc import Iterable

from rich.text import Text
from textual.widget import Widget

from backprop_tui.tui.colours.tone_styles import style_of
from backprop_tui.tui.pictures.rows import Row


def toned_text(rows: Iterable[Row], widget: Widget) -> Text:
    """Rows in the colours of the theme, to be shown in *widget*."""
    variables, ground = widget.app.theme_variables, widget.background_colors[1]
    text = Text(no_wrap=True, end="")
    for number, row in enumerate(rows):
        if number:
            text.append("\n")
        for part, tone in row:
            text.append(part, style_of(tone, variables, ground))
    return text
