"""A chain rule as rows of TeX: the factors, braces under what is an error signal, and the numbers."""

from __future__ import annotations

from collections.abc import Iterator

from backprop_tui.export import mathematics
from backprop_tui.export.notation.tex import columns, tex, tex_lines
from backprop_tui.export.notation.tree import Node
from backprop_tui.network.names import shown
from backprop_tui.program.chain_rule import Chain, Path

WIDTH = 60.0
"""About so many digits fit on a line beside the left side."""
SMALL = 0.8
"""How wide a digit under a brace is, of a full one."""
MOST_BRACED = 7
"""A product of more factors gets no braces: it is broken into lines."""


def chain_rows(symbol: str, chain: Chain, value: float | None, digits: int | None) -> Iterator[str]:
    """The chain rule of a gradient: rows of an ``align``.

    Args:
        symbol: the identifier of the gradient.
        chain: its paths to the loss.
        value: what they come to.
        digits: decimals shown.
    """
    left = tex(mathematics.symbol(symbol))
    for index, path in enumerate(chain.paths):
        lead = f"{left} &= " if index == 0 else r"&\quad + "
        yield from _rows(lead, _braced(path, digits) or _lines(_symbols(path)))
    for index, path in enumerate(chain.paths):
        lead = "&= " if index == 0 else r"&\quad + "
        yield from _rows(lead, _lines(_numbers(path, digits)))
    if len(chain.paths) > 1:
        sums = mathematics.sum_of([path.value for path in chain.paths], digits)
        for index, line in enumerate(tex_lines(sums, WIDTH)):
            yield f"&= {line}" if index == 0 else rf"&\quad {line}"
    yield f"&= {tex(mathematics.result(value, digits))}"


def chain_words(chain: Chain) -> str:
    """What there is to say of a chain, as text with names: what is reused, and how many paths there are."""
    signals = [signal for path in chain.paths for signal in path.signals if signal.term.reused]
    words: list[str] = []
    if names := dict.fromkeys(shown(signal.term.symbol) for signal in signals):
        words.append(f"Reused, as computed for a layer above: {', '.join(names)}.")
    if chain.recursive:
        first = chain.paths[0].factors[0].symbol
        words.append(f"{chain.count:,} paths lead to the loss; {first} adds them up.")
    return " ".join(words)


def _symbols(path: Path) -> list[Node]:
    return [mathematics.factor_symbol(factor) for factor in path.factors]


def _numbers(path: Path, digits: int | None) -> list[Node]:
    return list(mathematics.factor_numbers(path, digits))


def _braced(path: Path, digits: int | None) -> list[str] | None:
    """The product on one line with braces; None where it is too long for that."""
    nodes = _symbols(path)
    if len(nodes) > MOST_BRACED:
        return None
    marked = {index for one in path.signals if one.term.reused for index in range(one.first, one.last + 1)}
    pieces = [
        tex(mathematics.symbol(factor.symbol) if index in marked else mathematics.factor_symbol(factor))
        for index, factor in enumerate(path.factors)
    ]
    for index, factor in enumerate(path.factors):
        if factor.equals and factor.equals != "1" and " " not in factor.equals:
            pieces[index] = rf"\underbrace{{{pieces[index]}}}_{{{tex(mathematics.symbol(factor.equals))}}}"
    written, done, width = "", 0, sum(columns(node) + 1.8 for node in nodes)
    for signal in path.signals:
        value = mathematics.result(signal.term.value, digits)
        width = max(width, SMALL * (columns(value) + 14) + sum(map(columns, nodes[signal.last + 1 :])))
        written = r" \cdot ".join([*([written] if written else []), *pieces[done : signal.last + 1]])
        done = signal.last + 1
        label = f"{tex(mathematics.symbol(signal.term.symbol))} = "
        label += tex(value)
        if signal.term.reused:
            label += r" \text{ reused}"
        if signal.last > signal.first:
            written = rf"\underbrace{{{written}}}_{{{label}}}"
    return [r" \cdot ".join([*([written] if written else []), *pieces[done:]])] if width <= WIDTH else None


def _lines(factors: list[Node]) -> list[str]:
    """A product broken into lines."""
    lines: list[str] = []
    room = 0.0
    for factor in factors:
        size = columns(factor) + 1.8
        if lines and size <= room:
            lines[-1] += rf" \cdot {tex(factor)}"
            room -= size
        else:
            lines.append(tex(factor))
            room = WIDTH - size
    return lines


def _rows(lead: str, lines: list[str]) -> Iterator[str]:
    yield lead + lines[0]
    yield from (rf"&\quad \cdot {line}" for line in lines[1:])
