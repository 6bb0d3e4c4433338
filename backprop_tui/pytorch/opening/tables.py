"""What a recording adds to the document of its network: batches, options that changed, factors and notes."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from backprop_tui.network.description import DTYPES, NO_BACKWARD, UNEVEN_PASSES, WEIGHTED_PASSES
from backprop_tui.program.pytorch_numbers import CLIPPED
from backprop_tui.pytorch.opening.examples import Examples
from backprop_tui.pytorch.opening.joining.rank_rows import Part
from backprop_tui.pytorch.opening.joining.union import Joined, JoinedIteration
from backprop_tui.pytorch.recording.updates.settling import NOT_CLEARED

_MADE_FINITE = "the gradient was not finite, and was made so before the update: the update is another here"
_ELEMENT_BY_ELEMENT = (
    "the gradient was changed element by element before the update, as clipping by value or noise does: the "
    "update"
)


def tables_of(
    folder: Path, found: Joined, batches: Sequence[Examples], schedule: dict[str, list[float]]
) -> dict[str, Any]:
    """The tables that a recording adds.

    Args:
        folder: where it is.
        found: what is opened of it.
        batches: the examples of each iteration.
        schedule: the optimizer's options that changed meanwhile.

    """
    scales = [_scale(found, one, batch) for one, batch in zip(found.iterations, batches, strict=True)]
    lengths = [len(one.inputs) for one in batches]
    if any(scale != 1.0 for scale, _ in scales):
        schedule = {**schedule, "gradient_scale": [scale for scale, _ in scales]}
    iterations = [
        _recorded(one, batch, notes)
        for one, batch, (_, notes) in zip(found.iterations, batches, scales, strict=True)
    ]
    training: dict[str, Any] = {"schedule": schedule}
    if len(set(lengths[:-1])) > 1 or lengths[-1] > lengths[0]:
        training["batches"] = lengths
    else:
        training["batch_size"] = lengths[0]
    recording = {
        "folder": str(folder.absolute()),
        "reason": found.reason,
        "when": found.condition,
        "at": found.at,
        "said": [*_approximate(found.iterations, [notes for _, notes in scales]), *found.said],
        "iterations": iterations,
    }
    return {"training": training, "recording": recording}


def _scale(found: Joined, one: JoinedIteration, batch: Examples) -> tuple[float, list[str]]:
    """What the gradient of the union is to be multiplied by to be the one that the optimizer took."""
    summed, ranks = batch.loss.reduction == "sum", len(found.ranks)
    examples = sum(length for _, length in batch.lengths)
    weights = [
        part.scale / ranks * (1.0 if summed else examples / length)
        for part, (_, length) in zip(one.parts, batch.lengths, strict=True)
    ]
    notes = []
    scale = (
        sum(weight * length for weight, (_, length) in zip(weights, batch.lengths, strict=True)) / examples
    )
    if max(weights) - min(weights) > CLIPPED * abs(scale):
        uneven = len({length for _, length in batch.lengths}) > 1
        notes.append(UNEVEN_PASSES if uneven else WEIGHTED_PASSES)
    before, after = one.grad_norm, one.grad_norm_at_step
    ratio = 1.0
    if one.stepped and after is not None and math.isfinite(after) and not math.isfinite(before):
        notes.append(_MADE_FINITE)
    if after is not None and math.isfinite(before) and math.isfinite(after) and before > 0.0:
        ratio = after / before if abs(after / before - 1.0) > CLIPPED else 1.0
    if one.scaled_uniformly is False:  # the scale that makes its length right is the closest there is
        notes.append(f"{_ELEMENT_BY_ELEMENT} is approximate here, with its length alone as it was")
    elif ratio != 1.0 and abs(scale * ratio - 1.0) > CLIPPED:
        what = "gradient was scaled" if one.scaled_uniformly else "gradient's length was multiplied"
        notes.append(f"the {what} by {ratio:.4g} before the update")
    scale = scale * ratio or (0.0 if one.stepped else 1.0)  # without a backward pass there is none
    return (1.0 if abs(scale - 1.0) <= CLIPPED else scale), notes


def _approximate(iterations: Sequence[JoinedIteration], scaled: Sequence[Sequence[str]]) -> Iterator[str]:
    """What is said where gradients are others than those of the batches, by more than a factor.

    Args:
        iterations: as they were joined.
        scaled: what is noted of the factor of each.

    """
    counts = {
        "the gradient was changed element by element, as clipping by value or noise does": sum(
            one.scaled_uniformly is False for one in iterations
        ),
        "the gradient of an earlier one was not cleared": sum(
            any(note.endswith(NOT_CLEARED) for note in one.notes) for one in iterations
        ),
        "the gradient was not finite and was made so": sum(_MADE_FINITE in notes for notes in scaled),
        "passes were weighed otherwise than here": sum(WEIGHTED_PASSES in notes for notes in scaled),
    }
    for what, many in counts.items():
        if many:
            updates = "1 update" if many == 1 else f"{many:,} updates"
            yield f"before {updates} {what}: from the first of them on numbers are approximate"


def _recorded(one: JoinedIteration, batch: Examples, notes: Sequence[str]) -> dict[str, Any]:
    ranks: list[list[int]] = []
    for rank, length in batch.lengths:
        if ranks and ranks[-1][0] == rank:
            ranks[-1][1] += length
        else:
            ranks.append([rank, length])
    part, (_, length) = one.parts[0], batch.lengths[0]
    without = [] if one.stepped or one.grad_norm or any(each.scale for each in one.parts) else [NO_BACKWARD]
    table = {
        "number": one.number,
        "loss": one.loss if batch.loss.reduction == "sum" else _mean_loss(one, batch),
        "grad_norm": one.grad_norm,
        "ranks": ranks,
        "scale": _of_each(part, length, batch.loss.reduction),
        "notes": [*one.notes, *notes, *without, *([] if one.stepped else ["no update was made"])],
    }
    if part.dtype in DTYPES:
        table["dtype"] = part.dtype
    if one.grad_norm_at_step is not None:
        table["grad_norm_at_step"] = one.grad_norm_at_step
    return table


def _mean_loss(one: JoinedIteration, batch: Examples) -> float:
    """The mean over ranks of the mean over each rank's examples, whatever passes they came in."""
    ranks: dict[int, list[tuple[float, int]]] = {}
    for part, (rank, length) in zip(one.parts, batch.lengths, strict=True):
        ranks.setdefault(rank, []).append((part.loss, length))
    if all(len({length for _, length in passes}) == 1 for passes in ranks.values()):
        return one.loss
    each = [sum(loss * n for loss, n in passes) / sum(n for _, n in passes) for passes in ranks.values()]
    return sum(each) / len(each)


def _of_each(part: Part, length: int, reduction: str) -> float:
    """The factor of each example's loss in what a process differentiated."""
    scale = part.scale if part.scale and math.isfinite(part.scale) else 1.0
    return scale if reduction == "sum" else scale / length
