"""Sessions without a screen: run one far, within a limit of time, and count what its history holds."""

from __future__ import annotations

from collections.abc import Iterable
from time import perf_counter
from typing import Any

from backprop_tui.history import checkpoints
from backprop_tui.history.timeline import Timeline
from backprop_tui.network.description import Network
from backprop_tui.session.session import Session


def run_to(network: Network, epochs: int, limit: float) -> Session:
    """A session that was run so many epochs, or fewer where the limit of seconds came first."""
    session = Session(network)
    end = perf_counter() + limit
    for reached in session.jumping(epochs * session.program.statements):
        if perf_counter() > end:
            session.jump(reached * session.program.statements)
            break
    return session


def budget() -> int:
    """What the checkpoints may hold in bytes."""
    return checkpoints.BYTES


def spacing(timeline: Timeline) -> int:
    """How many iterations lie between two checkpoints."""
    return timeline.checkpoints.spacing


def held_bytes(timeline: Timeline) -> int:
    """The bytes of all arrays that the checkpoints hold, each counted once."""
    arrays = {
        id(array): array.nbytes for state in timeline.checkpoints.states.values() for array in _arrays(state)
    }
    return sum(arrays.values())


def _arrays(value: Any) -> Iterable[Any]:
    """All arrays in nested tuples, mappings and records."""
    if hasattr(value, "nbytes") and hasattr(value, "dtype"):
        yield value
    elif isinstance(value, dict):
        for one in value.values():
            yield from _arrays(one)
    elif isinstance(value, (tuple, list)):
        for one in value:
            yield from _arrays(one)
    elif hasattr(value, "__slots__"):
        for name in value.__slots__:
            yield from _arrays(getattr(value, name))
