"""The drawing of the network: units with their values, edges by sign and size, and what just happened lit."""

from __future__ import annotations

from functools import lru_cache

from backprop_tui.debugger.numbers import DIGITS
from backprop_tui.debugger.program import Kind, Phase, Quantity
from backprop_tui.debugger.session import Session
from backprop_tui.debugger.values import ABSENT, Freshness, Reading
from backprop_tui.tui.pictures.canvas import Canvas
from backprop_tui.tui.pictures.geometry import EASY_GAP, LEAST_GAP, Box, Geometry, Size, arrange
from backprop_tui.tui.pictures.large import WIDE, LargeGeometry, arrange_large, is_large
from backprop_tui.tui.pictures.layer_values import Known, of_units, weights
from backprop_tui.tui.pictures.light import light
from backprop_tui.tui.pictures.overview import Overview
from backprop_tui.tui.pictures.rows import Picture, Row, Span, Tone, filled, shortened
from backprop_tui.tui.view import Edge, Node, Spot, View

DENSE_EDGES = 24
"""Between two layers more edges than this are drawn faintly, so that those that are lit stand out."""
MOST_EDGES = 1500
"""Between two layers no more edges than this are drawn; of more, only those that are lit."""

_ROUND = "╭─╮│╰╯"
_HEAVY = "┏━┓┃┗┛"
_DOUBLE = "╔═╗║╚╝"


@lru_cache(maxsize=64)
def _arranged(
    widths: tuple[int, ...],
    name_widths: tuple[int, ...],
    size: tuple[int, int],
    digits: int | None,
    active: tuple[int, int],
) -> Geometry:
    return arrange(widths, name_widths, size, digits, active)


def active_unit(view: View) -> Node:
    """The unit that must be in sight: what the person points at, or where the last statement was."""
    if view.spot is not None and view.cursor is None:
        if isinstance(view.spot, Edge):
            return Node(view.spot.layer, view.spot.unit)
        return view.spot
    subject = view.subject
    if subject is None:
        return Node(1, 0)
    layer, unit = subject.quantity.layer, subject.quantity.unit
    if layer is None or unit is None:
        return Node(len(view.session.network.layers), 0)
    return Node(layer, unit)


def geometry(view: View, width: int, height: int) -> Geometry:
    """Where everything is drawn, with as many of the digits asked for as let all layers fit.

    Rows are kept for captions and for labels above and below the boxes.
    """
    network, names = view.session.network, view.session.names
    name_widths = tuple(
        max(len(names.unit(layer, 0)), len(names.unit(layer, units - 1)))
        for layer, units in enumerate(network.widths)
    )
    active = active_unit(view)
    if is_large(network.widths, width, height):
        place = (active.layer, active.unit)
        large = arrange_large(network.widths, name_widths, (width, height), view.digits, place)
        if large.blocks:
            return large
    above, below = margins(view, height)
    size = (max(1, width), max(1, height - above - below))
    fewer = [*DIGITS[::-1], 3, 2]
    choices = []
    for digits in fewer[fewer.index(view.digits) :]:
        found = _arranged(network.widths, name_widths, size, digits, (active.layer, active.unit))
        if found.complete and (found.gap >= EASY_GAP or found.size is not Size.FLAT):
            return found
        choices.append(found)
    for found in choices:
        if found.complete:
            return found
    return choices[fewer.index(4) - fewer.index(view.digits)] if view.digits in DIGITS else choices[0]


def margins(view: View, height: int) -> tuple[int, int]:
    """Rows kept above (captions, weights) and below (biases) the boxes."""
    if max(view.session.network.widths) > WIDE:
        return (0, 0)
    if max(view.session.network.widths) == 1:
        return (2, 1) if height >= 8 else (1, 0) if height >= 6 else (0, 0)
    return (1, 0) if height >= 6 else (0, 0)


def network_picture(view: View, width: int, height: int) -> Picture:
    """The drawing, in exactly *height* rows of *width* cells."""
    if width < 6 or height < 1:
        return filled([], width, height)
    drawing = _Drawing(view, width, height)
    if isinstance(drawing.geometry, LargeGeometry):
        overview = Overview(view, drawing.geometry, width, height)
        return overview.draw(drawing.listed())
    return drawing.draw()


class _Drawing:
    """One drawing in the making."""

    def __init__(self, view: View, width: int, height: int) -> None:
        self.geometry = geometry(view, width, height)
        self.view = view.but(digits=self.geometry.digits)
        self.session = view.session
        self.canvas = Canvas(width, height)
        self.above, self.below = margins(view, height)
        self.widths = self.session.network.widths
        self.last = len(self.widths) - 1
        self.light = light(view.subject, self.last, self.widths[-1])
        self.spot: Spot | None = None if view.cursor else view.spot
        self.single = max(self.widths) == 1
        self.dense = False
        self._weights: dict[tuple[int, int], tuple[float | None, ...]] = {}
        self._layers: dict[tuple[Kind, int], Known] = {}
        self.lit_tone = Tone.CURSOR if view.exploring else Tone.NOW

    def draw(self) -> Picture:
        for column in self.geometry.columns:
            self._caption(column.layer, column.x, column.width)
            for unit, box in zip(column.units, column.boxes, strict=True):
                self._unit(Node(column.layer, unit), _moved(box, self.above))
            self._hidden(column.x, column.width, column.hidden_above, column.hidden_below)
        self._edges()
        for count, x in ((self.geometry.hidden_left, 0), (self.geometry.hidden_right, self.canvas.width - 4)):
            if count:
                words = f"‹ {count} layer{'s' if count > 1 else ''} ›"
                words = words[:-2] if x == 0 else words[2:]
                x = min(x, self.canvas.width - len(words))
                self.canvas.put(x, self.canvas.height - 1, words, Tone.MUTED)
        return self.canvas.picture()

    def listed(self) -> list[tuple[int, Row]]:
        """The lines of a list of units, from the column left of it, each with its row in the drawing."""
        (column,) = self.geometry.columns
        rows: list[tuple[int, Row]] = []
        if column.hidden_above:
            words = f" ⋮ {column.hidden_above} more"
            rows.append((column.boxes[0].y - 1, ((words, Tone.MUTED),)))
        for unit, box in zip(column.units, column.boxes, strict=True):
            rows.append((box.y, self._line(Node(column.layer, unit), box.width)))
        if column.hidden_below:
            rows.append((column.boxes[-1].y + 1, ((f" ⋮ {column.hidden_below} more", Tone.MUTED),)))
        return rows

    def _line(self, node: Node, width: int) -> Row:
        """A unit on a line: its mark, its name and the one value there is room for."""
        name = self.session.names.unit(*node)
        lit, selected = node in self.light.nodes, self.spot == node
        mark: Span = ("◆" if selected else "▶" if lit else " ", self._frame_tone(node))
        name_tone = self.lit_tone if lit else Tone.CURSOR if selected else Tone.STRONG
        symbol, reading = self._primary(node)
        text, tone = self.view.cell(reading, width - len(name) - 2)
        return (mark, (name, name_tone), (f" {symbol}", Tone.MUTED), (text, self._value_tone(symbol, tone)))

    # Units

    def _caption(self, layer: int, x: int, width: int) -> None:
        if not self.above:
            return
        network = self.session.network
        words = "input" if layer == 0 else network.layers[layer - 1].activation_name
        if (units := self.widths[layer]) > 1:
            words = f"{words} ×{units}"
        self.canvas.put(x + max(0, (width - len(words)) // 2), 0, shortened(words, width + 2), Tone.FAINT)

    def _hidden(self, x: int, width: int, above: int, below: int) -> None:
        if above:
            self.canvas.put(x, self.above, f"⋮ {above} more".center(width)[:width], Tone.MUTED)
        if below:
            y = self.canvas.height - self.below - 1
            self.canvas.put(x, y, f"⋮ {below} more".center(width)[:width], Tone.MUTED)

    def _unit(self, node: Node, box: Box) -> None:
        name = self.session.names.unit(*node)
        lit, selected = node in self.light.nodes, self.spot == node
        frame_tone = self._frame_tone(node)
        name_tone = self.lit_tone if lit else Tone.CURSOR if selected else Tone.STRONG
        if self.geometry.size is Size.FLAT:
            symbol, reading = self._primary(node)
            text, tone = self.view.cell(reading, box.width - len(name) - 1)
            mark = "◆" if selected else "▶" if lit else " "
            self.canvas.put(box.x - 1, box.y, mark, frame_tone)
            self.canvas.put(box.x, box.y, name, name_tone)
            self.canvas.put(box.x + len(name) + 1, box.y, text, self._value_tone(symbol, tone))
            return
        frame = _DOUBLE if selected else _HEAVY if lit else _ROUND
        self._frame(box, frame, frame_tone)
        self.canvas.put(box.x + 2, box.y, f" {shortened(name, box.width - 5)} ", name_tone)
        rows = [self._primary(node)] if self.geometry.size is Size.SHORT else self._rows(node, box.height - 2)
        for number, (symbol, reading) in enumerate(rows):
            y = box.y + 1 + number
            self.canvas.put(box.x + 1, y, symbol, Tone.MUTED)
            start = 2 if symbol else 1
            text, tone = self.view.cell(reading, box.width - 1 - start + (not symbol))
            self.canvas.put(box.x + start, y, text[: box.width - 1 - start], self._value_tone(symbol, tone))

    def _frame(self, box: Box, frame: str, tone: Tone) -> None:
        corner, across, corner2, down, corner3, corner4 = list(frame)
        inner = box.width - 2
        self.canvas.put(box.x, box.y, corner + across * inner + corner2, tone)
        for y in range(box.y + 1, box.y + box.height - 1):
            self.canvas.put(box.x, y, down, tone)
            self.canvas.put(box.x + box.width - 1, y, down, tone)
        self.canvas.put(box.x, box.y + box.height - 1, corner3 + across * inner + corner4, tone)

    def _frame_tone(self, node: Node) -> Tone:
        """Lit, else how far the flow has come: backward over it, forward through it, or not yet."""
        if node in self.light.nodes:
            return self.light.tone
        if node.layer == 0:
            return Tone.MUTED
        if self._fresh(Kind.DELTA, node):
            return Tone.BACKWARD
        if self._fresh(Kind.ACTIVATION, node):
            return Tone.FORWARD
        return Tone.MUTED

    def _fresh(self, kind: Kind, node: Node) -> bool:
        return node.unit < self._known(kind, node.layer).current

    def _known(self, kind: Kind, layer: int) -> Known:
        found = self._layers.get((kind, layer))
        if found is None:
            found = self._layers[kind, layer] = of_units(self.session, kind, layer)
        return found

    def _rows(self, node: Node, most: int) -> list[tuple[str, Reading]]:
        if node.layer == 0:
            return [("", self._given(node))]
        rows = [
            ("z", self._read(Kind.WEIGHTED_SUM, node)),
            ("a", self._read(Kind.ACTIVATION, node)),
            ("δ", self._read(Kind.DELTA, node)),
        ]
        if node.layer == self.last:
            rows.append(("y", Reading(self.session.expected(node.unit), Freshness.CURRENT)))
        return rows[:most]

    def _primary(self, node: Node) -> tuple[str, Reading]:
        """The one value shown where there is room for one: delta once it is known, else a, else z."""
        if node.layer == 0:
            return "x", self._given(node)
        delta, a = self._read(Kind.DELTA, node), self._read(Kind.ACTIVATION, node)
        if delta.freshness is Freshness.CURRENT:
            return "δ", delta
        z = self._read(Kind.WEIGHTED_SUM, node)
        if z.freshness is Freshness.CURRENT and a.freshness is not Freshness.CURRENT:
            return "z", z
        return "a", a

    def _given(self, node: Node) -> Reading:
        return Reading(self.session.input(node.unit), Freshness.CURRENT)

    def _read(self, kind: Kind, node: Node) -> Reading:
        known = self._known(kind, node.layer)
        value = known.values[node.unit]
        if value is None:
            return ABSENT
        return Reading(value, Freshness.CURRENT if node.unit < known.current else Freshness.STALE)

    def _value_tone(self, symbol: str, tone: Tone) -> Tone:
        if tone is not Tone.TEXT:
            return tone
        return {"δ": Tone.BACKWARD, "y": Tone.MUTED, "x": Tone.TEXT}.get(symbol, Tone.TEXT)

    # Edges

    def _edges(self) -> None:
        for below, above in zip(self.geometry.columns, self.geometry.columns[1:], strict=False):
            biggest = self._largest_weight(above.layer)
            edges = len(below.boxes) * len(above.boxes)
            many = edges > MOST_EDGES or (edges > 4 and self.geometry.gap <= LEAST_GAP)
            self.dense = edges > DENSE_EDGES
            lit: list[tuple[Edge, Box, Box]] = []
            plain: list[tuple[Edge, Box, Box]] = []
            for unit, target in zip(above.units, above.boxes, strict=True):
                for source_unit, source in zip(below.units, below.boxes, strict=True):
                    edge = Edge(above.layer, unit, source_unit)
                    chosen = self.light.lights(edge) or edge == self.spot
                    (lit if chosen else plain).append((edge, source, target))
            slanted = len(below.boxes) * len(above.boxes) > 2
            for edge, source, target in ([] if many else plain) + lit:
                self._edge(edge, _moved(source, self.above), _moved(target, self.above), biggest, slanted)
        if self.single:
            self._biases()

    def _largest_weight(self, layer: int) -> float:
        return _largest_given(self.session, layer)

    def _weight(self, edge: Edge) -> float:
        row = self._weights.get((edge.layer, edge.unit))
        if row is None:
            row = weights(self.session, edge.layer, edge.unit).values
            self._weights[edge.layer, edge.unit] = row
        return (row[edge.input] if edge.input is not None else None) or 0.0

    def _edge(self, edge: Edge, source: Box, target: Box, biggest: float, slanted: bool) -> None:
        weight = self._weight(edge)
        lit, selected = self.light.lights(edge), edge == self.spot
        x0, x1 = source.x + source.width, target.x - 1
        y0, y1 = source.middle, target.middle
        if x1 < x0:
            return
        sign = Tone.NEGATIVE if weight < 0 else Tone.POSITIVE
        tone = self.light.tone if lit else Tone.CURSOR if selected else sign
        if not (lit or selected) and (self.dense or abs(weight) < 0.15 * biggest):
            tone = Tone.FAINT
        heavy = lit or selected
        backward = self.light.phase in (Phase.BACKWARD, Phase.UPDATE) and lit
        if y0 == y1 and not slanted:
            stroke = ("╍" if weight < 0 else "━") if heavy else ("╌" if weight < 0 else "─")
            stroke = "═" if selected else stroke
            for x in range(x0, x1 + 1):
                if self.canvas.free(x, y0, 1):
                    self.canvas.put(x, y0, stroke, tone)
        else:
            self.canvas.line((x0, y0), (x1, y1), tone, dotted=weight < 0, heavy=heavy)
        if lit or self.single:
            if backward and self.light.phase is Phase.BACKWARD:
                self.canvas.put(x0, y0, "◀", tone)
            elif (not backward or self.single) and not (
                self.geometry.size is Size.FLAT and Node(edge.layer, edge.unit) == self.spot
            ):
                self.canvas.put(x1, y1, "▶", tone)
        self._label(edge, weight, source, target)

    def _label(self, edge: Edge, weight: float, source: Box, target: Box) -> None:
        x0, x1 = source.x + source.width, target.x - 1
        if self.single:
            name = self.session.names.parameter(edge.layer, edge.unit, edge.input)
            tone = self._parameter_tone(edge)
            centre = (x0 + x1 + 1) // 2
            text = f"{name} {self.view.text(weight)}"
            if x1 - x0 >= len(text):
                y = target.middle - 1
            else:
                y = min(source.y, target.y) - 1 if self.above > 1 else target.y
            start = max(0, centre - len(text) // 2)
            if self.canvas.free(max(0, start - 1), y, len(text) + min(1, start) + 1):
                self.canvas.put(start, y, text, tone)
            gradient = self._read_edge(edge)
            if gradient is not None and x1 - x0 >= 8:
                label = f"dL/d{name}"
                y = target.middle
                self.canvas.put(centre - len(label) // 2, y + 1, label, Tone.BACKWARD)
                self.canvas.put(centre - len(gradient) // 2, y + 2, gradient, Tone.BACKWARD)
            return
        if self.geometry.size is Size.FLAT or x1 - x0 < 16:
            return
        text = f"{weight:+.2f}" if abs(weight) >= 0.005 or not weight else f"{weight:+.0e}"
        text = text.replace("-", "−")
        for place in (0.7, 0.55, 0.8, 0.4, 0.3):
            x = round(x0 + (x1 - x0) * place) - len(text) // 2
            y = round(source.middle + (target.middle - source.middle) * place)
            if self.canvas.free(x - 1, y, len(text) + 2):
                self.canvas.put(x, y, text, self._parameter_tone(edge))
                return

    def _read_edge(self, edge: Edge) -> str | None:
        kind = Kind.BIAS_GRADIENT if edge.input is None else Kind.WEIGHT_GRADIENT
        reading = self.session.read(Quantity(kind, *edge))
        return self.view.text(reading.value) if reading.freshness is Freshness.CURRENT else None

    def _biases(self) -> None:
        if not self.below:
            return
        for column in self.geometry.columns:
            if column.layer == 0:
                continue
            edge = Edge(column.layer, 0, None)
            value = self.session.parameter(*edge).value
            text = f"{self.session.names.bias(column.layer, 0)} {self.view.text(value)}"
            gradient = self._read_edge(edge)
            tone = self._parameter_tone(edge)
            y = self.above + column.boxes[0].y + column.boxes[0].height
            x = column.x + max(0, (column.width - len(text)) // 2)
            self.canvas.put(x, y, text, tone)
            if gradient is not None and y + 1 < self.canvas.height:
                name = self.session.names.bias(column.layer, 0)
                label = f"dL/d{name} {gradient}"
                if len(label) > column.width + 2:
                    label = gradient
                x = min(column.x + max(0, (column.width - len(label)) // 2), self.canvas.width - len(label))
                if not self.canvas.free(max(0, x - 1), y + 1, len(label) + min(1, x)):
                    label = gradient
                    x = column.x + max(0, (column.width - len(label)) // 2)
                self.canvas.put(x, y + 1, label, Tone.BACKWARD)

    def _parameter_tone(self, edge: Edge) -> Tone:
        """How a parameter's label looks: lit, pointed at, just updated in this iteration, or plain."""
        if edge in self.light.edges or edge == self.spot:
            return self.lit_tone
        kind = Kind.BIAS_UPDATE if edge.input is None else Kind.WEIGHT_UPDATE
        if self.session.read(Quantity(kind, *edge)).freshness is Freshness.CURRENT:
            return Tone.UPDATE
        return Tone.TEXT


def _moved(box: Box, down: int) -> Box:
    return Box(box.x, box.y + down, box.width, box.height)


@lru_cache(maxsize=256)
def _largest_given(session: Session, layer: int) -> float:
    """The largest size of a layer's weights before the first update; 1 where all are 0."""
    return max(abs(weight) for row in session.network.layers[layer - 1].weights for weight in row) or 1.0
