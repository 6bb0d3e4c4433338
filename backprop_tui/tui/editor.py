"""What a person sets: breakpoints, watches and values."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from backprop_tui.engine.quantities import Kind, Parameter
from backprop_tui.history.edits import Edit
from backprop_tui.network.names import shown
from backprop_tui.session.editing import EditError, edit_named
from backprop_tui.session.session import Session
from backprop_tui.tui.view import Node, View

if TYPE_CHECKING:
    from backprop_tui.tui.screens.debugger import DebuggerScreen


class Editor:
    """Sets breakpoints, watches and values for the screen."""

    def __init__(self, screen: DebuggerScreen) -> None:
        self._screen = screen
        self._unfinished: Callable[[], None] | None = None
        """A change of the edits whose consequences are still being computed."""

    @property
    def _session(self) -> Session:
        return self._screen.session

    @property
    def _view(self) -> View:
        return self._screen.view

    def _named(self) -> str | None:
        """The identifier of what the panes show; of a selected unit, its activation."""
        spot = self._view.spot
        if isinstance(spot, Parameter):
            return self._session.names.parameter(*spot)
        if isinstance(spot, Node):
            return self._session.names.a(*spot)
        subject = self._view.subject
        return None if subject is None else self._session.run.symbol(subject.quantity)

    # Breakpoints and watches

    def break_here(self) -> None:
        """A breakpoint on the statement that the panes show; again: none."""
        statement = self._view.subject or self._session.now.upcoming
        symbol = self._session.run.symbol(statement.quantity)
        there = self._session.stopping.toggle(symbol)
        self._screen.update(running=f"{'● break at' if there else 'no break at'} {shown(symbol)}")

    def add_breakpoint(self, text: str) -> None:
        """A breakpoint on what a person typed."""
        added = self._session.stopping.add(text)
        self._screen.update(running=f"● {added.describe(self._session.network)}")

    def watch_this(self) -> None:
        """Watch what the panes show; again: no more."""
        name = self._named()
        if name is None:
            self._screen.ask("watch")
        elif name in self._session.watches:
            self._session.watching.remove(self._session.watches.index(name))
            self._screen.update()
        else:
            self.add_watch(name)

    def add_watch(self, text: str) -> None:
        """Watch what a person typed."""
        self._session.watching.add(text)
        self._screen.update()

    def break_on_change(self) -> None:
        """Break when the latest watch changes, or without one what the panes show."""
        name = self._session.watches[-1] if self._session.watches else self._named()
        if name is not None:
            self._screen.say("break", f"changed({name})")

    # Values

    def edit_this(self) -> None:
        """Let a person set what the panes show."""
        subject, spot = self._view.subject, self._view.spot
        name = self._named()
        if not isinstance(spot, Parameter) and not (isinstance(spot, Node) and not spot.layer):
            name = None
            if subject is not None and subject.kind in (Kind.WEIGHT_GRADIENT, Kind.BIAS_GRADIENT):
                _, layer, unit, below = subject.quantity
                name = self._session.names.parameter(layer or 0, unit or 0, below)
            elif subject is not None and subject.kind in (Kind.WEIGHT_UPDATE, Kind.BIAS_UPDATE):
                name = self._session.run.symbol(subject.quantity)
        self._screen.ask("set", f"{name} " if name else "")

    def set_value(self, text: str) -> None:
        """Set what a person typed: a name and a number."""
        name, _, value = text.replace("=", " ").strip().partition(" ")
        try:
            number = float(value.replace("−", "-"))
        except ValueError:
            raise EditError(f"a name and a number, as in w1 0.5; found {text[:40]}") from None
        self.finish()
        edit = edit_named(self._session.now, name, number)
        words = f"✎ {shown(name)} = {self._view.text(number)}"
        self._change((*self._session.edits, edit), lambda: self._session.editing.add(edit), words)

    def undo(self) -> None:
        """Take back the last edit."""
        self.finish()
        if not self._session.edits:
            self._screen.update(running="no edit to take back")
        else:
            self._change(self._session.edits[:-1], self._session.editing.undo, "edit taken back")

    def redo(self) -> None:
        """Make the edit again that was taken back."""
        self.finish()
        if not self._session.editing.undone:
            self._screen.update(running="no edit to make again")
        else:
            edits = (*self._session.edits, self._session.editing.undone[-1])
            self._change(edits, self._session.editing.redo, "edit made again")

    def remove(self, index: int, removed: Callable[[], None]) -> None:
        """Take back one of the edits, then tell so."""
        self.finish()
        session = self._session

        def change() -> None:
            session.editing.remove(index)
            removed()

        self._change(session.edits[:index] + session.edits[index + 1 :], change, "edit taken away")

    def _change(self, edits: tuple[Edit, ...], change: Callable[[], object], words: str) -> None:
        """Compute what other edits come to here, then change to them."""

        def change_now() -> None:
            self._unfinished = None
            change()

        def done(result: object) -> None:
            change_now()
            self._screen.update(running=words)

        self._screen.driver.stop()
        self._unfinished = change_now
        self._screen.driver.drive(
            self._session.editing.preparing(edits, self._session.time),
            done,
            lambda first, reached, seconds: f"… computing anew: iteration {reached:,}  escape stops",
        )

    def forget(self) -> None:
        """The change that is being computed will not be made."""
        self._unfinished = None

    def finish(self) -> None:
        """Make the change that is still being computed, for another follows: none is lost."""
        if self._unfinished is not None:
            self._screen.driver.abandon()
            self._unfinished()

    def manage(self) -> None:
        """The list of breakpoints, watches and edits."""
        from backprop_tui.tui.screens.managing import ManageScreen

        self._screen.driver.stop()
        screen = self._screen
        screen.app.push_screen(ManageScreen(self._session, self.remove), lambda changed: screen.update())
