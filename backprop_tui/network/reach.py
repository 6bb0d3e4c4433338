"""What this process may reach, and how much it may take: less where strangers use it.

A process gives things up for good. There is no way back, so nothing that is typed later can find one.
"""

from __future__ import annotations

from math import inf

from msgspec import Struct

from backprop_tui.network.errors import NetworkError


class _Reach(Struct):
    state: bool = True
    refusal: str = ""
    """Why files are not reached; empty where they are."""
    parameters: float = inf
    seconds: float = inf


_reach = _Reach()


def give_up_state() -> None:
    """Neither read nor write the user's state from now on: no progress of lessons, no sessions to recover."""
    _reach.state = False


def give_up_files(why: str) -> None:
    """Reach no file that a person names from now on, nor the user's state.

    Args:
        why: told whenever somebody asks for one.
    """
    give_up_state()
    _reach.refusal = _reach.refusal or why


def take_at_most(parameters: float, seconds: float) -> None:
    """Refuse larger networks, and stop longer work, from now on.

    Args:
        parameters: that a network may have.
        seconds: that a journey, a search or an edit may take.
    """
    _reach.parameters = min(parameters, _reach.parameters)
    _reach.seconds = min(seconds, _reach.seconds)


def has_state() -> bool:
    """Whether the user's state may be read and written."""
    return _reach.state


def has_files() -> bool:
    """Whether files may be reached."""
    return not _reach.refusal


def demand_files() -> None:
    """Pass where files may be reached.

    Raises:
        NetworkError: they may not; it says why.
    """
    if not has_files():
        raise NetworkError("", "no file here", "one", hint=_reach.refusal)


def most_parameters() -> float:
    """How many parameters a network may have; infinity: as many as any."""
    return _reach.parameters


def most_seconds() -> float:
    """How long a journey, a search or an edit may take."""
    return _reach.seconds
