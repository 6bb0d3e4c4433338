"""Searching the listing: the cursor goes to the next or the previous statement that matches."""

from __future__ import annotations

from collections.abc import Generator

from backprop_tui.session.searching import finding
from backprop_tui.tui.background.jobs import Jobs
from backprop_tui.tui.desk.current_view import CurrentView
from backprop_tui.tui.desk.terminal import Terminal


class ListingSearch:
    """Looks for what was typed last."""

    def __init__(self, current: CurrentView, jobs: Jobs, terminal: Terminal) -> None:
        self._current = current
        self._jobs = jobs
        self._terminal = terminal
        self.sought = ""
        """What is looked for; empty as long as nothing was."""

    def seek(self, text: str) -> None:
        """Put the cursor on the next statement that matches."""
        self.sought = text
        self.seek_again(1)

    def seek_again(self, direction: int) -> None:
        """To the next (1) or the previous (−1) match."""
        if not self.sought:
            self._terminal.ask("search")
            return
        self._jobs.supersede()
        view, session = self._current.view, self._current.session
        start = view.subject.step if view.subject else 0 if direction > 0 else 1

        def work() -> Generator[int, None, int | None]:
            yield from session.preparing(session.time)  # an edit may just have been made in haste
            return (yield from finding(session, self.sought, start, direction, view.digits))

        def found(step: int | None) -> None:
            if step is None:
                self._current.say(f'no statement matches "{self.sought}"')
                return
            cursor = session.program.statement(session.program.time(session.epoch, step - 1))
            self._current.update(cursor=cursor, spot=None, term=0, running=f"/{self.sought}")

        words = f"… looking for {self.sought}  {self._current.view.key('escape')} stops"
        self._jobs.start(work(), found, lambda first, reached, seconds: words)
