"""What is not told as long as a lesson's page asks it: words that would answer for the reader."""

from __future__ import annotations

from typing import Any

from backprop_tui.tui.view import View

HIDDEN = "This would answer the page's question. Answer first."


def waits(view: View) -> bool:
    """Whether a page asks something that words answer, and has not been answered rightly yet.

    A number that is to be worked out stands in no sentence: for that, nothing is hidden.
    """
    reader: Any = view.reader  # its class is loaded with the first lesson
    return reader is not None and not reader.is_solved and bool(reader.options(view.digits))


def said(view: View, words: str) -> str:
    """Words of a pane, or what stands in their place."""
    return HIDDEN if waits(view) else words
