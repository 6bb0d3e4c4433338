"""The line that offers the first lesson at the first start."""

from __future__ import annotations

from backprop_tui.tui.pictures.rows import Picture, Row, Tone, fitted, row_width
from backprop_tui.tui.view import View
from backprop_tui.tui.widgets.pane import Pane

_WORDS = (
    (" New here?", " opens the first lesson, page by page", " no, thanks"),
    (" New here?", " opens the first lesson", " no, thanks"),
    (" New here?", " the first lesson", " no"),
    ("", " first lesson", " no"),
)


def offer_row(view: View, width: int) -> Row:
    """The offer in as many words as fit."""
    rows = [
        (
            (asked, Tone.STRONG),
            (f"  {view.key(']')}", Tone.KEY),
            (opens, Tone.TEXT),
            (f"   {view.key('escape')}", Tone.KEY),
            (declines, Tone.TEXT),
        )
        for asked, opens, declines in _WORDS
    ]
    return next((row for row in rows if row_width(row) <= width), rows[-1])


class OfferLine(Pane):
    """One row above the keys."""

    DEFAULT_CSS = """
    OfferLine { height: 1; background: $surface; }
    """

    def picture(self, view: View, width: int, height: int) -> Picture:
        """The offer."""
        return (fitted(offer_row(view, width), width),)
