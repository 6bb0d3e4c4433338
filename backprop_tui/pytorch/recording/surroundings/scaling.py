"""What a gradient scaler did with the loss and the gradient, seen from a hook of the optimizer's step."""

from __future__ import annotations

import sys
from types import FrameType
from typing import Any

import torch

MOST_FRAMES = 8
"""How far above the hook a scaler is looked for."""


def calling_scale() -> float | None:
    """By what the gradient scaler that calls step has multiplied the loss; None without one."""
    frame: FrameType | None = sys._getframe(1)
    for _ in range(MOST_FRAMES):
        if frame is None:
            return None
        scaler = frame.f_locals.get("self")
        if isinstance(scaler, torch.amp.GradScaler):
            return float(scaler.get_scale())
        frame = frame.f_back
    return None


def fused_scale(optimizer: Any) -> tuple[float | None, bool]:
    """By what a fused optimizer divides the gradient itself; and whether it refuses it, as not finite."""
    scale, found = getattr(optimizer, "grad_scale", None), getattr(optimizer, "found_inf", None)
    return None if scale is None else float(scale), found is not None and float(found) > 0.0
