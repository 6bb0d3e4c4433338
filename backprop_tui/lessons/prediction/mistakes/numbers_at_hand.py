"""What mistakes are made of: the numbers of the moment at which a statement runs."""

from __future__ import annotations

from functools import cached_property

from backprop_tui.engine.quantities import Kind, Parameter, Quantity, symbol_of
from backprop_tui.history.facts_of_run import FactsOfRun
from backprop_tui.history.run import Run
from backprop_tui.network.lazy_numpy import Array, np
from backprop_tui.program.formulas import Term
from backprop_tui.program.statements import Statement

FEW = 6
"""Of the other units of a layer, the nearest so many are thought to be mistaken for one."""
FEW_WEIGHTS = 16
"""In a network of so few weights, each of them is."""


class Calculation:
    """One statement with all numbers of its example, those computed later among them.

    Numbers are NumPy's: where a mistake divides by 0 the result is infinite, and is passed over.
    """

    def __init__(self, run: Run, statement: Statement) -> None:
        self.run = run
        self.statement = statement
        self.network = run.network
        self.names = run.names
        self.facts = FactsOfRun(run, statement, statement.time)
        self.iteration = run.timeline.iteration(statement.iteration)
        self.value = np.float64(run.readings.at(statement.time))
        """What is right."""
        self.examples = run.program.batch_length(statement.iteration)
        self._slot = statement.slot

    @property
    def place(self) -> tuple[int, int]:
        """Layer and unit of the statement."""
        _, layer, unit, _ = self.statement.quantity
        return layer or 0, unit or 0

    @property
    def last(self) -> int:
        """The number of the output layer."""
        return len(self.network.layers)

    def number(self, kind: Kind, layer: int, unit: int) -> np.float64:
        """A number of a unit; the activation of layer 0 is an input."""
        return np.float64(self.of_layer(kind, layer)[unit])

    def term(self, kind: Kind, layer: int, unit: int) -> Term:
        """The same with its name."""
        value = float(self.number(kind, layer, unit))
        if kind is Kind.ACTIVATION:
            return Term(self.names.a(layer, unit), value)
        return Term(symbol_of(self.names, Quantity(kind, layer, unit)), value)

    def of_layer(self, kind: Kind, layer: int) -> Array:
        """The numbers of a layer, of the shape (units,)."""
        return self.iteration.of_layer(kind, layer, self._slot)

    def weights(self, layer: int) -> Array:
        """The weights of a layer in the forward pass, of the shape (units, inputs)."""
        return self.iteration.before.parameters.weights[layer - 1]

    def new_weights(self, layer: int) -> Array:
        """The same after the update."""
        return self.iteration.after.parameters.weights[layer - 1]

    def weight(self, layer: int, unit: int, below: int) -> Term:
        """A weight with its name."""
        return self.facts.parameter(Parameter(layer, unit, below))

    def bias(self, layer: int, unit: int) -> Term:
        """A bias with its name."""
        return self.facts.parameter(Parameter(layer, unit, None))

    @property
    def loss(self) -> np.float64:
        """The loss of the example."""
        return np.float64(self.iteration.forward.loss[self._slot])

    @cached_property
    def targets(self) -> Array:
        """The targets, of the shape (outputs,)."""
        return np.array([self.facts.target(unit).value for unit in range(self.network.widths[-1])])

    def others(self, layer: int, unit: int) -> list[int]:
        """The other units of a layer, the nearest few."""
        units = range(self.network.widths[layer])
        return sorted((one for one in units if one != unit), key=lambda one: abs(one - unit))[:FEW]

    def other_weights(self, layer: int, unit: int, below: int) -> list[Term]:
        """The weights that may be mistaken for one: all in a small network, else those beside it."""
        widths = self.network.widths
        if sum(row.units * row.inputs for row in self.network.layers) <= FEW_WEIGHTS:
            places = [
                (number, one, other)
                for number in range(1, len(widths))
                for one in range(widths[number])
                for other in range(widths[number - 1])
            ]
        else:
            places = [(layer, unit, other) for other in self.others(layer - 1, below)]
            places += [(layer, one, below) for one in self.others(layer, unit)]
        return [self.weight(*place) for place in places if place != (layer, unit, below)]
