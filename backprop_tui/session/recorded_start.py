"""Where a recording is opened: at the statement that made its condition true, or at its last iteration."""

from __future__ import annotations

from backprop_tui.network.description import Network, Recording
from backprop_tui.session.session import Session
from backprop_tui.stops.on_demand import breakpoints, conditions, search

REPLAYED = ("grad_norm", "not_finite", "learning_rate", "iteration")
"""The words of a recording's condition that mean the same in its replay; ``loss`` is an epoch's there."""


def opened(network: Network) -> tuple[Session, int]:
    """A session of a network that was recorded, and the time to go to.

    Where it was written for a condition, that stands as a breakpoint, and the time is the one at which it
    becomes true in the replay; where that does not make it true, the end of the backward pass after which it
    was true in PyTorch. Else it is the end of the last backward pass.
    """
    session, recording = Session(network), network.recording
    assert recording is not None
    program = session.program
    place = _place(recording)
    time = program.backward_end(place)
    if recording.reason != "condition" or not _means_the_same(recording.when, network):
        return session, time
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
            return session, time
    return session, stop.time if stop is not None and stop.time <= end else time


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
