"""The help as a picture: keys and signs in groups, in as many columns as fit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import zip_longest
from textwrap import wrap
from types import MappingProxyType
from typing import NamedTuple

from backprop_tui.tui.pictures.marks import MARKS, RECORDED_MARKS
from backprop_tui.tui.pictures.rows import Row, Span, Tone, fitted

COLUMN = 44
"""Cells that a column of help takes at least."""
NO_KEYS: Mapping[str, str] = MappingProxyType({})
_BETWEEN = 3
"""Cells between two columns."""


class Key(NamedTuple):
    """Something to press, or a sign, with what it means."""

    keys: str
    meaning: str


class Group(NamedTuple):
    """Keys or signs under a heading."""

    title: str
    entries: tuple[Key, ...]


INTRODUCTION = "Shift turns time around: s runs a statement, S takes it back."
OWN_KEYS = (
    "{s} runs a statement, {S} takes it back. Some keys are your own: `backprop-tui config` lists them."
)

SIGNS = Group(
    "Signs and words",
    (
        Key("▶ ● ◀ ▲", "forward, loss, backward, update"),
        Key("–", "not computed yet"),
        Key("(0.5622)", "left from an earlier example or epoch"),
        Key("┏━━┓ ▶", "lit: what the statement just run is about"),
        Key("╔══╗ ◆", "what you point at"),
        Key("─ ╌", "a positive and a negative weight"),
        Key("━ ╍", "the same, large beside the others of its layer"),
        Key("├━╌─", "many weights at once: a piece for each unit below, the uppermost first"),
        Key("─┣━━┫─", "over a deep network: the layers in sight"),
        *(Key(mark.sign, f"{mark.word}: {mark.meaning}") for mark in MARKS.values()),
        Key("z", "pre-activation: the weighted sum of a unit"),
        Key("a", "activation: a = f(z)"),
        Key("δ", "error signal dL/dz of a unit"),
        Key("η", "learning rate"),
        Key("reused", "computed before, for a layer above, and used again"),
    ),
)

PYTORCH_SIGNS = Group(
    "Beside PyTorch",
    tuple(Key(mark.sign, f"{mark.word}: {mark.meaning}") for mark in RECORDED_MARKS.values()),
)


def help_rows(groups: Sequence[Group], width: int, keys: Mapping[str, str] = NO_KEYS) -> list[Row]:
    """Groups in as many columns as fit in *width* cells, in their order, down one column after the other.

    Args:
        groups: what is shown.
        width: cells there are.
        keys: what to press in the place of keys that are not in force.
    """
    count = max(1, (width + _BETWEEN) // (COLUMN + _BETWEEN))
    span = (width - _BETWEEN * (count - 1)) // count
    widest = max(len(entry.keys) for group in groups for entry in group.entries) + 2
    blocks = [_block(group, widest, span) for group in groups]
    columns = _shared(blocks, count)
    own = OWN_KEYS.format(s=keys.get("s", "s"), S=keys.get("S", "S"))
    rows: list[Row] = [((own if keys else INTRODUCTION, Tone.MUTED),), ()]
    for parts in zip_longest(*columns, fillvalue=()):
        row: list[Span] = []
        for place, part in enumerate(parts):
            row += [*fitted(part, span), (" " * _BETWEEN * (place < len(parts) - 1), Tone.TEXT)]
        rows.append(tuple(row))
    return rows


def _block(group: Group, keys: int, width: int) -> list[Row]:
    """The rows of a group, and a blank one."""
    line = "─" * max(0, width - len(group.title) - 1)
    rows: list[Row] = [((group.title, Tone.STRONG), (f" {line}", Tone.FAINT))]
    for entry in group.entries:
        lines = wrap(entry.meaning, max(8, width - keys)) or [""]
        rows.append(((entry.keys.ljust(keys), Tone.KEY), (lines[0], Tone.TEXT)))
        rows += [((" " * keys, Tone.TEXT), (line, Tone.TEXT)) for line in lines[1:]]
    return [*rows, ()]


def _shared(blocks: Sequence[list[Row]], count: int) -> list[list[Row]]:
    """Blocks in so many columns, the longest of which is as short as their order allows."""
    least, most = max(map(len, blocks)), sum(map(len, blocks))
    for height in range(least, most + 1):
        columns: list[list[Row]] = [[]]
        for block in blocks:
            if len(columns[-1]) + len(block) > height:
                columns.append([])
            columns[-1] += block
        if len(columns) <= count:
            break
    return columns
