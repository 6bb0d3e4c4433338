"""Opening the debugger in a terminal: the one way to it, whoever read the command line."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NoReturn

if TYPE_CHECKING:
    from backprop_tui.session.recovery import Interrupted
    from backprop_tui.session.table import Opened


def refuse(message: str) -> NoReturn:
    """Say in one line what is wrong, and end with status 2."""
    line = "".join(c if c.isprintable() else "?" for c in message)
    encoding = sys.stderr.encoding or "utf-8"
    print(f"backprop-tui: {line}".encode(encoding, "backslashreplace").decode(encoding), file=sys.stderr)
    sys.exit(2)


def opened(network: str | None, changes: Mapping[str, Any] | None = None, save: str | None = None) -> Opened:
    """The session that a NETWORK argument means; ends the program where it means none.

    Args:
        network: what was typed; None: the worked example.
        changes: the options that change it, by their names.
        save: also write the network to this file.
    """
    from backprop_tui.network.errors import NetworkError
    from backprop_tui.network.files.shapes import Options
    from backprop_tui.session.saved_sessions import find_session

    try:
        found = find_session(network, Options(**(changes or {})))
        if save is not None:
            from backprop_tui.network.files.toml import dump

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
    from backprop_tui.tui.app import BackpropApp

    session, wanted, look = found
    travel_to = wanted if travel_to is None else travel_to
    app = BackpropApp(session, travel_to=travel_to, look=look, run=run, interrupted=_interrupted)
    sys.exit(app.run() or app.return_code or 0)


def _interrupted() -> list[Interrupted]:
    from backprop_tui.session.recovery import find

    return find()
