"""Which engine is quicker."""

from __future__ import annotations

from backprop_tui.network.description import Network


def scalars_are_quicker(network: Network) -> bool:
    """Whether straight-line code is quicker."""
    return network.parameters * network.batch_size < 200
