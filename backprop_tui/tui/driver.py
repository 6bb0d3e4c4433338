"""Moves a session through time for the screen: at once, in a thread, or by itself.

Whatever may take long is a generator that works for some milliseconds at each step. What one step does not
finish goes on in a thread, so that every key is answered meanwhile, and ``escape`` stops it.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from functools import partial
from time import perf_counter
from typing import TYPE_CHECKING, Any

from textual.timer import Timer

from backprop_tui.program.boundaries import Grain, next_boundary, previous_boundary

if TYPE_CHECKING:
    from backprop_tui.session.session import Session
    from backprop_tui.tui.screens.debugger import DebuggerScreen

Work = Generator[int, None, Any]
"""Yields how far it has come; returns its result."""

SPEEDS = (0.25, 128.0)
"""The slowest and the fastest a run goes, in moves a second."""
TELL_SECONDS = 0.1
"""How often progress is shown."""
ESTIMATE_AFTER = 0.3
"""Seconds after which the rest of a journey is estimated."""
MOST_FRAMES = 30.0
"""A faster run makes several moves a frame."""


class Driver:
    """What moves the session."""

    def __init__(self, screen: DebuggerScreen) -> None:
        self._screen = screen
        self._last_move = (Grain.STATEMENT, 1)
        self._speed = 2.0
        self._runner: Timer | None = None
        self._work: Work | None = None
        """What is being done; whoever does it in a thread stops where it is another."""
        self._reached = 0
        self._destination: int | None = None
        """The time to which the work at hand leads; further moves go on from there."""
        self._teller: Timer | None = None
        self.trail: list[int] = []
        """The times from which a person went to where a value was computed."""

    @property
    def busy(self) -> bool:
        """Whether something runs that ``stop`` would stop."""
        return self._work is not None or self._runner is not None

    # Moves

    def travel(self, grain: Grain, direction: int) -> None:
        """Move by one boundary of *grain*, forwards (1) or back (−1)."""
        self._last_move = (grain, direction)
        self._screen.editor.finish()
        start = self.heading
        self.stop()
        self.trail.clear()
        self._move(grain, direction, start)

    def go_to(self, time: int) -> None:
        """Go to a time."""
        self._screen.editor.finish()
        self.stop()
        self.trail.clear()
        self._travel_to(time)

    def go_to_latest(self) -> None:
        """Go to the latest position reached."""
        self.go_to(self._screen.session.latest)

    def follow(self, time: int) -> None:
        """Go to where a value was computed, and remember from where."""
        self._screen.editor.finish()
        self.stop()
        before = self._screen.session.time
        self._travel_to(time, arrived=lambda: self.trail.append(before))

    def walk_back(self) -> None:
        """Back to where the last ``follow`` came from; without one, back one statement."""
        if self.trail:
            self._screen.editor.finish()
            self.stop()
            self._travel_to(self.trail[-1], arrived=self._shorten_trail)
        else:
            self.travel(Grain.STATEMENT, -1)

    def _shorten_trail(self) -> None:
        del self.trail[-1:]

    @property
    def heading(self) -> int:
        """The time at which the session is, or will be when what is on its way has arrived."""
        return self._screen.session.time if self._destination is None else self._destination

    def _move(self, grain: Grain, direction: int, time: int) -> None:
        program = self._screen.session.program
        if direction > 0:
            self._travel_to(next_boundary(program, grain, time))
        else:
            self._travel_to(previous_boundary(program, grain, time))

    def _travel_to(self, time: int, message: str = "", arrived: Callable[[], None] | None = None) -> None:
        session = self._screen.session
        before = session.time

        def done(result: object) -> None:
            self._destination = None
            session.jump(time)
            if arrived is not None:
                arrived()
            self._screen.moved(before, message or self._run_words())

        self._destination = time
        self.drive(session.preparing(time), done, partial(_on_the_way, session, time))

    # Work that may take long

    def drive(self, work: Work, done: Callable[[Any], None], words: Callable[[int, int, float], str]) -> None:
        """Do *work*, then tell *done* its result: at once where a slice is enough, else in a thread.

        Args:
            work: what is to be done; each of its steps takes milliseconds.
            done: called in the interface's thread, unless the work was stopped.
            words: what to tell of progress: from what the work yielded first and last, and the seconds
                since it began.
        """
        self._work = work
        try:
            first = next(work)
        except StopIteration as end:
            self._work = None
            done(end.value)
            return
        self._reached = first
        began = perf_counter()
        self._teller = self._screen.set_interval(
            TELL_SECONDS,
            lambda: self._screen.update(running=words(first, self._reached, perf_counter() - began)),
        )
        self._screen.run_worker(partial(self._work_on, work, done), thread=True, name="work")

    def _work_on(self, work: Work, done: Callable[[Any], None]) -> None:
        """In a thread: the rest of *work*, until it is done or stopped."""
        while work is self._work:
            try:
                self._reached = next(work)
            except StopIteration as end:
                self._screen.call_later(self._finish, work, done, end.value)
                return
        work.close()

    def _finish(self, work: Work, done: Callable[[Any], None], result: Any) -> None:
        if work is self._work:
            self.abandon()
            done(result)

    def abandon(self) -> None:
        """Let go of the work at hand."""
        self._work = None
        self._destination = None
        if self._teller is not None:
            self._teller.stop()
            self._teller = None

    def stop(self) -> None:
        """Stop whatever runs."""
        self.abandon()
        self._screen.editor.forget()
        if self._runner is not None:
            self._runner.stop()
            self._runner = None
        if self._screen.view.running:
            self._screen.update(running="")

    def search(self, direction: int) -> None:
        """Go on to the next breakpoint (1), or back to the previous one (−1)."""
        self._screen.editor.finish()
        self.stop()
        self.trail.clear()
        session = self._screen.session
        if not any(one.enabled for one in session.breakpoints):
            self._screen.notify(
                "x sets one on the statement, :break one on a condition.", title="No breakpoint"
            )
            return

        def found(stop: Any) -> None:
            if stop is None:
                self._screen.update(running="no breakpoint before here")
            else:
                session.stopping.count_hit(stop.breakpoint)
                self._travel_to(stop.time, f"■ {stop.reason}")

        self.drive(session.stopping.searching(session.run, session.time, direction), found, _looking)

    # Running by itself

    def run_or_pause(self) -> None:
        """Repeat the last move by itself; again: pause."""
        if self.busy:
            self.stop()
        else:
            self._start_runner()
            self._screen.update(running=self._run_words())

    def change_speed(self, factor: float) -> None:
        """Run faster or slower."""
        self.set_speed(self._speed * factor)

    def set_speed(self, moves_a_second: float) -> None:
        """Run at so many moves a second, within ``SPEEDS``."""
        self._speed = min(max(moves_a_second, SPEEDS[0]), SPEEDS[1])
        if self._runner is not None:
            self._start_runner()
        self._screen.update(running=self._run_words() or f"speed {self._speed:g}/s")

    def _start_runner(self) -> None:
        if self._runner is not None:
            self._runner.stop()
        self._runner = self._screen.set_interval(1 / min(self._speed, MOST_FRAMES), self._tick)

    def _tick(self) -> None:
        if self._work is not None:
            return
        for _ in range(max(1, round(self._speed / MOST_FRAMES))):
            self._move(*self._last_move, self._screen.session.time)
            if self._work is not None:
                break
        if self._last_move[1] < 0 and self._screen.session.time == 0:
            self.stop()

    def _run_words(self) -> str:
        if self._runner is None:
            return ""
        grain, direction = self._last_move
        return f"{'▶' if direction > 0 else '◀'} running: {grain} {self._speed:g}/s"


def _on_the_way(session: Session, time: int, first: int, reached: int, seconds: float) -> str:
    """How far a journey to *time* has come, and how long the rest will take; counted in iterations."""
    per_epoch = session.program.iterations_per_epoch
    target = session.program.iterations_by(time)
    words = f"… epoch {reached // per_epoch:,} of {target // per_epoch:,}"
    if seconds > ESTIMATE_AFTER and first < reached < target:
        words += f"  {_duration(seconds * (target - reached) / (reached - first))} left"
    return f"{words}  escape stops"


def _looking(first: int, reached: int, seconds: float) -> str:
    """How far a search has come; where it will end nobody knows."""
    return f"… epoch {reached:,}  escape stops"


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    return f"{round(seconds / 60)} min" if seconds < 5400 else f"{round(seconds / 3600)} h"
