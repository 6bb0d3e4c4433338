"""Sessions as files: a network file with a ``[session]`` table.

Opening one runs nothing, however far the session had come: it starts at the very start, with its edits,
breakpoints and watches, and the caller then goes to the saved position, showing progress.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from backprop_tui.network.description import Network
from backprop_tui.network.errors import NetworkError
from backprop_tui.network.files import shapes
from backprop_tui.network.files.library import find, names, read_file
from backprop_tui.network.files.recording_folders import is_recording
from backprop_tui.network.files.shapes import NOTHING, Options
from backprop_tui.network.files.toml import dump, exists
from backprop_tui.network.lazy_module import lazy_module
from backprop_tui.session.files.opened import Opened
from backprop_tui.session.look import PLAIN, Look
from backprop_tui.session.session import Session

table = lazy_module("backprop_tui.session.files.table")
"""Imported with the first session that is read or written."""
recorded_start = lazy_module("backprop_tui.session.recorded_start")
"""Imported with the first recording that is opened."""

Opener = Callable[[], Opened]
"""Opens a session anew each time."""


def load_session(path: str | Path) -> Opened:
    """The session in a network file; where the file has no ``[session]``, a fresh one.

    Raises:
        NetworkError: the file cannot be read, or something in it is wrong; it names the place.

    """
    return _reading(Path(path))()


def find_session(argument: str | None = None, options: Options = NOTHING) -> Opened:
    """The session that a NETWORK argument means: that of a file, or a fresh one.

    Args:
        argument: what was typed; None: the worked example.
        options: what was said beside it, in place of what the network says itself.

    Raises:
        NetworkError: it means none, or what it means is wrong.

    """
    return opener(argument, options)()


def opener(argument: str | None = None, options: Options = NOTHING) -> Opener:
    """Opens the session that a NETWORK argument means, as often as it is called; a file is read now, once.

    Raises:
        NetworkError: as ``find_session``; what is wrong in the ``[session]`` of a file, when it is called.

    """
    if not argument or shapes.is_shape(argument) or argument in names() or not exists(argument):
        network = find(argument, options)
        return lambda: Opened(Session(network), 0, PLAIN)
    if is_recording(argument):
        network = find(argument, options)
        if network.recording is None:  # an option took it away
            return lambda: Opened(Session(network), 0, PLAIN)
        return lambda: _recorded(network)
    return _reading(Path(argument), options)


def save_session(session: Session, path: str | Path, look: Look = PLAIN) -> None:
    """Write a session as a file from which ``load_session`` makes the very same; whole, or not at all.

    Raises:
        NetworkError: the file cannot be written, or the session is beyond what a file may hold.

    """
    try:
        fields = table.to_table(session, look)
    except NetworkError as error:
        raise error.from_source(str(path)) from None
    dump(session.comparing.home.network, path, session=fields)


def _recorded(network: Network) -> Opened:
    session, time = recorded_start.opened(network)
    return Opened(session, time, PLAIN)


def _reading(path: Path, options: Options = NOTHING) -> Opener:
    raw, network = read_file(path, options)
    if "session" not in raw:
        return lambda: Opened(Session(network), 0, PLAIN)
    return lambda: table.restore(network, raw["session"], str(path))
