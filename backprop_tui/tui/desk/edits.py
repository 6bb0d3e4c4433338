"""Edits: values that a person sets, takes back and sets again; what they change is computed as a job."""

from __future__ import annotations

from collections.abc import Callable

from backprop_tui.engine.quantities import Parameter
from backprop_tui.history.edits import Edit
from backprop_tui.network.names import shown
from backprop_tui.session.changes import WITHOUT_EDITS
from backprop_tui.session.editing import EditError, edit_named
from backprop_tui.session.session import Session
from backprop_tui.tui.background.jobs import Jobs
from backprop_tui.tui.desk.current_view import CurrentView
from backprop_tui.tui.desk.pointing import Pointing
from backprop_tui.tui.desk.terminal import Terminal
from backprop_tui.tui.view import Node


class Edits:
    """Sets values."""

    def __init__(self, current: CurrentView, jobs: Jobs, pointing: Pointing, terminal: Terminal) -> None:
        self._current = current
        self._jobs = jobs
        self._pointing = pointing
        self._terminal = terminal

    @property
    def _session(self) -> Session:
        return self._current.session

    def edit_this(self) -> None:
        """Let a person set what the panes show."""
        name = self._settable()
        self._terminal.ask("set", f"{name} " if name else "")

    def _settable(self) -> str | None:
        """The identifier of the parameter or input that the panes show; None where they show none."""
        view = self._current.view
        if isinstance(view.spot, Parameter) or (isinstance(view.spot, Node) and not view.spot.layer):
            return self._pointing.name
        if view.subject is None:
            return None
        parameter = view.subject.quantity.parameter
        return self._session.names.parameter(*parameter) if parameter else None

    def set_value(self, text: str) -> None:
        """Set what a person typed: a name and a number.

        Raises:
            EditError: *text* is something else, or the value cannot be set.
        """
        typed = text.replace("=", " ").split()
        name, value = typed[-2:] if len(typed) > 1 else ("", "")  # a name that stood there already is left
        try:
            number = float(value.replace("−", "-"))
        except ValueError:
            if _reads(pointed := value.replace(",", ".")):
                raise EditError(f"write {pointed[:40]} with a point, not with a comma") from None
            name = self._session.names.parameter(1, 0, 0)
            raise EditError(f"a name and a number, as in {name} 0.5; found {text[:40]}") from None
        self._jobs.supersede()
        edit = edit_named(self._session.now, name, number)
        words = f"✎ {shown(name)} = {self._current.view.text(number)}"
        before = self._session.comparing.labels

        def beside() -> str:
            labels = self._session.comparing.labels
            new = next((one for one in labels if one not in before and labels[one] == WITHOUT_EDITS), None)
            return f"  {new}: {WITHOUT_EDITS}" if new else ""

        self._change((*self._session.edits, edit), lambda: self._session.editing.add(edit), words, beside)

    def undo(self) -> None:
        """Take back the last edit."""
        self._jobs.supersede()
        if not self._session.edits:
            self._current.say("no edit to take back")
        else:
            self._change(self._session.edits[:-1], self._session.editing.undo, "edit taken back")

    def redo(self) -> None:
        """Make the edit again that was taken back."""
        self._jobs.supersede()
        if not self._session.editing.undone:
            self._current.say("no edit to make again")
        else:
            edits = (*self._session.edits, self._session.editing.undone[-1])
            self._change(edits, self._session.editing.redo, "edit made again")

    def remove(self, index: int, removed: Callable[[], None]) -> None:
        """Take back edit number *index*, then call *removed*."""
        session = self._session
        edit = session.edits[index]
        self._jobs.supersede()
        if edit not in session.edits:
            return  # it was being taken away already
        index = session.edits.index(edit)

        def change() -> None:
            session.editing.remove(index)
            removed()

        self._change(session.edits[:index] + session.edits[index + 1 :], change, "edit taken away")

    def _change(
        self,
        edits: tuple[Edit, ...],
        change: Callable[[], object],
        words: str,
        more: Callable[[], str] = str,
    ) -> None:
        """Compute what other edits come to here, then change to them and say it; *more* adds to the words."""

        def done(result: object) -> None:
            change()
            self._current.say(words + more())

        stop = self._current.view.key("escape")
        self._jobs.start(
            self._session.editing.preparing(edits, self._session.time),
            done,
            lambda first, reached, seconds: f"… computing anew: iteration {reached:,}  {stop} stops",
            owes=change,
        )


def _reads(text: str) -> bool:
    """Whether a text is a number."""
    try:
        float(text)
    except ValueError:
        return False
    return True
