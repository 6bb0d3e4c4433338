"""Pointing: what a person selects in a pane, and going to where it was computed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from backprop_tui.engine.quantities import Parameter
from backprop_tui.tui.background.jobs import Jobs
from backprop_tui.tui.desk.current_view import CurrentView
from backprop_tui.tui.desk.terminal import Terminal
from backprop_tui.tui.desk.travel.moving import Moving
from backprop_tui.tui.requests import Choose, Go, Mark, Point, Read, Request, Take, Zoom
from backprop_tui.tui.view import Node


class Pointing:
    """Selects, and lets go."""

    def __init__(
        self,
        current: CurrentView,
        jobs: Jobs,
        moving: Moving,
        terminal: Terminal,
        teaching: Callable[[], Any],
    ) -> None:
        self._current = current
        self._jobs = jobs
        self._moving = moving
        self._terminal = terminal
        self._teaching = teaching
        """The lesson that is open; made when it is first asked for."""

    def arrow(self, right: int, down: int) -> None:
        """What an arrow does in the pane that has the focus; elsewhere, in the drawing."""
        request = self._terminal.arrow(self._current.view, right, down)
        if request is not None:
            self.do(request)

    def do(self, request: Request) -> None:
        """Do what a person asks for in a pane."""
        match request:
            case Point(spot):
                self._current.update(spot=spot, cursor=None, term=0)
            case Read(statement):
                self._current.update(cursor=statement, spot=None, term=0)
            case Choose(term):
                self._current.update(term=term)
            case Go(time):
                self._moving.go_to(time)
            case Mark(choice):
                self._teaching().point(choice)
            case Take(choice):
                self._teaching().choose(choice)
            case Zoom(pane):
                self._terminal.look_at(pane)
                self._terminal.toggle_zoom()

    def go_to_selection(self) -> None:
        """Go to where the selection, or else the chosen term of what is shown, was computed.

        On the page of a lesson, answer its question; the slope of an activation is derived first.
        """
        view = self._current.view
        if view.reader is not None and self._teaching().answers():
            return
        subject = view.subject
        if subject is None:
            return
        if view.derivable and not view.term:
            self._current.update(unfolded=subject.time)
            self._terminal.bring_into_sight("chain")
            return
        if view.exploring and subject.time != view.session.time:
            self._moving.follow(subject.time)
            return
        origins = view.origins
        quantity = origins[min(view.term, len(origins) - 1)].quantity if origins else None
        if quantity is None:
            return
        time = view.session.program.last_time(quantity, subject.time - 1)
        if time is not None:
            self._moving.follow(time)

    def let_go(self) -> None:
        """Stop pointing, running, travelling or asking; with nothing of it to stop, leave the zoom.

        An unfolded derivation is folded first.
        """
        view = self._current.view
        if not self._terminal.close_prompt() and not self._jobs.busy:
            if view.derives:
                self._current.update(unfolded=None)
                return
            if not view.exploring:
                self._terminal.close_offer()
                self._terminal.leave_zoom()
        self._jobs.stop()
        self._current.update(spot=None, cursor=None, term=0, verdict=None, running="")

    @property
    def name(self) -> str | None:
        """The identifier of what the panes show; of a selected unit, its activation."""
        view = self._current.view
        session = view.session
        if isinstance(view.spot, Parameter):
            return session.names.parameter(*view.spot)
        if isinstance(view.spot, Node):
            return session.names.a(*view.spot)
        return None if view.subject is None else session.run.symbol(view.subject.quantity)
