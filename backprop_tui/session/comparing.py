"""Comparing: runs of the same program beside the debugged one, at the same position.

The run that a session begins with is ``a``; ``b``, ``c`` and ``d`` are those that differ from it in what was
said. Each keeps its name whichever is debugged. As long as none was asked for, the run without the values
that were set by hand stands beside the run with them.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from typing import NamedTuple

from backprop_tui.history.checkpoints import BYTES
from backprop_tui.history.edits import Edit
from backprop_tui.history.moment import Moment
from backprop_tui.history.run import Run
from backprop_tui.history.timeline import Timeline
from backprop_tui.network.description import Network
from backprop_tui.network.errors import NetworkError
from backprop_tui.session.changes import AS_EDITED, AS_GIVEN, WITHOUT_EDITS, Change, changes
from backprop_tui.session.editing import Editing

NAMES = "abcd"
"""The names of the runs; there are no more."""


class Variant:
    """One of the runs that are compared.

    Args:
        name: one of ``NAMES``.
        words: what differs in it.
        editing: its edits, and the run with and without them.
        change: what it was made of; None: it is the given run itself.
    """

    def __init__(self, name: str, words: str, editing: Editing, change: Change | None = None) -> None:
        self.name = name
        self.words = words
        self.editing = editing
        self.change = change

    @property
    def run(self) -> Run:
        """The run, with its edits."""
        return self.editing.run

    @property
    def network(self) -> Network:
        """What is trained in it."""
        return self.editing.run.network

    def edits_of(self, given: tuple[Edit, ...]) -> tuple[Edit, ...]:
        """The edits that it has by what was said of it, beside a run with the *given* ones."""
        if self.change is None or self.change.unedited:
            return () if self.change else given
        return (*given, *self.change.edits)


class Comparing:
    """The runs of a session.

    >>> from backprop_tui import Session, load
    >>> session = Session(load())
    >>> session.comparing.add("learning_rate=5")
    ['b']
    >>> session.jump(session.program.time(200, 0))
    >>> session.comparing.labels
    {'a': 'as given', 'b': 'learning_rate=5'}
    >>> {name: round(now.loss.value, 6) for name, now in session.comparing.now.items()}
    {'a': 0.002009, 'b': 0.000157}

    Args:
        network: what the session begins with.
        time: tells the present time.
    """

    def __init__(self, network: Network, time: Callable[[], int]) -> None:
        self.variants: tuple[Variant, ...] = (Variant(NAMES[0], AS_GIVEN, Editing(Run(network))),)
        """Those that were asked for, the given one first; ``add``, ``clear`` and ``swap`` change them."""
        self.debugged = self.variants[0]
        """The one that is debugged."""
        self.closed: Callable[[], object] = lambda: None
        """Called after runs were closed, for whoever has named them."""
        self._time = time
        self._last = ""

    # What there is

    @property
    def home(self) -> Variant:
        """The one that the others differ from."""
        return self.variants[0]

    @property
    def open(self) -> bool:
        """Whether others were asked for."""
        return len(self.variants) > 1

    @property
    def others(self) -> tuple[Variant, ...]:
        """Those beside the one that is debugged."""
        if self.open:
            return tuple(one for one in self.variants if one is not self.debugged)
        unedited = self.debugged.editing.baseline
        return () if unedited is None else (self._unedited(unedited),)

    def _unedited(self, run: Run) -> Variant:
        return Variant(
            NAMES[1], WITHOUT_EDITS, Editing(run), Change(WITHOUT_EDITS, run.network, unedited=True)
        )

    @property
    def other(self) -> Variant | None:
        """The one that numbers are compared with, and that ``swap`` goes to: the latest debugged before."""
        others = self.others
        return next((one for one in others if one.name == self._last), others[0] if others else None)

    @property
    def runs(self) -> Mapping[str, Run]:
        """All runs by name, the debugged one among them."""
        found = {one.name: one.run for one in (*self.variants, *self.others)}
        return dict(sorted(found.items()))

    @property
    def networks(self) -> Mapping[str, Network]:
        """What is trained in each, where there are several."""
        runs = self.runs
        return {name: run.network for name, run in runs.items()} if len(runs) > 1 else {}

    @property
    def labels(self) -> Mapping[str, str]:
        """What differs in each, by name."""
        found = {one.name: self.label(one) for one in (*self.variants, *self.others)}
        return dict(sorted(found.items()))

    def label(self, one: Variant) -> str:
        """What differs in one, in words."""
        if one is self.home:
            return AS_EDITED if one.editing.made else AS_GIVEN
        more = one.editing.made != one.edits_of(self.home.editing.made)
        return f"{one.words}, edited" if more else one.words

    @property
    def now(self) -> Mapping[str, Moment]:
        """Each run at the present time, by name."""
        return {name: Moment(run, self._time()) for name, run in self.runs.items()}

    # What changes it

    def add(self, text: str) -> list[str]:
        """Put a run beside the others that differs from the given one in what *text* says.

        Args:
            text: ``learning_rate=5``; ``optimizer``, ``activation``, ``output``, ``loss``, ``initializer``,
                ``seed`` or an option of the optimizer likewise, several of them with a blank between, several
                values of one with commas; ``w1=0.5``, which sets a value at the present time; another network
                of the same shape; or ``without edits``.

        Returns:
            the names of the new runs.

        Raises:
            NetworkError: it means none, there are too many, or the program would be another one.
            EditError: a value in it cannot be set.
        """
        room = len(NAMES) - len(self.variants)
        if not room:
            raise NetworkError("", f"at most {len(NAMES) - 1} runs beside the given one", "one more")
        found = changes(text, Moment(self.home.run, self._time()), room)
        for change in found:
            if any(change.words == one.words for one in self.variants[1:]):
                raise NetworkError("", "something that no run beside differs in yet", change.words)
        made = [self.made(NAMES[number], change) for number, change in enumerate(found, len(self.variants))]
        self.replace((*self.variants, *made), self.debugged.name)
        return [one.name for one in made]

    def made(self, name: str, change: Change) -> Variant:
        """The run of a change, not beside the others yet."""
        home = self.home.editing
        run = home.baseline or home.run
        made = Variant(
            name,
            change.words,
            Editing(run if change.network is run.network else _run_of(change.network)),
            change,
        )
        if edits := made.edits_of(home.made):
            made.editing.replace(edits)
        return made

    def replace(self, variants: tuple[Variant, ...], debugged: str, other: str | None = None) -> None:
        """Replace all runs by these, the given one first; *other* is that which ``swap`` goes to."""
        self.variants = variants
        self.debugged = next(one for one in variants if one.name == debugged)
        self._last = self._last if other is None else other

    def clear(self) -> None:
        """Close all but the debugged run, which is the given one from now on."""
        kept = self.debugged
        self.variants = (Variant(NAMES[0], AS_GIVEN, kept.editing),)
        self.debugged, self._last = self.variants[0], ""
        self.closed()

    def hold(self) -> None:
        """Keep the run without edits beside, even when the edits are taken back."""
        if not self.open and self.others:
            self.variants = (self.debugged, *self.others)

    def swap(self, name: str = "") -> Variant:
        """Debug another run, left out: the other one; again: the one before.

        Raises:
            NetworkError: there is none of that name.
        """
        self.hold()
        wanted = self.named(name)
        if wanted is not self.debugged:
            self._last, self.debugged = self.debugged.name, wanted
        return wanted

    def named(self, name: str = "") -> Variant:
        """The run of a name; of an empty one, the other run.

        Raises:
            NetworkError: there is none.
        """
        everyone = {one.name: one for one in (*self.variants, *self.others)}
        found = everyone.get(name) if name else self.other
        if found is None:
            if len(everyone) == 1:
                raise NetworkError("", "a run beside", "none", hint="as in :compare learning_rate=5")
            raise NetworkError("", "one of " + ", ".join(sorted(everyone)), name[:20])
        return found

    # Moving together

    def following(self, time: int, latest: int) -> Generator[int, None, None]:
        """Compute what is read of the others at a time, and all losses up to the latest, in slices.

        A run whose values were set by hand at an earlier time has none of what lies ahead either.

        Yields:
            the iteration reached in one of them.
        """
        for one in self.others:
            yield from following(one.run, time, latest)
        run = self.debugged.run
        yield from run.timeline.running_to(run.program.iterations_by(latest))

    def ready(self, time: int, latest: int) -> bool:
        """Whether that has been done, so that reading them takes no time."""
        run = self.debugged.run
        ahead = run.timeline.reached(run.program.iterations_by(latest))
        return ahead and all(progress(one.run, time, latest).ready for one in self.others)


def _run_of(network: Network) -> Run:
    """A run beside: with its share of what one run's history may hold."""
    return Run(network, Timeline(network, budget=BYTES // len(NAMES)))


class Progress(NamedTuple):
    """How far a run is from a time."""

    at_hand: bool
    """Whether its values at that time can be read without computing anything."""
    ready: bool
    """Whether the losses up to the latest time are known as well."""


def progress(run: Run, time: int, latest: int) -> Progress:
    """How far a run is from a time, *latest* being the latest time reached."""
    timeline, program = run.timeline, run.program
    at_hand = all(map(timeline.remembers, _read(run, time)))
    return Progress(at_hand, at_hand and timeline.reached(program.iterations_by(max(time, latest))))


def following(run: Run, time: int, latest: int) -> Generator[int, None, None]:
    """Compute what is read of a run at a time, and its losses up to the latest, a slice at each step.

    Yields:
        the iteration reached.
    """
    timeline = run.timeline
    for number in _read(run, time):
        if not timeline.remembers(number):
            yield from timeline.going_to(number)
            timeline.iteration(number)
            yield number
    yield from timeline.running_to(run.program.iterations_by(max(time, latest)))


def _read(run: Run, time: int) -> range:
    """The iterations of which values are read at a time: the one at work, and the one before."""
    if time <= 0:
        return range(0)
    number = run.program.iteration_at(time - 1)
    return range(max(0, number - 1), number + 1)
