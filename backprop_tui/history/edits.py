"""Edits: values that a person sets at a moment; everything after it is computed with them.

An edit of a weight, bias, input, target or the learning rate takes effect for every statement that runs
after its time; ``edited_iteration`` tells what that means in the middle of an iteration.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from backprop_tui.engine.iteration import Givens
from backprop_tui.engine.quantities import Parameter
from backprop_tui.engine.state import Parameters, TrainingState
from backprop_tui.engine.training import Trainer
from backprop_tui.network.names import Names
from backprop_tui.program.identifiers import Identifiers, What
from backprop_tui.program.statements import Program


class Target(StrEnum):
    """What sort of value an edit sets."""

    PARAMETER = "parameter"
    INPUT = "input"
    TARGET = "target"
    LEARNING_RATE = "learning_rate"


class Settable(NamedTuple):
    """Something that an edit can set: a parameter, an input or target by its unit, or the learning rate."""

    target: Target
    parameter: Parameter | None = None
    unit: int = 0


class Edit(Struct, frozen=True):
    """A value set at a time; *example* is the row of the data of which an input or a target is set."""

    time: int
    sets: Settable
    value: float
    example: int = 0


def settable(identifiers: Identifiers, word: str) -> Settable | None:
    """The settable thing that a name stands for; None where it stands for none."""
    if word in ("learning_rate", "η"):
        return Settable(Target.LEARNING_RATE)
    source = identifiers.resolve(word)
    if source is None or source.what is What.COMPUTED:
        return None
    if source.what is What.PARAMETER and source.quantity is not None:
        return Settable(Target.PARAMETER, source.quantity.parameter)
    return Settable(Target(source.what.value), unit=source.unit or 0)


def name_of(sets: Settable, names: Names) -> str:
    """The name of what an edit sets."""
    if sets.parameter:
        return names.parameter(*sets.parameter)
    match sets.target:
        case Target.INPUT:
            return names.unit(0, sets.unit)
        case Target.TARGET:
            return names.target(sets.unit)
    return "learning_rate"


def givens(trainer: Trainer, edits: Sequence[Edit]) -> Givens:
    """The data and settings after *edits*."""
    given = trainer.givens
    inputs, targets, settings, fixed = given.inputs, given.targets, given.settings, given.fixed
    for edit in edits:
        if edit.sets.target is Target.INPUT:
            inputs = inputs.copy()
            inputs[edit.example, edit.sets.unit] = edit.value
        elif edit.sets.target is Target.TARGET:
            targets = targets.copy()
            targets[edit.example, edit.sets.unit] = edit.value
        elif edit.sets.target is Target.LEARNING_RATE:
            settings, fixed = {**settings, "learning_rate": edit.value}, fixed | {"learning_rate"}
    return Givens(inputs, targets, settings, fixed)


def with_parameter(state: TrainingState, edit: Edit) -> TrainingState:
    """*state* with the edited parameter set; unchanged where the edit sets something else."""
    return replace(state, parameters=with_value(state.parameters, edit))


def with_value(parameters: Parameters, edit: Edit) -> Parameters:
    """*parameters* with the edited one set; unchanged where the edit sets something else."""
    sets = edit.sets.parameter
    return parameters.replaced(sets, edit.value) if sets else parameters


def takes_effect(edit: Edit, program: Program) -> int:
    """The time from which training uses an edit.

    That is the edit's own time, except for a parameter set between its update and the end of that iteration:
    no later statement of the iteration uses it, so the next iteration starts with it.
    """
    if (parameter := edit.sets.parameter) and edit.time:
        iteration = program.iteration_at(edit.time)
        updated = program.last_time(parameter.update, edit.time)
        if updated is not None and updated > program.iteration_start(iteration):
            return program.iteration_start(iteration + 1)
    return edit.time
