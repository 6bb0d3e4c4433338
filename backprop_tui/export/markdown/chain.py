"""A chain rule as lines of text: factors, numbers under them, and braces under what is an error signal."""

from __future__ import annotations

from collections.abc import Iterator

from backprop_tui.network.names import shown
from backprop_tui.program.chain_rule import Chain, Path
from backprop_tui.program.number_text import number

WIDTH = 100
"""A chain that is wider goes down the page, a factor a line."""


def chain_lines(symbol: str, chain: Chain, value: float | None, digits: int | None) -> Iterator[str]:
    """The chain rule of a gradient.

    Args:
        symbol: the gradient, as the screen shows it.
        chain: its paths to the loss.
        value: what they come to.
        digits: decimals shown.
    """
    lead = f"{symbol} = "
    margin = " " * len(lead)
    for index, path in enumerate(chain.paths):
        before = lead if index == 0 else "+ ".rjust(len(lead))
        across = list(_across(path, digits))
        if len(before) + max(map(len, across)) <= WIDTH:
            yield f"{before}{across[0]}"
            yield f"{'= ' if len(chain.paths) == 1 else '':>{len(lead)}}{across[1]}"
            yield from (margin + line for line in across[2:])
        else:
            yield from _down(before, path, digits)
        if len(chain.paths) > 1:
            yield f"{margin}= {number(path.value, digits)}"
    yield f"{'= ':>{len(lead)}}{number(value, digits)}"
    if chain.recursive:
        first = chain.paths[0].factors[0].symbol
        yield f"{margin}({chain.count:,} paths lead to the loss; {first} adds them up)"


def _across(path: Path, digits: int | None) -> Iterator[str]:
    names = [factor.symbol for factor in path.factors]
    values = [number(factor.term.value, digits) for factor in path.factors]
    equal = ["" if one.equals == "1" else one.equals for one in path.factors]
    widths = [max(map(len, cells)) for cells in zip(names, values, equal, strict=True)]
    yield " · ".join(name.center(width) for name, width in zip(names, widths, strict=True)).rstrip()
    yield " · ".join(text.center(width) for text, width in zip(values, widths, strict=True)).rstrip()
    if any(equal):
        yield "   ".join(text.center(width) for text, width in zip(equal, widths, strict=True)).rstrip()
    for signal in path.signals:
        size = sum(widths[signal.first : signal.last + 1]) + 3 * (signal.last - signal.first)
        start = sum(widths[: signal.first]) + 3 * signal.first
        word = " reused " if signal.term.reused else ""
        brace = f"╰{word.center(size - 2, '─')}╯"
        yield f"{' ' * start}{brace} {shown(signal.term.symbol)} = {number(signal.term.value, digits)}"


def _down(before: str, path: Path, digits: int | None) -> Iterator[str]:
    names = max(len(factor.symbol) for factor in path.factors)
    values = [number(factor.term.value, digits) for factor in path.factors]
    size = max(map(len, values))
    ends = {signal.last: signal for signal in path.signals}
    for index, (factor, text) in enumerate(zip(path.factors, values, strict=True)):
        lead = before if index == 0 else "· ".rjust(len(before))
        remarks = ["reused"] if factor.reused else []
        if factor.equals and factor.equals != "1":
            remarks.append(f"this is {factor.equals}")
        if signal := ends.get(index):
            remarks.append(f"so far {shown(signal.term.symbol)} = {number(signal.term.value, digits)}")
        yield f"{lead}{factor.symbol.ljust(names)}  {text.rjust(size)}  {', '.join(remarks)}".rstrip()
