"""A worked calculation, described once: what the writers of Markdown, TeX and HTML set in their own ways.

Everything in it comes from where the screen has it: statements and their explanations (``program/``), values
at a time (``history/``). Formulas are the ``Expression`` of the screen; ``mathematics`` makes trees of them.
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from backprop_tui.engine.quantities import Kind, Parameter, Phase
from backprop_tui.network.description import Network
from backprop_tui.network.names import Names
from backprop_tui.network.rules.activations import DerivationLine
from backprop_tui.program.chain_rule import Chain
from backprop_tui.program.explanations.explanation import Explanation
from backprop_tui.program.formulas import Expression
from backprop_tui.program.statements import Statement


class Fact(Struct, frozen=True):
    """Something to know of the network, in words: ``loss``, ``squared_error``."""

    name: str
    text: str


class Value(Struct, frozen=True):
    """An identifier with its number."""

    symbol: str
    value: float


class Given(Struct, frozen=True):
    """A row of the table of given values: ``example 0``, or the weights and the bias of a unit."""

    what: str
    values: tuple[Value, ...]
    left_out: int = 0
    """How many further ones there are."""


class SetByHand(Struct, frozen=True):
    """A value that a person set."""

    position: str
    """When, as ``epoch:step``: so many statements had run."""
    symbol: str
    value: float
    example: int | None = None
    """Of an input or a target, the row of the data in which it was set."""


class Step(Struct, frozen=True, eq=False):
    """A statement that is written out."""

    position: str
    """``epoch:step`` at which it has just run."""
    explanation: Explanation
    set_before: tuple[SetByHand, ...] = ()
    """What a person set just before it ran."""

    @property
    def statement(self) -> Statement:
        """Which it is."""
        return self.explanation.statement

    @property
    def number(self) -> int:
        """Its number in its epoch, from 1."""
        return self.explanation.statement.step

    @property
    def unit(self) -> tuple[int, int] | None:
        """Layer and unit that it belongs to; None of the loss."""
        _, layer, unit, _ = self.statement.quantity
        return None if layer is None or unit is None else (layer, unit)

    @property
    def expressions(self) -> tuple[Expression, ...]:
        """The right-hand sides of its equation: the formula, and the same written another way, if it is."""
        also = self.explanation.also
        return (self.explanation.expression, *([also] if also else []))

    @property
    def put_in(self) -> tuple[Expression, ...]:
        """Those of them that say something with the numbers put in: of a = sigmoid(z) only its definition."""
        return self.expressions[-1:] if self.statement.kind is Kind.ACTIVATION else self.expressions

    @property
    def updates(self) -> bool:
        """Whether it gives a parameter its new value; its left side has the name of the old one."""
        return self.statement.phase is Phase.UPDATE

    @property
    def chain(self) -> Chain | None:
        """The chain rule of a weight's or a bias's gradient, where it has more than one factor; else None."""
        chain = self.explanation.chain
        if self.statement.kind not in _GRADIENTS or chain is None or len(chain.paths[0].factors) < 2:
            return None
        return chain


class Section(Struct, frozen=True, eq=False):
    """A phase of an iteration, for one example; the update is for all of the batch together."""

    title: str
    """``Forward``; where there are several examples, ``Forward, example 0``."""
    phase: Phase
    example: int | None
    """The example's row in the data; None in the update."""
    steps: tuple[Step, ...]
    left_out: int
    """How many further statements it has."""

    @property
    def units(self) -> Iterator[list[Step]]:
        """Its statements unit by unit; before one to which something was set by hand others begin anew."""
        steps: list[Step] = []
        for step in self.steps:
            if steps and (step.set_before or step.unit != steps[-1].unit):
                yield steps
                steps = []
            steps.append(step)
        yield steps


class WorkedIteration(Struct, frozen=True, eq=False):
    """An iteration: forward, loss and backward for each example of its batch, then the update."""

    title: str
    """``Epoch 0``; where an epoch has several iterations, ``Epoch 0, iteration 3 of 57``."""
    epoch: int
    number: int
    """Its number in the epoch, from 0."""
    first: int
    """The number of its first statement in the epoch, from 1."""
    last: int
    """The number of its last."""
    given: tuple[Given, ...]
    """Its examples, and the parameters it starts with where they do not stand in the iteration before it."""
    sections: tuple[Section, ...]
    loss: float
    """The mean over the batch."""
    set_after: tuple[SetByHand, ...]
    """What a person set after the last statement that is written out, while it still ran."""
    left_out: tuple[str, ...]
    """What of it is not written out, in sentences."""
    follows_on: bool
    """Whether the iteration before it is written out as well."""

    @property
    def steps(self) -> Iterator[Step]:
        """All its statements that are written out, in order."""
        return (step for section in self.sections for step in section.steps)


class DrawnLayer(Struct, frozen=True):
    """A layer in the drawing of the network."""

    title: str
    """``input``, ``layer 1, sigmoid``, ``output, sigmoid``."""
    number: int
    units: tuple[int, ...]
    """Those that are drawn."""
    left_out: int
    """How many further ones there are."""


class DrawnEdge(Struct, frozen=True):
    """A weight in the drawing, with the value that it starts with."""

    parameter: Parameter
    symbol: str
    value: float


class Derivation(Struct, frozen=True):
    """How the slope of an activation comes about, with the names of the first unit that has it."""

    activation: str
    lines: tuple[DerivationLine, ...]


class Calculation(Struct, frozen=True, eq=False):
    """Some iterations of a run, worked out with every number."""

    title: str
    network: Network
    names: Names
    digits: int | None
    """Decimals shown, as ``number_text.number`` takes them."""
    facts: tuple[Fact, ...]
    settings: Given
    """The optimizer's options at the start."""
    layers: tuple[DrawnLayer, ...]
    edges: tuple[DrawnEdge, ...]
    """The weights between units that are drawn."""
    iterations: tuple[WorkedIteration, ...]
    losses: tuple[tuple[int, float], ...]
    """Epochs with their mean loss; empty where no whole epochs were asked for."""
    left_out: tuple[str, ...]
    """Which iterations and epochs are not written out, in sentences."""
    derivations: tuple[Derivation, ...]

    @property
    def steps(self) -> Iterator[Step]:
        """All statements that are written out, in order."""
        return (step for iteration in self.iterations for step in iteration.steps)


_GRADIENTS = (Kind.WEIGHT_GRADIENT, Kind.BIAS_GRADIENT)
