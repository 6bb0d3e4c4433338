"""How far a person has come in each lesson, kept in the user's state folder.

Nothing here raises: where the file cannot be read or written, nothing is remembered.
"""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
from msgspec import Struct

from backprop_tui.lessons.lesson import Lesson
from backprop_tui.network.errors import NetworkError
from backprop_tui.network.whole_files import put
from backprop_tui.session.files.recovery import state_folder

FILE = "lessons.json"
MOST_BYTES = 2**20
MOST_LESSONS = 1000
"""Of how many lessons it is remembered; the oldest go first."""


class Progress(Struct, frozen=True):
    """How far a person has come in a lesson."""

    page: int = 0
    """The page at which they were last, from 0."""
    furthest: int = 0
    """The last page that they have seen."""
    solved: list[int] = []
    """The pages whose question they have answered rightly."""

    def at(self, page: int, solved: frozenset[int]) -> Progress:
        """At a page."""
        return Progress(page, max(page, self.furthest), sorted(solved))

    def words(self, pages: int) -> str:
        """In a few words; empty where a lesson has not been begun."""
        if self.furthest >= pages - 1 and pages > 1:
            return "read"
        return f"page {min(self.page, pages - 1) + 1} of {pages}" if self.furthest else ""


class _File(Struct):
    offered: bool = False
    lessons: dict[str, Progress] = {}


def _path() -> Path | None:
    try:
        return state_folder() / FILE
    except RuntimeError:
        return None


def _read() -> _File:
    path = _path()
    try:
        if path is None or path.stat().st_size > MOST_BYTES:
            return _File()
        return msgspec.convert(json.loads(path.read_bytes()), _File)
    except (OSError, ValueError, RecursionError):
        return _File()


def _write(file: _File) -> bool:
    """Write the file; tells whether that could be done."""
    path = _path()
    if path is None:
        return False
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        put(path, lambda: msgspec.json.format(msgspec.json.encode(file)))
    except (OSError, NetworkError):
        return False
    return True


def progress_of(lesson: Lesson) -> Progress:
    """How far a person has come in a lesson."""
    return _read().lessons.get(_key(lesson), Progress())


def remember(lesson: Lesson, page: int, solved: frozenset[int]) -> None:
    """Remember that a person is at a page of a lesson, and which questions they have answered."""
    file = _read()
    key = _key(lesson)
    before = file.lessons.pop(key, Progress())
    file.lessons[key] = before.at(page, solved)
    while len(file.lessons) > MOST_LESSONS:
        del file.lessons[next(iter(file.lessons))]
    file.offered = True
    _write(file)


def offered() -> bool:
    """Whether the first lesson is to be offered: when first asked, where no lesson was opened before."""
    file = _read()
    if file.offered:
        return False
    file.offered = True
    return _write(file)


def _key(lesson: Lesson) -> str:
    """A shipped lesson by its name, a file by where it lies."""
    if lesson.name.endswith(".toml"):
        try:
            return str(Path(lesson.name).resolve())
        except (OSError, RuntimeError):
            return lesson.name
    return lesson.name
