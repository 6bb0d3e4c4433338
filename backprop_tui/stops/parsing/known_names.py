"""What the words of a condition stand for in a network: its own names, and the words of the language."""

from __future__ import annotations

from backprop_tui.network.description import Network
from backprop_tui.network.errors import nearest
from backprop_tui.network.names import shown
from backprop_tui.program.identifiers import Identifiers, Source, What
from backprop_tui.stops.condition_tree import Flag, Name
from backprop_tui.stops.functions import FUNCTIONS
from backprop_tui.stops.parsing.tokens import ConditionError, Token
from backprop_tui.stops.words import WORDS

TESTS = tuple(word.name for word in WORDS.values() if word.of_unit)
"""The words that may be asked of one unit: ``dead(h1)``."""


class KnownNames:
    """The names that a condition about *network* may use."""

    def __init__(self, network: Network) -> None:
        self._network = network
        self._names = Identifiers(network)

    def meaning(self, token: Token) -> Name | Flag | None:
        """What a word stands for; None where it is not known."""
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
        if below.sort != "word" or self.meaning(below):
            return None
        source = self._names.resolve(f"{above.text}_{below.text}")
        return Name(source) if source else None

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
        place = self._names.unit(unit.text)
        if place is None:
            hint = nearest(unit.text, self._names.sample_units())
            raise ConditionError(f"no unit is called {unit.text[:40]}", unit.column, hint)
        if place[0] == 0:
            raise ConditionError(f"{unit.text} is an input, which has no slope", unit.column)
        self._can_saturate(test.text, place[0], unit.column)
        return Flag(Source(What.WORD, f"{test.text}({unit.text})", None, *place))

    def _can_saturate(self, word: str, layer: int | None, column: int) -> None:
        layers = self._network.layers if layer is None else self._network.layers[layer - 1 : layer]
        if word == "saturated" and not any(row.activation.saturates for row in layers):
            names = ", ".join(dict.fromkeys(row.activation_name for row in layers))
            raise ConditionError(f"{names}: no activation here saturates", column)
