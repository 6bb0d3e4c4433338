"""Describes some iterations of a run as a ``Calculation``: what is written out, and every value in it."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping

from backprop_tui.engine.iteration import Iteration
from backprop_tui.engine.quantities import Parameter, Phase
from backprop_tui.export.calculation import (
    Calculation,
    Derivation,
    DrawnEdge,
    DrawnLayer,
    Fact,
    Given,
    Section,
    SetByHand,
    Step,
    Value,
    WorkedIteration,
)
from backprop_tui.export.choosing import Chosen, Span, chosen, losses_shown, statements, written_out
from backprop_tui.history.edits import Target, name_of
from backprop_tui.history.moment import Moment
from backprop_tui.history.run import Run
from backprop_tui.network.description import Network
from backprop_tui.network.lazy_numpy import np


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
        worked.append((yield from _iteration(run, number, iteration, choices[-1], follows_on, digits)))
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
    run: Run, number: int, iteration: Iteration, choice: Chosen, follows_on: bool, digits: int | None
) -> Generator[int, None, WorkedIteration]:
    program = run.program
    start, end = program.iteration_start(number), program.iteration_start(number + 1)
    sections: list[Section] = []
    told = start
    for slot in (*choice.slots, None):
        steps: dict[Phase, list[Step]] = {}
        for statement in statements(program, number, choice, slot):
            explanation = Moment(run, end).explain(statement, choice.most_terms, digits)
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
        iteration_title(run.network, epoch, place, count),
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
    decays = training.settings.get("weight_decay") or "weight_decay" in training.schedule
    if decays and not training.decays_biases:
        yield Fact("decayed", "the weights, not the biases")
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


def iteration_title(network: Network, epoch: int, place: int, count: int) -> str:
    """The title of an iteration, as ``Epoch 0, iteration 3 of 10``; of a recording by its number."""
    if label := "" if epoch else network.iteration_label(place):
        return f"{label.capitalize()} of the training"
    return f"Epoch {epoch}" + (f", iteration {place + 1} of {count}" if count > 1 else "")


def _settings(run: Run, number: int) -> Given:
    training = run.network.training
    settings = run.timeline.settings(run.program.iteration_start(number))
    told = {name for name in settings if settings[name] and name != "decay_biases"}  # which is a fact
    shown = [name for name in settings if name in told or name == "learning_rate"]
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
