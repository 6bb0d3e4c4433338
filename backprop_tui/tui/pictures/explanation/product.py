"""One product of a chain: on a line with braces under the error signals, or down the page, a factor a row."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from rich.cells import cell_len

from backprop_tui.network.names import shown
from backprop_tui.program.chain_rule import Factor, Path, Signal
from backprop_tui.tui.pictures.explanation.body import NEAR, SHOWS_ALL, Bodies, Body, told
from backprop_tui.tui.pictures.explanation.left_out import LeftOut, without_middle
from backprop_tui.tui.pictures.rows import Row, Span, Tone, row_width
from backprop_tui.tui.view import View

ROOMY = 3
"""From so many factors on a row more is spent on saying what is left out between them."""


class Product(NamedTuple):
    """One product, and how it is written."""

    view: View
    path: Path
    value: float | None
    """What the whole comes to."""
    symbol: str
    """Of what is computed."""
    tone: Tone
    width: int

    @property
    def lead(self) -> str:
        """What stands before the product."""
        return f" {self.symbol} = "


def product_bodies(product: Product, room: int) -> Bodies:
    """The product on a line; down the page; and down the page in at most *room* rows."""
    flat = next((rows for dot in (" · ", "·") if (rows := _flat(product, dot)) is not None), None)
    if flat is not None:
        braces = len(product.path.signals)
        yield Body(flat)
        if braces > 1:
            yield Body([*flat[: -1 - braces], _after_left_out(flat[-2]), flat[-1]], whole=False)
        yield Body([*flat[:2], _after_left_out(flat[-1])], whole=False)
    else:
        yield Body([((product.lead, product.tone),), *_upright(product, product.path.factors, "")])
        yield Body(_upright(product, product.path.factors, product.symbol))
    yield Body(_in_rows(product, room), whole=False)


def _after_left_out(row: Row) -> Row:
    """A row that begins with blanks, with a sign that rows above it are left out."""
    (blanks, tone), *others = row
    return ((" ⋮", Tone.MUTED), (blanks[2:], tone), *others)


def factor_tone(factor: Factor | LeftOut) -> Tone:
    """Reused factors stand out."""
    return Tone.REUSED if factor.reused else Tone.TEXT


def _flat(product: Product, dot: str) -> list[Row] | None:
    """The product on a line, the numbers under the names, braces under the error signals; None: too wide."""
    view, lead = product.view, product.lead
    names: list[Span] = [(lead, product.tone)]
    numbers: list[Span] = [(" " * (len(lead) - 2) + "= ", Tone.MUTED)]
    equals: list[Span] = [(" " * len(lead), Tone.TEXT)]
    places: list[tuple[int, int]] = []
    x = len(lead)
    for index, factor in enumerate(product.path.factors):
        text = view.text(factor.term.value)
        size = max(len(factor.symbol), len(text), len(factor.equals))
        between = dot if index else ""
        places.append((x + len(between), x + len(between) + size))
        x = places[-1][1]
        names += [(between, Tone.MUTED), (factor.symbol.center(size), factor_tone(factor))]
        numbers += [(between, Tone.MUTED), (text.center(size), factor_tone(factor))]
        equals += [(" " * len(between), Tone.TEXT), (factor.equals.center(size), Tone.MUTED)]
    rows: list[Row] = [tuple(names), tuple(numbers)]
    if any(factor.equals for factor in product.path.factors):
        rows.append(tuple(equals))
    rows += [_brace(view, signal, places) for signal in product.path.signals]
    rows.append(((" " * (len(lead) - 2) + "= ", Tone.MUTED), (view.text(product.value), Tone.STRONG)))
    return rows if all(row_width(row) <= product.width for row in rows) else None


def _brace(view: View, signal: Signal, places: Sequence[tuple[int, int]]) -> Row:
    """The brace under the factors whose product is an error signal."""
    start, end = places[signal.first][0], places[signal.last][1]
    label = f" {shown(signal.term.symbol)} {view.text(signal.term.value)} "
    label += "reused " if signal.term.reused else ""
    inner = end - start - 2
    fits = len(label) <= inner - 2
    brace = f"╰{label.center(inner, '─')}╯" if fits else f"╰{'─' * inner}╯{label}"
    return ((" " * start, Tone.TEXT), (brace, Tone.REUSED if signal.term.reused else Tone.MUTED))


def _in_rows(product: Product, room: int) -> list[Row]:
    """The product down the page in at most *room* rows, the middle of it told in one of them."""
    factors = product.path.factors
    for remarks in (True, False):
        for kept in range(min(len(factors), room) - 2, ROOMY - 1 if remarks else 0, -1):
            rows = _upright(product, without_middle(product.path, kept), product.symbol, remarks=remarks)
            if len(rows) <= room:
                return rows
    return _upright(product, without_middle(product.path, 0), product.symbol)


def _upright(
    product: Product, entries: Sequence[Factor | LeftOut], below: str, *, remarks: bool = False
) -> list[Row]:
    """The product down the page, with braces to the right of the error signals.

    Args:
        product: what is written.
        entries: its factors, and what is left out between them.
        below: the name that stands in the row of the result.
        remarks: whether what is left out may take a row more to say what it is.

    """
    view, width = product.view, product.width
    names = [entry.name if isinstance(entry, LeftOut) else entry.symbol for entry in entries]
    texts = [e.text(view.digits) if isinstance(e, LeftOut) else view.text(e.term.value) for e in entries]
    symbols = max(map(cell_len, (*names, below)))
    values = max(map(len, (*texts, view.text(product.value))))
    stacked = 5 + symbols + values > width
    innermost = {i: s for s in reversed(product.path.signals) for i in range(s.last + 1)}
    rows: list[Row] = []
    index = 0
    for entry, name, text in zip(entries, names, texts, strict=True):
        size = len(entry.factors) if isinstance(entry, LeftOut) else 1
        signal = innermost.get(index + size - 1)
        sign = " · " if index else "   "
        rows += _entry((sign, name, text), factor_tone(entry), (symbols, values), stacked=stacked)
        rows[-1] = _beside(view, rows[-1], entry, signal, (index, width))
        if remarks and isinstance(entry, LeftOut) and not _says(rows[-1], entry.kinds):
            rows[-1] = tuple(span for span in rows[-1] if span[0] != NEAR)
            rows.append(told((("    ", Tone.MUTED), (entry.kinds, Tone.MUTED)), (SHOWS_ALL, NEAR), width))
        index += size
    result = view.text(product.value)
    if stacked:
        named: list[Row] = [((" = ", Tone.MUTED), (below, product.tone))] if below else []
        return [*rows, *named, ((" = ", Tone.MUTED), (result, Tone.STRONG))]
    padding = " " * (symbols - cell_len(below) + 2)
    return [
        *rows,
        (
            (" = ", Tone.MUTED),
            (below, product.tone),
            (padding, Tone.TEXT),
            (result.rjust(values), Tone.STRONG),
        ),
    ]


def _says(row: Row, words: str) -> bool:
    return any(words in text for text, _ in row)


def _entry(texts: tuple[str, str, str], tone: Tone, sizes: tuple[int, int], *, stacked: bool) -> list[Row]:
    """A factor's sign, name and value; on two rows where they do not fit on one."""
    sign, name, text = texts
    symbols, values = sizes
    if stacked:
        return [((sign, Tone.MUTED), (name, tone)), (("     ", Tone.TEXT), (text, tone))]
    padded = name + " " * (symbols - cell_len(name))
    return [((sign, Tone.MUTED), (padded, tone), (f"  {text.rjust(values)}", tone))]


def _beside(
    view: View, row: Row, entry: Factor | LeftOut, signal: Signal | None, place: tuple[int, int]
) -> Row:
    """*row* with what stands to its right: a piece of a brace, and what the factor or the brace is."""
    index, width = place
    room = width - row_width(row) - 3
    if isinstance(entry, LeftOut):
        brace = "   " if signal is None else " │ "
        remarks = (f"{entry.kinds} {SHOWS_ALL}", f"{entry.kinds} {NEAR}", entry.kinds, NEAR)
        remark = next((remark for remark in remarks if len(remark) <= room), "")
        return (*row, (brace, factor_tone(entry)), (remark, Tone.MUTED)) if room >= 0 else row
    if room < 0:
        return row
    if signal is None:
        return (*row, (f"   {entry.equals}", Tone.MUTED)) if 0 < len(entry.equals) <= room else row
    tone = factor_tone(entry)
    last = index == signal.last
    row = (*row, (" ╯ " if last else " ╮ " if index == 0 else " │ ", tone))
    value = view.text(signal.term.value)
    labels: tuple[str, ...] = (f"{shown(signal.term.symbol)} {value}", f"= {value}", value) if last else ()
    if index == 0 and signal.term.reused and not last:
        labels = ("reused",)
    label = next((label for label in labels if cell_len(label) <= room), "")
    if label:
        row = (*row, (label, tone))
    if entry.equals and cell_len(label) + cell_len(entry.equals) <= room:
        row = (*row, (entry.equals, Tone.MUTED))
    return row
