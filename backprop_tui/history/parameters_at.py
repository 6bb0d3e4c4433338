"""All parameters at a time, as arrays: during an update some are new and the others old."""

from __future__ import annotations

from backprop_tui.engine.quantities import Kind
from backprop_tui.engine.state import Parameters
from backprop_tui.history.run import Run
from backprop_tui.network.lazy_numpy import Array, np


def parameters_at(run: Run, time: int) -> Parameters:
    """The weights and biases after *time* statements, those set by hand included.

    Args:
        run: the run.
        time: the time, whose iteration is at hand.

    """
    program = run.program
    number = program.iteration_at(max(0, time - 1))
    iteration, start = run.timeline.iteration(number), program.iteration_start(number)
    updated = time - start - program.batch_length(number) * program.layout.block
    old, new = iteration.before.parameters, iteration.after.parameters
    if updated >= program.layout.update:
        found = new
    elif updated <= 0:
        found = old
    else:
        layers = range(1, len(run.network.layers) + 1)

        def mixed(kind: Kind, layer: int, before: Array, after: Array) -> Array:
            return np.where(program.layout.offsets(kind, layer) < updated, after, before)

        found = Parameters(
            tuple(map(mixed, (Kind.WEIGHT_UPDATE,) * len(layers), layers, old.weights, new.weights)),
            tuple(map(mixed, (Kind.BIAS_UPDATE,) * len(layers), layers, old.biases, new.biases)),
        )
    for edit in run.edits:
        if (parameter := edit.sets.parameter) and start <= edit.time <= time:
            value = run.readings.parameter(parameter, time).value
            if value is not None:
                found = found.replaced(parameter, value)
    return found
