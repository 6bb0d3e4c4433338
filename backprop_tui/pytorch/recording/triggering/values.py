"""What is known of an iteration while PyTorch trains, by the names that a condition may use."""

from __future__ import annotations

import math
from collections.abc import Sequence

from backprop_tui.pytorch.recording.memory.iterations import Iteration, Pass, mean_loss
from backprop_tui.pytorch.recording.triggering.conditions import Values


def values_of(current: Iteration, attempt: Sequence[Pass] = ()) -> Values:
    """The values of an iteration whose gradient has been measured; None what there was none of.

    Args:
        current: the iteration.
        attempt: the passes whose loss it is, where they are not its own.

    """
    passes = attempt or current.passes
    loss = mean_loss(passes) if passes else None
    measured = bool(passes) or current.grad_norm_at_step is not None
    norm = current.grad_norm / (current.grad_scale or 1.0) if measured else None
    finite = all(map(math.isfinite, (loss or 0.0, norm or 0.0, current.grad_norm_at_step or 0.0)))
    rate = current.groups[0].get("lr") if current.groups else None
    return {
        "loss": loss,
        "grad_norm": norm,
        "iteration": float(current.number),
        "learning_rate": float(rate) if isinstance(rate, (int, float)) else None,
        "not_finite": float(not finite),
    }
