"""What all ranks of a training recorded, as one: the union of their batches, iteration by iteration."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

from backprop_tui.pytorch.errors import PyTorchError
from backprop_tui.pytorch.opening.joining.averaging import averaged
from backprop_tui.pytorch.opening.joining.chosen_ranks import damaged, fitting, present_ranks
from backprop_tui.pytorch.opening.joining.chosen_windows import Chosen, Kept, chosen, of_other_times
from backprop_tui.pytorch.opening.joining.rank_differences import (
    Shapes,
    of_norms,
    of_recordings,
    unlike_parameters,
    world_of,
)
from backprop_tui.pytorch.opening.joining.rank_rows import Part, Row, open_attempt, rows_of
from backprop_tui.pytorch.opening.joining.remarks import Remarks
from backprop_tui.pytorch.opening.recordings import Recording
from backprop_tui.pytorch.opening.windows import Window, options


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
    rows = averaged(rows, world_of(lowest.recording), remarks)
    taken = taken._replace(kept=tuple(one for one in taken.kept if one.rank in rows))
    of_recordings(recording, present, whole, remarks)
    open_attempt(taken, rows, remarks)
    iterations = tuple(
        _iteration(taken.first + at, {rank: found[at] for rank, found in rows.items()})
        for at in range(taken.last - taken.first + 1)
    )
    _say_uneven(iterations, remarks)
    of_other_times(whole, remarks)
    states = _states(taken, taken.last + any(found[-1].stepped for found in rows.values()))
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


def _alike(taken: Chosen, remarks: Remarks) -> tuple[Chosen, dict[int, list[Row]]]:
    """The rows of the ranks that have the same parameters as the lowest."""
    rows: dict[int, list[Row]] = {}
    kept: list[Kept] = []
    of_lowest: Shapes = {}
    for one in taken.kept:
        found, shapes = rows_of(one, taken.first, taken.last, with_groups=not kept)
        if not kept:
            of_lowest = shapes
        unlike = unlike_parameters(shapes, of_lowest, taken.kept[0].rank)
        if unlike and shapes and of_lowest:
            remarks.add(f"left out: {unlike}", one.rank)
        else:
            kept.append(one)
            rows[one.rank] = found
    return taken._replace(kept=tuple(kept)), rows


def _iteration(number: int, rows: Mapping[int, Row]) -> JoinedIteration:
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


def _states(taken: Chosen, end: int) -> dict[int, Window]:
    """The windows in which parameters are, by the iteration before which they are, up to *end*."""
    states: dict[int, Window] = {}
    for one in taken.kept:
        for state, window in one.states.items():
            if taken.first <= state <= end:
                states.setdefault(state, window)
    if end in taken.cause.states:  # a later window may have what was put in the place of it
        states[end] = taken.cause
    return states


def _parameters(states: Mapping[int, Window], iteration: int) -> dict[str, Any]:
    return _known(states, iteration).parameters(iteration)


def _optimizer_state(states: Mapping[int, Window], iteration: int) -> dict[str, Any]:
    return _known(states, iteration).optimizer_state(iteration)


def _known(states: Mapping[int, Window], iteration: int) -> Window:
    if iteration not in states:
        expected = "one of " + ", ".join(map(str, sorted(states)))
        raise PyTorchError("iteration", expected, str(iteration))
    return states[iteration]
