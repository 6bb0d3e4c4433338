"""Comparisons: runs beside the one that is debugged are opened, closed and swapped, and follow its moves.

A key never waits for a run beside: what they take is computed after the frame, and what takes long in a
thread of its own; until then their values are not shown.
"""

from __future__ import annotations

from time import sleep

from backprop_tui.session.session import Session
from backprop_tui.tui.background.jobs import Jobs, Work
from backprop_tui.tui.desk.current_view import CurrentView
from backprop_tui.tui.desk.terminal import Terminal

QUICK = 50_000
"""So many products of an iteration, parameters times examples, are computed within a frame ..."""
FEW = 8
"""... where there are no more than so many iterations to be run."""

POLITE_SECONDS = 0.001
"""A pause after each slice, in which whoever answers a key can have the run."""


class Comparisons:
    """Opens, closes and swaps, and lets the others follow."""

    def __init__(self, current: CurrentView, jobs: Jobs, terminal: Terminal) -> None:
        self._current = current
        self._jobs = jobs
        self._terminal = terminal
        self._followers = Jobs(terminal.call_soon, terminal.every, lambda words: None)
        self._to: tuple[object, ...] = ()
        """Where the others are on their way to."""
        current.changed = self.follow

    @property
    def _session(self) -> Session:
        return self._current.session

    # Commands

    def compare(self, text: str) -> None:
        """Put runs beside this one that differ in what *text* says; ``off`` closes them.

        Raises:
            NetworkError: *text* means none, or there are too many.
            EditError: a value in it cannot be set.
        """
        if text.strip() == "off":
            self.close()
            return
        self._jobs.supersede()
        comparing = self._session.comparing
        names = comparing.add(text)
        self._current.say("beside: " + ", ".join(f"{name} {comparing.labels[name]}" for name in names))

    def close(self) -> None:
        """Close all runs but this one."""
        self._jobs.supersede()
        session = self._session
        if not session.comparing.open:
            self._current.say("no run is open beside this one")
            return
        before = self._named()
        session.comparing.clear()
        if gone := [text for text in before if text not in self._named()]:
            self._terminal.inform("\n".join(gone), "Taken away: they named a run that is closed")
        self._current.update(running="comparison closed")

    def _named(self) -> list[str]:
        """The texts of breakpoints and watches."""
        return [*(one.text for one in self._session.breakpoints), *self._session.watches]

    def swap(self, name: str = "") -> None:
        """Debug another run, left out: the other one; again: the one before.

        Raises:
            NetworkError: there is none.
        """
        self._jobs.supersede()
        session = self._session
        if not name and session.comparing.other is None:
            self._current.say(f"no run is open beside this one: {self._current.view.key('a')} opens one")
            return
        wanted = session.comparing.named(name.strip())

        def change() -> None:
            session.comparing.swap(wanted.name)

        def done(result: object) -> None:
            change()
            label = session.comparing.labels[wanted.name]
            self._current.update(running=f"debugging {wanted.name}: {label}")

        time, stop = session.time, self._current.view.key("escape")
        work = wanted.run.timeline.going_to(wanted.run.program.iterations_by(time))
        self._jobs.start(
            (step for step in work),
            done,
            lambda first, reached, seconds: f"… computing {wanted.name}: iteration {reached:,}  {stop} stops",
            owes=change,
        )

    # Following

    def follow(self) -> None:
        """Let the others come to where the session is, if they are not there."""
        session = self._session
        comparing, time, latest = session.comparing, session.time, session.latest
        if comparing.ready(time, latest):
            return
        to = (time, latest, *comparing.runs.values())
        if self._followers.working and to == self._to:
            return
        self._to = to

        def work() -> Work:
            if not self._quick(session):
                yield 0
            for reached in comparing.following(time, latest):
                yield reached
                sleep(POLITE_SECONDS)

        self._followers.start(work(), lambda result: self._current.update(), lambda *progress: "")

    @property
    def busy(self) -> bool:
        """Whether they are on their way."""
        return self._followers.working

    def stop(self) -> None:
        """Let them stay where they are."""
        self._followers.stop()

    @staticmethod
    def _quick(session: Session) -> bool:
        """Whether they are there before a frame could be missed."""
        network, program, time = session.network, session.program, session.time
        if network.parameters * network.batch_size > QUICK:
            return False
        number = program.iteration_at(max(0, time - 1))
        distances = [one.run.timeline.distance(max(0, number - 1)) for one in session.comparing.others]
        return all(distance <= FEW for distance in distances) and session.latest - time <= program.statements
