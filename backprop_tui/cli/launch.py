"""Opening the debugger in a terminal: the one way to it, whoever read the command line."""

from __future__ import annotations

import signal
import sys
from collections.abc import Mapping
from typing import Any, NoReturn

from backprop_tui.cli.ascii_spelling import keep_columns
from backprop_tui.cli.printing import refuse
from backprop_tui.network.errors import NetworkError
from backprop_tui.network.files.library import names
from backprop_tui.network.files.shapes import Options, is_shape
from backprop_tui.network.files.toml import dump
from backprop_tui.network.lazy_module import lazy_module
from backprop_tui.session.saved_sessions import find_session
from backprop_tui.session.table import Opened

recovery = lazy_module("backprop_tui.session.recovery")  # when the first frame is out


def is_network(word: str) -> bool:
    """Whether a word can only mean a network: a file, a shape or the name of a shipped one."""
    return word.endswith(".toml") or is_shape(word) or word in names()


def opened(network: str | None, changes: Mapping[str, Any] | None = None, save: str | None = None) -> Opened:
    """The session that a NETWORK argument means; ends the program where it means none.

    Args:
        network: what was typed; None: the worked example.
        changes: the options that change it, by their names.
        save: also write the network to this file.
    """
    try:
        found = find_session(network, Options(**(changes or {})))
        if save is not None:
            dump(found.session.network, save)
    except NetworkError as error:
        refuse(str(error))
    return found


def debug(found: Opened, *, travel_to: int | None = None, run: bool = False) -> NoReturn:
    """Open the debugger, and end the program with it.

    Args:
        found: the session.
        travel_to: the time to go to first; left out, the one at which it was saved.
        run: whether to run to the first breakpoint then.
    """
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        refuse("the debugger needs a terminal; without one, try: train, trace, check")
    from backprop_tui.tui.app import BackpropApp  # once it is known that there is a terminal

    if sys.platform != "win32":
        signal.signal(
            signal.SIGHUP, signal.SIG_DFL
        )  # without its terminal the debugger ends; what it kept stays
    if sys.__stderr__ is not None:  # to which Textual draws
        keep_columns(sys.__stderr__)
    session, wanted, look = found
    travel_to = wanted if travel_to is None else travel_to
    app = BackpropApp(session, travel_to=travel_to, look=look, run=run, interrupted=lambda: recovery.find())
    sys.exit(app.run() or app.return_code or 0)
