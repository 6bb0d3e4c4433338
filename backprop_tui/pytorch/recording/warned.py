"""What a recorder warns of while it goes on recording: what will be missing, and what would do."""

from __future__ import annotations

import sys
import warnings
from pathlib import Path
from typing import Any

import torch

from backprop_tui.pytorch.errors import PyTorchError
from backprop_tui.pytorch.models.following import unwrapped
from backprop_tui.pytorch.models.losses import activation_before
from backprop_tui.pytorch.models.optimizers import optimizer_of
from backprop_tui.pytorch.recording.described_model import layers_of_model, loss_from, of_recording
from backprop_tui.pytorch.recording.surroundings.shards import require_whole

_WITHIN = (str(Path(torch.__file__).parent), str(Path(__file__).parents[2]))
NOT_OPENED = "the recording will not open as a network"


def warn(text: str) -> None:
    """Warn at the line of the training loop, whatever lies between."""
    frame, level = sys._getframe(1), 2
    while frame.f_back is not None and frame.f_code.co_filename.startswith(_WITHIN):
        frame, level = frame.f_back, level + 1
    warnings.warn(text, stacklevel=level)


def of_what_is_recorded(model: Any, loss: Any, optimizer: Any, about: dict[str, Any]) -> str:
    """What to say of a training that can be recorded and not replayed; empty where it can be."""
    try:
        layers = layers_of_model(model)
        activation_before(loss_from(about), layers[-1])
        optimizer_of(optimizer, layers, finite=False)
    except PyTorchError as error:
        return f"{NOT_OPENED}: {of_recording(error)}{_of_a_part(model)}"
    return ""


def _of_a_part(model: Any) -> str:
    try:
        require_whole(unwrapped(model))
    except PyTorchError:
        return ". Its batches and losses are kept; grad_norm is the length of this process's part alone"
    return ""


def of_first_update(called: bool, passes: list[Any], loss: Any) -> str:
    """What to say of the first update where no batch of it can be replayed; empty where one can be."""
    if all(one.direct for one in passes) and passes:
        return ""
    kind = type(loss).__name__
    if passes:
        return (
            f"{kind} was given something else than the model's output: {NOT_OPENED}. What would do: put "
            "what is between, such as a squeeze, into the model, or give the targets the shape of its output"
        )
    found = "not called" if not called else "called, and no backward pass went through it"
    return (
        f"the loss that record was given, {kind}, was {found} before the first update: neither losses nor "
        f"batches are recorded, and {NOT_OPENED}. What would do: call that module in the loop, as in "
        "loss(model(x), y).backward(), not a function in its place"
    )
