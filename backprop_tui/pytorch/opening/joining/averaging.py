"""Whether ranks average their gradients, and who does it: DistributedDataParallel, or the loop itself."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from backprop_tui.pytorch.opening.joining.rank_differences import differ, of_fewer
from backprop_tui.pytorch.opening.joining.rank_rows import Row
from backprop_tui.pytorch.opening.joining.remarks import Remarks, ranks_named


def averaged(rows: Mapping[int, list[Row]], world: int, remarks: Remarks) -> dict[int, list[Row]]:
    """The rows of the ranks whose gradients are averaged; where none are, those of the lowest rank alone.

    Args:
        rows: of each rank, ranks ascending, for the same iterations.
        world: how many ranks trained together; 0 where that is not known.
        remarks: what is said of it is added to them.

    """
    if not _train_apart(rows):
        of_fewer(list(rows), world, remarks)
        return dict(rows)
    if _averaged_by_hand(rows):
        remarks.add(
            "the loop itself averages the gradients of the ranks: their lengths are those at the update, "
            "after whatever else the loop did with them"
        )
        of_fewer(list(rows), world, remarks)
        return {rank: list(map(_as_taken, found)) for rank, found in rows.items()}
    lowest = next(iter(rows))
    remarks.add(
        f"{ranks_named(list(rows))} have different gradients: each trains on its own, or keeps a part of "
        f"the parameters. This is rank {lowest} alone: open the folder of another for its own"
    )
    return {lowest: rows[lowest]}


def _train_apart(rows: Mapping[int, Sequence[Row]]) -> bool:
    """Whether ranks do not average their gradients: the lengths of most of them differ."""
    unlike = compared = 0
    for each in zip(*rows.values(), strict=True):
        found = [row.grad_norm for row in each if row.stepped]
        if len(found) == len(rows) and all(map(math.isfinite, found)):
            compared += 1
            unlike += differ(min(found), max(found))
    return 2 * unlike > compared


def _averaged_by_hand(rows: Mapping[int, Sequence[Row]]) -> bool:
    """Whether ranks whose gradients differ take the same ones for their updates."""
    alike = changed = 0
    for each in zip(*rows.values(), strict=True):
        found = [length for row in each if (length := _changed_length(row)) is not None]
        if len(found) == len(rows):
            changed += 1
            alike += not differ(min(found), max(found))
    return 2 * alike > changed


def _changed_length(row: Row) -> float | None:
    """The length that the optimizer took, where the gradient was changed element by element after the pass.

    A gradient that was scaled as a whole has none: clipping makes different ones as long.
    """
    return row.grad_norm_at_step if row.stepped and row.scaled_uniformly is False else None


def _as_taken(row: Row) -> Row:
    """As if what the optimizer took had come by the backward pass."""
    length = _changed_length(row)
    return row if length is None else row._replace(grad_norm=length, scaled_uniformly=None)
