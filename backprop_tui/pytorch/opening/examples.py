"""The examples of an iteration: the batches of all passes and ranks, one below the other."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import torch

from backprop_tui.pytorch.errors import PyTorchError
from backprop_tui.pytorch.models.layers import LayerPart
from backprop_tui.pytorch.models.losses import LossPart, loss_of
from backprop_tui.pytorch.opening.joining.union import JoinedIteration


class Examples(NamedTuple):
    """The batch of an iteration, those of all passes and ranks one below the other."""

    inputs: Any
    """Of the shape (examples, inputs)."""
    loss: LossPart
    lengths: tuple[tuple[int, int], ...]
    """The rank of each pass, and how many examples it had."""


def examples_in(one: JoinedIteration, layers: Sequence[LayerPart], loss: Any) -> Examples:
    """Read the batches of an iteration.

    Args:
        one: as it was joined.
        layers: the first says how many inputs an example has, the last how many outputs.
        loss: the module.

    Raises:
        PyTorchError: they are not what the layers and the loss take, are gone or damaged.

    """
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
    return Examples(torch.cat(rows), parts[0]._replace(targets=targets), tuple(lengths))
