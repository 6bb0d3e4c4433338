"""What is unlike between the ranks of a training, in sentences."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from backprop_tui.pytorch.opening.joining.chosen_windows import Chosen, Kept
from backprop_tui.pytorch.opening.joining.remarks import Remarks, ranks_named
from backprop_tui.pytorch.opening.recordings import RankRecording, Recording

APART = 1e-3
"""Relative: two ranks that average their gradients have the same length to the last bits."""
_UNLIKE = 10.0
"""Seconds by which ranks may begin apart."""


def differ(one: float, other: float) -> bool:
    """Whether two lengths of a gradient differ by more than ``APART``; two that are not finite do not."""
    if not (math.isfinite(one) and math.isfinite(other)):
        return math.isfinite(one) != math.isfinite(other)
    return abs(one - other) > APART * max(abs(one), abs(other))


def world_of(recording: RankRecording) -> int:
    """How many ranks trained together; 0 where that is not known."""
    world = recording.about.get("world")
    return world if isinstance(world, int) else 0


def of_norms(norms: Mapping[int, float], notes: Remarks) -> None:
    """Note where ranks recorded different gradients of one iteration."""
    (lowest, first), *others = norms.items()
    unlike = [(rank, norm) for rank, norm in others if differ(first, norm)]
    if unlike:
        rank, norm = unlike[0]
        more = f" and others on {len(unlike) - 1} more" if len(unlike) > 1 else ""
        lengths = f"{first:.4g} on rank {lowest}, {norm:.4g} on rank {rank}{more}"
        notes.add(f"the gradient differs between ranks: its length is {lengths}")


def of_recordings(recording: Recording, present: Sequence[Kept], taken: Chosen, remarks: Remarks) -> None:
    """Ranks that are missing, ended earlier or later, or whose clock is another."""
    _missing(recording, remarks)
    inside = {one.rank for one in taken.kept}
    for one in present:
        if one.rank not in inside:
            _left_out(one, taken, remarks)
    _ends(taken, remarks)
    for one in taken.kept:
        if one.recording.unfinished:
            remarks.add("a file was not written to the end", one.rank)
    _clocks(present, remarks)


def _missing(recording: Recording, remarks: Remarks) -> None:
    world = world_of(recording.ranks[0])
    there = {one.rank for one in recording.ranks}
    missing = [one for one in range(world) if one not in there]
    if missing and recording.ranks[0].place != recording.folder:
        remarks.add(f"the folder has nothing of {ranks_named(missing)}")


def of_fewer(ranks: Sequence[int], world: int, remarks: Remarks) -> None:
    """Some of the ranks that averaged their gradients."""
    if len(ranks) < world:
        remarks.add(
            f"these are the batches of {len(ranks)} of {world} ranks, while the gradients and the parameters "
            "that PyTorch recorded are those of all"
        )


def _left_out(one: Kept, taken: Chosen, remarks: Remarks) -> None:
    latest = max(window.last for window in one.windows)
    remarks.add(
        f"left out, for it kept no iteration {taken.last} that follows from known parameters; what it kept "
        f"goes up to {latest}: open its folder alone for that",
        one.rank,
    )


def _ends(taken: Chosen, remarks: Remarks) -> None:
    """Where some kept later iterations than others, as those do that outlive a rank that was killed."""
    ranks: dict[int, list[int]] = {}
    for one in taken.kept:
        ranks.setdefault(max(window.last for window in one.windows), []).append(one.rank)
    if len(ranks) > 1:
        first, *later = sorted(ranks)
        others = [rank for end in later for rank in ranks[end]]
        remarks.add(
            f"{ranks_named(ranks[first])} kept nothing after iteration {first}, {ranks_named(others)} "
            f"went on to {later[-1]}: open the folder of one of them alone for these"
        )


def _clocks(present: Sequence[Kept], remarks: Remarks) -> None:
    """Each rank's times are by its own clock; nothing but what is said here depends on them."""
    began: dict[int, float] = {}
    length = _UNLIKE
    for one in present:
        started = one.recording.started
        if started is None:
            continue
        began[one.rank] = started
        written = [window.written for window in one.windows if window.written is not None]
        length = max([length, *(time - started for time in written)])
        if any(time < started for time in written):
            remarks.add("its clock was set back while it recorded", one.rank)
    if not began:
        return
    lowest, first = next(iter(began.items()))
    shifts = {rank: time - first for rank, time in began.items() if abs(time - first) > length}
    if shifts:
        most = max(shifts.values(), key=abs)
        remarks.add(
            f"by their clocks {ranks_named(list(shifts))} began up to {_duration(abs(most))} "
            f"{'after' if most > 0 else 'before'} rank {lowest}: the clocks differ, or the runs do"
        )


def _duration(seconds: float) -> str:
    for size, unit in ((86400.0, "days"), (3600.0, "hours"), (60.0, "minutes")):
        if seconds >= 2 * size:
            return f"{seconds / size:.1f} {unit}"
    return f"{seconds:.0f} seconds"


Shapes = Mapping[str, tuple[int, ...]]


def unlike_parameters(shapes: Shapes, of_lowest: Shapes, lowest: int) -> str:
    """What a rank's parameters have other than those of the lowest; empty where nothing."""
    if shapes == of_lowest:
        return ""
    for name, shape in of_lowest.items():
        if name not in shapes:
            return f"it has no parameter {name}, which rank {lowest} has"
        if shapes[name] != shape:
            sizes = f"{_size(shapes[name])}, not {_size(shape)}"
            return f"its parameter {name} is {sizes} as that of rank {lowest}"
    return f"it has a parameter {next(name for name in shapes if name not in of_lowest)}"


def _size(shape: tuple[int, ...]) -> str:
    return "×".join(map(str, shape)) or "one number"
