"""A point of training: the parameters, and the batch of examples whose loss is looked at."""

from __future__ import annotations

from msgspec import Struct

from backprop_tui.engine.equations import over_batch
from backprop_tui.engine.reference import Forward, backward, forward
from backprop_tui.engine.state import Parameters
from backprop_tui.history.edits import takes_effect, with_value
from backprop_tui.history.run import Run
from backprop_tui.network.description import Network
from backprop_tui.network.lazy_numpy import Array, np


class Point(Struct, frozen=True, eq=False):
    """Parameters and a batch: inputs of the shape (examples, inputs), targets (examples, outputs)."""

    network: Network
    parameters: Parameters
    inputs: Array
    targets: Array

    def forward(self) -> Forward:
        """The forward pass of the whole batch."""
        return forward(self.network, self.parameters, self.inputs, self.targets)

    def loss(self, losses: Array) -> Array:
        """The loss of the batch from those of its examples, which are the last axis: what the gradient is of.

        There is no warning where a loss is not finite.
        """
        with np.errstate(all="ignore"):
            return over_batch(self.network, np.asarray(np.sum(losses, axis=-1)), losses.shape[-1])

    def gradient(self, pass_: Forward) -> Parameters:
        """The gradient of the batch's loss, in the shapes of the parameters."""
        return backward(self.network, self.parameters, pass_, self.targets)[1]


def point_at(run: Run, time: int) -> Point:
    """Where the iteration in which a time lies starts from: its parameters and its batch.

    Between two iterations it is the one just done, so that its step can still be seen. Values set by hand up
    to *time* are in it.
    """
    program, timeline = run.program, run.timeline
    number = program.iteration_at(max(0, time - 1))
    iteration, start = timeline.iteration(number), program.iteration_start(number)
    end = program.iteration_start(number + 1)
    parameters = iteration.before.parameters
    for edit in run.edits:
        if edit.time <= time and start < takes_effect(edit, program) < end:
            parameters = with_value(parameters, edit)
    givens, examples = timeline.givens(min(time, end - 1)), iteration.examples
    return Point(run.network, parameters, givens.inputs[examples], givens.targets[examples])
