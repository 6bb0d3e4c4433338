"""SHOW: the app, its screens, widgets, pictures and themes. Textual is loaded when the debugger is opened."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import nullcontext

from backprop_tui.lessons.lesson import Lesson
from backprop_tui.session.files.saved_sessions import Opener
from backprop_tui.session.look import PLAIN, Look
from backprop_tui.session.session import Session
from backprop_tui.tui.settings import AS_SHIPPED, Settings


def run_debugger(
    session: Session,
    *,
    travel_to: int = 0,
    look: Look = PLAIN,
    run: bool = False,
    taught: tuple[Lesson, int | None] | None = None,
    kept: bool = False,
    given: Mapping[str, Opener] | None = None,
    settings: Settings = AS_SHIPPED,
) -> tuple[Session, int]:
    """Open the debugger in this terminal, until the person leaves it.

    Args:
        session: what is debugged.
        travel_to: the time to go to first.
        look: how to look at it, as it was saved with the session.
        run: whether to run to the first breakpoint then.
        taught: the lesson to open beside it, and its page; None: where the person was last.
        kept: whether the session is kept for after a kill, and those of killed programs are offered. A
            signal, or a terminal that is gone, ends the process then.
        given: what can be opened by name beside the shipped networks and lessons; of several, the person is
            asked which.
        settings: the person's own.

    Returns:
        the session as the person left it, and the exit status.
    """
    from backprop_tui.tui.app import BackpropApp
    from backprop_tui.tui.guards.sudden_ends import by_signal
    from backprop_tui.tui.on_demand import interrupted_sessions

    interrupted = interrupted_sessions if kept else None
    app = BackpropApp(
        session,
        travel_to=travel_to,
        look=look,
        run=run,
        taught=taught,
        interrupted=interrupted,
        given=given,
        settings=settings,
    )
    with by_signal(app.leave_kept) if kept else nullcontext():
        status = app.run() or app.return_code or 0
    return app.session, status
