"""The lessons that are shipped, and the lesson that a name or a file means."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path

from backprop_tui.lessons.lesson import Lesson
from backprop_tui.lessons.lesson_files import read_lesson, shipped_lesson
from backprop_tui.network.errors import NetworkError, nearest
from backprop_tui.network.files.toml import exists, read_toml

FOLDER = Path(__file__).parent / "shipped"
ORDER = (
    "the-math-behind-backpropagation",
    "why-deep-layers-learn-slowly",
    "steps-too-long-too-short",
    "units-that-died",
    "why-not-just-straight-lines",
    "several-examples-several-paths",
    "softmax-and-cross-entropy",
    "from-momentum-to-adam",
    "debugging-with-time-travel",
)
"""The order in which they are to be read."""


def names() -> tuple[str, ...]:
    """The names of the shipped lessons, in the order in which they are to be read."""
    return tuple(name for name in ORDER if (FOLDER / f"{name}.toml").exists())


def lessons() -> Iterator[Lesson]:
    """The shipped lessons, in the order in which they are to be read."""
    return map(shipped, names())


@cache  # saves 40 ms whenever the list of lessons is opened
def shipped(name: str) -> Lesson:
    """A shipped lesson by its name."""
    return shipped_lesson(FOLDER / f"{name}.toml")


def find(argument: str | None = None) -> Lesson:
    """The lesson that a name or a file means; of None, the first.

    Raises:
        NetworkError: it means none, or what it means is wrong.

    """
    known = names()
    if argument is None:
        argument = known[0]
    if argument in known:
        return shipped(argument)
    if not argument.strip() or not (exists(argument) or "/" in argument or argument.endswith(".toml")):
        raise NetworkError(
            "",
            "a lesson file or the name of a shipped lesson",
            "none of them" if argument.strip() else "nothing",
            hint=nearest(argument, known) or "shipped are " + ", ".join(known),
            source=argument[:80],
        )
    return read_lesson(Path(argument))


def is_lesson(argument: str) -> bool:
    """Whether a name or a file means a lesson, not a network."""
    if argument in names():
        return True
    try:
        return argument.endswith(".toml") and "pages" in read_toml(Path(argument))
    except NetworkError:
        return False
