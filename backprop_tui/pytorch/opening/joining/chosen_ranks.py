"""Which ranks of a recording are opened together: those of the last run, as far as there is room for them."""

from __future__ import annotations

import math
from collections.abc import Sequence

from backprop_tui.pytorch.errors import PyTorchError
from backprop_tui.pytorch.opening.joining.chosen_windows import (
    Chosen,
    Kept,
    last_run,
    run_of_latest,
    run_with,
)
from backprop_tui.pytorch.opening.joining.rank_differences import world_of
from backprop_tui.pytorch.opening.joining.remarks import Remarks, ranks_named
from backprop_tui.pytorch.opening.recordings import RankRecording, Recording


def damaged(present: Sequence[Kept], remarks: Remarks) -> list[Kept]:
    """Look for windows whose header cannot be read, and say so.

    Returns:
        the ranks with what is left of them; none where nothing is left, or nothing was damaged.

    """
    found = False
    for kept in present:
        for window in tuple(kept.windows):
            try:
                window.header()
            except PyTorchError as error:
                kept.without(window)
                remarks.add(f"{window.path.name} is damaged: {error.found}", kept.rank)
                found = True
    return [one for one in present if one.windows] if found else []


def present_ranks(recording: Recording, remarks: Remarks) -> list[Kept]:
    """The ranks of the last run, with what they wrote in it; of an earlier run the rank that was asked for.

    Raises:
        PyTorchError: nothing that was written can be opened.

    """
    wanted = recording.wanted
    ranks = _of_last_run(recording, remarks)
    runs = {one.rank: last_run(one) for one in ranks}
    if wanted and not any(wanted in run for run in runs.values()):
        ranks = [one for one in recording.ranks if wanted in one.windows]
        runs = {one.rank: run_with(wanted, one.windows) for one in ranks}
        remarks.add("this is of an earlier run than the last in this folder")
    elif not any(runs.values()):
        runs = {one.rank: run_of_latest(one.windows) for one in ranks}
        if any(runs.values()):
            remarks.add("the latest run in this folder has written nothing yet: this is the one before")
    found = []
    for one in ranks:
        kept = Kept(one, runs[one.rank], remarks, wanted)
        if not runs[one.rank]:
            remarks.add(
                "no window was written: the training ended before its first write, or goes on", one.rank
            )
        if kept.windows:
            found.append(kept)
    if not found:
        expected = "a window that record wrote"
        said = "; ".join(remarks.lines()[:3])
        raise PyTorchError("", expected, said, source=str(recording.folder))
    earlier = max(len(one.windows) - len(runs[one.rank]) for one in ranks)
    if earlier and not wanted:
        left = "1 window" if earlier == 1 else f"{earlier} windows"
        remarks.add(f"earlier runs in this folder left {left}: open the file of one for it")
    return found


def _of_last_run(recording: Recording, remarks: Remarks) -> list[RankRecording]:
    """All but what a run of more ranks left in the folder."""
    world = world_of(recording.ranks[0])
    found = []
    for one in recording.ranks:
        if world and one.rank >= world and len(recording.ranks) > 1:
            remarks.add(f"left out: it is of an earlier run, for the last one had {world} ranks", one.rank)
        else:
            found.append(one)
    return found


def fitting(taken: Chosen, most_numbers: int, numbers_each: int, remarks: Remarks) -> Chosen:
    """From a later state on where there are too many numbers; of fewer ranks where even that is too much."""
    if not numbers_each:
        return taken
    counts = {one.rank: _counts(one, taken.first, taken.last, numbers_each) for one in taken.kept}

    def numbers(first: int) -> int:
        return sum(sum(found[first - taken.first :]) for found in counts.values())

    if numbers(taken.first) <= most_numbers:
        return taken
    starts = sorted({s for one in taken.kept for s in one.states if taken.first <= s <= taken.last})
    first = next((start for start in starts if numbers(start) <= most_numbers), starts[-1])
    if first > taken.first:
        left_out = f"iterations {taken.first} to {first - 1} are left out"
        remarks.add(f"{left_out}: with them there are {numbers(taken.first):,} numbers in the batches")
    if numbers(first) <= most_numbers or len(taken.kept) == 1:
        return taken._replace(first=first)
    each = {rank: sum(found[first - taken.first :]) for rank, found in counts.items()}
    wanted = sorted(taken.kept, key=lambda one: (_is_finite(one, taken.last), one.rank))
    room = most_numbers
    kept: list[Kept] = []
    for one in wanted:
        room -= each[one.rank]
        if room < 0 and kept:
            break
        kept.append(one)
    if not any(first in one.states for one in kept):
        kept.append(next(one for one in wanted if first in one.states))
    ranks = ranks_named([one.rank for one in kept])
    remarks.add(
        f"{len(kept)} of {len(taken.kept)} ranks are open, for all have {numbers(first):,} numbers in their "
        f"batches from iteration {first} on: {ranks}"
    )
    return taken._replace(first=first, kept=tuple(sorted(kept, key=lambda one: one.rank)))


def _counts(kept: Kept, first: int, last: int, numbers_each: int) -> list[int]:
    return [sum(kept.with_iteration(one).examples(one)) * numbers_each for one in range(first, last + 1)]


def _is_finite(kept: Kept, iteration: int) -> bool:
    rows = kept.with_iteration(iteration).header().description["iterations"]
    return all(math.isfinite(float(row["loss"])) for row in rows if row["iteration"] == iteration)
