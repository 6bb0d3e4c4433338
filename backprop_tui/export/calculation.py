"""A worked calculation, described once: what the writers of Markdown, TeX and HTML set in their own ways.

Everything in it comes from where the screen has it: statements and their explanations (``program/``), values
at a time (``history/``). Formulas are the ``Expression`` of the screen; ``mathematics`` makes trees of them.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping

from msgspec import Struct

from backprop_tui.engine.iteration import Iteration
from backprop_tui.engine.quantities import Kind, Parameter, Phase
from backprop_tui.export.choosing import (
    Chosen,
    Span,
    chosen,
    losses_shown,
    statements,
    written_out,
)
from backprop_tui.history.edits import Target, name_of
from backprop_tui.history.moment import Moment
from backprop_tui.history.run import Run
from backprop_tui.network.description import Network
from backprop_tui.network.lazy_numpy import np
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


def describing(
    run: Run, span: Span, digits: int | None = 4, epochs: tuple[int, int] | None = None
) -> Generator[int, None, Calculation]:
    """Work out the iterations of a span, a slice at each step, so that it may be done in another thread.

    Args:
        run: whose training.
        span: which iterations.
        digits: decimals shown; None for all.
        epochs: the first and the last epoch whose losses are told; None: none.

    Yields:
        the iteration reached.

    Returns:
        the calculation.
    """
    program, timeline = run.program, run.timeline
    numbers = written_out(program, span)
    worked: list[WorkedIteration] = []
    choices: list[Chosen] = []
    settings, edges = Given("", ()), tuple[DrawnEdge, ...]()
    for number in numbers:
        yield from timeline.going_to(number)
        iteration = timeline.iteration(number)
        choices.append(chosen(run, iteration))
        if not worked:
            settings = _settings(run, number)
            edges = _edges(run, iteration, choices[0])
        follows_on = bool(worked) and number - 1 in numbers
        worked.append((yield from _iteration(run, number, iteration, choices[-1], follows_on)))
    losses: tuple[tuple[int, float], ...] = ()
    if epochs is not None:
        yield from timeline.running_to((epochs[1] + 1) * program.iterations_per_epoch)
        losses = tuple((epoch, timeline.losses[epoch]) for epoch in losses_shown(*epochs))
    return Calculation(
        run.network.title or run.network.shape,
        run.network,
        run.names,
        digits,
        tuple(_facts(run.network)),
        settings,
        tuple(_layers(run.network, choices[0])),
        edges,
        tuple(worked),
        losses,
        tuple(_left_out(run, span, numbers)),
        _derivations(run.network, worked),
    )


def _iteration(
    run: Run, number: int, iteration: Iteration, choice: Chosen, follows_on: bool
) -> Generator[int, None, WorkedIteration]:
    program = run.program
    start, end = program.iteration_start(number), program.iteration_start(number + 1)
    sections: list[Section] = []
    told = start
    for slot in (*choice.slots, None):
        steps: dict[Phase, list[Step]] = {}
        for statement in statements(program, number, choice, slot):
            explanation = Moment(run, end).explain(statement, choice.most_terms)
            assert explanation is not None
            position = str(program.position(statement.time))
            step = Step(position, explanation, _set_by_hand(run, told, statement.time))
            steps.setdefault(statement.phase, []).append(step)
            told = statement.time
        yield number
        example = None if slot is None else int(iteration.examples[slot])
        sections += [
            Section(
                _section_title(run, phase, example),
                phase,
                example,
                tuple(found),
                _statements_of(run, phase) - len(found),
            )
            for phase, found in steps.items()
        ]
    epoch, place = divmod(number, program.iterations_per_epoch)
    first = start - epoch * program.statements + 1
    with np.errstate(all="ignore"):
        loss = float(np.mean(iteration.forward.loss))
    count = program.iterations_per_epoch
    return WorkedIteration(
        f"Epoch {epoch}" + (f", iteration {place + 1} of {count}" if count > 1 else ""),
        epoch,
        place,
        first,
        first + end - start - 1,
        tuple(_given(run, number, iteration, choice, follows_on)),
        tuple(sections),
        loss,
        _set_by_hand(run, told, end),
        choice.left_out,
        follows_on,
    )


def _section_title(run: Run, phase: Phase, example: int | None) -> str:
    title = phase.value.capitalize()
    return title if example is None or run.program.examples == 1 else f"{title}, example {example}"


def _set_by_hand(run: Run, start: int, end: int) -> tuple[SetByHand, ...]:
    """What a person set from a time on, before another."""
    return tuple(
        SetByHand(
            str(run.program.position(edit.time)),
            name_of(edit.sets, run.names),
            edit.value,
            edit.example if edit.sets.target in (Target.INPUT, Target.TARGET) else None,
        )
        for edit in run.edits
        if start <= edit.time < end
    )


def _statements_of(run: Run, phase: Phase) -> int:
    """How many statements a phase has, of an example or of the update."""
    layout = run.program.layout
    return {
        Phase.FORWARD: layout.forward,
        Phase.LOSS: 1,
        Phase.BACKWARD: layout.block - layout.forward - 1,
        Phase.UPDATE: layout.update,
    }[phase]


def _facts(network: Network) -> Iterator[Fact]:
    training = network.training
    yield Fact("network", network.shape)
    yield Fact("activations", ", ".join(layer.activation_name for layer in network.layers))
    yield Fact("loss", training.loss_name)
    yield Fact("optimizer", training.optimizer_name)
    count, size = len(network.data), network.batch_size
    batches = "" if size == count else f", {size:,} in a batch" + (", shuffled" if training.shuffle else "")
    yield Fact("examples", f"{count:,}{batches}")
    for number, layer in enumerate(network.layers, 1):
        kept = [
            name
            for name, is_so in (("weights", layer.frozen_weights), ("biases", layer.frozen_biases))
            if is_so
        ]
        if kept:
            yield Fact("frozen", f"the {' and '.join(kept)} of layer {number}")
    about: Mapping[str, str] = network.about
    for name in ("source", "errata"):
        if about.get(name):
            yield Fact(name, about[name])


def _settings(run: Run, number: int) -> Given:
    training = run.network.training
    rate = run.timeline.learning_rate(run.program.iteration_start(number))
    settings = {**training.settings, "learning_rate": rate}
    shown = [name for name in settings if settings[name] or name == "learning_rate"]
    return Given(training.optimizer_name, tuple(Value(name, settings[name]) for name in shown))


def _given(run: Run, number: int, iteration: Iteration, choice: Chosen, follows_on: bool) -> Iterator[Given]:
    network, names = run.network, run.names
    start, block = run.program.iteration_start(number), run.program.layout.block
    units, outputs = choice.units[0], _outputs(network, choice)
    for slot in choice.slots:
        example, time = int(iteration.examples[slot]), start + slot * block
        values = [Value(names.unit(0, unit), run.timeline.input(example, unit, time)) for unit in units]
        values += [Value(names.target(unit), run.timeline.target(example, unit, time)) for unit in outputs]
        rest = network.widths[0] + network.widths[-1] - len(values)
        yield Given(f"example {example}", tuple(values), rest)
    if follows_on:
        return
    parameters = iteration.before.parameters
    for (layer, unit), row in choice.inputs.items():
        wanted = [*(Parameter(layer, unit, below) for below in row), Parameter(layer, unit, None)]
        yield Given(
            f"to {names.unit(layer, unit)}",
            tuple(Value(names.parameter(*one), parameters.value(one)) for one in wanted),
            network.widths[layer - 1] - len(row),
        )


def _outputs(network: Network, choice: Chosen) -> tuple[int, ...]:
    return choice.units[len(network.layers)]


def _layers(network: Network, choice: Chosen) -> Iterator[DrawnLayer]:
    last = len(network.layers)
    for number, width in enumerate(network.widths):
        title = "input"
        if number:
            place = "output" if number == last else f"layer {number}"
            title = f"{place}, {network.layers[number - 1].activation_name}"
        units = choice.units[number]
        yield DrawnLayer(title, number, units, width - len(units))


def _edges(run: Run, iteration: Iteration, choice: Chosen) -> tuple[DrawnEdge, ...]:
    parameters = iteration.before.parameters
    return tuple(
        DrawnEdge(one, run.names.parameter(*one), parameters.value(one))
        for (layer, unit), row in choice.inputs.items()
        for one in (Parameter(layer, unit, below) for below in row)
        if one.below in choice.units[layer - 1]
    )


def _left_out(run: Run, span: Span, numbers: tuple[int, ...]) -> Iterator[str]:
    if len(numbers) == len(span):
        return
    per_epoch = run.program.iterations_per_epoch
    what = "epoch" if per_epoch == 1 else "iteration"
    yield (
        f"Of {len(span):,} {what}s the first {len(numbers) - 1} and the last one are written out; "
        f"the {len(span) - len(numbers):,} between them ran as well, and are left out."
    )


def _derivations(network: Network, worked: list[WorkedIteration]) -> tuple[Derivation, ...]:
    """The derivation of each activation that occurs, once."""
    found: dict[str, Derivation] = {}
    for iteration in worked:
        for step in iteration.steps:
            lines = step.explanation.derivation
            if lines and step.unit is not None:
                name = network.layers[step.unit[0] - 1].activation_name
                found.setdefault(name, Derivation(name, lines))
    return tuple(found.values())
