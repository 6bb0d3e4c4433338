"""Which of the windows that ranks wrote are opened together, and what is said of those that are not."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from functools import cached_property
from typing import NamedTuple

from backprop_tui.pytorch.errors import PyTorchError
from backprop_tui.pytorch.opening.joining.remarks import Remarks
from backprop_tui.pytorch.opening.recordings import RankRecording
from backprop_tui.pytorch.opening.windows import Window

_LATEST = 8
"""Windows of a rank that are looked at beside those of the condition: the last."""
_SAID = 3
"""Windows of other times that are named."""
_CANDIDATES = 32
"""Different iterations at which windows were written that are weighed up: those of most ranks."""


class Kept:
    """What a rank wrote in one run, whole files alone."""

    def __init__(
        self,
        recording: RankRecording,
        found: Sequence[Window],
        remarks: Remarks,
        wanted: Window | None = None,
    ) -> None:
        self.recording = recording
        self.rank = recording.rank
        later = found[-_LATEST:]
        looked_at = [one for one in found if one.reason == "condition" or one in later or one is wanted]
        self.windows: list[Window] = []
        for window in looked_at:
            if window.missing:
                remarks.add(window.missing, self.rank)
            else:
                self.windows.append(window)

    def window(self, iteration: int) -> Window | None:
        """The latest that has an iteration: what was in the middle of it at an earlier one is over there."""
        found = (one for one in reversed(self.windows) if one.first <= iteration <= one.last)
        return next(found, None)

    def with_iteration(self, iteration: int) -> Window:
        """As ``window``.

        Raises:
            PyTorchError: none has it.

        """
        found = self.window(iteration)
        if found is None:
            expected = "an iteration that was kept"
            raise PyTorchError("", expected, str(iteration), source=str(self.recording.place))
        return found

    def without(self, window: Window) -> None:
        """Leave a window out."""
        self.windows.remove(window)
        self.__dict__.pop("states", None)

    def back(self, iteration: int) -> int:
        """The first of the iterations that were kept without a gap up to this one."""
        first = iteration
        while True:
            below = min(
                (one.first for one in self.windows if one.first < first <= one.last + 1), default=first
            )
            if below == first:
                return first
            first = below

    @cached_property
    def states(self) -> dict[int, Window]:
        """The windows in which parameters before an iteration are, by the iteration."""
        return {state: window for window in self.windows for state in window.states}


def last_run(recording: RankRecording) -> list[Window]:
    """The windows of the last run of the training that wrote into the folder; none where it has not yet.

    Where the index does not say when a run began: a window whose count of iterations falls back, or that
    comes after what was written at the end of one, is of another run.
    """
    windows = recording.windows
    if recording.started is not None:
        return [one for one in windows if one.started == recording.started]
    return run_of_latest(windows)


def run_of_latest(windows: Sequence[Window]) -> list[Window]:
    """The windows of the run that wrote the last of them."""
    start = len(windows) - 1
    while start > 0:
        before, after = windows[start - 1], windows[start]
        if before.started != after.started or before.iteration > after.iteration:
            break
        if before.started is None and before.reason in ("end", "exception"):
            break
        start -= 1
    return list(windows[max(start, 0) :])


def run_with(window: Window, windows: Sequence[Window]) -> list[Window]:
    """The windows of the run that wrote one of them."""
    for end in range(len(windows), 0, -1):
        found = run_of_latest(windows[:end])
        if window in found:
            return found
    return [window]


class Chosen(NamedTuple):
    """A stretch of iterations that ranks have in common."""

    kept: tuple[Kept, ...]
    """Ascending."""
    first: int
    last: int
    state: int
    """The latest of its iterations before which the parameters are known."""
    cause: Window
    """What was written when the last of them was over, by the lowest rank that wrote then."""
    others: tuple[Window, ...] = ()
    """What was written at other times at which the same number of ranks can be opened."""


def chosen(ranks: Sequence[Kept], wanted: Window | None = None) -> Chosen:
    """The stretch that a person looks for.

    Of a window that was asked for it is the one at whose end that was written. Else it has as many ranks as
    possible, for a gradient is that of all of them, and ends with the **earliest** window in which a loss or
    a gradient stopped being finite, for what comes later is only its consequence; without one with the
    **last** written for the condition (the first are often a loss that is still settling), and without that
    with the last. It goes back as far as what was written then, and to parameters that are known.

    Raises:
        PyTorchError: no iteration follows from parameters that were kept.

    """
    found = _stretches(ranks, wanted)
    if not found:
        source = str(ranks[0].recording.place.parent if len(ranks) > 1 else ranks[0].recording.place)
        raise PyTorchError("", "iterations after parameters that were kept", "none", source=source)
    most = max(len(one.kept) for one in found)
    found = [one for one in found if len(one.kept) == most]
    asked = [one for one in found if one.cause.reason == "condition"]
    weighed = asked if found[-1].cause.reason == "condition" else [*asked, found[-1]]
    best = next((one for one in weighed if stopped_being_finite(one.cause)), (asked or found)[-1])
    return best._replace(others=tuple(one.cause for one in found if one is not best))


def of_other_times(taken: Chosen, remarks: Remarks) -> None:
    """What was written at other times, and how it opens."""
    files = [f"{one.path.parent.name}/{one.path.name}" for one in taken.others]
    for window, file in zip(taken.others[:_SAID], files, strict=False):
        remarks.add(f"iterations {window.first} to {window.last} were written too: open {file} for these")
    if more := len(files[_SAID:]):
        windows = "1 window more was" if more == 1 else f"{more} windows more were"
        remarks.add(f"{windows} written, up to {files[-1]}")


def stopped_being_finite(window: Window) -> bool:
    """Whether a loss or a gradient of a window is infinite or no number, and was not so at its beginning."""
    finite = [
        all(math.isfinite(float(row[key] or 0.0)) for key in ("loss", "grad_norm", "grad_norm_at_step"))
        for row in window.header().description["iterations"]
    ]
    return not all(finite) and (finite[0] or window.first == 0)


def _stretches(ranks: Sequence[Kept], wanted: Window | None) -> list[Chosen]:
    """One for each iteration at which something was written, ascending; of that of *wanted* alone, if any."""
    causes: dict[int, Window] = {}
    times: Counter[int] = Counter()
    for rank in ranks:
        for window in rank.windows:
            times[window.iteration] += 1
            known = causes.get(window.iteration)
            if known is None or (window.reason == "condition" and known.reason != "condition"):
                causes[window.iteration] = window
    most = sorted(iteration for iteration, _ in times.most_common(_CANDIDATES))
    weighed = [wanted.iteration] if wanted else most
    states = sorted({state for rank in ranks for state in rank.states})
    found = (_stretch(ranks, states, causes[iteration]) for iteration in weighed)
    return [one for one in found if one is not None]


def _stretch(ranks: Sequence[Kept], states: Sequence[int], cause: Window) -> Chosen | None:
    last = cause.last
    state = max((one for one in states if one <= last), default=-1)
    kept = tuple(one for one in ranks if one.window(last) is not None and one.back(last) <= state)
    while kept:
        back = max(one.back(last) for one in kept)
        own = sorted({known for one in kept for known in one.states if back <= known <= last})
        if own:
            wanted = [known for known in own if known <= max(cause.first, back)] or own[:1]
            return Chosen(kept, wanted[-1], last, own[-1], cause)
        kept = tuple(one for one in kept if one.back(last) != back)
    return None
