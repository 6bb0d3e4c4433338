"""What a picture shows, in a line of words: which factor shrinks the error signal, where a step lands."""

from __future__ import annotations

from collections.abc import Sequence
from math import exp, inf, isfinite, isnan, log

from backprop_tui.analysis.activation_curve import ActivationCurve
from backprop_tui.analysis.gradient_flow import GradientFlow, LayerFlow
from backprop_tui.analysis.loss_slice import LossSlice
from backprop_tui.analysis.loss_surface import LossSurface
from backprop_tui.analysis.mark_words import percent, rough, through
from backprop_tui.analysis.parameters_over_epochs import ParametersOverEpochs
from backprop_tui.analysis.prediction_grid import PredictionGrid
from backprop_tui.network.lazy_numpy import Array, np
from backprop_tui.program.number_text import number

KEEPS = 1.1
"""A factor between this and one over this is told as next to no change ..."""
HARDLY = 1.02
"""... and as none below this."""
UNEQUAL = 2.0
"""Where the layers' factors differ by more than this from their mean, it is called an average."""
NEARLY = 0.05
"""Two heights that differ by less than this share are told as equal."""
LEVEL = 0.01
"""A line that rises by less than this share of its height is told as nearly level."""
STRAIGHT = 1e-9
"""A line that bends by less than this share of its height is told as straight."""
UNNOTICED = 1e-4
"""A loss that changes by a smaller share is told as next to no change."""


def flow_caption(flow: GradientFlow, signal: str = "the error signal") -> str:
    """What becomes of the error signal from the output down, and which of the two factors does it.

    Args:
        flow: a layer after the other, from the output down.
        signal: what the error signal is called.

    """
    if not flow:
        return "no error signal has been computed yet"
    if (broken := next((row for row in flow if not isfinite(row.delta_norm)), None)) is not None:
        return (
            f"layer {broken.layer}'s error signal is {number(broken.delta_norm)}: its size cannot be compared"
        )
    if flow[0].delta_norm == 0.0:
        return "the error signal is 0 at the output: nothing is left to learn from these examples"
    if (end := next((row for row in flow if row.delta_norm == 0.0), None)) is not None:
        return _where_it_ends(end)
    if len(flow) == 1:
        reached = "one layer" if flow[0].layer == 1 else f"layer {flow[0].layer}, the output"
        return f"{reached}: its error signal comes straight from the loss"
    slopes = [row.slope_factor for row in flow if row.slope_factor]
    weights = [row.weight_factor for row in flow if row.weight_factor]
    if not all(isfinite(log(factor)) for factor in (*slopes, *weights)):
        return "the error signal changes by a factor that is too large to write"
    return _which_does_it(flow, slopes, weights, signal)


def _where_it_ends(end: LayerFlow) -> str:
    if end.dead == 1.0:
        return f"the error signal ends at layer {end.layer}: the slope of every unit is 0"
    if end.weight_factor == 0.0:
        return f"the error signal ends above layer {end.layer}: the weights send none of it down"
    return f"the error signal ends at layer {end.layer}: the slopes let none of it through"


def _which_does_it(flow: GradientFlow, slopes: Sequence[float], weights: Sequence[float], signal: str) -> str:
    """From the factors of the layers below the output."""
    slope, weight = _mean(slopes), _mean(weights)
    net, deep = slope * weight, len(slopes) > 1
    a_layer = " a layer" if deep else ""
    if any(_size(one / mean) > UNEQUAL for row, mean in ((slopes, slope), (weights, weight)) for one in row):
        a_layer += " on average"
    if _size(net) <= KEEPS and flow[-1].verdict is None:
        if _size(slope) <= KEEPS:
            return f"{signal} keeps its size{' from layer to layer' if deep else ''}"
        first, second = ("slope factors", "weights") if slope < 1.0 else ("weights", "slope factors")
        fold = _fold(min(slope, weight))
        return f"the {first} shrink {signal} {fold}{a_layer}; the {second} make up for it"
    first, leading, second, other = "slope factors", slope, "weights", weight
    if (slope > weight) == (net < 1.0):
        first, leading, second, other = second, other, first, leading
    return f"the {first} {_verb(leading)} {signal} {_fold(leading)}{a_layer}" + _and_the_other(
        second, other, same=(leading < 1.0) == (other < 1.0)
    )


def _and_the_other(name: str, factor: float, *, same: bool) -> str:
    """What the factor that matters less does, in the same direction or not."""
    if _size(factor) > KEEPS:
        fold = _fold(factor)
        return f", the {name} another {fold}" if same else f"; the {name} {_verb(factor)} it only {fold}"
    return f"; the {name} hardly do" if same and _size(factor) > HARDLY else f"; the {name} do not"


def slice_caption(cut: LossSlice, name: str = "", digits: int | None = 4) -> str:
    """Where the update's step lands, and whether it goes past the lowest point of the slice.

    Args:
        cut: the slice.
        name: of its parameter.
        digits: decimals of the numbers in it; None for every digit there is.

    """
    what = name or "the update"
    if not isfinite(cut.start_loss):
        return f"the loss is {number(cut.start_loss)} here: there is no slope to follow"
    if cut.landing is None:
        return f"{what} is not updated: it stays where it is"
    if not isfinite(cut.landing) or cut.landing_loss is None:
        return f"the step overflows: {what} becomes {number(cut.landing, digits)}"
    if cut.landing == cut.start or (cut.parameter is None and cut.gradient == 0.0):
        flat = "the gradient is 0: " if cut.gradient == 0.0 else ""
        return f"{flat}the update leaves {name or 'everything'} where it is"
    words = _landing(cut, cut.landing, cut.landing_loss, digits)
    after = cut.loss_after
    if after is None or _alike(after - cut.start_loss, cut.landing_loss - cut.start_loss):
        return words
    return f"{words}; all parameters together {_effect(cut.start_loss, after, digits)}"


def _landing(cut: LossSlice, landing: float, landing_loss: float, digits: int | None) -> str:
    """Where a step lands in relation to the lowest point in sight."""
    if not isfinite(landing_loss):
        return f"the step lands where the loss is {number(landing_loss)}"
    losses = np.where(np.isfinite(cut.losses), cut.losses, np.inf)
    place = int(np.argmin(losses))
    lowest, way = float(losses[place]), float(cut.values[place]) - cut.start
    if not lowest < min(cut.start_loss, landing_loss) or not 0 < place < len(losses) - 1 or not way:
        who = "the update would" if cut.parameter is None else "this step alone would"
        return f"{who} {_effect(cut.start_loss, landing_loss, digits)}"
    share = (landing - cut.start) / way
    if share < 0.0:
        return "the step leads away from the lowest point"
    rise = (landing_loss - lowest) / (cut.start_loss - lowest)
    if share <= 1.0:
        near = "nearly all" if share > 1.0 - NEARLY else f"{percent(share)}"
        return f"the step goes {near} of the way to the lowest point"
    if rise < NEARLY:
        return "the step lands close to the lowest point"
    if rise < 1.0 - NEARLY:
        return "the step jumps over the lowest point and lands lower than it began"
    if rise <= 1.0 + NEARLY:
        return "the step jumps over the lowest point and lands just as high"
    return f"the step jumps over the lowest point and lands {rough(rise)} times as high above it"


def _effect(before: float, after: float, digits: int | None) -> str:
    """What a step does to the loss, as the end of a sentence."""
    if not isfinite(after):
        return f"make the loss {number(after)}"
    if before == after:
        return "leave the loss as it is"
    if before <= 0.0 or after <= 0.0:
        return f"bring the loss from {number(before, digits)} to {number(after, digits)}"
    if after > 2.0 * before:
        return f"raise the loss {rough(after / before)}-fold"
    change = abs(after - before) / before
    if change < UNNOTICED:
        return "hardly change the loss"
    return f"{'lower' if after < before else 'raise'} the loss by {percent(change)}"


def activation_caption(curve: ActivationCurve, *, ahead: bool = False) -> str:
    """How much of the error gets through a unit: what its slope is, and whether it is saturated.

    Args:
        curve: the curve, with its point.
        ahead: whether the error is still to come.

    """
    slope = curve.slope
    if isnan(slope):
        return "z is not a number, and neither is the slope"
    head = "saturated: " if curve.point_saturated and slope else ""
    others = "; the other units of the layer change it too" if curve.couples else ""
    return f"{head}slope {rough(slope)}, {through(slope, ahead=ahead)}{others}"


def surface_caption(
    surface: LossSurface, path: Sequence[tuple[float, float]] = (), digits: int | None = 4
) -> str:
    """How high the point lies above the lowest loss in sight, and how far training has come on it.

    Args:
        surface: the surface.
        path: the values of the two parameters after the epochs passed.
        digits: decimals of the numbers in it, more where two losses are told apart only then; None for all.

    """
    finite = surface.losses[np.isfinite(surface.losses)]
    if not len(finite):
        return "the loss is not finite anywhere here"
    low, high = float(np.min(finite)), float(np.max(finite))
    words = f"the loss is {number(low, digits)} everywhere here"
    if low < high:
        words = "the loss goes from {} to {} here".format(*_told_apart(low, high, digits))
    if len(path) < 2:
        return words
    (x0, y0), (x1, y1) = path[0], path[-1]
    start, end = (f"({number(x, digits)}, {number(y, digits)})" for x, y in ((x0, y0), (x1, y1)))
    return f"{words}; training went from {start} to {end}"


def plane_caption(answers: Array, targets: Array, middle: float, digits: int | None = 4) -> str:
    """How many examples lie on their side of the boundary, or how far the answers are off.

    Args:
        answers: of a unit, for each example.
        targets: of each example, for that unit.
        middle: the answer at which the boundary lies.
        digits: decimals of the numbers in it; None for every digit there is.

    """
    count = len(targets)
    if not np.isfinite(answers).all():
        return "some answers are not finite"
    if len(set(targets.tolist())) == 2 and (targets > middle).any() and (targets <= middle).any():
        right = int(np.count_nonzero((answers > middle) == (targets > middle)))
        whose = f"all {count}" if right == count else f"{right} of {count}"
        return f"{whose} examples lie on their side of the boundary"
    with np.errstate(all="ignore"):
        off = float(np.mean(np.abs(answers - targets)))
    return f"the answers are off by {number(off, digits)} on average"


def line_caption(line: PredictionGrid) -> str:
    """Whether the answer over one input is a straight line."""
    values = line.values[0]
    if not np.isfinite(values).all():
        return "some answers are not finite"
    with np.errstate(all="ignore"):
        rise = float(np.max(values) - np.min(values))
        bend = float(np.max(np.abs(values - np.linspace(values[0], values[-1], len(values)))))
    size = max(1.0, float(np.max(np.abs(values))))
    if rise <= STRAIGHT * size:
        return "the answer is the same everywhere"
    if rise <= LEVEL * size:
        return "the answer is nearly the same everywhere"
    return "the answer is a straight line" if bend <= STRAIGHT * size else "the answer is a curve"


def parameters_caption(found: ParametersOverEpochs, names: Sequence[str], digits: int | None = 4) -> str:
    """How far the parameter that moved most has come, and in how many epochs.

    Args:
        found: the values of some parameters.
        names: of each.
        digits: decimals of the numbers in it; None for every digit there is.

    """
    if len(found.epochs) < 2:
        return "no epoch is over yet: the parameters are where they began"
    first, last = found.values[:, 0], found.values[:, -1]
    with np.errstate(all="ignore"):
        moved = np.abs(last - first)
    moved = np.where(np.isfinite(moved), moved, np.inf)
    place = int(np.argmax(moved))
    epochs = int(found.epochs[-1])
    within = f"in {epochs} epoch{'s' if epochs > 1 else ''}"
    if moved[place] == 0.0:
        return f"{'none of them' if len(names) > 1 else names[0]} has moved {within}"
    most = " moved most," if len(names) > 1 else " moved"
    start, end = number(float(first[place]), digits), number(float(last[place]), digits)
    return f"{names[place]}{most} from {start} to {end} {within}"


def _told_apart(low: float, high: float, digits: int | None) -> tuple[str, str]:
    """Two different numbers, with as many decimals more as it takes to tell them apart."""
    for decimals in () if digits is None else range(digits, 17):
        texts = number(low, decimals), number(high, decimals)
        if texts[0] != texts[1]:
            return texts
    return number(low, None), number(high, None)


def _mean(factors: Sequence[float]) -> float:
    """The geometric mean: as often as there are factors, it gives their product."""
    return exp(sum(map(log, factors)) / len(factors))


def _size(factor: float) -> float:
    """How far a factor is from 1, whichever way."""
    return max(factor, 1.0 / factor) if factor else inf


def _verb(factor: float) -> str:
    return "shrink" if factor < 1.0 else "amplify"


def _fold(factor: float) -> str:
    return f"{rough(_size(factor))}-fold"


def _alike(one: float, other: float) -> bool:
    return one == other or abs(one - other) <= NEARLY * max(abs(one), abs(other))
