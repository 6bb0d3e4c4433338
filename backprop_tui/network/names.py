"""The identifiers of everything a network computes: one place for the textbook's names.

``z_h``, ``a_h``, ``dL_da_o``, ``da_o_dz_o``, ``dL_dz_o``, ``dL_dw2``: the same in the listing, in
JSON and in exports. On screen a derivative is shown as a fraction, ``dL/dw2``.
"""

from __future__ import annotations

from functools import cached_property
from keyword import kwlist

from backprop_tui.network.description import Network

_WORDS = """
    L loss epoch step example iteration learning_rate η grad_norm not_finite dead saturated
    abs min max sqrt exp log sign previous change changed changed_sign and or not phase unit
"""
RESERVED = frozenset((*_WORDS.split(), *kwlist))
"""Words of the debugger and of Python, which a file may not give to a unit or a parameter."""


class Names:
    """The names of a network's units and parameters. Layer 0 is the input; units count from 0."""

    def __init__(self, network: Network) -> None:
        self._network = network
        self._widths = network.widths
        self._single = all(width == 1 for width in network.widths)

    @cached_property
    def _given(self) -> tuple[tuple[str, ...], ...]:
        return (self._network.input_names, *(layer.unit_names for layer in self._network.layers))

    @cached_property
    def unit_widths(self) -> tuple[int, ...]:
        """The length of the longer of the first and the last unit's name, for each layer."""
        return tuple(
            max(len(self.unit(layer, 0)), len(self.unit(layer, units - 1)))
            for layer, units in enumerate(self._widths)
        )

    def unit(self, layer: int, unit: int) -> str:
        """``x``, ``x1``; ``h``, ``h1``, with several hidden layers ``h2_1``; ``o``, ``o1``."""
        if self._given[layer]:
            return self._given[layer][unit]
        last = len(self._widths) - 1
        number = str(unit + 1) if self._widths[layer] > 1 else ""
        if layer == 0:
            return "x" + number
        if layer == last:
            return "o" + number
        return f"h{layer}_{unit + 1}" if last > 2 else "h" + number

    def layer(self, layer: int) -> str:
        """``x``, ``h``, ``o``; where there are several hidden layers ``h1``, ``h2``."""
        last = len(self._widths) - 1
        if layer in (0, last):
            return "o" if layer else "x"
        return f"h{layer}" if last > 2 else "h"

    @property
    def layers(self) -> tuple[str, ...]:
        """The names of all layers, the input first."""
        return tuple(map(self.layer, range(len(self._widths))))

    def z(self, layer: int, unit: int) -> str:
        """The pre-activation of a unit."""
        return "z_" + self.unit(layer, unit)

    def a(self, layer: int, unit: int) -> str:
        """The activation of a unit; of an input unit, its own name."""
        return "a_" + self.unit(layer, unit) if layer else self.unit(layer, unit)

    def target(self, unit: int) -> str:
        """``y``, or ``y1`` where there are several outputs."""
        return f"y{unit + 1}" if self._widths[-1] > 1 else "y"

    def weight(self, layer: int, unit: int, below: int) -> str:
        """The weight to *unit* of *layer* from unit *below* of the layer below."""
        given = self._network.layers[layer - 1].weight_names
        if given:
            return given[unit][below]
        if self._single:
            return f"w{layer}"
        return f"w_{self.unit(layer, unit)}_{self.unit(layer - 1, below)}"

    def bias(self, layer: int, unit: int) -> str:
        """The bias of a unit."""
        given = self._network.layers[layer - 1].bias_names
        if given:
            return given[unit]
        return f"b{layer}" if self._single else f"b_{self.unit(layer, unit)}"

    def dL_da(self, layer: int, unit: int) -> str:
        """The derivative of the loss by a unit's activation."""
        return "dL_d" + self.a(layer, unit)

    def da_dz(self, layer: int, unit: int) -> str:
        """The slope of a unit's activation function."""
        return f"d{self.a(layer, unit)}_d{self.z(layer, unit)}"

    def delta(self, layer: int, unit: int) -> str:
        """The error signal of a unit, dL/dz."""
        return "dL_d" + self.z(layer, unit)

    def parameter(self, layer: int, unit: int, below: int | None) -> str:
        """A weight, or where *below* is None the bias."""
        return self.bias(layer, unit) if below is None else self.weight(layer, unit, below)


def shown(identifier: str) -> str:
    """An identifier as the screen shows it: ``dL_dw2`` as ``dL/dw2``, ``da_o_dz_o`` as ``da_o/dz_o``."""
    if identifier == "learning_rate":
        return "η"
    if identifier.startswith(("mean_dL_d", "sum_dL_d")):
        how, _, rest = identifier.partition("_")
        return f"{how} {shown(rest)}"
    if identifier.startswith("dL_d"):
        return "dL/d" + identifier[4:]
    if identifier.startswith("da_") and "_dz_" in identifier:
        above, below = identifier.rsplit("_dz_", 1)
        return f"{above}/dz_{below}"
    return identifier
