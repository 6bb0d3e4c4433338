"""Where a recording is opened: at the statement that made its condition true, or at its last iteration."""

from __future__ import annotations

from bisect import bisect_left

from backprop_tui.analysis.beside_pytorch.rounding_marks import rounding_marks
from backprop_tui.analysis.marks import Mark
from backprop_tui.engine.quantities import Kind, Quantity
from backprop_tui.network.description import Network, Recording
from backprop_tui.network.lazy_numpy import np
from backprop_tui.program.pytorch_numbers import in_pytorch
from backprop_tui.session.session import Session
from backprop_tui.stops.on_demand import breakpoints, conditions, search

REPLAYED = ("grad_norm", "not_finite", "learning_rate", "iteration")
"""The words of a recording's condition that mean the same in its replay; ``loss`` is an epoch's there."""


def opened(network: Network) -> tuple[Session, int]:
    """A session of a network that was recorded, and the time to go to.

    Where it was written for a condition, that stands as a breakpoint, and the time is the one at which it
    becomes true in the replay; where that does not make it true, the statement whose number was the first
    that PyTorch's type made infinite, or else the end of the backward pass after which it was true in
    PyTorch. Where it was written for another reason it is the end of the last backward pass.
    """
    session, recording = Session(network), network.recording
    assert recording is not None
    program = session.program
    place = _place(recording)
    time = program.backward_end(place)
    if recording.reason != "condition":
        return session, time
    if not _means_the_same(recording.when, network):
        return session, _of_type(session, place) or time
    session.stopping.add(recording.when)
    # what an update makes infinite or not a number is seen in PyTorch an iteration later
    before = program.backward_end(place - 1) if place else 0
    searching = search.searching(session.run, before, session.breakpoints, 1, until=1)
    end = program.iteration_start(place + 1)
    while True:
        try:
            next(searching)
        except StopIteration as found:
            stop = found.value
            break
        if session.run.timeline.reached(place + 2):
            stop = None
            break
    return session, stop.time if stop is not None and stop.time <= end else _of_type(session, place) or time


def _of_type(session: Session, place: int) -> int | None:
    """When PyTorch's type made the first number of an iteration infinite, if the condition asks for that."""
    network, program, run = session.network, session.program, session.run
    there = in_pytorch(network, place)
    assert network.recording is not None
    if there is None or "not_finite" not in network.recording.when:
        return None
    length, layers = program.batch_length(place), len(network.layers)
    of_loss = there.loss_dtype(length, network.widths[-1])
    for slot in range(length):
        start = program.iteration_start(place) + slot * program.layout.block
        times = range(start + 1, start + program.layout.block + 1)
        first = bisect_left(times, True, key=lambda time: Mark.OVERFLOW in rounding_marks(run, time).values())
        found = [times[first]] if first < len(times) else []
        loss = run.timeline.iteration(place).value(Quantity(Kind.LOSS, layers), slot)
        if of_loss is not None and of_loss.overflows(np.array(loss)):
            found.append(start + program.layout.forward + 1)
        if found:
            return min(found)
    return None


def words(session: Session, time: int) -> str:
    """What is to be said of a time in the iteration at which a recording was written, or just before it.

    Empty for other times, such as that at which a session was saved, and for other networks.
    """
    recording, program = session.network.recording, session.program
    if recording is None:
        return ""
    place = _place(recording)
    if not (program.backward_end(place - 1) if place else 0) < time <= program.iteration_start(place + 1):
        return ""
    at = f"iteration {recording.at:,} of the training"
    if recording.reason == "condition":
        return f"■ {recording.when}: {at}"
    why = {"exception": "it ended with an error", "end": "it ended", "demand": "written on demand"}
    return f"{at}: {why.get(recording.reason, 'recorded')}"


def remark(recording: Recording) -> str:
    """What is to be known of a recording: the first of its remarks, and that there are more."""
    if not recording.said:
        return ""
    first, *others = recording.said
    return f"{first}; and {len(others)} more in the picture recorded" if others else first


def _place(recording: Recording) -> int:
    """The place in the epoch of the iteration at which it was written."""
    return max(0, min(recording.at - recording.iterations[0].number, len(recording.iterations) - 1))


def _means_the_same(condition: str, network: Network) -> bool:
    """Whether a condition of ``record`` is one of the replay with the same meaning."""
    try:
        meaning = breakpoints.understood(condition, network)
    except conditions.ConditionError:
        return False
    if isinstance(meaning, tuple):
        return False
    return all(source.symbol in REPLAYED for source in meaning.sources)
