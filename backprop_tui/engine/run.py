"""Training epoch by epoch, without a debugger."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from backprop_tui.engine.state import Parameters, TrainingState
from backprop_tui.engine.training import Trainer
from backprop_tui.network.activations import Array
from backprop_tui.network.description import Network


@dataclass(frozen=True, eq=False, slots=True)
class EpochResult:
    """What one epoch came to."""

    epoch: int
    loss: float
    """The mean over the epoch's examples, each from its own forward pass."""
    predictions: Array
    """The outputs of those forward passes in file order, of the shape (examples, outputs)."""
    parameters: Parameters
    """After the epoch's last update."""


def run(network: Network, epochs: int) -> Iterator[EpochResult]:
    """Train for so many epochs; yields each epoch's result."""
    trainer = Trainer(network)
    state: TrainingState = trainer.initial_state()
    losses = np.empty(len(trainer.inputs))
    for epoch in range(epochs):
        predictions = np.empty_like(trainer.targets)
        for number in range(trainer.iterations_per_epoch):
            iteration = trainer.iterate(state, epoch * trainer.iterations_per_epoch + number)
            predictions[iteration.examples] = iteration.forward.a[-1]
            losses[iteration.examples] = iteration.forward.loss
            state = iteration.after
        yield EpochResult(epoch, float(np.mean(losses)), predictions, state.parameters)
