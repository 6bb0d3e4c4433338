"""From a recording to a network: the iterations that were kept are its one epoch, replayed in float64."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import torch
from msgspec.structs import replace

from backprop_tui.network.description import (
    DTYPES,
    NO_BACKWARD,
    UNEVEN_PASSES,
    WEIGHTED_PASSES,
    Network,
    RecordedParameters,
)
from backprop_tui.network.files.demands import MOST_VALUES
from backprop_tui.network.later_rows import LaterRows
from backprop_tui.program.pytorch_numbers import CLIPPED
from backprop_tui.pytorch.errors import PyTorchError
from backprop_tui.pytorch.models.layers import LayerPart, dtype_of
from backprop_tui.pytorch.models.losses import LossPart, loss_of
from backprop_tui.pytorch.models.optimizers import OptimizerPart, optimizer_of, settings_of
from backprop_tui.pytorch.models.reading import Stack, network_from
from backprop_tui.pytorch.opening.joining import Joined, JoinedIteration, Part, joined
from backprop_tui.pytorch.opening.recordings import Recording
from backprop_tui.pytorch.opening.replayable import Owned, decays_biases, leave_still, replayable
from backprop_tui.pytorch.recording.described_model import (
    layers_from,
    loss_from,
    of_recording,
    optimizer_from,
)
from backprop_tui.pytorch.recording.updates.settling import NOT_CLEARED

_MADE_FINITE = "the gradient was not finite, and was made so before the update: the update is another here"
_ELEMENT_BY_ELEMENT = (
    "the gradient was changed element by element before the update, as clipping by value or noise does: the "
    "update"
)


def network_of(folder: Path) -> Network:
    """As ``doors.from_recording``."""
    try:
        return _network(folder)
    except PyTorchError as error:
        said = of_recording(error)
        source = said.source or str(folder)
        raise PyTorchError(said.place, said.expected, said.found, hint=said.hint, source=source) from None


class _Examples(NamedTuple):
    """The batch of an iteration, those of all passes and ranks one below the other."""

    inputs: Any
    """Of the shape (examples, inputs)."""
    loss: LossPart
    lengths: tuple[tuple[int, int], ...]
    """The rank of each pass, and how many examples it had."""


def _network(folder: Path) -> Network:
    recording = Recording.open(folder)
    about = recording.ranks[0].about
    loss, widths = loss_from(about), _widths(recording)
    found = replayable(joined(recording, MOST_VALUES, sum(widths)))
    first = found.iterations[0].number
    parameters = found.parameters(first)
    layers = layers_from(found.about, parameters)
    own = {
        row[part]: getattr(layer, part)
        for row, layer in zip(about["layers"], layers, strict=True)
        for part in ("weight", "bias")
    }
    kept = found.optimizer_state(first)
    names = [group.get("param_names") or () for group in kept["param_groups"]]
    leave_still(found.iterations, names, own)
    state = optimizer_from(found.about, kept, own)
    optimizer = optimizer_of(state, layers, finite=False)
    batches = [_examples(one, layers, loss) for one in found.iterations]
    targets = torch.cat([one.loss.targets for one in batches])
    whole = batches[0].loss._replace(targets=targets)
    inputs = torch.cat([one.inputs for one in batches])
    stack = Stack(torch.nn.Identity(), "model", layers, None, inputs, (), dtype_of(layers))
    owned = _owned(names, about["layers"], own)
    optimizer = _decaying(optimizer, decay_biases=decays_biases(found, owned))
    scales = [_scale(found, one, batch) for one, batch in zip(found.iterations, batches, strict=True)]
    tables = _tables(folder, found, batches, scales, dict(_schedule(found, optimizer, owned)))
    network = network_from(
        str(about.get("title") or about["model"]), stack, whole, optimizer, recorded=tables
    )
    assert network.recording is not None
    return replace(network, recording=replace(network.recording, states=_states(found)))


def _widths(recording: Recording) -> tuple[int, int]:
    """How many numbers an example has: inputs, and targets."""
    for rank in recording.ranks:
        for window in reversed(rank.windows):
            try:
                shapes, rows = window.shapes(window.header()), rank.about.get("layers") or ()
            except PyTorchError:  # missing or damaged, which joined says
                continue
            named = [shapes[row["weight"]] for row in rows if row["weight"] in shapes]
            if named and len(named) == len(rows):
                return named[0][1], named[-1][0]
    return 0, 0


# The examples


def _examples(one: JoinedIteration, layers: Sequence[LayerPart], loss: Any) -> _Examples:
    place, width, units = f"iteration {one.number}", layers[0].weight.shape[1], layers[-1].weight.shape[0]
    rows, parts, lengths = [], [], []
    for part in one.parts:
        batch = part.batch()
        given = [*batch.arguments, *batch.keywords.values()]
        tensors = [one for one in given if isinstance(one, torch.Tensor)]
        if len(given) != 1 or len(tensors) != 1:
            raise PyTorchError(f"{place}: inputs", "one tensor, the model's only argument", f"{len(given)}")
        if len(batch.targets) != 1 or not isinstance(batch.targets[0], torch.Tensor):
            found = f"{len(batch.targets)} arguments"
            raise PyTorchError(f"{place}: targets", "one tensor after the model's output", found)
        inputs = tensors[0].reshape(-1, width)
        shape = part.shape or (len(inputs), units)
        if (shape[-1] != units and units > 1) or math.prod(shape) != len(inputs) * units:
            raise PyTorchError(f"{place}: outputs", f"{units} for each of {len(inputs)} examples", f"{shape}")
        rows.append(inputs.double())
        try:
            parts.append(loss_of(loss, layers[-1], tuple(shape), batch.targets[0]))
        except PyTorchError as error:
            where = (
                f"{place}: {error.place}" if error.place.startswith(("targets", "inputs")) else error.place
            )
            raise PyTorchError(where, error.expected, error.found, hint=error.hint) from None
        lengths.append((part.rank, len(inputs)))
    targets = torch.cat([part.targets for part in parts])
    return _Examples(torch.cat(rows), parts[0]._replace(targets=targets), tuple(lengths))


def _scale(found: Joined, one: JoinedIteration, batch: _Examples) -> tuple[float, list[str]]:
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


# What stands beside


def _tables(
    folder: Path,
    found: Joined,
    batches: Sequence[_Examples],
    scales: Sequence[tuple[float, list[str]]],
    schedule: dict[str, list[float]],
) -> dict[str, Any]:
    """The tables of the document that a recording adds."""
    lengths = [len(one.inputs) for one in batches]
    if any(scale != 1.0 for scale, _ in scales):
        schedule["gradient_scale"] = [scale for scale, _ in scales]
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


def _owned(
    names: Sequence[Sequence[str]], layers: Sequence[Mapping[str, Any]], parameters: Mapping[str, Any]
) -> list[Owned]:
    """What each parameter group has of the stack, from the names of its parameters."""
    moving = {name for name, one in parameters.items() if one is not None and one.requires_grad}
    weights, biases = (frozenset(moving & {row[part] for row in layers}) for part in ("weight", "bias"))
    return [Owned(weights.intersection(of), biases.intersection(of)) for of in names]


def _decaying(optimizer: OptimizerPart, *, decay_biases: bool) -> OptimizerPart:
    """The same optimizer, with weight decay of biases or without."""
    table = {name: value for name, value in optimizer.table.items() if name != "decay_biases"}
    return optimizer._replace(table=table if decay_biases else {**table, "decay_biases": False})


def _schedule(
    found: Joined, optimizer: OptimizerPart, owned: Sequence[Owned]
) -> Iterator[tuple[str, list[float]]]:
    """The optimizer's options that changed meanwhile: of weights, or where none of them move, of biases."""
    kind, each = str(found.about["optimizer"]), []
    of_weights = [at for at, one in enumerate(owned) if one.weights]
    of_biases = [at for at, one in enumerate(owned) if one.biases]
    group = next(iter((*of_weights, *of_biases)), 0)
    latest: dict[str, float] = {name: value for name, value in optimizer.table.items() if name != "name"}
    for one in found.iterations:
        if one.groups:
            latest = settings_of(kind, one.groups[group])
        each.append(latest)
    for name in each[0]:
        values = [settings.get(name, each[0][name]) for settings in each]
        if any(value != optimizer.table.get(name, values[0]) for value in values):
            yield name, values


def _recorded(one: JoinedIteration, batch: _Examples, notes: Sequence[str]) -> dict[str, Any]:
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


def _mean_loss(one: JoinedIteration, batch: _Examples) -> float:
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


class _TensorRows(LaterRows):
    """The rows of a matrix that was recorded."""

    def __init__(self, tensor: Any) -> None:
        super().__init__(len(tensor))
        self._tensor = tensor

    def row(self, at: int) -> tuple[float, ...]:
        return tuple(self._tensor[at].double().tolist())


def _states(found: Joined) -> dict[int, RecordedParameters]:
    """The parameters that were recorded, by the place of their iteration."""
    first, rows = found.iterations[0].number, found.about["layers"]
    states: dict[int, RecordedParameters] = {}
    for number in found.states:
        given: Mapping[str, Any] = found.parameters(number)
        weights = tuple(_TensorRows(given[row["weight"]]) for row in rows)
        biases = tuple(
            tuple(given[row["bias"]].double().tolist()) if row["bias"] else (0.0,) * len(weight)
            for row, weight in zip(rows, weights, strict=True)
        )
        states[number - first] = RecordedParameters(weights, biases)
    return states
