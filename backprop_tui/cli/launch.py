"""Opening the debugger in a terminal: every command line that does so ends up here."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Mapping
from typing import Any, NoReturn

from backprop_tui.cli.output.streams import refuse, shows_unicode
from backprop_tui.lessons.lesson import Lesson
from backprop_tui.network.errors import NetworkError
from backprop_tui.network.files.shapes import Options
from backprop_tui.network.files.toml import dump
from backprop_tui.network.lazy_module import lazy_module
from backprop_tui.session.files.opened import Opened
from backprop_tui.session.files.saved_sessions import Opener, find_session
from backprop_tui.session.look import PLAIN
from backprop_tui.session.session import Session
from backprop_tui.tui import run_debugger
from backprop_tui.tui.configuring.source import Source, usual
from backprop_tui.tui.settings import AS_SHIPPED, Settings

visiting = lazy_module("backprop_tui.cli.confinement")  # of no use in a terminal

_taken = lazy_module("backprop_tui.cli.taken_word")  # of no use but to a word that means nothing
conversation = lazy_module("backprop_tui.tui.plain.conversation")  # most people have a screen


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
        refuse(str(_taken.misspelt_command() or error))
    return found


def is_visited() -> bool:
    """Whether a server started the program for a visitor: Textual then speaks to it, not to a terminal."""
    return os.environ.get("TEXTUAL_DRIVER", "").endswith(":WebDriver")


def own_settings(source: Source | None = None) -> Settings:
    """What a person has set; ends the program where something in their file is wrong.

    Args:
        source: the file; left out, the usual one.
    """
    try:
        return (source or usual()).settings()
    except NetworkError as error:
        refuse(f"{error}; --no-config goes on without this file")


def teach(lesson: Lesson, index: int | None, settings: Settings, *, plain: bool = False) -> NoReturn:
    """Open the debugger with a lesson beside it, and end the program with it.

    Args:
        lesson: which.
        index: its page; None: the one at which the person was last.
        settings: the person's own.
        plain: whether in lines.
    """
    opened = Opened(Session(lesson.pages[index or 0].network), 0, PLAIN)
    debug(opened, taught=(lesson, index), settings=settings, plain=plain)


def debug(
    found: Opened,
    *,
    travel_to: int | None = None,
    run: bool = False,
    taught: tuple[Lesson, int | None] | None = None,
    given: Mapping[str, Opener] | None = None,
    settings: Settings | None = None,
    plain: bool = False,
) -> NoReturn:
    """Open the debugger, and end the program with it.

    Its screen is the terminal; or a page in a browser, where a server has started the program for a visitor.

    Args:
        found: the session.
        travel_to: the time to go to first; left out, the one at which it was saved.
        run: whether to run to the first breakpoint then.
        taught: the lesson to open beside it, and its page.
        given: what else can be opened by name.
        settings: the person's own; left out, those of the usual file. A visitor has none.
        plain: whether in lines, as a terminal that cannot place a cursor (``TERM=dumb``) gets in any case.
    """
    visited = is_visited()
    if visited:
        settings = AS_SHIPPED
    elif settings is None:
        settings = own_settings()
    session, wanted, look = found
    travel_to = wanted if travel_to is None else travel_to
    if not visited and (plain or os.environ.get("TERM") == "dumb"):
        _, status = conversation.converse(
            session, travel_to=travel_to, look=look, run=run, taught=taught, kept=True, settings=settings
        )
        sys.exit(status)
    if not visited and not (sys.stdin.isatty() and sys.stdout.isatty()):
        refuse("the debugger needs a terminal; without one, try: --plain, train, trace, check")
    if not shows_unicode(sys.__stderr__):
        refuse(
            "the debugger needs a terminal with Unicode, and the encoding set here has none; "
            "if the terminal has, set PYTHONUTF8=1, else try: --plain, train, trace, check"
        )
    signal.signal(signal.SIGINT, signal.default_int_handler)  # asyncio puts its own only in the place of this
    if visited:
        visiting.confine()
    _, status = run_debugger(
        session,
        travel_to=travel_to,
        look=look,
        run=run,
        taught=taught,
        kept=not visited,
        settings=settings,
        given=given,
    )
    sys.exit(status)
