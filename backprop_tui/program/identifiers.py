"""From an identifier such as ``dL_dw2`` to its meaning in a network, in constant time.

Generated names follow a scheme, so they are parsed; the names of a network, hundreds of thousands in a large
one, are never listed. Only names that a file gives are kept in a dictionary.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import StrEnum

from msgspec import Struct

from backprop_tui.engine.quantities import Kind, Parameter, Phase, Quantity, symbol_of
from backprop_tui.network.description import Network
from backprop_tui.network.names import Names

MOST_SAMPLED = 400
"""How many of a network's names are searched for a hint, at most."""
_NUMBERED = r"[xoyh](?:([1-9]\d{0,8})_)?([1-9]\d{0,8})?"
_PARAMETER = r"([wb])([1-9]\d{0,8})"


class What(StrEnum):
    """What sort of thing a name in a condition stands for."""

    COMPUTED = "computed"
    """What a statement of an example's block computes."""
    PARAMETER = "parameter"
    INPUT = "input"
    TARGET = "target"
    WORD = "word"
    """A word that every network has: ``loss``, ``epoch``, ``dead``."""


class Source(Struct, frozen=True):
    """Something whose value changes in the course of the run."""

    what: What
    symbol: str
    """As it is written: ``dL_dw2``, ``loss``, ``dead(h1)``."""
    quantity: Quantity | None = None
    """Of what a statement computes, that; of a parameter, its update."""
    layer: int | None = None
    """Of a test, the layer of the unit that it is about; None: any unit."""
    unit: int | None = None
    run: str = ""
    """The name of the run that it is read in; empty where that is the one that is debugged."""

    @property
    def written(self) -> str:
        """The symbol with the run: ``b.loss``."""
        return f"{self.run}.{self.symbol}" if self.run else self.symbol

    @property
    def word(self) -> str:
        """The symbol without the unit that a test is about: ``dead`` of ``dead(h1)``."""
        return self.symbol.partition("(")[0]


class Identifiers:
    """The names of one network, read back."""

    def __init__(self, network: Network) -> None:
        self._network = network
        self._names = Names(network)
        self._widths = network.widths

    def resolve(self, word: str) -> Source | None:
        """What *word* stands for; None where the network has no such name."""
        if word == "L":
            return Source(What.COMPUTED, word, Quantity(Kind.LOSS))
        if parameter := self._parameter(word):
            return Source(What.PARAMETER, word, parameter.update)
        if (place := self.unit(word)) and place[0] == 0:
            return Source(What.INPUT, word, unit=place[1])
        if (target := self._target(word)) is not None:
            return Source(What.TARGET, word, unit=target)
        if (quantity := self._computed(word)) and symbol_of(self._names, quantity) == word:
            return Source(What.COMPUTED, word, quantity)
        if quantity := self._abbreviated(word):
            return Source(What.COMPUTED, symbol_of(self._names, quantity), quantity)
        return None

    def unit(self, word: str) -> tuple[int, int] | None:
        """Layer and unit of a unit's name."""
        if (given := self._network.named_units.get(word)) is not None:
            return given
        if not (match := re.fullmatch(_NUMBERED, word, re.ASCII)):
            return None
        number = int(match[2] or 1) - 1
        last = len(self._widths) - 1
        layer = {"x": 0, "o": last, "y": last}.get(word[0], int(match[1] or 1))
        if layer <= last and number < self._widths[layer] and self._names.unit(layer, number) == word:
            return layer, number
        return None

    def _target(self, word: str) -> int | None:
        match = re.fullmatch(_NUMBERED, word, re.ASCII)
        if match and word[0] == "y" and not match[1]:
            number = int(match[2] or 1) - 1
            if number < self._widths[-1] and self._names.target(number) == word:
                return number
        return None

    def _computed(self, word: str) -> Quantity | None:
        if word.startswith("z_"):
            return self._of_unit(Kind.WEIGHTED_SUM, word[2:])
        if word.startswith("a_"):
            return self._of_unit(Kind.ACTIVATION, word[2:])
        if word.startswith("da_"):
            return self._of_unit(Kind.ACTIVATION_DERIVATIVE, word[3:].partition("_dz_")[0]) or self._of_unit(
                Kind.ACTIVATION_DERIVATIVE, word[3 : 3 + (len(word) - 7) // 2]
            )
        if not word.startswith("dL_d"):
            return None
        rest = word[4:]
        if rest.startswith("a_") and (quantity := self._of_unit(Kind.ACTIVATION_GRADIENT, rest[2:])):
            return quantity
        if rest.startswith("z_") and (quantity := self._of_unit(Kind.DELTA, rest[2:])):
            return quantity
        parameter = self._parameter(rest)
        return parameter.gradient if parameter else None

    def _abbreviated(self, word: str) -> Quantity | None:
        """``delta_h`` for ``dL_dz_h``, and ``da_dz_h`` for ``da_h_dz_h``."""
        if word.startswith("delta_"):
            return self._of_unit(Kind.DELTA, word[6:])
        if word.startswith("da_dz_"):
            return self._of_unit(Kind.ACTIVATION_DERIVATIVE, word[6:])
        return None

    def _of_unit(self, kind: Kind, name: str) -> Quantity | None:
        place = self.unit(name)
        return Quantity(kind, *place) if place and place[0] else None

    def _parameter(self, word: str) -> Parameter | None:
        """The weight or bias of that name."""
        if (given := self._network.named_parameters.get(word)) is not None:
            return Parameter(*given)
        found: Parameter | None = None
        if match := re.fullmatch(_PARAMETER, word, re.ASCII):
            found = Parameter(int(match[2]), 0, 0 if match[1] == "w" else None)
        elif word.startswith("b_") and (place := self.unit(word[2:])):
            found = Parameter(*place, None)
        elif word.startswith("w_"):
            found = self._weight(word[2:])
        if found and 0 < found.layer < len(self._widths) and self._names.parameter(*found) == word:
            return found
        return None

    def _weight(self, pair: str) -> Parameter | None:
        """The weight between two units, ``h2_1_h1_3``: both names may hold underscores."""
        for place in (match.start() for match in re.finditer("_", pair[:40])):
            to, source = self.unit(pair[:place]), self.unit(pair[place + 1 :])
            if to and source and to[0] == source[0] + 1:
                return Parameter(*to, source[1])
        return None

    def sample(self) -> list[str]:
        """Some of the network's names, all of them where it is small, for hints."""
        words: list[str] = []
        for word in self._sampled():
            words.append(word)
            if len(words) >= MOST_SAMPLED:
                break
        return words

    def sample_units(self) -> list[str]:
        """Some of the names of the units above the input."""
        layers = range(1, min(len(self._widths), 20))
        return [self._names.unit(layer, unit) for layer in layers for unit in _some(self._widths[layer])]

    def _sampled(self) -> Iterator[str]:
        names = self._names
        yield "L"
        yield from (names.unit(0, unit) for unit in _some(self._widths[0]))
        yield from (names.target(unit) for unit in _some(self._widths[-1]))
        for layer in range(1, len(self._widths)):
            for unit in _some(self._widths[layer]):
                yield from (names.z(layer, unit), names.a(layer, unit), names.dL_da(layer, unit))
                yield from (names.da_dz(layer, unit), names.delta(layer, unit))
                for below in (None, *_some(self._widths[layer - 1])):
                    yield names.parameter(layer, unit, below)
                    yield "dL_d" + names.parameter(layer, unit, below)


def computes(network: Network, quantity: Quantity) -> bool:
    """Whether some statement computes *quantity*: the update of a frozen parameter none does."""
    parameter = quantity.parameter
    return quantity.phase is not Phase.UPDATE or parameter is None or not parameter.frozen(network)


def _some(count: int) -> list[int]:
    """The first few of a row, and the last."""
    return [*range(min(count, 6)), *([count - 1] if count > 6 else [])]
