"""The shipped networks and lessons as the choice offers them: found by any word, described in words."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import wrap
from typing import NamedTuple

from rich.text import Text

from backprop_tui.lessons.lesson import Lesson
from backprop_tui.lessons.progress import progress_of
from backprop_tui.network.description import Network
from backprop_tui.tui.pictures.rows import Row, Tone, shortened

_ABOUT = (("teaches", "What it teaches"), ("source", "Source"), ("errata", "Errata"))


class Shipped(NamedTuple):
    """A shipped network or lesson and its name."""

    name: str
    network: Network
    """Of a lesson, that of its first page."""
    lesson: Lesson | None = None

    @property
    def title(self) -> str:
        """Its title."""
        return self.lesson.title if self.lesson else self.network.title

    def matches(self, typed: str) -> bool:
        """Whether every word that was typed is somewhere in its name, title, shape or what it teaches."""
        network = self.network
        if self.lesson:
            words = ["lesson", self.name, self.title, self.lesson.about]
        else:
            words = [self.name, network.title, network.shape, network.about.get("teaches", "")]
        found = " ".join(words).casefold()
        return all(word in found for word in typed.casefold().split())


def matching(networks: Sequence[Shipped], typed: str) -> list[Shipped]:
    """Those that match what was typed: by the beginning of their names, by their names, by the rest."""
    found = [one for one in networks if one.matches(typed)]
    start = typed.strip().casefold()
    return sorted(found, key=lambda one: (not one.name.startswith(start), start not in one.name))


def list_line(one: Shipped, width: int) -> Text:
    """Name and shape in so many cells; of a lesson, its pages."""
    shape = f"{len(one.lesson.pages)} p." if one.lesson else shortened(one.network.shape, width // 2)
    name = shortened(one.name, max(1, width - len(shape) - 1))
    return Text.assemble((name, "bold"), shape.rjust(max(1, width - len(name))))


def lesson_head_rows(lesson: Lesson, width: int) -> list[Row]:
    """Its title, how long it is, and how far the person has come."""
    rows: list[Row] = [((line, Tone.STRONG),) for line in wrap(lesson.title, max(8, width))]
    pages = len(lesson.pages)
    questions = sum(page.question is not None for page in lesson.pages)
    how = ["a lesson", f"{pages} pages", f"{questions} question{'s' if questions != 1 else ''}"]
    how.append(f"begins with {lesson.network}")
    if come := progress_of(lesson).words(pages):
        how.append(come)
    return rows + [((line, Tone.MUTED),) for line in wrap(" · ".join(how), max(8, width))]


def lesson_rows(lesson: Lesson, width: int) -> list[Row]:
    """What one will know after a lesson, and its pages."""
    rows: list[Row] = [((line, Tone.TEXT),) for line in wrap(lesson.about, max(8, width))]
    titles = [f"{number} {page.title}" for number, page in enumerate(lesson.pages, 1) if page.title]
    if titles:
        rows += [(), (("Pages", Tone.KEY),)]
        rows += [((line, Tone.TEXT),) for title in titles for line in wrap(title, max(8, width))]
    return rows


def head_rows(network: Network, width: int) -> list[Row]:
    """Title, shape and how it is trained."""
    rows: list[Row] = [((line, Tone.STRONG),) for line in wrap(network.title, max(8, width))]
    training = network.training
    names = list(dict.fromkeys(layer.activation_name for layer in network.layers))
    how = [
        network.shape,
        ", ".join(names),
        training.loss_name.replace("_", " "),
        f"{training.optimizer_name} η {training.settings['learning_rate']:g}",
    ]
    examples = len(network.data.inputs)
    how.append(f"{examples} example{'s' if examples != 1 else ''}")
    return rows + [((line, Tone.MUTED),) for line in wrap(" · ".join(how), max(8, width))]


def about_rows(network: Network, width: int) -> list[Row]:
    """What it teaches, where it is from, and what is wrong there."""
    rows: list[Row] = []
    for key, title in _ABOUT:
        if words := network.about.get(key):
            rows.append(((title, Tone.KEY),))
            rows += [((line, Tone.TEXT),) for line in wrap(words, max(8, width))]
            rows.append(())
    return rows[:-1]
