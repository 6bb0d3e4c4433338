"""The desk: all that commands act on, put together around one current view."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from types import MappingProxyType
from typing import Any

from backprop_tui.network.lazy_module import lazy_module
from backprop_tui.session.files.opened import Opened
from backprop_tui.session.look import PLAIN, Look
from backprop_tui.session.session import Session
from backprop_tui.tui.background.jobs import Jobs
from backprop_tui.tui.desk.comparisons import Comparisons
from backprop_tui.tui.desk.current_view import CurrentView
from backprop_tui.tui.desk.edits import Edits
from backprop_tui.tui.desk.files.replacing import Replacing
from backprop_tui.tui.desk.files.session_files import SessionFiles
from backprop_tui.tui.desk.looking import Looking
from backprop_tui.tui.desk.pointing import Pointing
from backprop_tui.tui.desk.stops_and_watches import StopsAndWatches
from backprop_tui.tui.desk.terminal import PANES, Terminal
from backprop_tui.tui.desk.travel.listing_search import ListingSearch
from backprop_tui.tui.desk.travel.moving import Moving
from backprop_tui.tui.desk.travel.running import SPEED, Running
from backprop_tui.tui.pictures.registry import KNOWN, NAMES
from backprop_tui.tui.settings import AS_SHIPPED, Settings
from backprop_tui.tui.view import View

_exports = lazy_module("backprop_tui.tui.desk.files.exports")  # most sessions export nothing
_predicting = lazy_module("backprop_tui.tui.desk.learning.predicting")  # of no use until p is pressed
_recorded_start = lazy_module("backprop_tui.session.recorded_start")  # few networks were recorded
_teaching = lazy_module("backprop_tui.tui.desk.learning.teaching")  # most sessions never open a lesson


class Desk:
    """A session as it is being debugged.

    Args:
        session: what is debugged.
        terminal: shows it.
        settings: how the person likes to look at it.
        keys: what to press in the place of keys that are not in force.
    """

    def __init__(
        self,
        session: Session,
        terminal: Terminal,
        settings: Settings = AS_SHIPPED,
        keys: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        self.terminal = terminal
        self.settings = settings
        picture = settings.picture if settings.picture in NAMES else None
        view = View(session, digits=settings.decimals, picture=picture, keys=keys)
        self.current = CurrentView(view, terminal)
        self.jobs = Jobs(terminal.call_soon, terminal.every, self.current.say)
        self.moving = Moving(self.current, self.jobs, terminal)
        self.running = Running(self.current, self.jobs, self.moving, settings.speed or SPEED)
        self.pointing = Pointing(self.current, self.jobs, self.moving, terminal, lambda: self.teaching)
        self.stops = StopsAndWatches(self.current, self.pointing, terminal)
        self.edits = Edits(self.current, self.jobs, self.pointing, terminal)
        self.comparisons = Comparisons(self.current, self.jobs, terminal)
        self.listing = ListingSearch(self.current, self.jobs, terminal)
        self.looking = Looking(self.current, terminal)
        self._replacing = Replacing(terminal)
        self.files = SessionFiles(
            self.current,
            self.looking,
            terminal,
            self.open,
            lambda name: self.teaching.open(name),
            self._replacing,
        )

    @cached_property
    def exports(self) -> Any:
        """An ``Exports``: writes calculations, data and scripts."""
        return _exports.Exports(self.current, self.terminal, self._replacing)

    @cached_property
    def predicting(self) -> Any:
        """A ``Predicting``: asks before each step what it will compute, or may."""
        return _predicting.Predicting(self.current, self.jobs, self.moving, self.terminal)

    @property
    def session(self) -> Session:
        """What is being debugged."""
        return self.current.session

    @property
    def view(self) -> View:
        """What the panes show."""
        return self.current.view

    @cached_property
    def teaching(self) -> Any:
        """A ``Teaching``: the lesson that is open, or that may be."""
        return _teaching.Teaching(self.current, self.jobs, self.terminal, self._begin_taught)

    def _begin_taught(self, session: Session) -> None:
        reader = self.view.reader
        self.begin(session, taught=True)
        self.current.update(reader=reader)

    def stop(self) -> None:
        """End all that is being done in threads."""
        self.jobs.stop()
        self.comparisons.stop()
        if "exports" in self.__dict__:
            self.exports.stop()

    @property
    def exporting(self) -> bool:
        """Whether a file is being written."""
        return "exports" in self.__dict__ and self.exports.busy

    def let_go(self) -> None:
        """Stop exporting; where nothing is exported, pointing, running, travelling or asking."""
        if self.exporting:
            self.exports.stop()
            self.current.say("export stopped")
        else:
            self.pointing.let_go()

    def open(self, opened: Opened) -> None:
        """Debug a session that was read, from the position at which it was saved."""
        self.begin(opened.session, opened.wanted, look=opened.look)

    def begin(
        self,
        session: Session,
        travel_to: int = 0,
        *,
        run: bool = False,
        look: Look = PLAIN,
        taught: bool = False,
    ) -> None:
        """Debug *session* from now on.

        Args:
            session: at its start.
            travel_to: the time to go to first.
            run: whether to run to the first breakpoint then.
            look: how to look at it; what it does not say stays as it is.
            taught: whether the lesson that is open turns to it; else the lesson is closed.
        """
        self.stop()
        self.moving.trail.clear()
        self.moving.asks_first = None
        self.files.file, self.listing.sought = None, ""
        self.current.arrived = False
        self.current.view = View(
            session,
            digits=self.view.digits if look.digits is None else None if look.digits == "all" else look.digits,
            log_scale=self.view.log_scale if look.log_scale is None else look.log_scale,
            compare="last" if look.changes else None,
            picture=look.picture if look.picture in KNOWN else self.view.picture,
            keys=self.view.keys,
        )
        if not taught:
            self.terminal.close_lesson()
        if look.theme and not self.settings.theme:  # a person's own eyes come before another's taste
            self.terminal.theme = look.theme
        if look.pane in PANES:
            self.looking.look_at(look.pane)
        self.terminal.show()
        self.current.arrived = not travel_to

        def onward() -> None:
            recorded = session.network.recording
            if travel_to:
                self.moving.go_to(travel_to, _recorded_start.words(session, travel_to) if recorded else "")
            if recorded and (remark := _recorded_start.remark(recorded)):
                self.terminal.inform(remark, "This recording")
            if run:
                self.moving.to_stop(1)

        if look.lesson:
            self.teaching.go_on(look.lesson, (look.page or 1) - 1, onward)
        else:
            onward()
