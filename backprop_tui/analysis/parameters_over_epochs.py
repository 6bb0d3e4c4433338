"""How chosen parameters have moved: their values at the ends of the epochs passed, thinned to so many points.

They are read off the timeline. The epochs lie a power of two apart, as its checkpoints do, so in a long run
each point is a checkpoint, or a short replay away from one; and as the run goes on points are added or every
second one is left out, but none is another than before.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence

from msgspec import Struct

from backprop_tui.engine.quantities import Parameter
from backprop_tui.history.run import Run
from backprop_tui.network.lazy_numpy import Array, np

POINTS = 128
"""How many points there are at most, unless asked otherwise, beside the start and the latest epoch."""

MOST_REMEMBERED = 4
"""How many times as many a run remembers of a parameter."""


class ParametersOverEpochs(Struct, frozen=True, eq=False):
    """The values of some parameters after so many epochs."""

    parameters: tuple[Parameter, ...]
    epochs: Array
    """How many epochs were over at each point, 0 for the initial values, in ascending order."""
    values: Array
    """A row a parameter, a column a point."""


def parameters_over_epochs(
    run: Run, parameters: Sequence[Parameter], passed: int, points: int = POINTS
) -> ParametersOverEpochs:
    """The same as ``reading``, at once."""
    work = reading(run, parameters, passed, points)
    while True:
        try:
            next(work)
        except StopIteration as end:
            result: ParametersOverEpochs = end.value
            return result


def reading(
    run: Run, parameters: Sequence[Parameter], passed: int, points: int = POINTS
) -> Generator[int, None, ParametersOverEpochs]:
    """Read the values of some parameters; what was read before is remembered with the run.

    Another thread may read the same ones, and forget what it does not need: so what was found is held here.

    Args:
        run: the run.
        parameters: which.
        passed: how many epochs are over; epochs that have not been run yet would be run.
        points: how many at most.

    Yields:
        after each slice of replay how many points are done; stopping early loses nothing that was read.

    """
    shelf: dict[Parameter, dict[int, float]] = run.shelves.setdefault("parameters over epochs", {})
    known = [shelf.setdefault(parameter, {}) for parameter in parameters]
    wanted = epochs_shown(passed, points)
    columns: list[list[float]] = []
    for done, epochs in enumerate(wanted):
        remembered = [value for values in known if (value := values.get(epochs)) is not None]
        if len(remembered) == len(known):
            columns.append(remembered)
            continue
        iteration = epochs * run.program.iterations_per_epoch
        for _ in run.timeline.going_to(iteration):
            yield done
        there = run.timeline.state(iteration).parameters
        columns.append([there.value(parameter) for parameter in parameters])
        for value, values in zip(columns[-1], known, strict=True):
            values[epochs] = value
        yield done + 1
    for values in known:
        for epochs in {*list(values)} - {*wanted} if len(values) > MOST_REMEMBERED * points else ():
            values.pop(epochs, None)
    return ParametersOverEpochs(tuple(parameters), np.array(wanted), np.array(columns).T)


def read_already(
    run: Run, parameters: Sequence[Parameter], passed: int, points: int = POINTS
) -> ParametersOverEpochs | None:
    """The same where all but what is at hand was read before; else None."""
    shelf: dict[Parameter, dict[int, float]] = run.shelves.setdefault("parameters over epochs", {})
    for epochs in epochs_shown(passed, points):
        known = all(epochs in shelf.get(parameter, ()) for parameter in parameters)
        if not known and not run.timeline.at_hand(epochs * run.program.iterations_per_epoch):
            return None
    return parameters_over_epochs(run, parameters, passed, points)


def epochs_shown(passed: int, points: int = POINTS) -> list[int]:
    """The numbers of epochs after which a value is shown: 0, multiples of a power of two, and the latest."""
    stride = 1
    while passed > stride * points:
        stride *= 2
    return sorted({*range(0, passed + 1, stride), passed})
