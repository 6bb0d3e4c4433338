"""The run at one time: the value of every quantity there, and its explanation."""

from __future__ import annotations

from functools import cached_property

from backprop_tui.engine.quantities import Kind, Parameter, Phase, Quantity
from backprop_tui.history.facts_of_run import FactsOfRun
from backprop_tui.history.readings import Reading
from backprop_tui.history.run import Run
from backprop_tui.program.explanations.explain import explain
from backprop_tui.program.explanations.explanation import Explanation
from backprop_tui.program.positions import Position
from backprop_tui.program.statements import Statement


class Moment:
    """A run at a time, counted in statements: *time* of them have run."""

    def __init__(self, run: Run, time: int) -> None:
        self.run = run
        self.time = time

    # Where it is

    @property
    def position(self) -> Position:
        """The epoch, and how many of its statements have run."""
        return self.run.program.position(self.time)

    @property
    def statement(self) -> Statement | None:
        """The statement that has just run; None at the very start."""
        return self.run.program.statement(self.time - 1) if self.time else None

    @property
    def upcoming(self) -> Statement:
        """The statement that runs next."""
        return self.run.program.statement(self.time)

    @property
    def phase(self) -> Phase | None:
        """The phase of the statement that has just run; None at the very start."""
        return self.statement.phase if self.statement else None

    @cached_property
    def example(self) -> int:
        """The row of the data that is being worked on."""
        return self.run.readings.example(self.time)

    @property
    def reached(self) -> bool:
        """Whether training has come so far that no iteration has to be run for the first time to read it.

        Others may read the same run in a thread, so that its state may have to be replayed.
        """
        before = self.run.program.iterations_by(self.time) - 1
        return before < 0 or self.run.timeline.reached(before)

    # What is known

    def read(self, quantity: Quantity) -> Reading:
        """The latest value of a quantity."""
        return self.run.readings.read(quantity, self.time)

    def parameter(self, parameter: Parameter) -> Reading:
        """The value of a weight or bias."""
        return self.run.readings.parameter(parameter, self.time)

    @property
    def set_by_hand(self) -> set[Parameter]:
        """The weights and biases that a person has set by now."""
        edits = self.run.edits
        return {edit.sets.parameter for edit in edits if edit.sets.parameter and edit.time <= self.time}

    def parameter_before(self, parameter: Parameter) -> Reading:
        """The value that the present iteration's update starts from; until then, the present value."""
        program = self.run.program
        start = program.iteration_start(program.iteration_at(max(0, self.time - 1)))
        updated = program.next_time(parameter.update, start)
        before = self.time if updated is None or updated > self.time else updated - 1
        return self.run.readings.parameter(parameter, before)

    def mean_gradient(self, parameter: Parameter) -> float | None:
        """The gradient of a parameter in the present iteration, averaged over the batch.

        None until the gradient of the batch's last example is computed.
        """
        last, present = self.last_statement(parameter.gradient), self.statement
        if last is None or present is None or last.iteration != present.iteration:
            return None
        if last.slot != self.run.program.batch_length(last.iteration) - 1:
            return None
        return self.run.readings.mean_gradient(parameter, self.time)

    def value_of(self, statement: Statement) -> float | None:
        """What a statement computed; None where it has not run yet."""
        return self.run.readings.at(statement.time) if statement.time <= self.time else None

    def last_statement(self, quantity: Quantity) -> Statement | None:
        """The statement that computed a quantity's present value; None where none did."""
        time = self.run.program.last_time(quantity, self.time)
        return None if time is None else self.run.program.statement(time - 1)

    @property
    def loss(self) -> Reading:
        """The latest loss."""
        return self.read(Quantity(Kind.LOSS))

    # What is given

    def input(self, unit: int) -> float:
        """An input of the example that is being worked on."""
        return self.run.timeline.input(self.example, unit, self.time)

    def target(self, unit: int) -> float:
        """A target of the example that is being worked on."""
        return self.run.timeline.target(self.example, unit, self.time)

    @property
    def learning_rate(self) -> float:
        """The learning rate."""
        return self.run.timeline.learning_rate(self.time)

    # Why

    def explain(
        self, statement: Statement | None = None, most: int | None = None, digits: int | None = 4
    ) -> Explanation | None:
        """The explanation of a statement, left out: of the one that has just run; None at the very start.

        Args:
            statement: what to explain; values that are not known yet are absent.
            most: write out at most so many terms of a sum, the largest; None writes all.
            digits: decimals of the numbers in its sentence; None for every digit there is.

        """
        statement = statement or self.statement
        if statement is None:
            return None
        return explain(FactsOfRun(self.run, statement, self.time, digits), most)
