"""Breakpoints and watches: set on what a person points at, or on what was typed."""

from __future__ import annotations

from backprop_tui.network.names import shown
from backprop_tui.session.session import Session
from backprop_tui.tui.desk.current_view import CurrentView
from backprop_tui.tui.desk.pointing import Pointing
from backprop_tui.tui.desk.terminal import Terminal


class StopsAndWatches:
    """Sets breakpoints and watches, and takes them away."""

    def __init__(self, current: CurrentView, pointing: Pointing, terminal: Terminal) -> None:
        self._current = current
        self._pointing = pointing
        self._terminal = terminal

    @property
    def _session(self) -> Session:
        return self._current.session

    def break_here(self) -> None:
        """A breakpoint on the statement that the panes show; again: none."""
        statement = self._current.view.subject or self._session.now.upcoming
        symbol = self._session.run.symbol(statement.quantity)
        there = self._session.stopping.toggle(symbol)
        self._current.say(f"{'● break at' if there else 'no break at'} {shown(symbol)}")

    def add_breakpoint(self, text: str) -> None:
        """A breakpoint on what a person typed.

        Raises:
            ConditionError: *text* means none.
        """
        added = self._session.stopping.add(text)
        already = " (it is now)" if self._session.stopping.holds_at(added, self._session.now.time) else ""
        self._current.say(f"● {self._session.stopping.describe(added)}{already}")

    def break_on_change(self) -> None:
        """Break when the latest watch changes, or without one what the panes show."""
        name = self._session.watches[-1] if self._session.watches else self._pointing.name
        if name is not None:
            self.add_breakpoint(f"changed({name})")

    def watch_this(self) -> None:
        """Watch what the panes show; again: no more."""
        name = self._pointing.name
        if name is None:
            self._terminal.ask("watch")
        elif name in self._session.watches:
            self._session.watching.remove(self._session.watches.index(name))
            self._current.update(running=f"no watch on {shown(name)}")
        else:
            self.add_watch(name)

    def add_watch(self, text: str) -> None:
        """Watch what a person typed.

        Raises:
            ConditionError: *text* is no expression.
        """
        watched = self._session.watches
        self._session.watching.add(text)
        if self._session.watches == watched:
            self._current.update(running=f"{shown(text.strip())} is watched already")
        else:
            self._current.update()
