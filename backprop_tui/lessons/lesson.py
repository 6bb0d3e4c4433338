"""A lesson as it was read from its file: pages with live numbers, each at a place in time."""

from __future__ import annotations

from msgspec import Struct

from backprop_tui.network.description import Network


class Choice(Struct, frozen=True):
    """One of the answers that a question offers."""

    value: str
    """An expression."""
    label: str = ""
    """What is shown; empty: the value."""


class Question(Struct, frozen=True):
    """A question; its words stand in the page's text."""

    answer: str
    """An expression, whose value at the page's position is right."""
    hint: str = ""
    """Markdown with live numbers."""
    choices: tuple[Choice, ...] = ()
    """Empty: the answer is typed."""


class Page(Struct, frozen=True, eq=False):
    """A page. What its file left out has been taken over from the page before."""

    text: str
    """Markdown with live numbers: ``{dL_dw1}``."""
    network: Network
    title: str = ""
    position: str = "0:0"
    """Where it is read, as it is typed after ``g``."""
    select: str = ""
    """What it points at: a unit, a parameter or a quantity; empty: nothing."""
    picture: str = "auto"
    compare: tuple[str, ...] = ()
    """The runs beside, as they are typed after ``:compare``."""
    question: Question | None = None


class Lesson(Struct, frozen=True, eq=False):
    """A lesson."""

    name: str
    """The name of a shipped one; else its file."""
    title: str
    about: str
    """What one will know afterwards."""
    network: str
    """The network of the first page, as it is opened; of tables that stand in the file, their shape."""
    pages: tuple[Page, ...]
