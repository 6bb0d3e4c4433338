"""A debugging session: a network, a position in its training, and what a person has set there.

Every key's action can be called from a test or a notebook: moving is here; ``editing``, ``comparing``,
``stopping`` and ``watching`` hold the rest, and ``now`` reads and explains every number of the present.
"""

from __future__ import annotations

from collections.abc import Generator

from backprop_tui.history.edits import Edit, Settable
from backprop_tui.history.moment import Moment
from backprop_tui.history.run import Run
from backprop_tui.network.description import Network
from backprop_tui.network.names import Names
from backprop_tui.network.notebook import ShownInNotebooks
from backprop_tui.program.boundaries import Grain, next_boundary, previous_boundary
from backprop_tui.program.explanations.explanation import Explanation
from backprop_tui.program.positions import Position, PositionError, iteration_typed, typed
from backprop_tui.program.statements import Program, Statement
from backprop_tui.session.comparing import Comparing
from backprop_tui.session.editing import Editing, edit_named, edit_of
from backprop_tui.session.present_numbers import Numbers
from backprop_tui.session.stopping import Stopping
from backprop_tui.session.watching import Watching
from backprop_tui.stops import on_demand as stops


class Session(Numbers, ShownInNotebooks):
    """A network, and how far its training has been run.

    The position is a time, counted in statements; ``position`` is the same as people write it. Moving
    forwards runs statements, moving backwards takes them back; nothing is lost on the way back.

    >>> from backprop_tui import Grain, Kind, Parameter, Quantity, Session, load
    >>> session = Session(load())  # the worked example
    >>> session.forward(Grain.BACKWARD)
    >>> session.now.read(Quantity(Kind.DELTA, layer=2, unit=0)).value
    -0.08156051466411174
    >>> _ = session.set("w1", 0.5)  # from here on
    >>> session.back(Grain.FORWARD)
    >>> session.position, session.now.parameter(Parameter(1, 0, 0)).value
    ('0:5', 0.3)

    Args:
        network: what is debugged.

    """

    def __init__(self, network: Network) -> None:
        self.time = 0
        """How many statements have run."""
        self.latest = 0
        """The latest time reached."""
        self.comparing = Comparing(network, lambda: self.time)
        self.stopping = Stopping(self.comparing)
        self.watching = Watching(self.comparing)
        self.comparing.closed = self._review
        self._now: Moment | None = None

    # What there is

    @property
    def network(self) -> Network:
        """What is debugged."""
        return self.comparing.debugged.editing.run.network

    @property
    def editing(self) -> Editing:
        """The values set by hand in the run that is debugged."""
        return self.comparing.debugged.editing

    @property
    def run(self) -> Run:
        """The run that is debugged, with all its edits."""
        return self.comparing.debugged.editing.run

    @property
    def program(self) -> Program:
        """Its statements."""
        return self.run.program

    @property
    def names(self) -> Names:
        """The identifiers of all quantities."""
        return self.run.names

    @property
    def edits(self) -> tuple[Edit, ...]:
        """The values set by hand, in the order in which they were made; ``editing`` changes them."""
        return self.editing.made

    @property
    def breakpoints(self) -> list[stops.breakpoints.Breakpoint]:
        """Where the run stops; ``stopping`` changes them."""
        return self.stopping.breakpoints

    @property
    def watches(self) -> list[str]:
        """The expressions kept in sight; ``watching`` changes them."""
        return self.watching.watches

    # Where we are

    @property
    def now(self) -> Moment:
        """The run at the present time."""
        now = self._now
        if now is None or now.time != self.time or now.run is not self.run:
            now = self._now = Moment(self.run, self.time)
        return now

    @property
    def position(self) -> str:
        """The position as it is printed and typed: ``epoch:step``."""
        return str(self.now.position)

    @property
    def epoch(self) -> int:
        """The epoch, from 0."""
        return self.now.position.epoch

    @property
    def step(self) -> int:
        """How many of the epoch's statements have run."""
        return self.now.position.step

    @property
    def statement(self) -> Statement | None:
        """The statement that has just run; None at the very start."""
        return self.now.statement

    def explain(
        self, statement: Statement | None = None, most: int | None = None, digits: int | None = 4
    ) -> Explanation | None:
        """The explanation of a statement, left out: of the one that has just run; None at the very start.

        Args:
            statement: what to explain; values that are not known yet are absent.
            most: write out at most so many terms of a sum, the largest; None writes all.
            digits: decimals of the numbers in its sentence; None for every digit there is.

        """
        return self.now.explain(statement, most, digits)

    def value(self, expression: str) -> float | bool | None:
        """The present value of an expression, in the language of breakpoints; None where it is not known yet.

        ``session.value("dL_dw1")``, ``session.value("a_h*(1 - a_h)")``, ``session.value("loss < 0.01")``.

        Raises:
            ConditionError: it means nothing here; the message says where and what would.

        """
        return self.watching.value(expression, self.time)

    # Moving

    def forward(self, grain: Grain = Grain.STATEMENT) -> None:
        """Run to the next boundary of *grain*."""
        self.jump(next_boundary(self.program, grain, self.time))

    def back(self, grain: Grain = Grain.STATEMENT) -> None:
        """Go back to the previous boundary of *grain*."""
        self.jump(previous_boundary(self.program, grain, self.time))

    def jump(self, time: int) -> None:
        """Go to a time, running what has not been run yet."""
        self.arrive(time)
        for _ in self.comparing.following(self.time, self.latest):
            pass

    def arrive(self, time: int) -> None:
        """The same where runs beside may come after: ``comparing.following`` computes them."""
        time = max(0, time)
        if time:
            self.run.timeline.state(self.program.iterations_by(time))
        self.time = time
        self.latest = max(self.latest, time)

    def jumping(self, time: int) -> Generator[int, None, None]:
        """Go to a time, a slice of computation at each step, so that the caller can show progress or stop.

        Yields:
            the epoch reached so far. The position changes only at the end.

        """
        for iteration in self.preparing(time):
            yield iteration // self.program.iterations_per_epoch
        for iteration in self.comparing.following(max(0, time), max(time, self.latest)):
            yield iteration // self.program.iterations_per_epoch
        self.arrive(time)

    def preparing(self, time: int) -> Generator[int, None, None]:
        """Compute what ``arrive`` at a time needs, a slice at each step; it may be done in another thread.

        Yields:
            the iteration reached so far, of ``program.iterations_by(time)``.

        """
        if time > 0:
            yield from self.run.timeline.going_to(self.program.iterations_by(time))

    def start(self) -> None:
        """Go to the very start."""
        self.jump(0)

    def end(self) -> None:
        """Go to the latest position reached."""
        self.jump(self.latest)

    def go(self, place: str) -> None:
        """Go to a position as typed; ``time_of`` says what may be.

        Raises:
            PositionError: it means none.

        """
        self.jump(self.time_of(place))

    def time_of(self, place: str) -> int:
        """The time meant by ``12``, ``12:17``, ``+100``, ``-5``, ``iteration 3``, ``start`` or ``end``.

        ``12`` is the start of epoch 12; a signed number counts epochs from here. ``iteration 3`` is the start
        of that iteration, numbered as conditions number them: those of a recording as in its training.

        Raises:
            PositionError: it means none.

        """
        match place.strip().lower():
            case "start" | "home":
                return 0
            case "end" | "latest":
                return self.latest
        if (number := iteration_typed(place)) is not None:
            time = self.program.iteration_start(self._iteration(number))
            return self.program.reachable(self.program.position(time))
        found = typed(place)
        if isinstance(found, Position):
            return self.program.reachable(found)
        time = max(0, self.time + found * self.program.statements)
        return self.program.reachable(self.program.position(time))

    def iteration_at(self, place: str | None = None) -> int:
        """The iteration that a position lies in, counted from 0 through all epochs; None: the present one.

        Where an epoch begins one ended: ``12`` and ``12:0`` lie in the first iteration of epoch 12, ``11:19``
        (of 19 steps) and ``end`` in the one before.

        Raises:
            PositionError: *place* means no position.

        """
        if place is None:
            return self.program.iteration_at(max(0, self.time - 1))
        time = self.time_of(place)
        if (number := iteration_typed(place)) is not None:
            return self._iteration(number)
        written = Position.parse(place.strip())
        begins = not written.step if written else place.strip().lower() not in ("end", "latest")
        if begins and time % self.program.statements == 0:
            return self.program.iteration_at(time)
        return self.program.iteration_at(max(0, time - 1))

    def _iteration(self, number: int) -> int:
        """The place of an iteration that a person names by its number."""
        first, recording = self.network.first_iteration, self.network.recording
        place = number - first
        if recording is not None and not 0 <= place < len(recording.iterations):
            last = first + len(recording.iterations) - 1
            raise PositionError(f"there are iterations {first:,} to {last:,}, and not {number:,}")
        return place

    # Setting values

    def set(self, name: str, value: float) -> Edit:
        """Set a weight, bias, input, target, or ``learning_rate`` from here on; what came before stays.

        Raises:
            EditError: nothing that can be set has that name, or the value cannot be set.
        """
        return self.editing.add(edit_named(self.now, name, value))

    def edit(self, sets: Settable, value: float) -> Edit:
        """The same by place instead of name: ``Settable(Target.PARAMETER, Parameter(2, 0, None))``.

        Raises:
            EditError: the value cannot be set to that.
        """
        return self.editing.add(edit_of(self.now, sets, value))

    def _review(self) -> None:
        """Take away what names a run that is not there any more."""
        self.stopping.review()
        self.watching.review()
