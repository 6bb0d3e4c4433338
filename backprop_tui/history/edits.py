"""Values that a person sets at a moment: what came before stays, what follows is computed anew.

An edit of a weight, bias, input, target or the learning rate takes effect for every statement that runs
after its time; ``revision`` tells what that means in the middle of an iteration.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

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


class Edit(Struct, frozen=True):
    """A value set at a time.

    For a parameter *layer* and *unit* name the unit and *below* the input (None: the bias); for an input or a
    target *unit* names it and *example* the row of the data.
    """

    time: int
    target: Target
    value: float
    layer: int = 0
    unit: int = 0
    below: int | None = None
    example: int = 0

    def sets_parameter(self, layer: int, unit: int, below: int | None) -> bool:
        """Whether it sets that weight or bias."""
        return self.target is Target.PARAMETER and (self.layer, self.unit, self.below) == (layer, unit, below)


def settable(identifiers: Identifiers, word: str) -> tuple[Target, int, int, int | None] | None:
    """What sort of value a name stands for, and where: layer, unit and input. None: nothing to set."""
    if word in ("learning_rate", "η"):
        return Target.LEARNING_RATE, 0, 0, None
    source = identifiers.resolve(word)
    if source is None or source.what is What.COMPUTED:
        return None
    if source.what is What.PARAMETER and source.quantity is not None:
        _, layer, unit, below = source.quantity
        return Target.PARAMETER, layer or 0, unit or 0, below
    return Target(source.what.value), 0, source.unit or 0, None


def name_of(edit: Edit, names: Names) -> str:
    """The name of what an edit sets."""
    match edit.target:
        case Target.PARAMETER:
            return names.parameter(edit.layer, edit.unit, edit.below)
        case Target.INPUT:
            return names.unit(0, edit.unit)
        case Target.TARGET:
            return names.target(edit.unit)
        case Target.LEARNING_RATE:
            return "learning_rate"


def givens(trainer: Trainer, edits: Sequence[Edit]) -> Givens:
    """The data and settings after *edits*."""
    given = trainer.givens
    inputs, targets, settings = given.inputs, given.targets, given.settings
    for edit in edits:
        if edit.target is Target.INPUT:
            inputs = inputs.copy()
            inputs[edit.example, edit.unit] = edit.value
        elif edit.target is Target.TARGET:
            targets = targets.copy()
            targets[edit.example, edit.unit] = edit.value
        elif edit.target is Target.LEARNING_RATE:
            settings = {**settings, "learning_rate": edit.value}
    return Givens(inputs, targets, settings)


def with_parameter(state: TrainingState, edit: Edit) -> TrainingState:
    """*state* with the edited parameter set; unchanged where the edit sets something else."""
    return replace(state, parameters=with_value(state.parameters, edit))


def with_value(parameters: Parameters, edit: Edit) -> Parameters:
    """*parameters* with the edited one set; unchanged where the edit sets something else."""
    if edit.target is not Target.PARAMETER:
        return parameters
    arrays = list(parameters.biases if edit.below is None else parameters.weights)
    array = arrays[edit.layer - 1].copy()
    array[edit.unit if edit.below is None else (edit.unit, edit.below)] = edit.value
    arrays[edit.layer - 1] = array
    if edit.below is None:
        return replace(parameters, biases=tuple(arrays))
    return replace(parameters, weights=tuple(arrays))


def takes_effect(edit: Edit, program: Program) -> int:
    """The time from which training uses an edit.

    It is the edit's own, but for a parameter that is set between its update and the end of that iteration:
    no statement of the iteration uses it any more, so the next iteration starts with it.
    """
    if edit.target is Target.PARAMETER and edit.time:
        iteration = program.iteration_at(edit.time)
        updated = program.last_time(Parameter(edit.layer, edit.unit, edit.below).update, edit.time)
        if updated is not None and updated > program.iteration_start(iteration):
            return program.iteration_start(iteration + 1)
    return edit.time
