"""The registry of pictures: what the pane of pictures can show, a row each.

A new picture is a file with its drawing, and a row here.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum

from msgspec import Struct

from backprop_tui.tui.pictures.charts.loss import loss_arrow, loss_picture, loss_pointed_at
from backprop_tui.tui.pictures.rows import Picture
from backprop_tui.tui.requests import Request
from backprop_tui.tui.view import View


class Subject(StrEnum):
    """What a picture is of, and so what a person selects to see another."""

    RUN = "the run"
    BATCH = "the batch"
    NETWORK = "the network"
    UNIT = "a unit"
    PARAMETER = "a parameter"
    PARAMETERS = "two parameters"


class Figure(Struct, frozen=True):
    """A picture that can be shown."""

    name: str
    """As it is typed."""
    title: str
    """Shown above it."""
    of: Subject
    draw: Callable[[View, int, int], Picture]
    """From a view, a width and a height to exactly that many cells; pure."""
    quick: bool = True
    """Whether it is drawn within the frame; else the frame goes out first, and it comes after."""
    arrow: Callable[[View, int, int], Request | None] = lambda view, right, down: None
    """What an arrow key asks for, from its steps to the right and down."""
    pointed_at: Callable[[View, int, int, int, int], Request | None] = lambda view, width, height, x, y: None
    """What a click asks for, from the size of the picture and the cell that was clicked."""


FIGURES: tuple[Figure, ...] = (
    Figure("loss", "Loss", Subject.RUN, loss_picture, arrow=loss_arrow, pointed_at=loss_pointed_at),
)
"""All pictures, in the order in which they are gone through."""

NAMES = tuple(figure.name for figure in FIGURES)
"""The names of the pictures, in that order."""
AUTO = "auto"
"""Typed in place of a name: the picture that suits what is shown."""
_BY_NAME = {figure.name: figure for figure in FIGURES}


def figure(view: View) -> Figure:
    """The picture that a view shows: the one that was chosen, else the one that suits."""
    return _BY_NAME[view.picture or suiting(view)]


def suiting(view: View) -> str:
    """The name of the picture that suits what is shown."""
    return "loss"
