"""What the words of a condition stand for in a network: its own names, and the words of the language."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from msgspec.structs import replace

from backprop_tui.network.description import Network
from backprop_tui.network.errors import nearest
from backprop_tui.network.names import shown
from backprop_tui.program.identifiers import Identifiers, Source, What
from backprop_tui.stops.condition_tree import Flag, Name
from backprop_tui.stops.functions import FUNCTIONS
from backprop_tui.stops.parsing.tokens import ConditionError, Token
from backprop_tui.stops.words import WORDS

Networks = Mapping[str, Network]
ALONE: Networks = MappingProxyType({})
"""No runs stand beside each other."""
TESTS = tuple(word.name for word in WORDS.values() if word.of_unit)
"""The words that may be asked of one unit: ``dead(h1)``."""


class KnownNames:
    """The names that a condition may use.

    Args:
        network: that of the run which is debugged.
        beside: those of all runs that may be named; their units and parameters have the same names.
    """

    def __init__(self, network: Network, beside: Networks = ALONE) -> None:
        self._networks = (network, *beside.values())
        self._runs = tuple(beside)
        self._names = Identifiers(network)

    def meaning(self, token: Token) -> Name | Flag | None:
        """What a word stands for; None where it is not known.

        Raises:
            ConditionError: the run that it names is not there.
        """
        self._is_there(token)
        found = self._meaning(token)
        return replace(found, source=replace(found.source, run=token.run)) if found else None

    def _is_there(self, token: Token) -> None:
        """Refuse a run that is not there."""
        if token.run and token.run not in self._runs:
            there = "there are " + ", ".join(self._runs) if self._runs else "compare opens one beside"
            column = token.column - len(token.run) - 1
            raise ConditionError(f"no run is called {token.run[:40]}", column, there)

    def _meaning(self, token: Token) -> Name | Flag | None:
        if source := self._names.resolve(token.text):
            return Name(source)
        word = "learning_rate" if token.text == "η" else token.text
        if word not in WORDS:
            return None
        source = Source(What.WORD, word)
        if not WORDS[word].truth:
            return Name(source)
        self._can_saturate(word, None, token.column)
        return Flag(source)

    def fraction(self, above: Token, below: Token) -> Name | None:
        """``dL/dw1`` as the screen shows a derivative, where neither half is a name of its own."""
        if below.sort != "word" or below.run or self.meaning(below):
            return None
        source = self._names.resolve(f"{above.text}_{below.text}")
        return Name(replace(source, run=above.run)) if source else None

    def unknown(self, token: Token, below: Token | None) -> ConditionError:
        """The error that nothing has that name, with the nearest that there is.

        Args:
            token: the name.
            below: what it is divided by, if it is.

        """
        word, known = token.text, [*WORDS, *self._names.sample(), *FUNCTIONS]
        if below and word[0] == below.text[0] == "d":
            word, known = f"{word}/{below.text}", [shown(one) for one in known if shown(one) != one]
        return ConditionError(f"nothing is called {word[:40]}", token.column, nearest(word, known))

    def test(self, test: Token, unit: Token) -> Flag:
        """One of ``TESTS`` asked of one unit.

        Raises:
            ConditionError: there is no such unit, or it has no slope that the test could be about.

        """
        self._is_there(test)
        place = None if unit.run else self._names.unit(unit.text)
        if place is None:
            hint = nearest(unit.text, self._names.sample_units())
            raise ConditionError(f"no unit is called {unit.text[:40]}", unit.column, hint)
        if place[0] == 0:
            raise ConditionError(f"{unit.text} is an input, which has no slope", unit.column)
        self._can_saturate(test.text, place[0], unit.column)
        return Flag(Source(What.WORD, f"{test.text}({unit.text})", None, *place, test.run))

    def _can_saturate(self, word: str, layer: int | None, column: int) -> None:
        layers = [row for one in self._networks for row in one.layers[(layer or 1) - 1 : layer]]
        if word == "saturated" and not any(row.activation.saturates for row in layers):
            names = ", ".join(dict.fromkeys(row.activation_name for row in layers))
            raise ConditionError(f"{names}: no activation here saturates", column)
