"""The chain rule written out: every factor between the loss and one parameter, and what is reused.

A path leads from the loss down to a quantity: at every unit on it dL/da · da/dz gives the error signal, and
da_above/… continues it with dz/da = w. Where several paths lead to the loss, their products add up.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from math import prod

from msgspec import Struct

from backprop_tui.engine.quantities import Kind, Parameter, Quantity
from backprop_tui.network.names import shown
from backprop_tui.program.facts import Facts
from backprop_tui.program.formulas import Term

MOST_PATHS = 4
"""The most paths that are written out one by one; beyond that the recursive form is used."""


class Factor(Struct, frozen=True):
    """One factor of a chain: ``dz_o/dw2``, which equals ``a_h``."""

    symbol: str
    term: Term
    equals: str = ""
    """The quantity that this local derivative is, where it has a name of its own."""
    reused: bool = False
    """Whether it was already computed for a layer above."""


class Signal(Struct, frozen=True):
    """Factors *first* to *last* of a path, whose product is an error signal."""

    first: int
    last: int
    term: Term


class Path(Struct, frozen=True):
    """One product of factors."""

    factors: tuple[Factor, ...]
    signals: tuple[Signal, ...]

    @property
    def value(self) -> float | None:
        """The product; None where a factor has not been computed."""
        values = [factor.term.value for factor in self.factors]
        return None if any(v is None for v in values) else prod(v for v in values if v is not None)


class Chain(Struct, frozen=True):
    """A quantity's chain rule: the sum of its paths."""

    paths: tuple[Path, ...]
    count: int
    """How many paths there are; more than are written out where the form is recursive."""

    @property
    def recursive(self) -> bool:
        """Whether one product with a summed dL/da stands for all the paths."""
        return self.count > len(self.paths)


class ChainReader:
    """Writes out the chain rule of one statement."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        self.network = facts.network
        self.names = facts.names

    def chain(self) -> Chain | None:
        """The chain rule of a gradient or an error signal; None for other statements.

        None as well where the chain would consist of the quantity alone: dL/da with more paths than are
        written out, and the error signal of a softmax layer, to which every unit of the layer contributes.
        """
        kind, layer, unit, below = self.facts.statement.quantity
        if kind not in _ENDS or layer is None or unit is None:
            return None
        if kind is Kind.ACTIVATION_GRADIENT and layer == len(self.network.layers):
            return None
        top = self._top(kind, layer)
        if kind is Kind.DELTA and top == layer and self.network.layers[layer - 1].activation.couples:
            return None
        count = prod(self.network.widths[layer + 1 : top + 1])
        if count > MOST_PATHS and kind is Kind.ACTIVATION_GRADIENT:
            return None
        tail = tuple(self._tail(kind, layer, unit, below))
        if count > MOST_PATHS:
            start = Factor(
                shown(self.names.dL_da(layer, unit)),
                self._term(Kind.ACTIVATION_GRADIENT, layer, unit),
                "a sum over the units above",
            )
            return Chain((self._recursive(start, layer, unit, tail),), count)
        routes = product(*(range(width) for width in self.network.widths[layer + 1 : top + 1]))
        return Chain(tuple(self._path((unit, *route), layer, kind, tail) for route in routes), count)

    def _top(self, kind: Kind, layer: int) -> int:
        """The layer in which the paths begin: the output, or the lowest softmax layer on the way to it.

        The error signal of a softmax layer is one sum over all that lies above.
        """
        first = layer + 1 if kind is Kind.ACTIVATION_GRADIENT else layer
        last = len(self.network.layers)
        return next((n for n in range(first, last) if self.network.layers[n - 1].activation.couples), last)

    def _recursive(self, start: Factor, layer: int, unit: int, tail: tuple[Factor, ...]) -> Path:
        signal = self._term(Kind.DELTA, layer, unit)
        slope = self._slope(layer, unit, reused=False)
        return Path((start, slope, *tail), (Signal(0, 1, signal),))

    def _path(self, route: tuple[int, ...], layer: int, kind: Kind, tail: tuple[Factor, ...]) -> Path:
        """The path through unit route[0] of *layer*, route[1] of the layer above, and so on."""
        factors: list[Factor] = []
        signals: list[Signal] = []
        single = all(width == 1 for width in self.network.widths[layer + 1 : layer + len(route)])
        for number in range(layer + len(route) - 1, layer - 1, -1):
            unit = route[number - layer]
            reused = number > layer
            top = number == len(self.network.layers)
            if number == layer and kind is Kind.ACTIVATION_GRADIENT:
                factors.append(self._through_weight(number, unit, route[1]))
                break
            if self.network.layers[number - 1].activation.couples:
                factors.append(self._signal_factor(number, unit, reused=reused))
                continue
            if top:
                factors.append(self._start(number, unit, reused=reused))
            else:
                factors.append(self._through_weight(number, unit, route[number - layer + 1], reused=reused))
            factors.append(self._slope(number, unit, reused=reused))
            if single or top:
                signals.append(
                    Signal(0, len(factors) - 1, self._term(Kind.DELTA, number, unit, reused=reused))
                )
        return Path((*factors, *tail), tuple(signals))

    def _tail(self, kind: Kind, layer: int, unit: int, below: int | None) -> Iterator[Factor]:
        z = self.names.z(layer, unit)
        if kind is Kind.WEIGHT_GRADIENT and below is not None:
            weight = self.names.weight(layer, unit, below)
            term = self.facts.activation(layer - 1, below)
            yield Factor(f"d{z}/d{weight}", term, shown(term.symbol))
        elif kind is Kind.BIAS_GRADIENT:
            yield Factor(f"d{z}/d{self.names.bias(layer, unit)}", Term("1", 1.0), "1")

    def _start(self, layer: int, unit: int, *, reused: bool) -> Factor:
        term = self._term(Kind.ACTIVATION_GRADIENT, layer, unit, reused=reused)
        return Factor(shown(term.symbol), term, reused=reused)

    def _slope(self, layer: int, unit: int, *, reused: bool) -> Factor:
        term = self._term(Kind.ACTIVATION_DERIVATIVE, layer, unit, reused=reused)
        return Factor(shown(term.symbol), term, reused=reused)

    def _signal_factor(self, layer: int, unit: int, *, reused: bool) -> Factor:
        term = self._term(Kind.DELTA, layer, unit, reused=reused)
        return Factor(shown(term.symbol), term, reused=reused)

    def _through_weight(self, layer: int, unit: int, above: int, *, reused: bool = False) -> Factor:
        term = self.facts.parameter(Parameter(layer + 1, above, unit))
        symbol = f"d{self.names.z(layer + 1, above)}/d{self.names.a(layer, unit)}"
        return Factor(symbol, term, shown(term.symbol), reused=reused)

    def _term(self, kind: Kind, layer: int, unit: int, *, reused: bool = False) -> Term:
        return self.facts.term(Quantity(kind, layer, unit), reused=reused)


_ENDS = {Kind.WEIGHT_GRADIENT, Kind.BIAS_GRADIENT, Kind.DELTA, Kind.ACTIVATION_GRADIENT}
