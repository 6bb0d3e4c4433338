"""Attempts at an update that the training gave up because of their loss."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from backprop_tui.pytorch.opening.windows import Header, examples_of


def attempted(row: Mapping[str, Any]) -> int:
    """How many of the passes that were given up are of the last attempt."""
    every = len(row.get("given_up", ()))
    return int(row.get("attempt", every if row.get("skipped") == 1 else min(every, 1)))


def lost_attempt(row: Mapping[str, Any], header: Header) -> tuple[str, ...]:
    """What to say of an attempt whose loss was not finite; nothing where there was none."""
    found = [one for one in row.get("given_up", ()) if not math.isfinite(float(one["loss"]))]
    if not found:
        return ()
    examples, last = sum(examples_of(one, header) for one in found), found[-1]["loss"]
    return (
        f"an attempt at this update was given up before, of {examples} examples with the loss {last}: its "
        "batch is in the file, not in the network",
    )
