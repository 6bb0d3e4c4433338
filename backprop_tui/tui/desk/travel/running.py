"""Running by itself: the last move is repeated, faster or slower, until it is paused."""

from __future__ import annotations

from backprop_tui.tui.background.jobs import Jobs
from backprop_tui.tui.desk.current_view import CurrentView
from backprop_tui.tui.desk.travel.moving import Moving

SPEEDS = (0.25, 128.0)
"""The slowest and the fastest a run goes, in moves a second."""
SPEED = 2.0
"""How fast it goes where nothing else is said."""
MOST_FRAMES = 30.0
"""A faster run makes several moves a frame."""


class Running:
    """Repeats the last move."""

    def __init__(self, current: CurrentView, jobs: Jobs, moving: Moving, speed: float = SPEED) -> None:
        self._current = current
        self._jobs = jobs
        self._moving = moving
        self._speed = speed

    def run_or_pause(self) -> None:
        """Repeat the last move by itself; again, or while anything else is under way: pause."""
        if self._jobs.busy:
            self._jobs.pause()
        else:
            self._start()

    def change_speed(self, factor: float) -> None:
        """Run faster or slower."""
        self._speed = min(max(self._speed * factor, SPEEDS[0]), SPEEDS[1])
        if self._jobs.repeating:
            self._start()
        else:
            self._current.say(f"speed {self._speed:g}/s")

    def _start(self) -> None:
        grain, direction = self._moving.last
        self._moving.repeating = f"{'▶' if direction > 0 else '◀'} running: {grain} {self._speed:g}/s"
        self._jobs.repeat(1 / min(self._speed, MOST_FRAMES), self._tick)
        self._current.say(self._moving.repeating)

    def _tick(self) -> None:
        if self._jobs.working:
            return
        for _ in range(max(1, round(self._speed / MOST_FRAMES))):
            self._moving.move(*self._moving.last, self._current.session.time)
            if self._jobs.working:
                break
        if self._moving.last[1] < 0 and self._current.session.time == 0:
            self._jobs.stop()
