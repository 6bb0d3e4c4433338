"""Moving a session through time: by boundaries, to a position, along a trail, and to breakpoints."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from backprop_tui.program.boundaries import Grain, next_boundary, previous_boundary
from backprop_tui.program.positions import PositionError, is_count
from backprop_tui.session.session import Session
from backprop_tui.tui.background.jobs import Jobs, time_left
from backprop_tui.tui.desk.current_view import NOTHING, CurrentView
from backprop_tui.tui.desk.terminal import Terminal


class Moving:
    """Moves the session; what takes long is a job."""

    def __init__(self, current: CurrentView, jobs: Jobs, terminal: Terminal) -> None:
        self._current = current
        self._jobs = jobs
        self._terminal = terminal
        self.last = (Grain.STATEMENT, 1)
        """The grain and the direction of the last move."""
        self.repeating = ""
        """What the status line says while moves are repeated."""
        self.trail: list[int] = []
        """The times from which a person went to where a value was computed."""
        self.asks_first: Callable[[Grain, int], None] | None = None
        """Asked of each step forwards in the place of going, with the time from which it starts."""

    @property
    def _session(self) -> Session:
        return self._current.session

    @property
    def heading(self) -> int:
        """The time at which the session is, or will be when what is on its way has arrived."""
        leads_to = self._jobs.leads_to
        return self._session.time if leads_to is None else leads_to

    def travel(self, grain: Grain, direction: int) -> None:
        """Move by one boundary of *grain*, forwards (1) or back (−1), from where the last move leads."""
        self.last = (grain, direction)
        start = self.heading
        self._jobs.supersede()
        self.trail.clear()
        if self.asks_first is not None and direction > 0:
            self.asks_first(grain, start)
        else:
            self.move(grain, direction, start)

    def step_to(self, time: int, words: str, showing: Mapping[str, object]) -> None:
        """Run the step that was asked about, to its end, *showing* more of the view than that."""
        self._jobs.supersede()
        self._travel_to(time, words, showing=showing)

    def go_to(self, time: int, words: str = "") -> None:
        """Go to a time, and say *words* there."""
        self._jobs.supersede()
        self.trail.clear()
        self._travel_to(time, words)

    def go_to_position(self, text: str) -> None:
        """Go to a position as typed.

        Raises:
            PositionError: *text* means none.
        """
        self.go_to(self._session.time_of(text))

    def run_epochs(self, text: str) -> None:
        """Go on by a number of epochs as typed.

        Raises:
            PositionError: *text* is none.
        """
        count = text.strip().removeprefix("+")
        if not is_count(count):
            raise PositionError(f"{text[:40]!r} is no number of epochs to run: try run 1000")
        self.go_to_position(f"+{count}")

    def go_to_latest(self) -> None:
        """Go to the latest position reached."""
        self.go_to(self._session.latest)

    def follow(self, time: int) -> None:
        """Go to where a value was computed, and remember from where."""
        self._jobs.supersede()
        before = self._session.time
        self._travel_to(time, arrived=lambda: self.trail.append(before))

    def walk_back(self) -> None:
        """Back to where the last ``follow`` came from; without one, back one statement."""
        if self.trail:
            self._jobs.supersede()
            self._travel_to(self.trail[-1], arrived=self._shorten_trail)
        else:
            self.travel(Grain.STATEMENT, -1)

    def _shorten_trail(self) -> None:
        del self.trail[-1:]

    def to_stop(self, direction: int) -> None:
        """Go on to the next breakpoint (1), or back to the previous one (−1)."""
        self._jobs.supersede()
        self.trail.clear()
        session = self._session
        if not any(one.enabled for one in session.breakpoints):
            key = self._current.view.key("x")
            message = f"{key} sets one on the statement, :break one on a condition."
            self._terminal.inform(message, "No breakpoint")
            return

        until = session.stopping.end_of_search(session.run, session.time)
        key = self._current.view.key("c")
        ahead = f"up to epoch {until:,}: {key} looks further"
        if session.network.recording is not None:
            ahead = "until the recording ends"

        def found(stop: Any) -> None:
            if stop is None:
                self._current.say(f"no breakpoint {'before here' if direction < 0 else ahead}")
            else:
                session.stopping.count_hit(stop.breakpoint)
                self._travel_to(stop.time, f"■ {stop.reason}")

        work = session.stopping.searching(session.run, session.time, direction)
        self._jobs.start(work, found, partial(_looking, self._current.view.key("escape")))

    def move(self, grain: Grain, direction: int, time: int) -> None:
        """Go to the next (1) or the previous (−1) boundary of *grain* from *time*."""
        boundary = next_boundary if direction > 0 else previous_boundary
        self._travel_to(boundary(self._session.program, grain, time))

    def _travel_to(
        self,
        time: int,
        words: str = "",
        arrived: Callable[[], None] | None = None,
        showing: Mapping[str, object] = NOTHING,
    ) -> None:
        session = self._session
        before = session.time

        def done(result: object) -> None:
            session.arrive(time)
            if arrived is not None:
                arrived()
            words_now = words or (self.repeating if self._jobs.repeating else "")
            self._current.moved(before, words_now, showing)

        self._jobs.start(
            session.preparing(time),
            done,
            partial(_on_the_way, session, time, self._current.view.key("escape")),
            leads_to=time,
        )


def _on_the_way(session: Session, time: int, stop: str, first: int, reached: int, seconds: float) -> str:
    """How far a journey to *time* has come, and how long the rest will take; counted in iterations."""
    per_epoch = session.program.iterations_per_epoch
    target = session.program.iterations_by(time)
    words = f"… epoch {reached // per_epoch:,} of {target // per_epoch:,}"
    if left := time_left(first, reached, target, seconds):
        words += f"  {left}"
    return f"{words}  {stop} stops"


def _looking(stop: str, first: int, reached: int, seconds: float) -> str:
    """How far a search has come; where it will end nobody knows."""
    return f"… searching, epoch {reached:,}  {stop} stops"
