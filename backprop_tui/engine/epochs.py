"""Training epoch by epoch, without a debugger."""

from __future__ import annotations

from collections.abc import Iterator
from math import isfinite
from time import perf_counter

from msgspec import Struct

from backprop_tui.engine.divergence import Bounds, Divergence, first_divergence
from backprop_tui.engine.state import Parameters
from backprop_tui.engine.training import Trainer, mean_loss
from backprop_tui.network.description import Network
from backprop_tui.network.lazy_numpy import Array

__all__ = ["Divergence", "EpochResult", "Run", "run"]

EPOCHS = 1000
"""How many are trained where nobody says it; of a recording, which is one epoch, that one."""
SLICE_SECONDS = 0.05
"""About how long a run computes before it yields."""


class EpochResult(Struct, frozen=True, eq=False):
    """The result of one epoch.

    >>> from backprop_tui import load, train
    >>> (result,) = train(load("xor"), 1)
    >>> result.predictions.shape, result.parameters.weights[0].shape, result.divergence
    ((4, 1), (2, 2), None)
    """

    epoch: int
    loss: float
    """The mean over the epoch's examples, each from its own forward pass."""
    predictions: Array
    """The outputs of those forward passes in file order, of the shape (examples, outputs)."""
    parameters: Parameters
    """After the epoch's last update."""
    divergence: Divergence | None = None
    """Where the run diverged, in this epoch or an earlier one; None while everything is finite."""


def usual_epochs(network: Network) -> int:
    """How many epochs are trained where nobody says it."""
    return EPOCHS if network.recording is None else 1


def run(network: Network, epochs: int, every: int = 1) -> Iterator[EpochResult]:
    """Train for so many epochs. A run that diverges goes on.

    Args:
        network: what to train.
        epochs: how many.
        every: how far apart the epochs are whose results are wanted.

    Yields:
        the result of epoch 0, of every so many further ones, and of the last.
    """
    for result in Run(network, epochs, every).results():
        if result and (result.epoch % every == 0 or result.epoch == epochs - 1):
            yield result


class Run:
    """A run that can be followed, and stopped at any moment.

    Args:
        network: what to train.
        epochs: how many.
        every: how far apart the epochs are whose results are wanted.

    """

    def __init__(self, network: Network, epochs: int, every: int = 1) -> None:
        self.done = 0
        """How many epochs are done."""
        self._trainer = Trainer(network)
        self._epochs = epochs
        self._every = every
        self._state = self._trainer.initial_state()
        self._divergence: Divergence | None = None
        self._bounds = Bounds(network)
        self._sure = self._bounds.surely_finite(self._state.parameters)
        """Whether no weighted sum can be infinite with the present parameters; else epochs are looked at."""
        self._last: EpochResult | None = None
        self._seconds = 0.0

    def results(self) -> Iterator[EpochResult | None]:
        """Train.

        Yields:
            the results that are wanted, of the epoch in which the run diverged, and of the last one; between
            them None, about every twentieth of a second or, where it is longer, every epoch.
        """
        at_once = 1
        while self.done < self._epochs:
            skipped = min(at_once, self._unwanted())
            start = perf_counter()
            if skipped and self._skip(skipped):
                self._seconds = (perf_counter() - start) / skipped
                if skipped == at_once:
                    yield None
                at_once = max(1, min(2 * at_once, int(SLICE_SECONDS / max(self._seconds, 1e-9))))
            elif skipped > 1:  # it diverges somewhere in there
                at_once = skipped // 2
            else:
                result = self._next()
                self._seconds = perf_counter() - start
                yield result

    def last_whole(self) -> EpochResult | None:
        """The result of the last whole epoch, for a run that was stopped; None before the first one ended.

        Where epochs are short and the last one's result was not wanted, one more is run to have it.
        """
        if self._last is not None and self._last.epoch == self.done - 1:
            return self._last
        return self._next() if self.done else None

    def _unwanted(self) -> int:
        """How many epochs there are before the next whose result is wanted."""
        if self._seconds > SLICE_SECONDS:
            return 0
        return min(-self.done % self._every, self._epochs - 1 - self.done)

    def _skip(self, epochs: int) -> bool:
        """Run epochs whose results are not wanted; False, and nothing run, where it may diverge in them."""
        known = self._divergence is not None
        if not (known or self._sure):
            return False
        per_epoch = self._trainer.iterations_per_epoch
        state, losses = self._trainer.advance(self._state, self.done * per_epoch, epochs * per_epoch)
        if not (known or (_finite(losses) and self._bounds.surely_finite(state.parameters))):
            return False
        self._state, self.done = state, self.done + epochs
        return True

    def _next(self) -> EpochResult:
        """Run one epoch and keep its result."""
        trainer, epoch = self._trainer, self.done
        state, losses, predictions = trainer.epoch(self._state, epoch)
        loss = mean_loss(losses.tolist())
        divergence = self._divergence
        if divergence is None:
            sure, self._sure = self._sure, self._bounds.surely_finite(state.parameters)
            if not (sure and self._sure and isfinite(loss)):
                divergence = first_divergence(trainer, self._state, epoch)
        last = EpochResult(epoch, loss, predictions, state.parameters, divergence)
        self._last, self._state, self._divergence, self.done = last, state, divergence, epoch + 1
        return last


def _finite(losses: list[float]) -> bool:
    return isfinite(sum(losses)) or all(map(isfinite, losses))
