"""The explanation of the subject: formula, numbers, and the chain rule factor by factor."""

from __future__ import annotations

from rich.cells import cell_len

from backprop_tui.engine.quantities import Kind, Quantity
from backprop_tui.network.lazy_module import lazy_module
from backprop_tui.network.names import shown
from backprop_tui.program.chain_rule import Chain, Factor, Path
from backprop_tui.program.explanations.explanation import Explanation
from backprop_tui.tui.pictures.marks import MARKS
from backprop_tui.tui.pictures.rows import Picture, Row, Span, Tone, filled, row_width, wrapped
from backprop_tui.tui.view import PHASE_TONES, Node, View

_words = lazy_module("backprop_tui.analysis.mark_words")  # nothing has a mark in the first frame
_verdicts = lazy_module("backprop_tui.tui.pictures.verdict")  # nothing has been predicted in it either


def chain_rule_picture(view: View, width: int, height: int, top: int = 0) -> Picture:
    """The explanation, from row *top* on, in exactly *height* rows of *width* cells."""
    return filled(explanation_rows(view, width, height)[top:], width, height)


def explanation_rows(view: View, width: int, height: int) -> list[Row]:
    """All rows of the explanation; the chain lies flat where it fits and stands upright where it does not.

    The view keeps them: a pane asks for them once to paint and once or twice for their number. Saves 0.15 of
    1.3 ms a key of 16-16-16-4 at 120x40.
    """
    key = ("explanation", width, height)
    rows: list[Row] | None = view.kept.get(key)
    if rows is None:
        above = [] if view.verdict is None else _verdicts.verdict_rows(view, width)
        rows = view.kept[key] = [*above, *_rows(view, width, height - len(above))]
    return rows


def _rows(view: View, width: int, height: int) -> list[Row]:
    explanation = view.explanation
    if explanation is None:
        return _nothing_yet(view, width)
    tone = PHASE_TONES[explanation.statement.phase]
    rows: list[Row] = []
    if explanation.chain is None or len(explanation.chain.paths[0].factors) < 2:
        rows += _formula(view, explanation, tone, width)
    else:
        rows += _chain(view, explanation, explanation.chain, tone, width)
    rows += [(), *wrapped(explanation.sentence, width, Tone.TEXT)]
    if found := _mark(view, explanation):
        rows += wrapped(found, width, Tone.WARNING)
    if view.term or len(rows) < height:
        rows.append(_origins(view, width))
    if len(rows) + len(explanation.notes) < height:
        rows.append(())
        for note in explanation.notes:
            rows += wrapped(note, width, Tone.MUTED)
    return rows


def _mark(view: View, explanation: Explanation) -> str:
    """What is wrong with the unit of a slope or an error signal; empty where nothing is."""
    kind, layer, unit, _ = explanation.statement.quantity
    if kind not in (Kind.ACTIVATION_DERIVATIVE, Kind.DELTA) or layer is None or unit is None:
        return ""
    found = view.marks.get((layer, unit))
    if found is None:
        return ""
    mark = MARKS[found.value]
    if mark.word in ("vanishing", "exploding"):
        return f"{mark.sign} {mark.word}: {mark.meaning}" if kind is Kind.DELTA else ""
    slope = view.session.now.read(Quantity(Kind.ACTIVATION_DERIVATIVE, layer, unit)).value
    return "" if slope is None else f"{mark.sign} {_words.mark_words(found, slope)}"


def _nothing_yet(view: View, width: int) -> list[Row]:
    if isinstance(view.spot, Node):
        name = view.session.names.unit(*view.spot)
        value = view.text(view.session.now.input(view.spot.unit))
        text = f"{name} = {value} is given: an input of example {view.session.now.example}."
        return wrapped(text, width, Tone.TEXT)
    return [
        *wrapped("Nothing has been computed yet.", width, Tone.STRONG),
        (),
        *wrapped(
            "s runs the first statement, f the forward pass, b the backward pass, u the update. "
            "Shift goes back. Arrows select a unit or a weight; ? explains every key.",
            width,
            Tone.TEXT,
        ),
    ]


def _origins(view: View, width: int) -> Row:
    """The terms that enter leads to, the chosen one marked."""
    spans: list[Span] = []
    for index, term in enumerate(view.origins):
        chosen = index == min(view.term, len(view.origins) - 1)
        spans.append(
            (
                f"‹{shown(term.symbol)}›" if chosen else f" {shown(term.symbol)} ",
                Tone.KEY if chosen else Tone.MUTED,
            )
        )
    return ((" enter: why ", Tone.MUTED), *spans) if spans and width >= 30 else ()


def _formula(view: View, explanation: Explanation, tone: Tone, width: int) -> list[Row]:
    """The equation with names, spelt out, with numbers, and its value."""
    symbol = shown(explanation.symbol)
    rows: list[Row] = []
    lead = f" {symbol} = "
    blank = " " * (len(lead) - 2) + "= "
    for line in explanation.working:
        name = f" {shown(line.symbol)} = "
        rows += _equation(name, line.expression.symbolic(), Tone.TEXT, width)
        indent = " " * (len(name) - 2) + "= "
        numbers = f"{line.expression.numeric(view.digits)} = {view.text(line.value)}"
        rows += _equation(indent, numbers, Tone.MUTED, width)
    rows += _equation(lead, explanation.expression.symbolic(), tone, width)
    if explanation.also is not None:
        rows += _equation(blank, explanation.also.symbolic(), Tone.TEXT, width)
    rows += _equation(
        blank, (explanation.also or explanation.expression).numeric(view.digits), Tone.TEXT, width
    )
    rows.append(((blank, Tone.MUTED), (view.text(explanation.value), Tone.STRONG)))
    return rows


def _equation(lead: str, right: str, tone: Tone, width: int) -> list[Row]:
    """One line of an equation, broken before a plus or a minus where it is too long."""
    lines: list[str] = []
    line = ""
    for piece in summands(right):
        if line and len(lead) + len(line) + len(piece) > width:
            lines.append(line)
            line = ""
        line += piece
    lines.append(line)
    rows: list[Row] = []
    for number, text in enumerate(lines):
        start = lead if number == 0 else " " * len(lead)
        rows.append(((start, tone if number == 0 else Tone.TEXT), (text, Tone.TEXT)))
    return rows


def summands(text: str) -> list[str]:
    """*text* cut before every plus and minus that stands outside brackets."""
    pieces = [""]
    depth = 0
    for place, character in enumerate(text):
        depth += (character == "(") - (character == ")")
        if depth == 0 and text[place : place + 3] in (" + ", " − "):
            pieces.append("")
        pieces[-1] += character
    return pieces


def _chain(view: View, explanation: Explanation, chain: Chain, tone: Tone, width: int) -> list[Row]:
    lead = f" {shown(explanation.symbol)} = "
    rows: list[Row] = []
    if len(chain.paths) == 1:
        if chain.recursive:
            rows += _equation(
                f" {shown(explanation.symbol)} = ", explanation.expression.symbolic(), tone, width
            )
            rows += _upright_or_flat(view, chain.paths[0], explanation.value, lead, tone, width)
            rows += wrapped(f"{chain.count:,} paths lead to the loss; dL/da adds them up.", width, Tone.MUTED)
            return rows
        return _upright_or_flat(view, chain.paths[0], explanation.value, lead, tone, width)
    rows.append(((lead, tone), (f"a sum over {len(chain.paths)} paths to the loss", Tone.MUTED)))
    for number, path in enumerate(chain.paths):
        sign = "   " if number == 0 else " + "
        names: list[Span] = [(sign, Tone.STRONG)]
        numbers: list[Span] = [("   ", Tone.TEXT)]
        for index, factor in enumerate(path.factors):
            dot = "·" if index else ""
            value = view.text(factor.term.value)
            size = max(len(factor.symbol), len(value))
            names += [(dot, Tone.MUTED), (factor.symbol.center(size), _factor_tone(factor))]
            numbers += [(dot, Tone.MUTED), (value.center(size), _factor_tone(factor))]
        numbers.append((f" = {view.text(path.value)}", Tone.STRONG))
        if max(row_width(names), row_width(numbers)) <= width:
            rows += [tuple(names), tuple(numbers)]
            continue
        symbols = [factor.symbol for factor in path.factors]
        values = [view.text(factor.term.value) for factor in path.factors]
        rows += _broken(sign, symbols, "·", Tone.TEXT, width)
        rows += _broken(
            " = ", [*values[:-1], f"{values[-1]} = {view.text(path.value)}"], "·", Tone.MUTED, width
        )
    rows.append((("   = ", Tone.MUTED), (view.text(explanation.value), Tone.STRONG)))
    return rows


def _broken(lead: str, factors: list[str], dot: str, tone: Tone, width: int) -> list[Row]:
    """A product over as many rows as it takes, broken before a factor."""
    lines = [lead + factors[0]]
    for factor in factors[1:]:
        if cell_len(lines[-1]) + len(dot) + cell_len(factor) > width:
            lines.append(" " * len(lead))
        lines[-1] += dot + factor
    return [((line, tone),) for line in lines]


def _upright_or_flat(
    view: View, path: Path, value: float | None, lead: str, tone: Tone, width: int
) -> list[Row]:
    for dot in (" · ", "·"):
        flat = _flat(view, path, value, lead, tone, dot)
        if all(row_width(row) <= width for row in flat):
            return flat
    return _upright(view, path, value, lead, tone)


def _factor_tone(factor: Factor) -> Tone:
    return Tone.REUSED if factor.reused else Tone.TEXT


def _flat(view: View, path: Path, value: float | None, lead: str, tone: Tone, dot: str) -> list[Row]:
    """The product on a line, the numbers under the names, and braces under the error signals."""
    names: list[Span] = [(lead, tone)]
    numbers: list[Span] = [(" " * (len(lead) - 2) + "= ", Tone.MUTED)]
    equals: list[Span] = [(" " * len(lead), Tone.TEXT)]
    starts: list[int] = []
    ends: list[int] = []
    x = len(lead)
    for index, factor in enumerate(path.factors):
        text = view.text(factor.term.value)
        size = max(len(factor.symbol), len(text), len(factor.equals))
        between = dot if index else ""
        x += len(between)
        starts.append(x)
        x += size
        ends.append(x)
        names += [(between, Tone.MUTED), (factor.symbol.center(size), _factor_tone(factor))]
        numbers += [(between, Tone.MUTED), (text.center(size), _factor_tone(factor))]
        equals += [(" " * len(between), Tone.TEXT), (factor.equals.center(size), Tone.MUTED)]
    rows: list[Row] = [tuple(names), tuple(numbers)]
    if any(factor.equals for factor in path.factors):
        rows.append(tuple(equals))
    for signal in path.signals:
        label = f" {shown(signal.term.symbol)} {view.text(signal.term.value)} "
        label += "reused " if signal.term.reused else ""
        inner = ends[signal.last] - starts[signal.first] - 2
        mark = Tone.REUSED if signal.term.reused else Tone.MUTED
        fits = len(label) <= inner - 2
        brace = f"╰{label.center(inner, '─')}╯" if fits else f"╰{'─' * inner}╯{label}"
        rows.append(((" " * starts[signal.first], Tone.TEXT), (brace, mark)))
    result = view.text(value)
    rows.append(((" " * (len(lead) - 2) + "= ", Tone.MUTED), (result, Tone.STRONG)))
    return rows


def _upright(view: View, path: Path, value: float | None, lead: str, tone: Tone) -> list[Row]:
    """The product down the page, a factor a row, with braces to the right of the error signals."""
    symbols = max(len(factor.symbol) for factor in path.factors)
    values = max(len(view.text(factor.term.value)) for factor in path.factors)
    rows: list[Row] = [((lead, tone),)]
    innermost = {index: signal for signal in reversed(path.signals) for index in range(signal.last + 1)}
    for index, factor in enumerate(path.factors):
        sign = "   " if index == 0 else " · "
        mine = _factor_tone(factor)
        row: list[Span] = [
            (sign, Tone.MUTED),
            (factor.symbol.ljust(symbols), mine),
            (f"  {view.text(factor.term.value).rjust(values)}", mine),
        ]
        signal = innermost.get(index)
        if signal is not None:
            last = index == signal.last
            row.append((" ╯ " if last else " ╮ " if index == 0 else " │ ", mine))
            if last:
                row.append((f"{shown(signal.term.symbol)} {view.text(signal.term.value)}", mine))
            elif index == 0 and signal.term.reused:
                row.append(("reused", mine))
        elif factor.equals:
            row.append((f"   {factor.equals}", Tone.MUTED))
        if signal is not None and factor.equals:
            row.append((factor.equals, Tone.MUTED))
        rows.append(tuple(row))
    rows.append(
        ((" = ", Tone.MUTED), (" " * (symbols + 2), Tone.TEXT), (view.text(value).rjust(values), Tone.STRONG))
    )
    return rows
