"""What all ranks of a training recorded, as one: the union of their batches, iteration by iteration."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

from backprop_tui.pytorch.errors import PyTorchError
from backprop_tui.pytorch.opening.attempts import attempted, lost_attempt
from backprop_tui.pytorch.opening.chosen_ranks import damaged, fitting, present_ranks
from backprop_tui.pytorch.opening.chosen_windows import (
    Chosen,
    Kept,
    Remarks,
    chosen,
    of_other_times,
    ranks_named,
)
from backprop_tui.pytorch.opening.rank_differences import (
    Shapes,
    averaged_by_hand,
    of_fewer,
    of_norms,
    of_recordings,
    train_apart,
    unlike_parameters,
    world_of,
)
from backprop_tui.pytorch.opening.recordings import Recording
from backprop_tui.pytorch.opening.windows import Batch, Header, Window, examples_of, layout, options


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


class JoinedIteration(NamedTuple):
    """One update, as all ranks made it."""

    number: int
    """In the training, counted from 0 since recording began."""
    parts: tuple[Part, ...]
    """Ranks ascending, of each its passes in order."""
    loss: float
    """The mean over the ranks; nan or infinite as they are."""
    grad_norm: float
    """The length of the gradient before clipping, as the lowest rank recorded it: where
    DistributedDataParallel averages, all have the same."""
    grad_norm_at_step: float | None
    """When the optimizer took it."""
    groups: tuple[Mapping[str, Any], ...]
    """The options of the optimizer's parameter groups at the step."""
    scaled_uniformly: bool | None
    """Where the gradient was touched before the optimizer took it: whether by one factor, as the lowest rank
    saw it; None where that is not known."""
    stepped: bool
    notes: tuple[str, ...]
    """Of all ranks, each said once; ``rank 3: …`` where only some say it."""


class Joined(NamedTuple):
    """A stretch of the training that can be replayed."""

    about: Mapping[str, Any]
    """Of the lowest rank present."""
    ranks: tuple[int, ...]
    """Those whose batches are in it."""
    iterations: tuple[JoinedIteration, ...]
    """Consecutive, ascending; before the first of them the parameters are known."""
    states: tuple[int, ...]
    """The iterations before which parameters and the optimizer's state are known; the last may be the one
    after the last iteration."""
    parameters: Callable[[int], dict[str, Any]]
    """Parameters and buffers before an iteration of ``states``, by their names in the model itself."""
    optimizer_state: Callable[[int], dict[str, Any]]
    """As ``Optimizer.load_state_dict`` takes it, before an iteration of ``states``."""
    reason: str
    """``condition``, ``end``, ``exception`` or ``demand``."""
    condition: str
    """The condition of ``when``; empty without one."""
    at: int
    """The iteration that made it be written."""
    said: tuple[str, ...]
    """What a person should know of what is missing, left out or unlike."""


class _Row(NamedTuple):
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


def joined(recording: Recording, most_numbers: int = 4_000_000, numbers_per_example: int = 0) -> Joined:
    """What the ranks of a recording kept around the moment that a person looks for.

    That is the earliest window of the last run in which a loss or a gradient is not finite: where it began.
    Without one it is the last that was written for the condition, and without that the last. Iterations that
    a rank has in another of its windows are taken from there. Where the file of a window was named it is the
    time at which that was written. Every rank that is there has its part in each iteration; a rank that kept
    nothing of that time is left out, and that is said. Ranks whose gradients differ train each on their own:
    then it is the lowest alone.

    Args:
        recording: the folder's, or one rank's.
        most_numbers: how many numbers of batches may be taken; the iterations before the latest state from
            which they fit are left out.
        numbers_per_example: how many numbers an example has; 0 where they are not to be counted.

    Raises:
        PyTorchError: there is nothing that can be opened.

    """
    remarks = Remarks(recording.said)
    present = present_ranks(recording, remarks)
    while True:
        try:
            return _joined(recording, present, Remarks((), remarks), most_numbers, numbers_per_example)
        except PyTorchError:
            present = damaged(present, remarks)
            wanted = recording.wanted
            if not present or (wanted and not any(wanted in one.windows for one in present)):
                raise


def _joined(
    recording: Recording, present: Sequence[Kept], remarks: Remarks, most_numbers: int, numbers_each: int
) -> Joined:
    whole = chosen(present, recording.wanted)
    taken, rows = _alike(fitting(whole, most_numbers, numbers_each, remarks), remarks)
    lowest = taken.kept[0]
    norms = {rank: [(r.grad_norm, r.stepped) for r in found] for rank, found in rows.items()}
    apart = train_apart(norms)
    if apart and averaged_by_hand({rank: list(map(_at_step, r)) for rank, r in rows.items()}):
        remarks.add(
            "the loop itself averages the gradients of the ranks: their lengths are those at the update, "
            "after whatever else the loop did with them"
        )
        rows = {rank: list(map(_as_at_step, found)) for rank, found in rows.items()}
        of_fewer(list(rows), world_of(lowest.recording), remarks)
    elif apart:
        remarks.add(
            f"{ranks_named(list(rows))} have different gradients: each trains on its own, or keeps a part of "
            f"the parameters. This is rank {lowest.rank} alone: open the folder of another for its own"
        )
        rows = {lowest.rank: rows[lowest.rank]}
        taken = taken._replace(kept=(lowest,))
    else:
        of_fewer(list(rows), world_of(lowest.recording), remarks)
    of_recordings(recording, present, whole, remarks)
    _open_attempt(taken, rows, remarks)
    end = taken.last + any(found[-1].stepped for found in rows.values())
    states: dict[int, Window] = {}
    for one in taken.kept:
        for state, window in one.states.items():
            if taken.first <= state <= end:
                states.setdefault(state, window)
    if end in taken.cause.states:  # a later window may have what was put in the place of it
        states[end] = taken.cause
    iterations = tuple(
        _iteration(taken.first + at, {rank: found[at] for rank, found in rows.items()})
        for at in range(taken.last - taken.first + 1)
    )
    _say_uneven(iterations, remarks)
    of_other_times(whole, remarks)
    return Joined(
        lowest.recording.about,
        tuple(rows),
        iterations,
        tuple(sorted(states)),
        partial(_parameters, states),
        partial(_optimizer_state, states),
        taken.cause.reason,
        str(lowest.recording.about.get("when") or ""),
        taken.cause.iteration,
        remarks.lines(),
    )


def _at_step(row: _Row) -> tuple[float, bool]:
    """The length that the optimizer took; and whether it took one of another direction than was measured."""
    given = row.stepped and row.grad_norm_at_step is not None and row.scaled_uniformly is False
    return (row.grad_norm_at_step or 0.0, given)


def _as_at_step(row: _Row) -> _Row:
    """As if what the optimizer took had come by the backward pass."""
    if not _at_step(row)[1]:
        return row
    return row._replace(grad_norm=row.grad_norm_at_step or 0.0, scaled_uniformly=None)


def _alike(taken: Chosen, remarks: Remarks) -> tuple[Chosen, dict[int, list[_Row]]]:
    """The rows of the ranks that have the same parameters as the lowest."""
    rows: dict[int, list[_Row]] = {}
    kept: list[Kept] = []
    of_lowest: Shapes = {}
    for one in taken.kept:
        found, shapes = _rows(one, taken.first, taken.last, with_groups=not kept)
        if not kept:
            of_lowest = shapes
        unlike = unlike_parameters(shapes, of_lowest, taken.kept[0].rank)
        if unlike and shapes and of_lowest:
            remarks.add(f"left out: {unlike}", one.rank)
        else:
            kept.append(one)
            rows[one.rank] = found
    return taken._replace(kept=tuple(kept)), rows


def _rows(kept: Kept, first: int, last: int, with_groups: bool) -> tuple[list[_Row], Shapes]:
    """A rank's iterations, and the shapes of its parameters; each header is read once and not held."""
    wanted: dict[Window, list[int]] = {}
    for number in range(first, last + 1):
        wanted.setdefault(kept.with_iteration(number), []).append(number)
    found: list[_Row] = []
    shapes: Shapes = {}
    for window, numbers in wanted.items():
        header = window.header()
        known = {row["iteration"]: row for row in header.description["iterations"]}
        found += [_row(kept, window, known[number], header, with_groups) for number in numbers]
        shapes = shapes or window.shapes(header)
    return found, shapes


def _open_attempt(taken: Chosen, rows: dict[int, list[_Row]], remarks: Remarks) -> None:
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


def _row(kept: Kept, window: Window, row: Mapping[str, Any], header: Header, with_groups: bool) -> _Row:
    number = row["iteration"]
    parts = tuple(
        _part(kept.rank, window, f"batch/{number}/{at}/", count, one)
        for at, (count, one) in enumerate(zip(window.examples(number, header), row["passes"], strict=True))
    )
    at_step = row["grad_norm_at_step"]
    return _Row(
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


def _iteration(number: int, rows: Mapping[int, _Row]) -> JoinedIteration:
    lowest = next(iter(rows.values()))
    notes = Remarks()
    for rank, row in rows.items():
        for text in row.notes:
            notes.add(text, rank)
    of_norms({rank: row.grad_norm for rank, row in rows.items()}, notes)
    with_passes = [row.loss for row in rows.values() if row.parts] or [lowest.loss]
    return JoinedIteration(
        number,
        tuple(part for row in rows.values() for part in row.parts),
        sum(with_passes) / len(with_passes),
        lowest.grad_norm,
        lowest.grad_norm_at_step,
        tuple(map(options, lowest.groups)),
        lowest.scaled_uniformly,
        all(row.stepped for row in rows.values()),
        notes.lines(len(rows)),
    )


def _say_uneven(iterations: Sequence[JoinedIteration], remarks: Remarks) -> None:
    """Where ranks have different numbers of examples, the mean of their means is not that of all examples."""
    for one in iterations:
        counts: Counter[int] = Counter()
        for part in one.parts:
            counts[part.rank] += part.examples
        if len(set(counts.values())) > 1:
            usual = Counter(counts.values()).most_common(1)[0][0]
            rank, count = next(pair for pair in counts.items() if pair[1] != usual)
            remarks.add(
                f"uneven batches: at iteration {one.number} rank {rank} had {count} examples, others "
                f"{usual}; the gradient is the mean over the ranks, not over all examples"
            )
            return


def _parameters(states: Mapping[int, Window], iteration: int) -> dict[str, Any]:
    return _known(states, iteration).parameters(iteration)


def _optimizer_state(states: Mapping[int, Window], iteration: int) -> dict[str, Any]:
    return _known(states, iteration).optimizer_state(iteration)


def _known(states: Mapping[int, Window], iteration: int) -> Window:
    if iteration not in states:
        expected = "one of " + ", ".join(map(str, sorted(states)))
        raise PyTorchError("iteration", expected, str(iteration))
    return states[iteration]
