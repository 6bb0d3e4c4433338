"""The words that mean something in every network: a row each, with what it says and how it is found.

A new one is a row here, its value's class in ``named_values`` or ``health``, and its name among the reserved
words in ``network.names``. Parser, completion and messages read the row.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import NamedTuple

from msgspec import Struct

from backprop_tui.history.run import Run
from backprop_tui.program.identifiers import Source, What
from backprop_tui.stops import health
from backprop_tui.stops.named_values import (
    Computed,
    Epoch,
    Example,
    IterationNumber,
    LearningRate,
    Loss,
    NamedValue,
    ParameterValue,
    Step,
)


class Word(Struct, frozen=True):
    """A word of the language of conditions."""

    name: str
    says: str
    """What it is, in a few words."""
    found: Callable[[Run, Source], NamedValue]
    whole: bool = False
    """Whether it counts something."""
    truth: bool = False
    """Whether it is true or false, not a number."""
    of_unit: bool = False
    """Whether it may be asked of one unit: ``dead(h1)``."""


_ROWS = (
    Word("loss", "mean loss over the epoch's examples, known when the last of them has its loss", Loss),
    Word("epoch", "the epoch, from 0", Epoch, whole=True),
    Word("step", "how many of the epoch's statements have run", Step, whole=True),
    Word("example", "the example at work: its row in the data, from 0", Example, whole=True),
    Word("iteration", "the iteration, counted from 0 through all epochs", IterationNumber, whole=True),
    Word("learning_rate", "the learning rate η", LearningRate),
    Word(
        "grad_norm",
        "length of the batch's gradient without frozen parameters, known when its last backward pass is over",
        health.GradientNorm,
    ),
    Word("not_finite", "what was just computed is infinite or not a number", health.NotFinite, truth=True),
    Word(
        "dead",
        "some unit's slope was 0 for every example of the batch; dead(h1): that unit's",
        health.Dead,
        truth=True,
        of_unit=True,
    ),
    Word(
        "saturated",
        "some unit's slope is below 1% of its activation's greatest; saturated(h1): that unit's",
        health.saturated,
        truth=True,
        of_unit=True,
    ),
)

WORDS: Mapping[str, Word] = MappingProxyType({row.name: row for row in _ROWS})
"""Every word by name."""

_NAMED: dict[What, Callable[[Run, Source], NamedValue]] = {
    What.COMPUTED: Computed,
    What.PARAMETER: ParameterValue,
    What.INPUT: Example,
    What.TARGET: Example,
}


class Runs(NamedTuple):
    """The runs in which a condition is read: the one that is debugged, and all by name."""

    debugged: Run
    beside: Mapping[str, Run] = MappingProxyType({})

    def of(self, source: Source) -> Run:
        """The run in which a name is read."""
        return self.beside[source.run] if source.run else self.debugged


def named_value(runs: Runs, source: Source) -> NamedValue:
    """The value that a name in a condition stands for."""
    run = runs.of(source)
    found = WORDS[source.word].found if source.what is What.WORD else _NAMED[source.what]
    return found(run, source)
