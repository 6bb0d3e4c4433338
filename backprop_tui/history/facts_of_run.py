"""The facts that explain one statement, read from the run."""

from __future__ import annotations

from backprop_tui.engine.quantities import Kind, Parameter, Quantity, symbol_of
from backprop_tui.history.run import Run
from backprop_tui.network.lazy_numpy import Array, np
from backprop_tui.network.rules.optimizers import Options
from backprop_tui.program.formulas import Term
from backprop_tui.program.statements import Statement


class FactsOfRun:
    """Names and values as one statement finds them; ``program.facts.Facts`` says what each is.

    Values computed later than *now* are None, so that the explanation of a statement that has not run yet
    does not reveal them.
    """

    def __init__(self, run: Run, statement: Statement, now: int, digits: int | None = 4) -> None:
        self.digits = digits
        self.network = run.network
        self.names = run.names
        self.statement = statement
        self._run = run
        self._before = statement.time - 1
        self._now = now
        self._seen = min(self._before, now)
        """The time whose data and settings the statement finds, or where it has not run, those of now."""
        self.ran = statement.time <= now

    @property
    def started(self) -> bool:
        """Whether the statement's iteration has begun, so that its parameters are known."""
        return self._run.program.iteration_start(self.statement.iteration) <= self._now

    @property
    def value(self) -> float | None:
        """What the statement computed; None where it has not run."""
        return self._run.readings.at(self.statement.time) if self.ran else None

    @property
    def _example(self) -> int:
        """The row of the data that the statement is for."""
        return self._run.timeline.example(self.statement.iteration, self.statement.slot or 0)

    @property
    def settings(self) -> Options:
        """The optimizer's options as the statement finds them, or, where it has not run, those of now."""
        return self._run.timeline.settings(self._seen, self.statement.iteration)

    @property
    def batch_length(self) -> int:
        """How many examples the statement's batch has."""
        return self._run.program.batch_length(self.statement.iteration)

    def term(self, quantity: Quantity, *, reused: bool = False) -> Term:
        """A quantity that an earlier statement of the same example computed."""
        symbol = symbol_of(self.names, quantity)
        if quantity == self.statement.quantity:
            return Term(symbol, self.value, quantity, reused)
        found = self._run.program.last_time(quantity, self._before)
        known = found is not None and self._run.program.scope_start(self.statement.time) < found <= self._now
        return Term(symbol, self._run.readings.at(found) if known and found else None, quantity, reused)

    def activation(self, layer: int, unit: int) -> Term:
        """An activation; in layer 0 an input, which is given."""
        if layer:
            return self.term(Quantity(Kind.ACTIVATION, layer, unit))
        return Term(self.names.a(0, unit), self._run.timeline.input(self._example, unit, self._seen))

    def target(self, unit: int) -> Term:
        """A target, which is given."""
        return Term(self.names.target(unit), self._run.timeline.target(self._example, unit, self._seen))

    def parameter(self, parameter: Parameter) -> Term:
        """A weight or bias as the statement finds it."""
        symbol = self.names.parameter(*parameter)
        quantity = parameter.update
        last = self._run.program.last_time(quantity, self._before)
        if last is not None and last > self._now:
            return Term(symbol, None, quantity)
        reading = self._run.readings.parameter(parameter, self._before)
        return Term(symbol, reading.value, quantity if reading.time else None)

    def mean_gradient(self, parameter: Parameter) -> Term:
        """The gradient of a parameter, averaged over the batch, or for the reduction ``sum`` summed."""
        symbol = "dL_d" + self.names.parameter(*parameter)
        quantity = parameter.gradient
        if self.batch_length > 1:
            symbol = ("sum_" if self.network.training.sums_examples else "mean_") + symbol
        last = self._run.program.last_time(quantity, self._before)
        known = last is not None and self._run.program.scope_start(self.statement.time) < last <= self._now
        value = self._run.readings.mean_gradient(parameter, self.statement.time) if known else None
        return Term(symbol, value, quantity)

    def optimizer_state(self, parameter: Parameter) -> dict[str, float]:
        """The optimizer's state of a parameter before this update; zeros where it is not known yet."""
        training = self.network.training
        names = training.optimizer.state_names(training.settings)
        known = self.statement.iteration or training.start
        if not names or not known or not self.started:
            return dict.fromkeys(names, 0.0)
        return self._run.readings.optimizer_state(parameter, self.statement.time)

    @property
    def update_number(self) -> int:
        """Which update of the optimizer this is, from 1."""
        start = self.network.training.start
        return (start.updates if start else 0) + self.statement.iteration + 1

    def weighted_inputs(self, layer: int, unit: int) -> Array | None:
        """The products w·a of a weighted sum."""
        if not self.ran:
            return None
        iteration = self._run.timeline.iteration(self.statement.iteration)
        a = iteration.of_layer(Kind.ACTIVATION, layer - 1, self.statement.slot)
        with np.errstate(all="ignore"):
            return np.asarray(iteration.before.parameters.weights[layer - 1][unit] * a)

    def errors_sent_back(self, layer: int, unit: int) -> Array | None:
        """The products delta·w of a sum over the units above."""
        if not self.ran:
            return None
        iteration = self._run.timeline.iteration(self.statement.iteration)
        delta = iteration.of_layer(Kind.DELTA, layer + 1, self.statement.slot)
        with np.errstate(all="ignore"):
            return np.asarray(delta * iteration.before.parameters.weights[layer][:, unit])

    def of_layer(self, kind: Kind, layer: int) -> Array | None:
        """A quantity of every unit of a layer."""
        if not self.ran:
            return None
        iteration = self._run.timeline.iteration(self.statement.iteration)
        return iteration.of_layer(kind, layer, self.statement.slot)


class NamesOfRun(FactsOfRun):
    """For a formula without its numbers: no input and no weight is read, nor drawn at random for it.

    Targets are known: where they are shares that add up to 1, a formula is shorter.
    """

    def __init__(self, run: Run, statement: Statement) -> None:
        super().__init__(run, statement, 0)

    def activation(self, layer: int, unit: int) -> Term:
        """An activation or an input."""
        return super().activation(layer, unit) if layer else Term(self.names.a(0, unit), None)

    def parameter(self, parameter: Parameter) -> Term:
        """A weight or bias."""
        return Term(self.names.parameter(*parameter), None, parameter.update)
