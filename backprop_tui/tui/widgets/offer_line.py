"""The line that offers the first lesson at the first start."""

from __future__ import annotations

from backprop_tui.tui.pictures.rows import Picture, Row, Tone, fitted
from backprop_tui.tui.view import View
from backprop_tui.tui.widgets.pane import Pane


def offer_row(view: View) -> Row:
    """The offer in words."""
    return (
        (" New here?", Tone.STRONG),
        (f"  {view.key(']')}", Tone.KEY),
        (" opens the first lesson, page by page", Tone.TEXT),
        (f"   {view.key('escape')}", Tone.KEY),
        (" no, thanks", Tone.TEXT),
    )


class OfferLine(Pane):
    """One row above the keys."""

    DEFAULT_CSS = """
    OfferLine { height: 1; background: $surface; }
    """

    def picture(self, view: View, width: int, height: int) -> Picture:
        """The offer."""
        return (fitted(offer_row(view), width),)
