"""What a statement's formula may name, with the values of that moment."""

from __future__ import annotations

from backprop_tui.engine.quantities import Kind, Quantity
from backprop_tui.history.readings import Values
from backprop_tui.history.timeline import Timeline
from backprop_tui.network.description import Network
from backprop_tui.network.lazy_numpy import Array, np
from backprop_tui.network.names import Names
from backprop_tui.network.rules.optimizers import Options
from backprop_tui.program.formulas import Term
from backprop_tui.program.statements import Program, Statement


class Lookup:
    """Names and values as one statement sees them.

    A value that is computed later than *now* is None, so that explaining a statement that has not run yet
    tells nothing that is not known yet.
    """

    def __init__(
        self,
        network: Network,
        names: Names,
        program: Program,
        timeline: Timeline,
        statement: Statement,
        now: int,
    ) -> None:
        self.network = network
        self.names = names
        self.statement = statement
        self.timeline = timeline
        self._program = program
        self._values = Values(program, timeline)
        self._before = statement.time - 1
        self._now = now
        self._seen = min(self._before, now)
        """The time whose data and settings the statement finds, or where it has not run, those of now."""
        self.ran = statement.time <= now

    @property
    def started(self) -> bool:
        """Whether the statement's iteration has begun, so that its parameters are known."""
        return self._program.iteration_start(self.statement.iteration) <= self._now

    @property
    def value(self) -> float | None:
        """What the statement computed; None where it has not run."""
        return self._values.at(self.statement.time) if self.ran else None

    @property
    def example(self) -> int | None:
        """The row of the data that the statement is for; None in the update."""
        if self.statement.slot is None:
            return None
        return self.timeline.example(self.statement.iteration, self.statement.slot)

    @property
    def settings(self) -> Options:
        """The optimizer's options as the statement finds them, or, where it has not run, those of now."""
        settings = self.network.training.settings
        return {**settings, "learning_rate": self.timeline.learning_rate(self._seen)}

    @property
    def batch_length(self) -> int:
        """How many examples the statement's batch has."""
        return self._program.batch_length(self.statement.iteration)

    def term(self, quantity: Quantity, *, reused: bool = False) -> Term:
        """A quantity that an earlier statement of the same example computed."""
        symbol = symbol_of(self.names, quantity)
        if quantity == self.statement.quantity:
            return Term(symbol, self.value, quantity, reused)
        found = self._program.last_time(quantity, self._before)
        known = found is not None and self._program.scope_start(self.statement.time) < found <= self._now
        return Term(symbol, self._values.at(found) if known and found else None, quantity, reused)

    def activation(self, layer: int, unit: int) -> Term:
        """An activation; in layer 0 an input, which is given."""
        if layer:
            return self.term(Quantity(Kind.ACTIVATION, layer, unit))
        return Term(self.names.a(0, unit), self.timeline.input(self.example or 0, unit, self._seen))

    def target(self, unit: int) -> Term:
        """A target, which is given."""
        return Term(self.names.target(unit), self.timeline.target(self.example or 0, unit, self._seen))

    def parameter(self, layer: int, unit: int, below: int | None) -> Term:
        """A weight (or, where *below* is None, a bias) as the statement finds it."""
        symbol = self.names.parameter(layer, unit, below)
        quantity = Quantity(Kind.BIAS_UPDATE if below is None else Kind.WEIGHT_UPDATE, layer, unit, below)
        last = self._program.last_time(quantity, self._before)
        if last is not None and last > self._now:
            return Term(symbol, None, quantity)
        reading = self._values.parameter(layer, unit, below, self._before)
        return Term(symbol, reading.value, quantity if reading.time else None)

    def mean_gradient(self, layer: int, unit: int, below: int | None) -> Term:
        """The gradient of a parameter, averaged over the batch."""
        symbol = "dL_d" + self.names.parameter(layer, unit, below)
        kind = Kind.BIAS_GRADIENT if below is None else Kind.WEIGHT_GRADIENT
        quantity = Quantity(kind, layer, unit, below)
        if self.batch_length > 1:
            symbol = "mean_" + symbol
        last = self._program.last_time(quantity, self._before)
        known = last is not None and self._program.scope_start(self.statement.time) < last <= self._now
        value = self._values.mean_gradient(layer, unit, below, self.statement.time) if known else None
        return Term(symbol, value, quantity)

    def memory(self, layer: int, unit: int, below: int | None) -> dict[str, float]:
        """The optimizer's memory of a parameter before this update; zeros where it is not known yet."""
        training = self.network.training
        names = training.optimizer.memory(training.settings)
        if not names or not self.statement.iteration or not self.started:
            return dict.fromkeys(names, 0.0)
        return self._values.memory(layer, unit, below, self.statement.time)

    @property
    def update_number(self) -> int:
        """Which update this is, from 1."""
        return self.statement.iteration + 1

    def largest(self, products: Array | None, count: int, most: int | None) -> tuple[list[int], bool]:
        """The indices of a sum's terms to write out, in order, and whether some were left out.

        Args:
            products: the terms, of the shape (count,); None where they are not known: then the first.
            count: how many there are.
            most: how many to write out at most; None: all.
        """
        if most is None or count <= most:
            return list(range(count)), False
        if products is None:
            return list(range(most)), True
        order = np.argsort(-np.abs(products), kind="stable")
        return sorted(order[:most].tolist()), True


def symbol_of(names: Names, quantity: Quantity) -> str:
    """The identifier of a quantity; of an update, the parameter's."""
    kind, layer, unit, below = quantity
    if kind is Kind.LOSS:
        return "L"
    assert layer is not None
    assert unit is not None
    match kind:
        case Kind.WEIGHTED_SUM:
            return names.z(layer, unit)
        case Kind.ACTIVATION:
            return names.a(layer, unit)
        case Kind.ACTIVATION_GRADIENT:
            return names.dL_da(layer, unit)
        case Kind.ACTIVATION_DERIVATIVE:
            return names.da_dz(layer, unit)
        case Kind.DELTA:
            return names.delta(layer, unit)
        case Kind.WEIGHT_GRADIENT | Kind.BIAS_GRADIENT:
            return "dL_d" + names.parameter(layer, unit, below)
        case _:
            return names.parameter(layer, unit, below)
