"""A debugging session: a network and a moment of its training. Everything a key does is a method here."""

from __future__ import annotations

import re
from collections.abc import Generator
from math import isfinite
from typing import TYPE_CHECKING

from backprop_tui.engine.quantities import Kind, Phase, Quantity
from backprop_tui.history.edits import Edit, Target
from backprop_tui.history.readings import Reading, Values
from backprop_tui.history.recorded_facts import Lookup, symbol_of
from backprop_tui.history.timeline import Timeline
from backprop_tui.network.description import Network
from backprop_tui.network.names import Names, shown
from backprop_tui.program.number_text import number
from backprop_tui.program.statements import Grain, Program, Statement

if TYPE_CHECKING:
    from backprop_tui.program.explanation import Explanation
    from backprop_tui.stops.breakpoints import Breakpoint, Stop

MOST_EPOCHS = 10**9
_PLACE = re.compile(r"\s*(?:(?P<epoch>\d+)(?::(?P<step>\d+))?|(?P<sign>[+\-−])(?P<count>\d+))\s*", re.ASCII)


class EditError(ValueError):
    """A value that cannot be set; says why."""


class PositionError(ValueError):
    """A position that cannot be gone to; says why and what would do."""


class Session:
    """A network, and how far its training has been run.

    The position is a time, counted in statements; ``epoch`` and ``step`` are the same as people write it.
    Moving forwards runs statements, moving backwards takes them back; nothing is lost on the way back.
    """

    def __init__(self, network: Network) -> None:
        self.network = network
        self.names = Names(network)
        self.program = Program(network)
        self.timeline = Timeline(network)
        self._values = Values(self.program, self.timeline)
        self.time = 0
        self.latest = 0
        """The latest time reached."""
        self.baseline: Timeline | None = None
        """The run without any edit, where there are edits."""
        self.breakpoints: list[Breakpoint] = []
        """Where the run stops; change it by the methods below."""
        self.watches: list[str] = []
        """Expressions kept in sight; change it by the methods below."""
        self.marks: dict[Quantity, bool] = {}
        """What the breakpoints on statements stand at, and whether one of them is switched on."""
        self._edits: tuple[Edit, ...] = ()
        self._undone: list[Edit] = []
        self._prepared: tuple[tuple[Edit, ...], Timeline] | None = None

    # Where we are

    @property
    def epoch(self) -> int:
        """The epoch, from 0."""
        return self.program.position(self.time)[0]

    @property
    def step(self) -> int:
        """How many of the epoch's statements have run."""
        return self.program.position(self.time)[1]

    @property
    def position(self) -> str:
        """The position as it is printed and typed: ``epoch:step``."""
        return f"{self.epoch}:{self.step}"

    @property
    def statement(self) -> Statement | None:
        """The statement that has just run; None at the very start."""
        return self.program.statement(self.time - 1) if self.time else None

    @property
    def upcoming(self) -> Statement:
        """The statement that runs next."""
        return self.program.statement(self.time)

    # Moving

    def forward(self, grain: Grain = Grain.STATEMENT) -> None:
        """Run to the next boundary of *grain*."""
        self.jump(self.program.next_boundary(grain, self.time))

    def back(self, grain: Grain = Grain.STATEMENT) -> None:
        """Go back to the previous boundary of *grain*."""
        self.jump(self.program.previous_boundary(grain, self.time))

    def jump(self, time: int) -> None:
        """Go to a time, running what has not been run yet."""
        time = max(0, time)
        if time:
            self.timeline.state(self.iterations_by(time))
        self.time = time
        self.latest = max(self.latest, time)

    def jumping(self, time: int) -> Generator[int, None, None]:
        """Go to a time, a slice of computation at each step, so that the caller can show progress or stop.

        Yields:
            the epoch reached so far. The position changes only at the end.

        """
        for iteration in self.preparing(time):
            yield iteration // self.program.iterations_per_epoch
        self.jump(time)

    def preparing(self, time: int) -> Generator[int, None, None]:
        """Compute what ``jump`` to a time needs, a slice at each step; it may be done in another thread.

        Yields:
            the iteration reached so far, of ``iterations_by(time)``; with edits the run without them
            comes after, and is told with the same numbers.

        """
        if time > 0:
            yield from self.timeline.going_to(self.iterations_by(time))
            if self.baseline is not None:
                yield from self.baseline.running_to(self.iterations_by(max(time, self.latest)))

    @property
    def at_hand(self) -> bool:
        """Whether the values of here can be read at once; else ``preparing`` computes what they take."""
        return self.time == 0 or self.timeline.at_hand(self.iterations_by(self.time))

    def iterations_by(self, time: int) -> int:
        """How many iterations are over at a time."""
        last = self.program.iteration_at(time - 1)
        return last + 1 if time == self.program.iteration_start(last + 1) else last

    def start(self) -> None:
        """Go to the very start."""
        self.jump(0)

    def end(self) -> None:
        """Go to the latest position reached."""
        self.jump(self.latest)

    def target(self, place: str) -> int:
        """The time that a person means by *place*: ``12``, ``12:17``, ``+100``, ``-5``, ``start``, ``end``.

        ``12`` is the start of epoch 12; a signed number counts epochs from here.

        Raises:
            PositionError: it means none.

        """
        word = place.strip().lower()
        if word in ("start", "home"):
            return 0
        if word in ("end", "latest"):
            return self.latest
        match = _PLACE.fullmatch(place)
        if match is None or len(place) > 40:
            raise PositionError(
                f"{place.strip()[:40]!r} is no position: try 12, 12:17, +100, -5, start or end"
            )
        if match["sign"]:
            count = int(match["count"]) * (1 if match["sign"] == "+" else -1)
            time = max(0, self.time + count * self.program.statements)
        else:
            step = int(match["step"] or 0)
            if step > self.program.statements:
                raise PositionError(f"an epoch has {self.program.statements} steps, not {step}")
            time = self.program.time(int(match["epoch"]), step)
        if time > MOST_EPOCHS * self.program.statements:
            raise PositionError(f"at most {MOST_EPOCHS:,} epochs")
        return time

    def go(self, place: str) -> None:
        """Go to a position as typed.

        Raises:
            PositionError: it means none.

        """
        self.jump(self.target(place))

    # Editing

    @property
    def edits(self) -> tuple[Edit, ...]:
        """The values set by hand, in the order in which they were made."""
        return self._edits

    @property
    def learning_rate(self) -> float:
        """The learning rate here."""
        return self.timeline.learning_rate(self.time)

    def edit(
        self, target: Target, value: float, layer: int = 0, unit: int = 0, below: int | None = None
    ) -> Edit:
        """Set a value from here on; what came before stays, what follows is computed anew.

        Args:
            target: what sort of value; an input or a target is that of the example being worked on.
            value: a finite number; a learning rate is at least 0.
            layer: of a parameter, the layer of its unit.
            unit: the unit, input or output.
            below: of a weight, its input; None for a bias.

        Raises:
            EditError: the value cannot be set to that.
        """
        return self.add_edit(self._made(target, value, layer, unit, below))

    def add_edit(self, edit: Edit) -> Edit:
        """Make an edit that ``meant`` gave."""
        self._undone.clear()
        self._replace_edits((*self._edits, edit))
        return edit

    def _made(self, target: Target, value: float, layer: int, unit: int, below: int | None) -> Edit:
        if not isfinite(value) or (target is Target.LEARNING_RATE and value < 0):
            bound = ", at least 0" if target is Target.LEARNING_RATE else ""
            raise EditError(f"expected a finite number{bound}, found {value:g}")
        return Edit(self.time, target, float(value), layer, unit, below, self.example)

    def undo(self) -> Edit | None:
        """Take back the edit made last; None where there is none."""
        if not self._edits:
            return None
        self._undone.append(self._edits[-1])
        self._replace_edits(self._edits[:-1])
        return self._undone[-1]

    def redo(self) -> Edit | None:
        """Make the edit that was taken back last again; None where there is none."""
        if not self._undone:
            return None
        edit = self._undone.pop()
        self._replace_edits((*self._edits, edit))
        return edit

    def remove_edit(self, index: int) -> Edit:
        """Take back edit number *index* of ``edits``."""
        edit = self._edits[index]
        self._undone.clear()
        self._replace_edits(self._edits[:index] + self._edits[index + 1 :])
        return edit

    @property
    def undone(self) -> tuple[Edit, ...]:
        """The edits that were taken back, the last one last."""
        return tuple(self._undone)

    def preparing_edits(self, edits: tuple[Edit, ...]) -> Generator[int, None, None]:
        """Compute what having these edits takes here, a slice at each step; it may be done in another thread.

        Nothing changes by it, but making, undoing or removing an edit then takes no time where it comes to
        just these.

        Yields:
            the iteration reached so far.
        """
        timeline = self._timeline_with(edits)
        if self.time:
            yield from timeline.going_to(self.iterations_by(self.time))
        self._prepared = (edits, timeline)

    def _timeline_with(self, edits: tuple[Edit, ...]) -> Timeline:
        if self._prepared is not None and self._prepared[0] == edits:
            return self._prepared[1]
        return self.timeline.with_edits(edits) if edits else self.baseline or self.timeline

    def _replace_edits(self, edits: tuple[Edit, ...]) -> None:
        baseline = self.baseline or self.timeline
        self.timeline = self._timeline_with(edits)
        self._edits = edits
        self._prepared = None
        self.baseline = baseline if edits else None
        self._values = Values(self.program, self.timeline)

    def set(self, name: str, value: float) -> Edit:
        """Set what *name* stands for: a weight, bias, input, target, or ``learning_rate``; see ``edit``.

        Raises:
            EditError: nothing that can be set has that name, or the value cannot be set.
        """
        return self.add_edit(self.meant(name, value))

    def meant(self, name: str, value: float) -> Edit:
        """The edit that sets what *name* stands for, not made yet.

        Raises:
            EditError: as ``set``.
        """
        from backprop_tui.network.errors import nearest
        from backprop_tui.program.identifiers import Identifiers, What

        if name in ("learning_rate", "η"):
            return self._made(Target.LEARNING_RATE, value, 0, 0, None)
        identifiers = Identifiers(self.network)
        source = identifiers.resolve(name)
        if source is not None and source.what is What.PARAMETER and source.quantity is not None:
            _, layer, unit, below = source.quantity
            return self._made(Target.PARAMETER, value, layer or 0, unit or 0, below)
        if source is not None and source.what in (What.INPUT, What.TARGET):
            target = Target.INPUT if source.what is What.INPUT else Target.TARGET
            return self._made(target, value, 0, source.unit or 0, None)
        if source is not None:
            raise EditError(f"{name} is computed: set a weight, a bias, an input, a target or learning_rate")
        hint = nearest(name, [*identifiers.sample(), "learning_rate"])
        raise EditError(f"nothing is called {name[:40]}" + (f" ({hint})" if hint else ""))

    # Breakpoints and watches

    def add_breakpoint(self, text: str) -> Breakpoint:
        """Stop the run at a statement (``dL_dw1``), a phase, a unit, or where a condition becomes true.

        Raises:
            ConditionError: *text* means none of these.
        """
        from backprop_tui.stops.breakpoints import Breakpoint

        added = Breakpoint.parse(text, self.network)
        if all(one.text != added.text for one in self.breakpoints):
            self.breakpoints.append(added)
            self._mark(added)
        return added

    def toggle_breakpoint(self, text: str) -> bool:
        """Set a breakpoint, or take it away where there is one; tells whether there is one now.

        Raises:
            ConditionError: as ``add_breakpoint``.
        """
        for index, one in enumerate(self.breakpoints):
            if one.text == text.strip():
                self.remove_breakpoint(index)
                return False
        self.add_breakpoint(text)
        return True

    def remove_breakpoint(self, index: int) -> None:
        """Take a breakpoint away."""
        del self.breakpoints[index]
        self._mark_anew()

    def switch_breakpoint(self, index: int) -> None:
        """Switch a breakpoint off, or on again."""
        self.breakpoints[index] = self.breakpoints[index].toggled()
        self._mark_anew()

    def count_hit(self, hit: Breakpoint) -> None:
        """Count that a breakpoint stopped the run."""
        self.breakpoints = [one.hit() if one.text == hit.text else one for one in self.breakpoints]

    def _mark_anew(self) -> None:
        self.marks = {}
        for one in self.breakpoints:
            self._mark(one)

    def _mark(self, one: Breakpoint) -> None:
        for quantity in one.quantities(self.network):
            self.marks[quantity] = self.marks.get(quantity, False) or one.enabled

    def searching(self, direction: int) -> Generator[int, None, Stop | None]:
        """Look for the next (1) or the previous (−1) moment at which a breakpoint stops the run.

        Yields:
            the epoch reached so far.

        Returns:
            the stop, to be jumped to; None where there is none.
        """
        from backprop_tui.stops.breakpoints import searching

        return (yield from searching(self, self.breakpoints, direction))

    def add_watch(self, text: str) -> None:
        """Keep an expression in sight.

        Raises:
            ConditionError: *text* is none.
        """
        from backprop_tui.stops.conditions import parse_expression

        parse_expression(text, self.network)
        if text.strip() not in self.watches:
            self.watches.append(text.strip())

    def remove_watch(self, index: int) -> None:
        """Keep it in sight no longer."""
        del self.watches[index]

    def finding(
        self, text: str, start: int, direction: int, digits: int | None
    ) -> Generator[int, None, int | None]:
        """Look through the epoch's listing for a symbol, a phase, a unit or a value.

        Args:
            text: part of a symbol, the name of a phase or of a unit, or the beginning of a value as shown.
            start: the step from which to look; the search goes on at the other end.
            direction: 1 to look forwards, −1 backwards.
            digits: the decimals with which values are shown.

        Yields:
            the epoch, once every few thousand statements.

        Returns:
            the number of the statement found, from 1; None where there is none.
        """
        wanted = text.strip().replace("-", "−").lower()
        count = self.program.statements
        for distance in range(1, count + 1):
            if distance % 2000 == 0:
                yield self.epoch
            step = (start - 1 + direction * distance) % count + 1
            statement = self.program.statement(self.program.time(self.epoch, step - 1))
            if self._matches(statement, wanted, digits):
                return step
        return None

    def _matches(self, statement: Statement, wanted: str, digits: int | None) -> bool:
        symbol = self.symbol(statement.quantity)
        if (
            wanted.replace("−", "-") in (symbol.lower(), statement.phase.value)
            or wanted in shown(symbol).lower()
        ):
            return True
        _, layer, unit, _ = statement.quantity
        if layer is not None and unit is not None and wanted == self.names.unit(layer, unit).lower():
            return True
        if not wanted or wanted[0] not in "0123456789−":
            return False
        value = self.value_of(statement)
        return value is not None and number(value, digits).startswith(wanted)

    # Looking

    def read(self, quantity: Quantity, time: int | None = None) -> Reading:
        """The latest value of a quantity, here or at another time."""
        return self._values.read(quantity, self.time if time is None else time)

    def parameter(self, layer: int, unit: int, below: int | None, time: int | None = None) -> Reading:
        """The value of a weight, or where *below* is None of a bias, here or at another time."""
        return self._values.parameter(layer, unit, below, self.time if time is None else time)

    def parameter_before(self, layer: int, unit: int, below: int | None) -> Reading:
        """The value that the present iteration's update starts from; until then, the value here."""
        start = self.program.iteration_start(self.program.iteration_at(max(0, self.time - 1)))
        kind = Kind.BIAS_UPDATE if below is None else Kind.WEIGHT_UPDATE
        updated = self.program.next_time(Quantity(kind, layer, unit, below), start)
        before = self.time if updated is None or updated > self.time else updated - 1
        return self._values.parameter(layer, unit, below, before)

    def mean_gradient(self, layer: int, unit: int, below: int | None) -> float | None:
        """The gradient of a parameter in the present iteration, averaged over the batch.

        None until the batch's last example has given its own.
        """
        kind = Kind.BIAS_GRADIENT if below is None else Kind.WEIGHT_GRADIENT
        last, present = self.last_statement(Quantity(kind, layer, unit, below)), self.statement
        if last is None or present is None or last.iteration != present.iteration:
            return None
        if last.slot != self.program.batch_length(last.iteration) - 1:
            return None
        return self._values.mean_gradient(layer, unit, below, self.time)

    def computed(self, statement: Statement) -> float:
        """What a statement computes, whether or not it has run here."""
        return self._values.at(statement.time)

    def value_of(self, statement: Statement) -> float | None:
        """What a statement computed; None where it has not run here."""
        return self._values.at(statement.time) if statement.time <= self.time else None

    def symbol(self, quantity: Quantity) -> str:
        """The identifier of a quantity."""
        return symbol_of(self.names, quantity)

    @property
    def example(self) -> int:
        """The row of the data that is being worked on here."""
        return self._values.example(self.time)

    def input(self, unit: int) -> float:
        """An input of the example that is being worked on."""
        return self.timeline.input(self.example, unit, self.time)

    def expected(self, unit: int) -> float:
        """A target of the example that is being worked on."""
        return self.timeline.target(self.example, unit, self.time)

    def explain(self, statement: Statement | None = None, most: int | None = None) -> Explanation | None:
        """The explanation of a statement, left out: of the one that has just run; None at the very start.

        Args:
            statement: what to explain; values that are not known here yet are absent.
            most: write out at most so many terms of a sum, the largest; None writes all.

        """
        from backprop_tui.program.explanation import explain

        statement = statement or self.statement
        if statement is None:
            return None
        lookup = Lookup(self.network, self.names, self.program, self.timeline, statement, self.time)
        return explain(lookup, most)

    def last_statement(self, quantity: Quantity) -> Statement | None:
        """The statement that computed a quantity's present value; None where none did."""
        time = self.program.last_time(quantity, self.time)
        return None if time is None else self.program.statement(time - 1)

    @property
    def loss(self) -> Reading:
        """The latest loss."""
        return self.read(Quantity(Kind.LOSS))

    @property
    def phase(self) -> Phase | None:
        """The phase of the statement that has just run; None at the very start."""
        return self.statement.phase if self.statement else None
