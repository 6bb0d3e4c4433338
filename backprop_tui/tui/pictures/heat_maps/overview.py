"""The drawing of a large network: every layer at once as a heat map, and one unit with its largest terms."""

from __future__ import annotations

from backprop_tui.engine.quantities import Kind, Parameter, Phase
from backprop_tui.history import layer_readings
from backprop_tui.history.layer_readings import Known
from backprop_tui.tui.pictures.drawing.geometry import Box
from backprop_tui.tui.pictures.heat_maps.blocks import Block, LargeGeometry
from backprop_tui.tui.pictures.heat_maps.contributions import Contribution, Contributions, contributions
from backprop_tui.tui.pictures.heat_maps.heat import Heat, heat
from backprop_tui.tui.pictures.rows import Picture, Row, Span, Tone, fitted, shortened
from backprop_tui.tui.view import PHASE_TONES, Node, Spot, View


class Overview:
    """One drawing in the making."""

    def __init__(self, view: View, geometry: LargeGeometry, width: int, height: int) -> None:
        self.view = view
        self.session = view.session
        self.geometry = geometry
        self.width = width
        self.phase = view.session.now.phase
        self.active = Node(*geometry.active)
        self.spot: Spot | None = None if view.cursor else view.spot
        self.lit_tone = Tone.CURSOR if view.exploring else Tone.NOW
        self.tone = PHASE_TONES[self.phase] if self.phase else Tone.MUTED
        self._pieces: list[list[tuple[int, int, Row]]] = [[] for _ in range(height)]

    def draw(self, units: list[tuple[int, Row]]) -> Picture:
        """The rows; *units* are the lines of the list of units, each with its row."""
        for block in self.geometry.blocks:
            self._block(block)
        self._flow()
        (column,) = self.geometry.columns
        for y, row in units:
            self._put(max(0, column.x - 1), y, row, column.width + 1)
        if self.geometry.terms is not None:
            self._terms(self.geometry.terms)
        return tuple(self._row(pieces) for pieces in self._pieces)

    def _put(self, x: int, y: int, row: Row, width: int) -> None:
        width = min(width, self.width - x)
        if 0 <= y < len(self._pieces) and width > 0:
            self._pieces[y].append((x, width, fitted(row, width)))

    def _row(self, pieces: list[tuple[int, int, Row]]) -> Row:
        spans: list[Span] = []
        end = 0
        for x, width, row in sorted(pieces, key=lambda piece: piece[0]):
            if x < end:
                continue
            spans.append((" " * (x - end), Tone.TEXT))
            spans += row
            end = x + width
        spans.append((" " * (self.width - end), Tone.TEXT))
        return tuple(span for span in spans if span[0])

    # Blocks

    def _block(self, block: Block) -> None:
        symbol, known = self._shown(block)
        made = self._heat(block, known)
        mark = self._mark(block)
        for line in range(block.grid.height):
            spans = tuple(made.line(line, mark, self.lit_tone))
            width = made.width(line)
            self._pieces[block.head + line].append((block.x, width, spans))
        title, tone = self._title(block)
        if block.head == 1 and block.weights and len(symbol) + len(title) - 1 <= block.slot:
            title = symbol + title.replace(" ", "")
        if block.head > 1 or block.weights:
            self._put(block.x, 0, ((shortened(title, block.slot), tone),), block.slot)
            if block.head == 1:
                return
        scale = "" if made.scale is None else self._scale(made.scale, block.slot - len(symbol) - 1)
        caption = f"{symbol} {scale}" if scale else symbol
        stale = known.values and not known.current
        self._put(block.x, block.head - 1, ((caption, Tone.STALE if stale else Tone.MUTED),), block.slot)

    def _heat(self, block: Block, known: Known) -> Heat:
        key = ("heat", block.grid, known.key)  # kept: 0.15 of 1.6 ms a key of 64-32-10 at 120x40
        return layer_readings.kept(
            self.session.run, key, lambda: heat(known.values, known.current, block.grid)
        )

    def _shown(self, block: Block) -> tuple[str, Known]:
        """What a block shows in the present phase, as a symbol, and its numbers."""
        layer, unit = self.active
        if block.weights:
            if self.phase is Phase.BACKWARD:
                gradients = layer_readings.gradients(self.session.now, layer, unit)
                if gradients.current:
                    return "dL/dw", gradients
            if self.phase is Phase.UPDATE and layer_readings.updated(self.session.now, layer, unit):
                return "Δw", layer_readings.changes(self.session.now, layer, unit)
            return "w", layer_readings.weights(self.session.now, layer, unit)
        if block.layer == 0:
            return "x", layer_readings.inputs(self.session.now)
        if self.phase is Phase.BACKWARD:
            return "δ", layer_readings.of_units(self.session.now, Kind.DELTA, block.layer)
        if self.phase is Phase.UPDATE:
            return "‖Δ‖", layer_readings.movements(self.session.now, block.layer)
        return "a", layer_readings.of_units(self.session.now, Kind.ACTIVATION, block.layer)

    def _title(self, block: Block) -> tuple[str, Tone]:
        names, widths = self.session.names, self.session.network.widths
        if block.weights:
            below = self._edge_input()
            title = f"→ {names.unit(*self.active)}"
            if below is not None:
                named = f"{names.unit(block.layer, below)} {title}"
                title = named if len(named) <= block.slot else title
            return title, self.lit_tone
        layer = block.layer
        word = self.session.network.layers[layer - 1].activation_name if layer else "input"
        title = f"{word} ×{widths[block.layer]}"
        return (title if len(title) <= block.slot else word), Tone.STRONG

    def _scale(self, scale: float, room: int) -> str:
        """The size at which cells are darkest, in what room there is."""
        digits = self.view.digits
        for fewer in (4 if digits is None else min(4, digits), 3, 2, 1, 0):
            text = "≤" + self.view.but(digits=fewer).text(scale)
            if len(text) <= room:
                return text
        return ""

    def _mark(self, block: Block) -> tuple[int, int] | None:
        """The cell of what is lit or pointed at."""
        if block.weights:
            below = self._edge_input()
            return None if below is None else block.grid.cell(below)
        if block.layer != self.active.layer:
            return None
        return block.grid.cell(self.active.unit)

    def _edge_input(self) -> int | None:
        """The input of the weight that is lit or pointed at."""
        if isinstance(self.spot, Parameter):
            return self.spot.below
        subject = self.view.subject
        if subject is None or subject.quantity.parameter is None or self.spot is not None:
            return None
        return subject.quantity.input

    def _flow(self) -> None:
        """Arrows between the blocks about the layer in question, in the direction in which numbers go."""
        if self.geometry.gap < 2 or self.phase in (None, Phase.LOSS, Phase.UPDATE):
            return
        glyph = "◀" if self.phase is Phase.BACKWARD else "▶"
        for block, after in zip(self.geometry.blocks, self.geometry.blocks[1:], strict=False):
            touches = after.layer == self.active.layer or block.layer == self.active.layer
            forwards = after.layer == self.active.layer or block.weights
            if touches and (forwards if glyph == "▶" else True):
                self._put(after.x - self.geometry.gap, after.head + 1, ((glyph, self.tone),), 1)

    # Terms

    def _terms(self, box: Box) -> None:
        subject = self.view.subject
        kind = subject.kind if subject is not None else None
        headed = box.height > 2
        found = contributions(self.session, *self.active, kind, box.height - headed)
        if found is None:
            return
        if headed:
            self._put(box.x, box.y, self._heading(found, box.width), box.width)
        name = max((len(term.name) for term in found.terms), default=0)
        for y, term in enumerate(found.terms, box.y + headed):
            self._put(box.x, y, self._term(found, term, name, box.width), box.width)

    def _heading(self, found: Contributions, width: int) -> Row:
        if found.operator == "→":
            words = f" largest changes at {found.symbol}"
            return ((shortened(words, width), Tone.MUTED),)
        total = f" {found.symbol} {self.view.text(found.total.value)}"
        more = f"  {found.title}" if found.title else f"  and {found.others} more" if found.others else ""
        return ((total, Tone.STRONG), (more if len(total + more) <= width else "", Tone.MUTED))

    def _term(self, found: Contributions, term: Contribution, name: int, width: int) -> Row:
        for digits in (self.view.digits, 4, 3, 2, 1):
            if self.view.digits is not None and digits is not None and digits > self.view.digits:
                continue
            look = self.view.but(digits=digits)
            left, product = look.text(term.left), look.text(term.product)
            cell = 7 if digits is None else digits + 3
            factors = (
                f"{left:>{cell}}"
                if term.right is None
                else f"{left:>{cell}}{found.operator}{look.text(term.right):<{cell}}"
            )
            label = f" {term.name:<{name}} "
            if len(label) + max(len(factors), 2 * cell + 1) + 1 + max(cell, len(product)) <= width:
                break
        value = Tone.NEGATIVE if term.product < 0 else Tone.POSITIVE
        gap = " " * max(1, 2 * cell + 2 - len(factors))
        return ((label, Tone.TEXT), (factors, Tone.MUTED), (gap, Tone.TEXT), (f"{product:>{cell}}", value))
