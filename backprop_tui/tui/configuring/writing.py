"""Writing the file of settings: one to begin with, and single values in one that a person has written."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from textwrap import wrap
from typing import Any

from backprop_tui.network.errors import NetworkError, described, nearest, one_of
from backprop_tui.network.files.toml import read_toml
from backprop_tui.network.whole_files import put
from backprop_tui.tui.commands.table import COMMANDS
from backprop_tui.tui.configuring.reading import checked
from backprop_tui.tui.configuring.source import Source
from backprop_tui.tui.configuring.table import BY_NAME, SETTINGS

_WIDTH = 100
_KEYS = "keys"
_TABLE = re.compile(r"\s*\[")
_KEYS_TABLE = re.compile(r"\s*\[\s*keys\s*\]")


def begin(place: Source) -> None:
    """Write a file in which every setting stands as a comment, with what it is and what holds.

    Raises:
        NetworkError: there is a file already, or it cannot be written.
    """
    assert place.path is not None
    if place.path.exists():
        raise NetworkError("", "no file there yet", "one", hint="it is left as it is", source=str(place.path))
    _write(place.path, "\n".join(_first_lines()) + "\n")


def change(place: Source, changes: Iterable[str]) -> list[str]:
    """Set values in the file, or take them out, and leave all else in it as it is.

    Args:
        place: where the file is, or is to be.
        changes: each as a person typed it: ``theme=nord``, ``keys.zoom=Z``, ``digits=``.

    Returns:
        the names of the settings that were set or taken out, in that order.

    Raises:
        NetworkError: a value or the file is wrong, or it cannot be written.
    """
    assert place.path is not None
    path, there = place.path, place.path.exists()
    table = read_toml(path, "a file of settings") if there else {}
    lines = path.read_text("utf-8-sig").splitlines() if there else []
    names: list[str] = []
    for words in changes:
        name, value = _change(words)
        if name in names:
            several = f'several keys are a list: \'{name}=["j", "space"]\'' if "." in name else ""
            raise NetworkError(name, "one value", "two", hint=several)
        names.append(name)
        _put_in(table, name, value)
        lines = _with_line(lines, name, value)
    text = "".join(f"{line}\n" for line in lines)
    try:
        checked(_foremost(table, names))
        written = tomllib.loads(text)
    except NetworkError as error:
        raise error.from_source(str(path)) from None
    except tomllib.TOMLDecodeError:
        written = {}
    if {**written, _KEYS: written.get(_KEYS) or {}} != {**table, _KEYS: table.get(_KEYS) or {}}:
        raise NetworkError(
            "", "a line for each setting", "another form", hint="change it by hand", source=str(path)
        )
    _write(path, text)
    return names


def _foremost(table: dict[str, Any], names: Sequence[str]) -> dict[str, Any]:
    """The same tables, with the keys that are set before all others: a mistake is one of theirs."""
    keys = table.get(_KEYS)
    if not isinstance(keys, dict):
        return table
    own = [name.removeprefix(f"{_KEYS}.") for name in names]
    return {**table, _KEYS: {**{name: keys[name] for name in own if name in keys}, **keys}}


def _write(path: Path, text: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise NetworkError("", "a folder that can be made", reason, source=str(path.parent)) from None
    put(path, lambda: text.encode())


def _first_lines() -> Iterator[str]:
    yield "# Settings of backprop-tui. What begins with # holds anyway: take the # away, and change it."
    yield "# `backprop-tui config` prints what is in force."
    for setting in SETTINGS:
        yield ""
        for line in setting.about.split("\n"):
            yield from (f"# {part}" for part in wrap(line, _WIDTH, break_on_hyphens=False))
        if setting.name != _KEYS:
            yield f"# {setting.name} = {_toml(setting.shipped)}"
    yield f"[{_KEYS}]"
    longest = max(len(f"{command.name} = {_toml(list(command.keys))}") for command in COMMANDS)
    for command in COMMANDS:
        yield f"# {f'{command.name} = {_toml(list(command.keys))}'.ljust(longest)}  # {command.help}"


def _toml(value: Any) -> str:
    """A value as TOML writes it; strings are written as JSON writes them."""
    if isinstance(value, list):
        return f"[{', '.join(map(_toml, value))}]"
    return json.dumps(value, ensure_ascii=False) if isinstance(value, str) else f"{value:g}"


def _change(words: str) -> tuple[str, Any]:
    """The name of a setting and its new value; None takes it out."""
    name, equals, text = words.partition("=")
    name, text = name.strip(), text.strip()
    known = [*(one for one in BY_NAME if one != _KEYS), *(f"{_KEYS}.{one.name}" for one in COMMANDS)]
    if not equals:
        raise NetworkError("", "NAME=VALUE, as in theme=backprop-light", described(words))
    if name not in known:
        names = one_of([*(one for one in BY_NAME if one != _KEYS), f"{_KEYS}.COMMAND"])
        raise NetworkError("", names, described(name), hint=nearest(name, known))
    if not text:
        return name, None
    if name.startswith(f"{_KEYS}.") and not (len(text) > 1 and text[0] in "[\"'"):
        return name, text
    try:
        return name, tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return name, text


def _put_in(table: dict[str, Any], name: str, value: Any) -> None:
    head, _, last = name.rpartition(".")
    if head:
        table = table.setdefault(head, {})
    if not isinstance(table, dict):
        raise NetworkError(head, "a table of commands with their keys", described(table))
    if value is None:
        table.pop(last, None)
    else:
        table[last] = value


def _with_line(lines: Sequence[str], name: str, value: Any) -> list[str]:
    """The lines with the one of a setting changed, put in or taken out."""
    head, _, last = name.rpartition(".")
    lines = list(lines)
    first, end = _part(lines, head)
    if head and first is None and value is not None:
        lines += [*([""] if lines else []), f"[{head}]"]
        first = end = len(lines)
    if first is None:
        return lines
    line = [] if value is None else [f"{last} = {_toml(value)}"]
    there = _place(lines, first, end, rf"\s*[\"']?{re.escape(last)}[\"']?\s*=")
    if there is not None:
        return [*lines[:there], *line, *lines[there + 1 :]]
    example = _place(lines, first, end, rf"#\s*{re.escape(last)}\s*=")
    behind = end if example is None else example + 1
    while example is None and behind > first and not lines[behind - 1].strip():
        behind -= 1
    return [*lines[:behind], *line, *lines[behind:]]


def _part(lines: Sequence[str], head: str) -> tuple[int | None, int]:
    """Where the lines begin and end that stand above all tables, or in the table of keys."""
    first: int | None = 0
    if head:
        first = next((at + 1 for at, line in enumerate(lines) if _KEYS_TABLE.match(line)), None)
    if first is None:
        return None, len(lines)
    end = next((at for at in range(first, len(lines)) if _TABLE.match(lines[at])), len(lines))
    return first, end


def _place(lines: Sequence[str], first: int, end: int, pattern: str) -> int | None:
    return next((at for at in range(first, end) if re.match(pattern, lines[at])), None)
