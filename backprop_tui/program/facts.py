"""What an explanation may know: names and values as one statement finds them."""

from __future__ import annotations

from typing import Protocol

from backprop_tui.engine.quantities import Kind, Parameter, Quantity
from backprop_tui.network.description import Network
from backprop_tui.network.lazy_numpy import Array
from backprop_tui.network.names import Names
from backprop_tui.network.rules.optimizers import Options
from backprop_tui.program.formulas import Term
from backprop_tui.program.statements import Statement


class Facts(Protocol):
    """The names and values that a statement's formula may mention; a value not known yet is None."""

    network: Network
    names: Names
    statement: Statement
    ran: bool
    """Whether the statement has run."""
    digits: int | None
    """The decimals of numbers in sentences; None for every digit there is."""

    @property
    def started(self) -> bool:
        """Whether the statement's iteration has begun, so that its parameters are known."""

    @property
    def value(self) -> float | None:
        """What the statement computed; None where it has not run."""

    @property
    def settings(self) -> Options:
        """The optimizer's options as the statement finds them."""

    @property
    def batch_length(self) -> int:
        """How many examples the statement's batch has."""

    @property
    def update_number(self) -> int:
        """Which update this is, from 1."""

    def term(self, quantity: Quantity, *, reused: bool = False) -> Term:
        """A quantity that an earlier statement of the same example computed."""

    def activation(self, layer: int, unit: int) -> Term:
        """An activation; in layer 0 an input, which is given."""

    def target(self, unit: int) -> Term:
        """A target, which is given."""

    def parameter(self, parameter: Parameter) -> Term:
        """A weight or bias as the statement finds it."""

    def mean_gradient(self, parameter: Parameter) -> Term:
        """The gradient of a parameter, averaged over the batch."""

    def optimizer_state(self, parameter: Parameter) -> dict[str, float]:
        """The optimizer's state of a parameter before this update; zeros where it is not known yet."""

    def weighted_inputs(self, layer: int, unit: int) -> Array | None:
        """The products w·a of a weighted sum, of the shape (inputs,); None where it has not run."""

    def errors_sent_back(self, layer: int, unit: int) -> Array | None:
        """The products delta·w of a sum over the units above, of the shape (units above,); None likewise."""

    def of_layer(self, kind: Kind, layer: int) -> Array | None:
        """A quantity of a whole layer, of the shape (units,); None where the statement has not run."""
