"""An iteration as it is kept: the passes of the model that led to an update, and what was seen of them."""

from __future__ import annotations

import math
import weakref
from collections.abc import Iterator, Sequence
from copy import copy
from typing import Any

import torch

from backprop_tui.pytorch.recording.memory.copies import copied, first_tensor

NOT_DIRECT = "the loss was given something else than the model's output"
"""What is noted of a pass that is not ``direct``."""


class Pass:
    """One forward pass of the model with its loss."""

    __slots__ = (
        "arguments",
        "aside",
        "backwards",
        "direct",
        "dtype",
        "fresh",
        "keywords",
        "loss",
        "output",
        "scale",
        "shape",
        "targets",
    )

    def __init__(self, arguments: Any, keywords: Any) -> None:
        self.arguments = arguments
        self.keywords = keywords
        self.output: Any = None
        """A weak reference to what the model gave, to know it again where the loss takes it."""
        self.dtype: Any = None
        """Of that output; under autocast another one than the parameters'."""
        self.shape: tuple[int, ...] = ()
        """Of it."""
        self.targets: Any = ()
        self.loss = 0.0
        self.direct = True
        """Whether the loss took the model's output itself."""
        self.scale = 0.0
        self.backwards = 0
        self.aside = 0.0
        """Its scale where its gradient went elsewhere than to the parameters, as by torch.autograd.grad."""
        self.fresh = True
        """Whether there was no gradient before its backward pass."""

    def remember(self, output: Any) -> None:
        """Know the model's output again."""
        if isinstance(output, torch.Tensor):
            self.output, self.dtype, self.shape = weakref.ref(output), output.dtype, output.shape
        elif (first := first_tensor(output)) is not None:
            self.dtype, self.shape = first.dtype, first.shape

    def gave(self, output: Any) -> bool:
        """Whether that is the output of this pass."""
        return self.output is not None and output is not None and self.output() is output

    def again(self) -> Pass:
        """The same pass for another loss of its output, as where losses for two targets are weighted."""
        other = Pass(copied(self.arguments), copied(self.keywords))
        other.output, other.dtype, other.shape = self.output, self.dtype, self.shape
        return other

    def went_aside(self, share: float) -> None:
        """A backward pass has left nothing in the gradients of the parameters."""
        self.backwards -= 1
        self.scale -= share
        self.aside = share

    def take(self) -> None:
        """What went aside was given to the optimizer after all."""
        self.backwards, self.scale, self.fresh = 1, self.aside, True

    @property
    def examples(self) -> int:
        """The first dimension of the first tensor that the model was given; 0 where there is none."""
        first = first_tensor((self.arguments, self.keywords))
        return 0 if first is None or not first.dim() else first.size(0)


class Iteration:
    """What led to one update."""

    __slots__ = (
        "attempt",
        "given_up",
        "grad_norm",
        "grad_norm_at_step",
        "grad_scale",
        "groups",
        "notes",
        "number",
        "passes",
        "scaled_uniformly",
        "skipped",
        "stepped",
        "still",
    )

    def __init__(self, number: int) -> None:
        self.number = number
        self.passes: list[Pass] = []
        self.grad_norm = 0.0
        """After the last backward pass."""
        self.grad_norm_at_step: float | None = None
        """When the optimizer took it; differs where something clipped or scaled it."""
        self.scaled_uniformly: bool | None = None
        """Where it was touched in between: whether by one factor, as clipping by norm does."""
        self.grad_scale: float | None = None
        """By what a gradient scaler multiplied the loss; the optimizer took the gradient divided by it."""
        self.groups: list[dict[str, Any]] = []
        self.still: list[list[int]] = []
        """Of each group the places of the parameters that had no gradient."""
        self.stepped = False
        self.skipped = 0
        """How many attempts at this update were given up: their gradient was cleared, not taken."""
        self.given_up: list[Pass] = []
        """The last passes of those attempts."""
        self.attempt = 0
        """How many of them are of the last attempt."""
        self.notes: list[str] = []

    @property
    def loss(self) -> float:
        """The mean over the passes."""
        return mean_loss(self.passes) if self.passes else 0.0

    @property
    def held(self) -> Iterator[Any]:
        """The tensors that its passes were given, and what else they were given."""
        for one in self.passes:
            yield from one.arguments
            yield from one.targets

    @property
    def made_finite(self) -> bool:
        """Whether its gradient was not finite until something changed it, as ``nan_to_num_`` does."""
        after = self.grad_norm_at_step
        return not math.isfinite(self.grad_norm) and after is not None and math.isfinite(after)

    def unfinished(self, raised: bool) -> Iteration | None:
        """What there is of an update that was not made, without passes that were only looked at.

        These are without a backward pass, as of a validation in which gradients were not switched off. One
        whose loss is not finite stays, for a training often ends there, and so does the last before an error.

        Args:
            raised: whether an error ended the training.

        """
        last = self.passes[-1:] if raised else []
        kept = [one for one in self.passes if one.backwards or not math.isfinite(one.loss) or one in last]
        if not kept and not self.given_up:
            return None
        found = copy(self)
        found.passes = kept
        return found


def mean_loss(passes: Sequence[Pass]) -> float:
    """The mean of their losses."""
    return sum(one.loss for one in passes) / len(passes)
