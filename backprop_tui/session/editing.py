"""Editing: values that a person sets and takes back, and the runs with and without them."""

from __future__ import annotations

from collections.abc import Generator
from math import isfinite

from backprop_tui.history.edits import Edit, Settable, Target, settable
from backprop_tui.history.moment import Moment
from backprop_tui.history.run import Run
from backprop_tui.network.errors import BackpropError, nearest
from backprop_tui.program.identifiers import Identifiers


class EditError(BackpropError):
    """A value that cannot be set; says why.

    >>> from backprop_tui import EditError, Session, load
    >>> try:
    ...     Session(load()).set("a_h", 1.0)
    ... except EditError as error:
    ...     print(error)
    a_h is computed: set a weight, a bias, an input, a target or learning_rate
    """


class Editing:
    """The edits of a session, and the runs with and without them."""

    def __init__(self, run: Run) -> None:
        self.run = run
        """The run with the edits."""
        self.baseline: Run | None = None
        """The run without any, where there are edits."""
        self.made: tuple[Edit, ...] = ()
        """The edits, in the order in which they were made."""
        self.undone: tuple[Edit, ...] = ()
        """Those that were taken back, the last one last."""
        self._prepared: tuple[tuple[Edit, ...], Run] | None = None

    def add(self, edit: Edit) -> Edit:
        """Make an edit, one of ``edit_of`` or ``edit_named``."""
        self.undone = ()
        self.replace((*self.made, edit))
        return edit

    def undo(self) -> Edit | None:
        """Take back the edit made last; None where there is none."""
        if not self.made:
            return None
        edit = self.made[-1]
        self.undone = (*self.undone, edit)
        self.replace(self.made[:-1])
        return edit

    def redo(self) -> Edit | None:
        """Make the edit that was taken back last again; None where there is none."""
        if not self.undone:
            return None
        edit = self.undone[-1]
        self.undone = self.undone[:-1]
        self.replace((*self.made, edit))
        return edit

    def remove(self, index: int) -> Edit:
        """Take back edit number *index*."""
        edit = self.made[index]
        self.undone = ()
        self.replace(self.made[:index] + self.made[index + 1 :])
        return edit

    def replace(self, edits: tuple[Edit, ...]) -> None:
        """Replace all edits by these."""
        baseline = self.baseline or self.run
        self.run = self._run_with(edits)
        self.made = edits
        self.baseline = baseline if edits else None
        self._prepared = None

    def preparing(self, edits: tuple[Edit, ...], time: int) -> Generator[int, None, None]:
        """Compute the run with these edits up to a time, a slice at each step, perhaps in another thread.

        The session does not change. If the next change of its edits leads to just these, it takes no time.

        Yields:
            the iteration reached so far.
        """
        run = self._run_with(edits)
        if time:
            yield from run.timeline.going_to(run.program.iterations_by(time))
        self._prepared = (edits, run)

    def _run_with(self, edits: tuple[Edit, ...]) -> Run:
        if self._prepared is not None and self._prepared[0] == edits:
            return self._prepared[1]
        return self.run.with_edits(edits) if edits else self.baseline or self.run


def edit_of(now: Moment, sets: Settable, value: float) -> Edit:
    """The edit that sets a value from a moment on, not made yet.

    Args:
        now: the moment; an input or a target is that of the example being worked on there.
        sets: what to set.
        value: a finite number; a learning rate is at least 0.

    Raises:
        EditError: the value cannot be set to that.
    """
    rate = sets.target is Target.LEARNING_RATE
    if not isfinite(value) or (rate and value < 0):
        raise EditError(f"expected a finite number{', at least 0' if rate else ''}, found {value:g}")
    return Edit(now.time, sets, float(value), now.example)


def edit_named(now: Moment, name: str, value: float) -> Edit:
    """The edit that sets what *name* stands for: a weight, bias, input, target, or ``learning_rate``.

    Raises:
        EditError: nothing that can be set has that name, or the value cannot be set.
    """
    identifiers = Identifiers(now.run.network)
    if sets := settable(identifiers, name):
        return edit_of(now, sets, value)
    if identifiers.resolve(name) is not None:
        raise EditError(f"{name} is computed: set a weight, a bias, an input, a target or learning_rate")
    hint = nearest(name, [*identifiers.sample(), "learning_rate"])
    raise EditError(f"nothing is called {name[:40]}" + (f" ({hint})" if hint else ""))
