"""What every part of a drawing is written with: text, numbers and labels, each with its address."""

from __future__ import annotations

from msgspec import Struct

from backprop_tui.engine.quantities import Parameter
from backprop_tui.export.drawing import slots
from backprop_tui.export.drawing.places import LABEL, SIZE, Places, longest, text_width
from backprop_tui.export.drawing.symbols import rise, spans
from backprop_tui.export.markup import element, words
from backprop_tui.history.moment import Moment
from backprop_tui.history.readings import Freshness, Reading
from backprop_tui.network.names import Names
from backprop_tui.program.number_text import number


class Pen(Struct, frozen=True, eq=False):
    """The moment that is drawn, where everything is, and which parts are lit."""

    moment: Moment
    plan: Places
    lit: frozenset[str]

    @property
    def names(self) -> Names:
        """The names of everything."""
        return self.moment.run.names

    @property
    def last(self) -> int:
        """The number of the output layer."""
        return len(self.moment.run.network.layers)

    def part(self, kind: str, part: str, *inner: str) -> str:
        """A part of the drawing: what a page lights up."""
        lit = " lit" if part in self.lit else ""
        return element("g", "".join(inner), class_=f"part {kind}{lit}", data_part=part)

    def number(self, x: float, y: float, address: str, reading: Reading, anchor: str = "end") -> str:
        """A number that ends at *x*, or stands around it; one that is left from before in brackets."""
        shown = self.shown(reading)
        kind = "value stale" if reading.freshness is Freshness.STALE else "value"
        kind += " long" if len(shown) > longest(self.plan.digits) else ""
        return text(x, y, words(shown), kind, anchor=anchor, data_slot=address)

    def shown(self, reading: Reading) -> str:
        """A number as it is written."""
        written = number(reading.value, self.plan.digits)
        return f"({written})" if reading.freshness is Freshness.STALE else written

    def parameter(self, parameter: Parameter, name: str, x: float, y: float) -> str:
        """Name and value of a weight or bias around *x*."""
        value = self.shown(self.moment.parameter(parameter))
        return text(
            x, y, _after(name, "", value, slots.slot(parameter.update)), "label", anchor="middle", size=LABEL
        )

    def gradient(self, parameter: Parameter, name: str, x: float, *lines: float) -> str:
        """The gradient of a weight or bias, its symbol before it or on a line above it.

        It is there, and not seen, where the present example has not come to it.
        """
        reading = self.moment.read(parameter.gradient)
        current = reading.freshness is Freshness.CURRENT
        value, address = self.shown(reading) if current else "", slots.slot(parameter.gradient)
        if len(lines) > 1:
            inner = text(x, lines[0], spans(name, LABEL, "∂L/∂"), "", anchor="middle", size=LABEL)
            inner += text(x, lines[1], _after("", "", value, address), "", anchor="middle", size=LABEL)
        else:
            inner = text(x, lines[0], _after(name, "∂L/∂", value, address), "", anchor="middle", size=LABEL)
        return element("g", inner, class_="gradient" if current else "gradient absent")

    def label_width(self, parameter: Parameter, name: str) -> float:
        """The room that name and value of a parameter take."""
        value = self.shown(self.moment.parameter(parameter))
        return text_width(value, LABEL) + (text_width(name, LABEL) + 4 if name else 0.0)


def _after(name: str, lead: str, value: str, address: str) -> str:
    """A number behind the name of what it is; an empty name is left out."""
    moved = {"dx": 4, "dy": rise(name)} if name else {}
    number = element("tspan", words(value), class_="value", data_slot=address, **moved)
    return (spans(name, LABEL, lead) if name else "") + number


def text(
    x: float,
    y: float,
    markup: str,
    kind: str,
    *,
    anchor: str | None = None,
    size: float = SIZE,
    data_slot: str | None = None,
) -> str:
    """A line of text at a place."""
    return element(
        "text",
        markup,
        class_=kind or None,
        x=round(x, 1),
        y=round(y, 1),
        text_anchor=anchor,
        font_size=None if size == SIZE else size,
        data_slot=data_slot,
    )
