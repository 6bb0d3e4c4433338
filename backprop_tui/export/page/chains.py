"""A chain rule as a table: factors side by side, their numbers below them, braces under the error signals."""

from __future__ import annotations

from collections.abc import Iterator

from backprop_tui.export.markup import element, words
from backprop_tui.export.mathematics import factor_symbol, symbol
from backprop_tui.export.notation.mathml import math
from backprop_tui.program.chain_rule import Chain, Factor, Path, Signal
from backprop_tui.program.number_text import number

MOST_ACROSS = 7
"""A product of more factors goes down the page, a factor a row."""


def chain_html(chain: Chain, value: float | None, digits: int | None) -> str:
    """A chain rule: one product, or the sum of the products of several paths to the loss."""
    many = len(chain.paths) > 1
    written = ""
    for place, path in enumerate(chain.paths):
        across = len(path.factors) <= MOST_ACROSS
        table = _across(path, digits) if across else _down(path, digits)
        sign = element("span", "+" if place else "", class_="sign") if many else ""
        written += element(
            "div", sign + table, class_="scroll", tabindex=0, role="group", aria_label="chain rule"
        )
    if many:
        written += element("p", words(f"= {number(value, digits)}, the sum over {len(chain.paths)} paths"))
    if chain.recursive:
        words_of = f"{chain.count:,} paths lead to the loss; "
        summed = math(factor_symbol(chain.paths[0].factors[0]))
        written += element("p", words(words_of) + summed + " adds them up.", class_="notes")
    return written


def _across(path: Path, digits: int | None) -> str:
    factors = path.factors
    head = "".join(
        element("th", math(factor_symbol(factor)), scope="col", class_=_kind("factor", factor.reused))
        for factor in factors
    )
    values = "".join(
        element("td", words(number(one.term.value, digits)), class_=_kind("factor number", one.reused))
        for one in factors
    )
    values += element("td", words(f"= {number(path.value, digits)}"), class_="product")
    rows = [element("tr", _row_head("numbers") + values)]
    if any(_equal(factor) for factor in factors):
        equal = "".join(element("td", _equal(factor), class_="equals") for factor in factors)
        rows.append(element("tr", _row_head("that is") + equal))
    rows += [element("tr", _row_head("error signal") + _brace(signal, digits)) for signal in path.signals]
    top = element("thead", element("tr", _row_head("factors") + head))
    return element("table", top + element("tbody", "".join(rows)), class_="chain")


def _brace(signal: Signal, digits: int | None) -> str:
    before = element("td", "", colspan=signal.first) if signal.first else ""
    said = math(symbol(signal.term.symbol)) + words(f" {number(signal.term.value, digits)}")
    said += " reused" if signal.term.reused else ""
    kind = _kind("signal", signal.term.reused)
    return before + element("td", said, colspan=signal.last - signal.first + 1, class_=kind)


def _down(path: Path, digits: int | None) -> str:
    ends = {signal.last: signal for signal in path.signals}
    titles = ("factor", "number", "that is", "the product so far")
    head = element("thead", element("tr", "".join(element("th", title, scope="col") for title in titles)))
    rows = "".join(
        element(
            "tr", "".join(_cells(factor, ends.get(place), digits)), class_="reused" if factor.reused else None
        )
        for place, factor in enumerate(path.factors)
    )
    total = element("th", "product", scope="row") + element(
        "td", words(number(path.value, digits)), class_="number"
    )
    return element("table", head + element("tbody", rows + element("tr", total)), class_="chain down")


def _cells(factor: Factor, signal: Signal | None, digits: int | None) -> Iterator[str]:
    yield element("th", math(factor_symbol(factor)), scope="row")
    yield element("td", words(number(factor.term.value, digits)), class_="number")
    yield element("td", _equal(factor), class_="equals")
    if signal is None:
        yield element("td", "")
    else:
        said = math(symbol(signal.term.symbol)) + words(f" = {number(signal.term.value, digits)}")
        yield element("td", said + (" reused" if signal.term.reused else ""))


def _equal(factor: Factor) -> str:
    """What a local derivative is, where that has a name of its own."""
    if not factor.equals or factor.equals == "1":
        return ""
    return words(factor.equals) if " " in factor.equals else math(symbol(factor.equals))


def _row_head(title: str) -> str:
    return element("th", title, scope="row", class_="title")


def _kind(kind: str, reused: bool) -> str:
    return f"{kind} reused" if reused else kind
