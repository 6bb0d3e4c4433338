"""What this process may reach beyond the networks that it was given.

A process can give up files for good: it then neither reads nor writes any that a person names, nor keeps
anything in the user's folders. There is no way back, so nothing that is typed later can find one.
"""

from __future__ import annotations

from backprop_tui.network.errors import NetworkError

_given_up: dict[str, str] = {}
"""What has been given up, with the reason as it is told."""


def give_up_state() -> None:
    """Neither read nor write the user's state from now on: no progress of lessons, no sessions to recover."""
    _given_up.setdefault("state", "nothing is kept here")


def give_up_files(why: str) -> None:
    """Reach no file at all from now on, the user's state included.

    Args:
        why: told whenever somebody asks for one.
    """
    give_up_state()
    _given_up.setdefault("files", why)


def has_state() -> bool:
    """Whether the user's state may be read and written."""
    return "state" not in _given_up


def has_files() -> bool:
    """Whether files may be reached."""
    return "files" not in _given_up


def demand_files() -> None:
    """Pass where files may be reached.

    Raises:
        NetworkError: they may not; it says why.
    """
    if not has_files():
        raise NetworkError("", "what needs no file", "a file", hint=_given_up["files"])
