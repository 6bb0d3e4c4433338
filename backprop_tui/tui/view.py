"""What is on the screen: a session's moment together with how a person looks at it.

Every picture is a pure function of a view and a size. All panes show the same ``subject``: the statement that
has just run, or the one that computed what the person points at.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from enum import StrEnum
from functools import cached_property
from typing import Any, NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from backprop_tui.engine.quantities import Kind, Parameter, Phase, Quantity
from backprop_tui.history.readings import Freshness, Reading
from backprop_tui.network.lazy_module import lazy_module
from backprop_tui.network.names import shown
from backprop_tui.program.explanations.explanation import Explanation
from backprop_tui.program.formulas import Term
from backprop_tui.program.number_text import number
from backprop_tui.program.statements import Statement
from backprop_tui.session.session import Session
from backprop_tui.tui.pictures.rows import Tone

_marks = lazy_module("backprop_tui.analysis.marks")  # nothing has a mark in the first frame
_rounding = lazy_module(
    "backprop_tui.analysis.beside_pytorch.rounding_marks"
)  # and most networks do not come from PyTorch

MOST_TERMS = 6
"""Sums on the screen write out at most so many terms, the largest."""


class Node(NamedTuple):
    """A unit in the drawing; layer 0 is the input."""

    layer: int
    unit: int


Spot = Node | Parameter
"""What can be pointed at in the drawing: a unit, or a weight or bias."""

_OF_NODE = (
    Kind.WEIGHTED_SUM,
    Kind.ACTIVATION,
    Kind.ACTIVATION_GRADIENT,
    Kind.ACTIVATION_DERIVATIVE,
    Kind.DELTA,
)

PHASE_TONES = {
    Phase.FORWARD: Tone.FORWARD,
    Phase.LOSS: Tone.LOSS,
    Phase.BACKWARD: Tone.BACKWARD,
    Phase.UPDATE: Tone.UPDATE,
}
PHASE_GLYPHS = {Phase.FORWARD: "▶", Phase.LOSS: "●", Phase.BACKWARD: "◀", Phase.UPDATE: "▲"}


class View(Struct, frozen=True, eq=False, dict=True):
    """A session, the moment it is at, and how a person looks at it."""

    session: Session
    time: int = 0
    digits: int | None = 4
    spot: Spot | None = None
    """What the person selected in the drawing."""
    cursor: Statement | None = None
    """What the person selected in the listing."""
    running: str = ""
    """What runs by itself, in words; empty where nothing does."""
    log_scale: bool = False
    before: int = 0
    """The time before the last move."""
    compare: str | int | None = None
    """With which moment values are compared: ``last``, the one before the last move; or a time."""
    term: int = 0
    """Which of the subject's terms is chosen, to go to where it was computed."""
    picture: str | None = None
    """The picture that the person chose; None: the one that suits what is shown."""
    unfolded: int | None = None
    """The time of the statement whose derivation is unfolded."""
    predicting: str = ""
    """The score of the predictions that are asked for; empty where none are."""
    asked: bool = False
    """Whether a prediction is being asked for, so that no picture may tell it."""
    verdict: object | None = None
    """What came of the latest prediction: a ``lessons.prediction`` verdict; None where none was made."""
    reader: object | None = None
    """The page of the lesson that is open: a ``lessons.reader.Reader``, loaded with the first lesson."""
    keys: Mapping[str, str] = {}
    """What to press in the place of keys that are not in force, by these: as ``Keymap.spelt``."""

    def but(self, **changes: object) -> View:
        """The same view with some things changed."""
        return replace(self, **changes)

    @cached_property
    def kept(self) -> dict[Hashable, Any]:
        """What pictures make of this view and ask for again; gone with it."""
        return {}

    @cached_property
    def subject(self) -> Statement | None:
        """The statement that all panes show; None where there is none: at the very start, or for an input."""
        if self.cursor is not None:
            return self.cursor
        if self.spot is not None:
            return self._computing(self.spot)
        return self.session.statement

    @property
    def derives(self) -> bool:
        """Whether the derivation of the subject, the slope of an activation, is unfolded."""
        return self.subject is not None and self.subject.time == self.unfolded

    @property
    def derivable(self) -> bool:
        """Whether the subject has a derivation that is still folded."""
        subject = self.subject
        return (
            subject is not None
            and subject.quantity.kind is Kind.ACTIVATION_DERIVATIVE
            and subject.time != self.unfolded
        )

    @property
    def exploring(self) -> bool:
        """Whether the person points at something, so that the panes show that."""
        return self.cursor is not None or self.spot is not None

    def _computing(self, spot: Spot) -> Statement | None:
        """The statement that computed what is known of a spot; where nothing is, the one that will."""
        program = self.session.program
        if isinstance(spot, Node):
            if spot.layer == 0:
                return None
            quantities = [Quantity(kind, spot.layer, spot.unit) for kind in _OF_NODE]
        else:
            quantities = [spot.gradient, spot.update]
        first = quantities[0]
        scope = program.scope_start(self.time)
        times = [found for q in quantities if (found := program.last_time(q, self.time)) and found > scope]
        time = max(times) if times else program.next_time(first, self.time)
        return None if time is None else program.statement(time - 1)

    @cached_property
    def marks(self) -> Mapping[tuple[int, int], StrEnum]:
        """What is wrong with units, by layer and unit: their slope for the present example comes first.

        Before it comes what the type of PyTorch's numbers made 0 or infinite.
        """
        if self.time == 0 or not self.session.now.reached:
            return {}
        run, widths = self.session.run, self.session.network.widths
        layers: Mapping[int, StrEnum] = _marks.layer_marks(run, self.time)
        of_layers = {(layer, unit): mark for layer, mark in layers.items() for unit in range(widths[layer])}
        of_units: Mapping[tuple[int, int], StrEnum] = _marks.unit_marks(run, self.time)
        if self.session.network.pytorch is None:
            return {**of_layers, **of_units}
        rounded: Mapping[tuple[int, int], StrEnum] = _rounding.rounding_marks(run, self.time)
        return {**of_layers, **of_units, **rounded}

    @cached_property
    def explanation(self) -> Explanation | None:
        """The explanation of the subject."""
        subject = self.subject
        return None if subject is None else self.session.explain(subject, MOST_TERMS, self.digits)

    @cached_property
    def origins(self) -> tuple[Term, ...]:
        """The terms of the subject that a statement computed, each of which can be gone to."""
        explanation = self.explanation
        if explanation is None:
            return ()
        return tuple(
            term for term in explanation.terms if term.quantity is not None and term.value is not None
        )

    @property
    def since(self) -> int | None:
        """The time with which values are compared; None where they are not."""
        return (
            self.before if self.compare == "last" else self.compare if isinstance(self.compare, int) else None
        )

    def name(self, quantity: Quantity) -> str:
        """The name of a quantity as the screen shows it."""
        return shown(self.session.run.symbol(quantity))

    def key(self, shipped: str) -> str:
        """What to press in the place of a key that the table of commands has; mostly that key."""
        return self.keys.get(shipped, shipped)

    def text(self, value: float | None, room: int | None = None) -> str:
        """A number with the digits that the person chose, or with fewer, where *room* cells are too few."""
        text = number(value, self.digits)
        digits = 9 if self.digits is None else self.digits
        while room is not None and len(text) > room and digits > 0:
            digits -= 1
            text = number(value, digits)
        return text

    def cell(self, reading: Reading, width: int) -> tuple[str, Tone]:
        """A reading, right-aligned in *width* cells, with fewer digits where they do not fit.

        A stale one stands in brackets; *width* 0 takes what room it needs.
        """
        brackets = 2 if reading.freshness is Freshness.STALE else 1
        text = self.text(reading.value, width - brackets if width else None)
        if reading.freshness is Freshness.ABSENT:
            return f"{text} ".rjust(width), Tone.MUTED
        if reading.freshness is Freshness.STALE:
            return f"({text})".rjust(width), Tone.STALE
        return f"{text} ".rjust(width), Tone.TEXT
