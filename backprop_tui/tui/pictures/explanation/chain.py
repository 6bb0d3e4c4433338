"""A chain rule: one product, or the sum of the products of several paths to the loss."""

from __future__ import annotations

from rich.cells import cell_len

from backprop_tui.network.names import shown
from backprop_tui.program.chain_rule import Chain, Path
from backprop_tui.program.explanations.explanation import Explanation
from backprop_tui.tui.pictures.explanation.body import NEAR, SHOWS_ALL, Bodies, Body, told
from backprop_tui.tui.pictures.explanation.equations import broken, equation
from backprop_tui.tui.pictures.explanation.left_out import sum_of, units_on
from backprop_tui.tui.pictures.explanation.product import Product, factor_tone, product_bodies
from backprop_tui.tui.pictures.rows import Row, Span, Tone, row_width, wrapped
from backprop_tui.tui.view import PHASE_TONES, View


def chain_bodies(view: View, explanation: Explanation, chain: Chain, width: int, room: int) -> Bodies:
    """The chain in full, then in fewer and fewer rows."""
    symbol, tone = shown(explanation.symbol), PHASE_TONES[explanation.statement.phase]
    if len(chain.paths) > 1:
        return _sum_bodies(view, explanation, chain, width)
    product = Product(view, chain.paths[0], explanation.value, symbol, tone, width)
    if chain.recursive:
        return _recursive_bodies(product, explanation, chain, room)
    return product_bodies(product, room)


def _recursive_bodies(product: Product, explanation: Explanation, chain: Chain, room: int) -> Bodies:
    """One product that begins with dL/da, in which all paths are added up."""
    words = f"{chain.count:,} paths lead to the loss; dL/da adds them up."
    note = wrapped(words, product.width, Tone.MUTED)
    above = equation(product.lead, explanation.expression.symbolic(), product.tone, product.width)
    first = True
    for body in product_bodies(product, room):
        if first:
            yield Body([*above, *body.rows, *note])
            first = False
        yield Body([*body.rows, *note], whole=False)
        yield Body(body.rows, whole=False)


def _sum_bodies(view: View, explanation: Explanation, chain: Chain, width: int) -> Bodies:
    """A sum over paths: all of them, the first ones, or their products alone."""
    symbol, tone = shown(explanation.symbol), PHASE_TONES[explanation.statement.phase]
    paths = chain.paths
    head = told(
        ((f" {symbol} =", tone),),
        (f"a sum over {len(paths)} paths to the loss", f"{len(paths)} paths"),
        width,
    )
    result = view.text(explanation.value)
    written = [_path(view, path, " + " if number else "   ", width) for number, path in enumerate(paths)]
    end: Row = (("   = ", Tone.MUTED), (result, Tone.STRONG))
    named: Row = ((" = ", Tone.MUTED), (symbol, tone), (f"  {result}", Tone.STRONG))
    yield Body([head, *(row for rows in written for row in rows), end])
    yield Body([*(row for rows in written for row in rows), named])
    for kept in range(len(paths) - 1, 0, -1):
        left = len(paths) - kept
        words = f" + ⋮ {left} paths more, together " if left > 1 else " + ⋮ 1 path more: "
        rest: Row = ((words, Tone.MUTED), (view.text(sum_of(paths[kept:])), Tone.STRONG))
        rows = [row for part in written[:kept] for row in part]
        yield Body([*rows, told(rest, (SHOWS_ALL, NEAR), width), named], whole=False)
    for words in ("⋮ {count} factors through {units}", "⋮ through {units}"):
        rows = _in_names(view, paths, words)
        if all(row_width(row) <= width for row in rows):
            yield Body([*rows, named], whole=False)
            break
    yield Body([*_in_numbers(view, paths, width), named], whole=False)


def _in_names(view: View, paths: tuple[Path, ...], words: str) -> list[Row]:
    """Each path by the units it comes through, with its product."""
    names = [words.format(count=len(path.factors), units=", ".join(units_on(path))) for path in paths]
    texts = [view.text(path.value) for path in paths]
    size, numbers = max(map(cell_len, names)), max(map(len, texts))
    return [
        (
            (" + " if number else "   ", Tone.STRONG),
            (name + " " * (size - cell_len(name)), Tone.MUTED),
            (f"  {text.rjust(numbers)}", Tone.STRONG),
        )
        for number, (name, text) in enumerate(zip(names, texts, strict=True))
    ]


def _in_numbers(view: View, paths: tuple[Path, ...], width: int) -> list[Row]:
    """The products of the paths alone."""
    first, *others = (view.text(path.value) for path in paths)
    signed = (f" − {text[1:]}" if text.startswith("−") else f" + {text}" for text in others)
    lines = broken(first + "".join(signed), width - 3)
    return [((f"   {line}", Tone.TEXT),) for line in lines]


def _path(view: View, path: Path, sign: str, width: int) -> list[Row]:
    """One path of a sum: its factors, their numbers under them, and the product."""
    names: list[Span] = [(sign, Tone.STRONG)]
    numbers: list[Span] = [("   ", Tone.TEXT)]
    for index, factor in enumerate(path.factors):
        dot = "·" if index else ""
        value = view.text(factor.term.value)
        size = max(len(factor.symbol), len(value))
        names += [(dot, Tone.MUTED), (factor.symbol.center(size), factor_tone(factor))]
        numbers += [(dot, Tone.MUTED), (value.center(size), factor_tone(factor))]
    numbers.append((f" = {view.text(path.value)}", Tone.STRONG))
    if max(row_width(names), row_width(numbers)) <= width:
        return [tuple(names), tuple(numbers)]
    symbols = [factor.symbol for factor in path.factors]
    values = [view.text(factor.term.value) for factor in path.factors]
    values[-1] += f" = {view.text(path.value)}"
    return [*_broken(sign, symbols, Tone.TEXT, width), *_broken(" = ", values, Tone.MUTED, width)]


def _broken(lead: str, factors: list[str], tone: Tone, width: int) -> list[Row]:
    """A product over as many rows as it takes, broken before a factor."""
    lines = [lead + factors[0]]
    for factor in factors[1:]:
        if cell_len(lines[-1]) + 1 + cell_len(factor) > width:
            lines.append(" " * len(lead))
        lines[-1] += f"·{factor}"
    return [((line, tone),) for line in lines]
