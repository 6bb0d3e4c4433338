"""From the tables of a lesson file to a lesson: the form of every field is checked here.

Whether its expressions mean something and have a value is for ``checking``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from backprop_tui.lessons.lesson import Choice, Lesson, Page, Question
from backprop_tui.network.description import Network
from backprop_tui.network.errors import MISSING, NetworkError, described
from backprop_tui.network.files import library, shapes
from backprop_tui.network.files.build import build
from backprop_tui.network.files.demands import printable_text
from backprop_tui.network.files.document import (
    About,
    DataTable,
    LayerTable,
    NetworkTable,
    Tables,
    TrainingTable,
    converted,
)
from backprop_tui.network.files.toml import exists, parse, read_toml

MOST_PAGES = 200
MOST_TEXT = 10_000
"""Characters of a page's text, and of a hint."""
MOST_CHOICES = 9
MOST_BESIDE = 3
_FIGURE = re.compile(r"[+−-]?(\d+\.?\d*|\.\d+)([eE][+−-]?\d+)?", re.ASCII)


class QuestionTable(msgspec.Struct, forbid_unknown_fields=True):
    """``[pages.question]``."""

    answer: str
    hint: str = ""
    choices: list[str | dict[str, Any]] = []


class ChoiceTable(msgspec.Struct, forbid_unknown_fields=True):
    """A choice in words of its own: ``{ label = "the slopes", value = "da_dz_h" }``."""

    label: str
    value: str


class PageTable(msgspec.Struct, forbid_unknown_fields=True):
    """``[[pages]]``."""

    text: str
    title: str = ""
    network: str | None = None
    position: str | None = None
    select: str = ""
    picture: str | None = None
    compare: list[str] | None = None
    question: QuestionTable | None = None


class LessonTable(msgspec.Struct, forbid_unknown_fields=True):
    """The whole file; the tables of a network file may stand in it."""

    title: str
    pages: list[PageTable]
    network: str | NetworkTable
    about: str | About = ""
    training: TrainingTable | None = None
    data: DataTable | None = None


_TABLES: Tables = {
    "": LessonTable,
    "network": NetworkTable,
    "network.layers": LayerTable,
    "training": TrainingTable,
    "data": DataTable,
    "about": About,
    "pages": PageTable,
    "pages.question": QuestionTable,
}


def read_lesson(path: Path, name: str = "") -> Lesson:
    """The lesson in a file.

    Args:
        path: the file.
        name: the lesson's; left out, the path.

    Raises:
        NetworkError: the file cannot be read, or is no lesson; it names the place.

    """
    try:
        return lesson_of(read_toml(path), name or str(path), path.parent)
    except NetworkError as error:
        if error.expected == "a network file":
            error = NetworkError(error.place, "a lesson file", error.found, hint=error.hint)
        raise error.from_source(str(path)) from None


def shipped_lesson(path: Path) -> Lesson:
    """A lesson that comes with the program."""
    return lesson_of(parse(path.read_text("utf-8")), path.stem)


def lesson_of(raw: dict[str, Any], name: str, folder: Path | None = None) -> Lesson:
    """The lesson that a file's tables describe.

    Args:
        raw: the tables.
        name: the lesson's.
        folder: where the file lies: the only place whose files it may name; None: it may name none.

    Raises:
        NetworkError: something in it is wrong; it names the place.

    """
    table = converted(raw, LessonTable, _TABLES)
    title = printable_text("title", table.title).strip()
    if not title:
        raise NetworkError("title", "a title", described(table.title))
    if not 1 <= len(table.pages) <= MOST_PAGES:
        raise NetworkError("pages", f"1 to {MOST_PAGES} pages", f"{len(table.pages)}")
    _form_of_choices(raw)
    given = raw["network"]
    if isinstance(given, str):
        _no_tables(raw)
        network, word = _named("network", given, folder), given
    else:
        network = _written(raw, folder)
        word = network.shape
    return Lesson(
        name=name,
        title=title,
        about=_about(raw),
        network=word,
        pages=_pages(table.pages, network, folder),
    )


def _about(raw: Mapping[str, Any]) -> str:
    """What the lesson teaches: ``about = "…"``, or of a network file's table ``teaches``."""
    about = raw.get("about", "")
    return printable_text("about", about if isinstance(about, str) else str(about.get("teaches", "")))


# The network


def _no_tables(raw: Mapping[str, object]) -> None:
    """Refuse a network's other tables beside a network that is only named."""
    for field in ("training", "data"):
        if field in raw:
            raise NetworkError(field, "the tables of a network, or its name, not both", "both")


def _named(place: str, word: str, folder: Path | None) -> Network:
    """The network of a shipped name, a shape, or a file beside the lesson."""
    if word in library.names() or shapes.is_shape(word):
        try:
            return library.find(word)
        except NetworkError as error:
            raise NetworkError(place, error.expected, error.found, hint=error.hint) from None
    path = _beside(place, word, folder) if folder and word.endswith(".toml") else None
    if path is None:
        try:
            library.find(word if word.strip() and not exists(word) else "?")
        except NetworkError as error:
            hint = "" if exists(word) else error.hint
            expected = "the name of a shipped network, a shape, or a .toml file beside the lesson"
            raise NetworkError(place, expected, described(word), hint=hint) from None
    assert path is not None
    try:
        raw = read_toml(path)
        _reaches_only(place, raw, folder)
        return build(raw, folder)
    except NetworkError as error:
        where = f"{place}: {word}: {error.place}" if error.place else f"{place}: {word}"
        raise NetworkError(where, error.expected, error.found, hint=error.hint) from None


def _written(raw: Mapping[str, Any], folder: Path | None) -> Network:
    """The network whose tables stand in the lesson."""
    tables = {field: raw[field] for field in ("network", "training", "data") if field in raw}
    if "data" not in tables:
        raise NetworkError("data", "a value", MISSING)
    _reaches_only("", raw, folder)
    return build({"title": raw["title"], **tables}, folder)


def _reaches_only(place: str, raw: Mapping[str, Any], folder: Path | None) -> None:
    """Refuse a data file that does not lie beside the lesson."""
    data = raw.get("data")
    if isinstance(data, dict) and isinstance(data.get("csv"), str):
        _beside(f"{place}: data.csv" if place else "data.csv", data["csv"], folder)


def _beside(place: str, word: str, folder: Path | None) -> Path:
    """A file in the lesson's own folder: a lesson reaches no other."""
    expected = "a file in the lesson's own folder"
    if folder is None or Path(word).is_absolute() or ".." in Path(word).parts:
        raise NetworkError(place, expected, described(word))
    try:
        path = (folder / word).resolve()
        inside = path.is_relative_to(folder.resolve())
    except (OSError, ValueError, RuntimeError):
        inside = False
    if not inside:
        raise NetworkError(place, expected, described(word))
    return path


# The pages


def _pages(tables: list[PageTable], network: Network, folder: Path | None) -> tuple[Page, ...]:
    """The pages; what one leaves out is as on the page before, and in another network begins anew."""
    pages: list[Page] = []
    position, picture = "0:0", "auto"
    compare: tuple[str, ...] = ()
    for number, table in enumerate(tables):
        place = f"pages[{number}]"
        if table.network is not None:
            network = _named(f"{place}.network", table.network, folder)
            position, compare = "0:0", ()
        if table.position is not None:
            position = printable_text(f"{place}.position", table.position)
        if table.picture is not None:
            picture = printable_text(f"{place}.picture", table.picture)
        if table.compare is not None:
            compare = _compared(f"{place}.compare", table.compare)
        page = Page(
            text=_text(f"{place}.text", table.text),
            network=network,
            title=printable_text(f"{place}.title", table.title),
            position=position,
            select=printable_text(f"{place}.select", table.select),
            picture=picture,
            compare=compare,
            question=None if table.question is None else _question(f"{place}.question", table.question),
        )
        pages.append(page)
    return tuple(pages)


def _compared(place: str, words: list[str]) -> tuple[str, ...]:
    if len(words) > MOST_BESIDE:
        raise NetworkError(place, f"at most {MOST_BESIDE} runs beside", f"{len(words)}")
    return tuple(printable_text(f"{place}[{number}]", one) for number, one in enumerate(words))


def _text(place: str, text: str) -> str:
    """Text of a page, which may have several lines."""
    if not text.strip():
        raise NetworkError(place, "text", described(text))
    if len(text) > MOST_TEXT:
        raise NetworkError(place, f"at most {MOST_TEXT:,} characters", f"{len(text):,}")
    return "".join(c if c.isprintable() or c == "\n" else " " for c in text.strip("\n"))


def _form_of_choices(raw: Mapping[str, Any]) -> None:
    """Refuse a choice that is neither an expression nor a table of label and value."""
    for number, page in enumerate(raw["pages"]):
        for index, one in enumerate((page.get("question") or {}).get("choices", ())):
            if isinstance(one, dict):
                try:
                    converted(one, ChoiceTable, {"": ChoiceTable})
                except NetworkError as error:
                    place = f"pages[{number}].question.choices[{index}]"
                    place = f"{place}.{error.place}" if error.place else place
                    raise NetworkError(place, error.expected, error.found, hint=error.hint) from None


def _question(place: str, table: QuestionTable) -> Question:
    if len(table.choices) == 1 or len(table.choices) > MOST_CHOICES:
        raise NetworkError(f"{place}.choices", f"2 to {MOST_CHOICES} choices", f"{len(table.choices)}")
    choices = [
        Choice(one)
        if isinstance(one, str)
        else Choice(one["value"], printable_text(f"{place}.choices[{number}].label", one["label"]))
        for number, one in enumerate(table.choices)
    ]
    if _FIGURE.fullmatch(table.answer.strip()):
        expected = "an expression, so that a lesson cannot disagree with the program"
        raise NetworkError(f"{place}.answer", expected, f"the figure {table.answer[:40]}")
    hint = _text(f"{place}.hint", table.hint) if table.hint else ""
    return Question(printable_text(f"{place}.answer", table.answer), hint, tuple(choices))
