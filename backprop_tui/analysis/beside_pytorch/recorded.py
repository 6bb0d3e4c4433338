"""What PyTorch recorded of a training beside what float64 gives: loss, gradient, parameters.

How far rounding may take the two apart is measured, in trainings that round at random (``trials``).
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from functools import partial
from math import inf, isfinite, sqrt

from msgspec import Struct

from backprop_tui.analysis.beside_pytorch.allowance import SAFETY, Epsilons
from backprop_tui.analysis.beside_pytorch.trials import Trials, trials_from, tried
from backprop_tui.analysis.norms import length
from backprop_tui.analysis.point import Point
from backprop_tui.engine.quantities import Parameter
from backprop_tui.engine.reference import Forward
from backprop_tui.engine.state import Parameters
from backprop_tui.history.run import Run
from backprop_tui.network.description import NO_BACKWARD, Network, RecordedIteration, RecordedParameters
from backprop_tui.network.lazy_numpy import Array, np
from backprop_tui.network.rules.dtypes import DTYPES
from backprop_tui.program.pytorch_numbers import gradient_factor

ROUNDINGS = 4.0
"""So many epsilons a loss is allowed in any case: it is a sum and a mean, and is rounded itself."""
EXACT = 2.0**-52


class Beside(Struct, frozen=True):
    """A number of PyTorch's beside ours."""

    pytorch: float
    here: float
    allowed: float
    """How far they may be apart by rounding, relative to the larger of the two."""

    @property
    def apart(self) -> float:
        """How far they are, relative to the larger one; infinite where just one of them is finite."""
        if not (isfinite(self.pytorch) and isfinite(self.here)):
            return 0.0 if isfinite(self.pytorch) == isfinite(self.here) else inf
        largest = max(abs(self.pytorch), abs(self.here))
        return abs(self.pytorch - self.here) / largest if largest else 0.0

    @property
    def within(self) -> bool:
        """Whether rounding explains it."""
        return self.apart <= self.allowed


class IterationBeside(Struct, frozen=True):
    """One iteration as PyTorch recorded it, beside the same in float64."""

    place: int
    """Which iteration of the recorded epoch it is, from 0."""
    recorded: RecordedIteration
    loss: Beside
    grad_norm: Beside
    """After the backward pass: before clipping, and with the factor of a loss that was scaled."""

    @property
    def within(self) -> bool:
        """Whether rounding explains all of the difference."""
        return self.loss.within and self.grad_norm.within


class LayerBeside(Struct, frozen=True):
    """The parameters of a layer as PyTorch had them before an iteration, beside the replay's."""

    place: int
    """The iteration of the recorded epoch; their number stands for the end of it."""
    layer: int
    difference: float
    """The largest, in size; infinite where one of two numbers is not finite."""
    parameter: Parameter
    """Where it is."""
    pytorch: float
    """PyTorch's number there ..."""
    here: float
    """... and ours."""
    largest: float
    """The largest number of the layer that PyTorch had, in size."""
    allowed: float
    """How large a difference rounding explains, relative to ``largest``."""

    @property
    def relative(self) -> float:
        """The largest difference, relative to the largest number of the layer."""
        return self.difference / self.largest if self.largest else inf if self.difference else 0.0

    @property
    def within(self) -> bool:
        """Whether rounding explains it."""
        return self.relative <= self.allowed


def epsilon(network: Network, place: int) -> float:
    """The epsilon of the coarsest type of numbers that PyTorch computed an iteration in."""
    names = [network.pytorch.dtype if network.pytorch else ""]
    if network.recording is not None and place < len(network.recording.iterations):
        names.append(network.recording.iterations[place].dtype)
    return max((DTYPES[name].epsilon for name in names if name in DTYPES), default=EXACT)


def _epsilon_of_parameters(network: Network) -> float:
    """That of the type of the parameters, which autocast computes the loss in, too."""
    name = network.pytorch.dtype if network.pytorch else ""
    return DTYPES[name].epsilon if name in DTYPES else EXACT


def iterations_beside(run: Run) -> Generator[int, None, tuple[IterationBeside, ...]]:
    """Every recorded iteration beside ours; what was computed is remembered with the run.

    Yields:
        how many are done; stopping early loses none of them.

    """
    recording = run.network.recording
    count = len(recording.iterations) if recording else 0
    known: dict[int, IterationBeside] = run.shelves.setdefault("recorded", {})
    for place in range(count):
        if place not in known:
            for _ in run.timeline.going_to(place):
                yield place
            known[place] = _iteration_beside(run, place)
        yield place + 1
    return tuple(known[place] for place in range(count))


def beside_already(run: Run) -> tuple[IterationBeside, ...]:
    """Those that have been computed, in their order."""
    known: dict[int, IterationBeside] = run.shelves.setdefault("recorded", {})
    return tuple(one for _, one in sorted(known.copy().items()))


def _iteration_beside(run: Run, place: int) -> IterationBeside:
    """One recorded iteration beside ours: the parameters before it, and the batch as it then was."""
    recording = run.network.recording
    assert recording is not None
    one = recording.iterations[place]
    start = run.program.iteration_start(place)
    givens, batch = run.timeline.givens(start), run.network.batches
    rows = slice(batch.start(place), batch.start(place) + batch.length(place))
    point = Point(
        run.network, run.timeline.state(place).parameters, givens.inputs[rows], givens.targets[rows]
    )
    factor = gradient_factor(run.network, place)
    pass_ = point.forward()
    loss, norm = _lengths(one, point, pass_, point.gradient(pass_))
    size = epsilon(run.network, place)
    epsilons = Epsilons(size, _epsilon_of_parameters(run.network))
    shelf: dict[int, Trials] = run.shelves.setdefault("recorded trials", {})
    before = shelf.get(place) or trials_from(run, place)
    allowed, shelf[place + 1] = tried(run, before, point, epsilons, (loss, norm), partial(_lengths, one))
    shelf.pop(place - 1, None)
    drifts: dict[int, tuple[float, ...]] = run.shelves.setdefault("recorded drift", {})
    drifts[place + 1] = shelf[place + 1].drift
    norm *= abs(factor)
    there = norm if NO_BACKWARD in one.notes else one.grad_norm
    return IterationBeside(
        place,
        one,
        Beside(one.loss, loss, ROUNDINGS * size + allowed[0]),
        Beside(there, norm, ROUNDINGS * size + allowed[1]),
    )


def _lengths(
    one: RecordedIteration, point: Point, pass_: Forward, gradient: Parameters
) -> tuple[float, float]:
    """The loss as PyTorch averages it, and the length of the gradient, without what is frozen."""
    parts: list[Array] = []
    for number, layer in enumerate(point.network.layers):
        parts += [] if layer.frozen_weights else [gradient.weights[number]]
        parts += [] if layer.frozen_biases else [gradient.biases[number]]
    return _loss(point, one, pass_.loss), length(*parts) if parts else 0.0


def _loss(point: Point, one: RecordedIteration, losses: Array) -> float:
    """The mean over ranks of the mean, or sum, of the losses of each rank's examples."""
    lengths: dict[int, list[Array]] = {}
    start = 0
    for rank, examples in one.ranks or ((0, len(losses)),):
        lengths.setdefault(rank, []).append(losses[start : start + examples])
        start += examples
    each = [float(point.loss(np.concatenate(parts))) for parts in lengths.values()]
    total = sum(each) / len(each)
    if point.network.training.sums_examples and total and isfinite(one.loss / total) and one.loss:
        passes = round(total / one.loss)  # PyTorch's is the mean over passes, whose number is not recorded
        if passes > 1 and len(losses) % passes == 0:
            return total / passes
    return total


def first_apart(found: Sequence[IterationBeside]) -> IterationBeside | None:
    """The first iteration in which PyTorch's and ours are further apart than rounding explains."""
    return next((one for one in found if not one.within), None)


def parameters_beside(run: Run) -> Generator[int, None, tuple[LayerBeside, ...]]:
    """The recorded parameters beside the replay's, layer by layer from the first, state after state.

    Yields:
        how many states are done.

    """
    recording = run.network.recording
    found: list[LayerBeside] = []
    start = None
    for done, (place, state) in enumerate(sorted(recording.states.items() if recording else ())):
        for _ in iterations_beside(run):  # how far rounding may have come by then
            yield done
        for _ in run.timeline.going_to(place):
            yield done
        here = run.timeline.state(place).parameters
        start = here if start is None else start
        found += [
            _layer_beside(run, place, number, state, start, here)
            for number in range(1, len(run.network.layers) + 1)
        ]
        yield done + 1
    return tuple(found)


def _layer_beside(
    run: Run, place: int, number: int, state: RecordedParameters, start: Parameters, here: Parameters
) -> LayerBeside:
    """One layer; the bias comes as a last column, as a unit's parameters are counted."""
    theirs = np.column_stack((np.array([*state.weights[number - 1]]), np.array(state.biases[number - 1])))
    ours, first = (
        np.column_stack((one.weights[number - 1], one.biases[number - 1])) for one in (here, start)
    )
    with np.errstate(all="ignore"):
        off, moved = np.abs(theirs - ours), np.abs(theirs - first)
    alike = ~np.isfinite(theirs) & ~np.isfinite(ours)
    off = np.where(alike, 0.0, np.where(np.isfinite(off), off, inf))
    unit, below = (int(one) for one in np.unravel_index(int(np.argmax(off)), off.shape))
    sizes, ways = (np.where(np.isfinite(one), np.abs(one), 0.0) for one in (theirs, moved))
    largest, way = float(np.max(sizes)), float(np.max(ways))
    size = max(epsilon(run.network, max(0, place - 1)), epsilon(run.network, 0))
    drift = run.shelves["recorded drift"].get(place, (0.0,) * number)[number - 1]
    shares = min(1.0, max(size * way, drift) / largest) if largest else 0.0
    allowed = SAFETY * (size * sqrt(place) + shares)
    return LayerBeside(
        place,
        number,
        float(off[unit, below]),
        Parameter(number, unit, below if below < ours.shape[1] - 1 else None),
        float(theirs[unit, below]),
        float(ours[unit, below]),
        largest,
        allowed,
    )
