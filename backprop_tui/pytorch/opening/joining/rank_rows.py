"""What one rank recorded, iteration by iteration: a row each, with the passes that it made."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

from backprop_tui.pytorch.opening.joining.attempts import attempted, lost_attempt
from backprop_tui.pytorch.opening.joining.chosen_windows import Chosen, Kept
from backprop_tui.pytorch.opening.joining.rank_differences import Shapes
from backprop_tui.pytorch.opening.joining.remarks import Remarks
from backprop_tui.pytorch.opening.windows import Batch, Header, Window, examples_of, layout


class Part(NamedTuple):
    """One pass of one rank in one iteration."""

    rank: int
    examples: int
    """Known without reading the batch."""
    loss: float
    scale: float
    """The gradient that came to the loss: 1, or 1/4 where four passes are averaged."""
    dtype: str
    """Of the model's output; empty where it is not known."""
    shape: tuple[int, ...]
    """Of the model's output; empty where it is not known."""
    direct: bool
    """Whether the loss took that output itself, and not what something else made of it."""
    batch: Callable[[], Batch]
    """Reads it when it is called.

    Raises:
        PyTorchError: the file is no longer there or is damaged.

    """


class Row(NamedTuple):
    """An iteration as one rank recorded it."""

    parts: tuple[Part, ...]
    loss: float
    grad_norm: float
    grad_norm_at_step: float | None
    groups: Sequence[Mapping[str, Any]]
    """As JSON has them; of the lowest rank alone."""
    scaled_uniformly: bool | None
    stepped: bool
    notes: tuple[str, ...]


def rows_of(kept: Kept, first: int, last: int, with_groups: bool) -> tuple[list[Row], Shapes]:
    """A rank's iterations, and the shapes of its parameters; each header is read once and not held."""
    wanted: dict[Window, list[int]] = {}
    for number in range(first, last + 1):
        wanted.setdefault(kept.with_iteration(number), []).append(number)
    found: list[Row] = []
    shapes: Shapes = {}
    for window, numbers in wanted.items():
        header = window.header()
        known = {row["iteration"]: row for row in header.description["iterations"]}
        found += [_row(kept, window, known[number], header, with_groups) for number in numbers]
        shapes = shapes or window.shapes(header)
    return found, shapes


def _row(kept: Kept, window: Window, row: Mapping[str, Any], header: Header, with_groups: bool) -> Row:
    number = row["iteration"]
    parts = tuple(
        _part(kept.rank, window, f"batch/{number}/{at}/", count, one)
        for at, (count, one) in enumerate(zip(window.examples(number, header), row["passes"], strict=True))
    )
    at_step = row["grad_norm_at_step"]
    return Row(
        parts,
        float(row["loss"]),
        float(row["grad_norm"]),
        None if at_step is None else float(at_step),
        row["groups"] if with_groups else (),
        row.get("scaled_uniformly"),
        bool(row["stepped"]),
        (*row["notes"], *lost_attempt(row, header)),
    )


def _part(rank: int, window: Window, start: str, examples: int, one: Mapping[str, Any]) -> Part:
    loss, scale = float(one["loss"]), float(one["scale"])
    shape, dtype = tuple(one.get("shape", ())), sys.intern(one.get("dtype", ""))
    batch = partial(window.batch, layout(one, start), start, loss, scale)
    return Part(rank, examples, loss, scale, dtype, shape, bool(one.get("direct", True)), batch)


def open_attempt(taken: Chosen, rows: dict[int, list[Row]], remarks: Remarks) -> None:
    """Put the attempt that made the condition true in the place of the one after it, which was innocent.

    Of several ranks it stays beside: what the others did in it is not known.
    """
    cause, (rank, *others) = taken.cause, rows
    header = cause.header()
    row = header.description["iterations"][-1]
    if cause.reason != "condition" or row["stepped"] or not lost_attempt(row, header):
        return
    if others or cause.path.parent != taken.kept[0].recording.place:
        remarks.add(f"what made the condition true is an attempt at iteration {taken.last} that was given up")
        return
    number, given, start = taken.last, row["given_up"], len(row["given_up"]) - attempted(row)
    parts = tuple(
        _part(rank, cause, f"given_up/{number}/{at}/", examples_of(given[at], header), given[at])
        for at in range(start, len(given))
    )
    rows[rank][-1] = rows[rank][-1]._replace(
        parts=parts,
        loss=sum(one.loss for one in parts) / len(parts),
        grad_norm=float(row["grad_norm"]),
        grad_norm_at_step=None,
        scaled_uniformly=None,
        stepped=False,
        notes=("an attempt at this update that was given up: it made the condition true",),
    )
    remarks.add(f"iteration {number} is the attempt at it that was given up and made the condition true")
