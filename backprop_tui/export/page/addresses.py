"""From the names in a calculation to the places in a drawing where their numbers stand."""

from __future__ import annotations

from backprop_tui.export.drawing import slots
from backprop_tui.network.description import Network
from backprop_tui.program.identifiers import Identifiers, What


class Addresses:
    """The addresses of a network's given values."""

    def __init__(self, network: Network) -> None:
        self._identifiers = Identifiers(network)

    def of(self, name: str) -> str | None:
        """Where an input, a target or a parameter of that name stands; None for anything else."""
        source = self._identifiers.resolve(name)
        if source is None:
            return None
        if source.what is What.INPUT and source.unit is not None:
            return slots.input_slot(source.unit)
        if source.what is What.TARGET and source.unit is not None:
            return slots.target_slot(source.unit)
        if source.what is What.PARAMETER and source.quantity is not None:
            return slots.slot(source.quantity)
        return None
