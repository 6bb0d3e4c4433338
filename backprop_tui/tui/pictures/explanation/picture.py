"""The explanation of the subject; before there is one, how to begin."""

from __future__ import annotations

from backprop_tui.network.lazy_module import lazy_module
from backprop_tui.tui.pictures.explanation.beginning import beginning_rows
from backprop_tui.tui.pictures.rows import Picture, Row, filled
from backprop_tui.tui.view import View

_pages = lazy_module("backprop_tui.tui.pictures.explanation.page")  # the first frame explains nothing


def chain_rule_picture(view: View, width: int, height: int, top: int = 0) -> Picture:
    """The explanation, from row *top* on, in exactly *height* rows of *width* cells."""
    if view.explanation is None:
        return filled(beginning_rows(view, width)[top:], width, height)
    page = _pages.explanation_page(view, view.explanation, width, height)
    return filled(page.full[top:] if top else page.front, width, height)


def explanation_rows(view: View, width: int, height: int) -> list[Row]:
    """All rows of the explanation, which one scrolls through; the chain lies flat where it fits."""
    if view.explanation is None:
        return beginning_rows(view, width)
    full: list[Row] = _pages.explanation_page(view, view.explanation, width, height).full
    return full
