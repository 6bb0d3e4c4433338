"""Trainings with rounding at random, beside the replay: how far such may drift from exact numbers.

How much a rounded update matters later depends on the training: SGD near the bottom of a valley forgets it,
and Adam makes a whole step of the last digits of a gradient that is nearly 0. So a few trials are trained on
the same batches, each with every number of its passes and every new parameter rounded up or down
(``allowance``), and what they reach is what a training in that type may reach. A new parameter that its step
is too short to change stays what it was in the second of them.

Where values were set by hand the replay is another training than was recorded, and there is nothing to train
beside it: parameters are moved at random then, with the square root of the number of updates.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import repeat
from math import isfinite, sqrt

from msgspec import Struct
from msgspec.structs import replace

from backprop_tui.analysis.beside_pytorch.allowance import SAFETY, SIDES, Epsilons, moved_passes
from backprop_tui.analysis.point import Point
from backprop_tui.engine.reference import Forward, update
from backprop_tui.engine.state import Parameters, TrainingState
from backprop_tui.history.run import Run
from backprop_tui.network.lazy_numpy import Array, np
from backprop_tui.network.rules.optimizers import Options, options_for

MEMORY = 0.9
"""What is left of how far numbers were off, an iteration later: those of all trials may meet by chance."""

Measure = Callable[[Point, Forward, Parameters], tuple[float, float]]
"""The loss and the length of the gradient, from the passes of a point."""


class Trials(Struct, frozen=True, eq=False):
    """Where the trials are before an iteration."""

    place: int
    states: tuple[TrainingState, ...]
    drift: tuple[float, ...]
    """How far the parameters of each layer are from the replay's at most."""
    most: tuple[float, float] = (0.0, 0.0)
    """How far loss and gradient were off at most, of late."""


def trials_from(run: Run, place: int) -> Trials:
    """All of them where the replay is before an iteration."""
    return Trials(place, (run.timeline.state(place),) * len(SIDES), (0.0,) * len(run.network.layers))


def tried(
    run: Run,
    trials: Trials,
    point: Point,
    epsilons: Epsilons,
    measured: tuple[float, float],
    measure: Measure,
) -> tuple[tuple[float, float], Trials]:
    """How far the loss and the length of the gradient may be off, as shares of them; and the trials after.

    Args:
        run: the replay.
        trials: before the iteration.
        point: the replay's parameters, and the batch.
        epsilons: of the iteration's types of numbers.
        measured: what *measure* gives of the replay.
        measure: what is compared.

    """
    place, most, states = trials.place, [MEMORY * one for one in trials.most], []
    if not any(map(isfinite, measured)):
        return (0.0, 0.0), replace(trials, place=place + 1)
    givens = run.timeline.givens(run.program.iteration_start(place))
    settings = run.timeline.trainer.in_force(givens, place).settings
    for number, (state, side) in enumerate(zip(trials.states, SIDES, strict=True)):
        random = np.random.default_rng([place, number])
        drift = epsilons.parameters * sqrt(place) if run.edits else 0.0
        here = Point(
            run.network, point.parameters if run.edits else state.parameters, point.inputs, point.targets
        )
        passes = moved_passes(here, epsilons, random, side, drift)
        for which, (value, exact) in enumerate(zip(measure(here, *passes), measured, strict=True)):
            if exact and isfinite(exact) and isfinite(value):
                most[which] = max(most[which], abs(value - exact) / abs(exact))
        if not run.edits:
            after = update(run.network, state, passes[1], settings)
            states.append(
                replace(
                    after,
                    parameters=_rounded(
                        state,
                        after,
                        random,
                        epsilons.parameters,
                        side,
                        decays=(_decays(settings, bias=False), _decays(settings, bias=True)),
                    ),
                )
            )
    reached = replace(_after(run, place + 1, tuple(states)), most=(most[0], most[1]))
    return (SAFETY * most[0], SAFETY * most[1]), reached


def _after(run: Run, place: int, states: tuple[TrainingState, ...]) -> Trials:
    """The trials before an iteration; one that has numbers which are none begins again at the replay."""
    if not states:
        return trials_from(run, place)
    exact = run.timeline.state(place)
    apart = [_apart(state.parameters, exact.parameters) for state in states]
    known = tuple(
        state if all(map(isfinite, layers)) else exact for state, layers in zip(states, apart, strict=True)
    )
    drift = tuple(
        max((one for one in layer if isfinite(one)), default=0.0) for layer in zip(*apart, strict=True)
    )
    return Trials(place, known, drift)


def _apart(one: Parameters, other: Parameters) -> list[float]:
    """The largest difference in each layer."""
    with np.errstate(all="ignore"):
        pairs = zip(one.weights, other.weights, one.biases, other.biases, strict=True)
        return [max(float(np.max(np.abs(w - v))), float(np.max(np.abs(b - c)))) for w, v, b, c in pairs]


def _rounded(
    before: TrainingState,
    after: TrainingState,
    random: np.random.Generator,
    epsilon: float,
    side: float,
    *,
    decays: tuple[bool, bool],
) -> Parameters:
    """New parameters, rounded up or down; what did not change was not rounded either.

    Weight decay multiplies by a number near 1, which is rounded to the same side at every update: *decays*
    says of weights and of biases whether there is any.
    """

    def of(old: Array, new: Array, decays: bool) -> Array:
        with np.errstate(all="ignore"):
            way, half = np.abs(new - old), 0.5 * epsilon * np.abs(new)
            moved = new + half * random.choice((-1.0, 1.0), new.shape)
            if decays:
                moved = moved * (1.0 + 0.5 * epsilon * side)
            return np.where((way == 0.0) | ((way < half) & (side < 0.0)), old, moved)

    old, new = before.parameters, after.parameters
    return Parameters(
        tuple(map(of, old.weights, new.weights, repeat(decays[0]))),
        tuple(map(of, old.biases, new.biases, repeat(decays[1]))),
    )


def _decays(settings: Options, *, bias: bool) -> bool:
    return bool(options_for(settings, bias=bias).get("weight_decay"))
