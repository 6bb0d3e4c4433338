"""Breakpoints: what may stop the run, and where each does.

A breakpoint is one of: the name of something computed (``dL_dw1``), where every statement that computes it
stops; ``phase backward``, where the first statement of every such phase stops; ``unit h``, where the first
statement of that unit in every phase stops; or a condition, where each statement stops at which it becomes
true, be it by an edit made there (``changed(…)`` and ``changed_sign(…)``: at every such change).
So the stops are a property of the run: going forwards and backwards finds the same ones.
"""

from __future__ import annotations

from msgspec import Struct
from msgspec.structs import replace

from backprop_tui.engine.quantities import Kind, Parameter, Phase, Quantity
from backprop_tui.network.description import Network
from backprop_tui.network.errors import nearest
from backprop_tui.network.names import shown
from backprop_tui.program.identifiers import Identifiers, What, computes
from backprop_tui.stops.condition_tree import Name
from backprop_tui.stops.conditions import (
    ALONE,
    LONGEST,
    Condition,
    ConditionError,
    Networks,
    parse_expression,
)
from backprop_tui.stops.words import WORDS


class Breakpoint(Struct, frozen=True):
    """Something at which the run stops. ``hits`` counts how often it has."""

    text: str
    enabled: bool = True
    hits: int = 0

    @staticmethod
    def parse(
        text: str, network: Network, *, enabled: bool = True, hits: int = 0, beside: Networks = ALONE
    ) -> Breakpoint:
        """The breakpoint that *text* means for *network*; *beside* are those of the runs it may name.

        Raises:
            ConditionError: it means none.

        """
        understood(text, network, beside)
        return Breakpoint(text.strip(), enabled, hits)

    def hit(self) -> Breakpoint:
        """The same, having stopped the run once more."""
        return replace(self, hits=self.hits + 1)

    def toggled(self) -> Breakpoint:
        """The same, switched on or off."""
        return replace(self, enabled=not self.enabled)

    def quantities(self, network: Network, beside: Networks = ALONE) -> tuple[Quantity, ...]:
        """What the statements that it stands at compute; empty for a condition."""
        meaning = understood(self.text, network, beside)
        return meaning if isinstance(meaning, tuple) else ()

    def describe(self, network: Network, beside: Networks = ALONE) -> str:
        """What it does, in plain words."""
        meaning = understood(self.text, network, beside)
        words = self.text.split()
        if isinstance(meaning, Condition):
            return f"stops when {self.text} becomes true"
        if len(words) == 1:
            return f"stops where {shown(self.text)} is computed"
        if words[0] == "phase":
            return f"stops where {_PHASES[Phase(words[1])]} begins"
        return f"stops where work at unit {words[1]} begins, in each phase"


Meaning = tuple[Quantity, ...] | Condition
_PHASES = {
    Phase.FORWARD: "a forward pass",
    Phase.LOSS: "the loss",
    Phase.BACKWARD: "a backward pass",
    Phase.UPDATE: "an update",
}


def runs_named(text: str, network: Network, beside: Networks) -> frozenset[str]:
    """The names of the runs that a breakpoint's text names.

    Raises:
        ConditionError: it means nothing.
    """
    meaning = understood(text, network, beside)
    return meaning.runs if isinstance(meaning, Condition) else frozenset()


def means_something(text: str, network: Network, beside: Networks) -> bool:
    """Whether a text is one of a breakpoint."""
    try:
        understood(text, network, beside)
    except ConditionError:
        return False
    return True


def understood(text: str, network: Network, beside: Networks = ALONE) -> Meaning:
    """What a breakpoint's text means: the statements it stands at, by what they compute, or a condition.

    Raises:
        ConditionError: it means nothing.

    """
    words = text.split() if len(text) <= LONGEST else []
    if len(words) == 2 and words[0] in ("phase", "unit"):
        column = text.index(words[1], text.index(words[0]) + len(words[0])) + 1
        return _FIRST[words[0]](words[1], network, column)
    condition = parse_expression(text, network, beside)
    if condition.is_truth:
        if not condition.sources:
            raise ConditionError("this never changes: name something that the program computes", 1)
        return condition
    if not isinstance(condition.root, Name):
        raise ConditionError("this is a number: compare it with something", 1, f"as in {condition.text} > 0")
    source = condition.root.source
    if source.run:
        raise ConditionError(
            f"{source.written} is a number of another run: compare it with something",
            1,
            f"as in {source.symbol} > {source.written}",
        )
    if source.quantity is None:
        what = WORDS[source.word].says if source.what is What.WORD else "given with each example"
        raise ConditionError(
            f"{source.symbol} ({what}) is a number: compare it with something",
            1,
            f"as in {source.symbol} > 0",
        )
    if not computes(network, source.quantity):
        raise ConditionError(f"{source.symbol} is frozen: no statement computes it", 1)
    return (source.quantity,)


def _first_of_phase(word: str, network: Network, column: int) -> tuple[Quantity, ...]:
    last = len(network.layers)
    match word:
        case "forward":
            return (Quantity(Kind.WEIGHTED_SUM, 1, 0),)
        case "loss":
            return (Quantity(Kind.LOSS),)
        case "backward":
            return (Quantity(Kind.ACTIVATION_GRADIENT, last, 0),)
        case "update":
            found = [update for layer in range(last, 0, -1) for update in _updates(network, layer, 0)]
            if not found:
                raise ConditionError("nothing is ever updated: all parameters are frozen", column)
            return (found[0],)
    words = [phase.value for phase in Phase]
    hint = nearest(word, words) or "phases are " + ", ".join(words)
    raise ConditionError(f"no phase is called {word[:40]}", column, hint)


def _first_of_unit(word: str, network: Network, column: int) -> tuple[Quantity, ...]:
    identifiers = Identifiers(network)
    place = identifiers.unit(word)
    if place is None:
        hint = nearest(word, identifiers.sample_units())
        raise ConditionError(f"no unit is called {word[:40]}", column, hint)
    layer, unit = place
    if layer == 0:
        raise ConditionError(f"{word} is an input: nothing is computed there", column)
    found = [Quantity(Kind.WEIGHTED_SUM, layer, unit), Quantity(Kind.ACTIVATION_GRADIENT, layer, unit)]
    return (*found, *_updates(network, layer, unit)[:1])


def _updates(network: Network, layer: int, unit: int) -> list[Quantity]:
    """The first weight's and the bias's update of a unit, those that there are."""
    first, bias = Parameter(layer, unit, 0), Parameter(layer, unit, None)
    return [one.update for one in (first, bias) if not one.frozen(network)]


_FIRST = {"phase": _first_of_phase, "unit": _first_of_unit}
