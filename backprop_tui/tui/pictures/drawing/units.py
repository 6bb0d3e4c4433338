"""What is written at each unit of the drawing: its frame or mark, its name, and its values."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple

from backprop_tui.engine.quantities import Kind, Quantity
from backprop_tui.history.readings import Freshness, Reading
from backprop_tui.program.number_text import number
from backprop_tui.tui.pictures.canvas import Canvas
from backprop_tui.tui.pictures.drawing.geometry import Box, Size
from backprop_tui.tui.pictures.drawing.highlight import Light
from backprop_tui.tui.pictures.drawing.plan import Plan, name_place
from backprop_tui.tui.pictures.kept_parts import Progress, shelf, stage
from backprop_tui.tui.pictures.marks import ALL_MARKS
from backprop_tui.tui.pictures.rows import Row, Span, Tone, shortened
from backprop_tui.tui.view import Node, Spot, View

_ROUND = "╭─╮│╰╯"
_HEAVY = "┏━┓┃┗┛"
_DOUBLE = "╔═╗║╚╝"
_VALUE_TONES = {"δ": Tone.BACKWARD, "y": Tone.MUTED}

Piece = tuple[int, int, str, Tone]
"""Text with its place."""


class Look(NamedTuple):
    """How a drawing is looked at."""

    view: View
    now: Progress
    light: Light
    spot: Spot | None
    """What the person points at in the drawing."""
    lit_tone: Tone
    marks: Mapping[tuple[int, int], StrEnum]
    """The units with which something is wrong."""


def draw_units(canvas: Canvas, look: Look, plan: Plan) -> None:
    """Every unit of a plan, those that did not change as they were drawn before."""
    nodes, spot, ran, marks = look.light.nodes, look.spot, look.now.ran, look.marks
    # Kept: 0.7 of 2.5 ms a key of 16-16-16-4 at 120x40.
    kept = shelf(look.view.session, ("units", plan.key), look.now)
    for node, box, places in plan.units:
        key: tuple[object, ...] = (node, stage(places, ran))
        if node in nodes or node == spot:
            key += _highlight(look, node)
        pieces = kept.get(key)
        if pieces is None:
            pieces = kept[key] = _pieces(look, node, box, plan.geometry.size)
        for x, y, text, tone in pieces:
            canvas.put(x, y, text, tone)
        if node in marks:
            _sign(canvas, look, node, box, plan.geometry.size, ALL_MARKS[marks[node].value].sign)


def _sign(canvas: Canvas, look: Look, node: Node, box: Box, size: Size, sign: str) -> None:
    """What is wrong with a unit, after its name where there is room."""
    name = look.view.session.names.unit(*node)
    framed = size in (Size.TALL, Size.SHORT)
    x = (name_place(name, box) if size is Size.CHAIN else box.x + 4 * framed) + len(name)
    if x < box.x + box.width - framed or size is Size.FLAT:
        canvas.put(x, box.y, sign + " " * framed, Tone.WARNING)


def _highlight(look: Look, node: Node) -> tuple[object, ...]:
    """All that sets a unit apart that is lit or pointed at."""
    return node in look.light.nodes, node == look.spot, look.light.tone, look.lit_tone


def unit_line(look: Look, node: Node, width: int) -> Row:
    """A unit on a line: its mark, its name and the one value there is room for."""
    name = look.view.session.names.unit(*node)
    mark: Span = (_mark(look, node), _frame_tone(look, node))
    symbol, reading = _primary(look, node)
    text, tone = look.view.cell(reading, width - len(name) - 2)
    return (
        mark,
        (name, _name_tone(look, node)),
        (f" {symbol}", Tone.MUTED),
        (text, _value_tone(symbol, tone)),
    )


def _pieces(look: Look, node: Node, box: Box, size: Size) -> list[Piece]:
    name = look.view.session.names.unit(*node)
    if size in (Size.CHAIN, Size.NARROW, Size.DOT):
        return _open(look, node, box, size, name)
    if size is Size.FLAT:
        symbol, reading = _primary(look, node)
        room = box.width - len(name) - 1
        text, tone = look.view.cell(reading, room)
        return [
            (box.x - 1, box.y, _mark(look, node), _frame_tone(look, node)),
            (box.x, box.y, name, _name_tone(look, node)),
            (box.x + len(name) + 1, box.y, text, _value_tone(symbol, tone)),
        ]
    frame = _DOUBLE if look.spot == node else _HEAVY if node in look.light.nodes else _ROUND
    pieces = _frame(box, frame, _frame_tone(look, node))
    pieces.append((box.x + 2, box.y, f" {shortened(name, box.width - 5)} ", _name_tone(look, node)))
    rows = [_primary(look, node)] if size is Size.SHORT else _rows(look, node, box.height - 2)
    for y, (symbol, reading) in enumerate(rows, box.y + 1):
        pieces.append((box.x + 1, y, symbol, Tone.MUTED))
        start = 2 if symbol else 1
        text, tone = look.view.cell(reading, box.width - 1 - start + (not symbol))
        room = box.width - 1 - start
        text = text[:room] if text[room:].isspace() else shortened(text, room)
        pieces.append((box.x + start, y, text, _value_tone(symbol, tone)))
    return pieces


def _open(look: Look, node: Node, box: Box, size: Size, name: str) -> list[Piece]:
    """A unit without a frame: its name, and under it what there is room for."""
    pieces = [(name_place(name, box) if size is Size.CHAIN else box.x, box.y, name, _name_tone(look, node))]
    pieces.append((pieces[0][0] - 1, box.y, _mark(look, node), _frame_tone(look, node)))
    if size is Size.CHAIN:
        rows = [("", _given(look, node))] if node.layer == 0 else _rows(look, node, box.height - 1)
        for y, (symbol, reading) in enumerate(rows, box.y + (1 if node.layer else 2)):
            text, tone = tight(look.view, reading, box.width)
            pieces.append((name_place(text, box), y, text, _value_tone(symbol, tone)))
    else:
        symbol, reading = _primary(look, node)
        beyond = int(size is Size.DOT)  # cells of the gap that a value takes on either side
        text, tone = tight(look.view, reading, box.width + 2 * beyond - 1)
        pieces.append((box.x - beyond, box.y + 1, symbol, Tone.MUTED))
        pieces.append((box.x - beyond + 1, box.y + 1, text, _value_tone(symbol, tone)))
    return pieces


def tight(view: View, reading: Reading, width: int) -> tuple[str, Tone]:
    """A reading in at most *width* cells, with as many digits as fit; a stale one after a bracket."""
    stale = reading.freshness is Freshness.STALE
    tone = Tone.STALE if stale else Tone.MUTED if reading.freshness is Freshness.ABSENT else Tone.TEXT
    for digits in range(9 if view.digits is None else view.digits, -1, -1):
        text = number(reading.value, digits)
        if "." not in text:
            text = text.replace("e−0", "e−").replace("e+0", "e")
        for form in (f"({text})", f"({text}") if stale else (text,):
            if len(form) <= width:
                return form, tone
    return "…", tone


def _frame(box: Box, frame: str, tone: Tone) -> list[Piece]:
    corner, across, corner2, down, corner3, corner4 = tuple(frame)
    inner, bottom = box.width - 2, box.y + box.height - 1
    pieces = [(box.x, box.y, corner + across * inner + corner2, tone)]
    for y in range(box.y + 1, bottom):
        pieces += [(box.x, y, down, tone), (box.x + box.width - 1, y, down, tone)]
    return [*pieces, (box.x, bottom, corner3 + across * inner + corner4, tone)]


def _mark(look: Look, node: Node) -> str:
    return "◆" if look.spot == node else "▶" if node in look.light.nodes else " "


def _name_tone(look: Look, node: Node) -> Tone:
    return look.lit_tone if node in look.light.nodes else Tone.CURSOR if look.spot == node else Tone.STRONG


def _frame_tone(look: Look, node: Node) -> Tone:
    """Lit, else how far the flow has come: backward over it, forward through it, or not yet."""
    if node in look.light.nodes:
        return look.light.tone
    if node.layer == 0:
        return Tone.MUTED
    if _read(look, Kind.DELTA, node).freshness is Freshness.CURRENT:
        return Tone.BACKWARD
    if _read(look, Kind.ACTIVATION, node).freshness is Freshness.CURRENT:
        return Tone.FORWARD
    return Tone.MUTED


def _rows(look: Look, node: Node, most: int) -> list[tuple[str, Reading]]:
    if node.layer == 0:
        return [("", _given(look, node))]
    kinds = (("z", Kind.WEIGHTED_SUM), ("a", Kind.ACTIVATION), ("δ", Kind.DELTA))
    rows = [(symbol, _read(look, kind, node)) for symbol, kind in kinds]
    session = look.view.session
    if node.layer == len(session.network.layers):
        rows.append(("y", Reading(session.now.target(node.unit), Freshness.CURRENT)))
    return rows[:most]


def _primary(look: Look, node: Node) -> tuple[str, Reading]:
    """The one value shown where there is room for one: delta once it is known, else a, else z."""
    if node.layer == 0:
        return "x", _given(look, node)
    delta, a = _read(look, Kind.DELTA, node), _read(look, Kind.ACTIVATION, node)
    if delta.freshness is Freshness.CURRENT:
        return "δ", delta
    z = _read(look, Kind.WEIGHTED_SUM, node)
    if z.freshness is Freshness.CURRENT and a.freshness is not Freshness.CURRENT:
        return "z", z
    return "a", a


def _given(look: Look, node: Node) -> Reading:
    return Reading(look.view.session.now.input(node.unit), Freshness.CURRENT)


def _read(look: Look, kind: Kind, node: Node) -> Reading:
    return look.view.session.now.read(Quantity(kind, *node))


def _value_tone(symbol: str, tone: Tone) -> Tone:
    return _VALUE_TONES.get(symbol, tone) if tone is Tone.TEXT else tone
