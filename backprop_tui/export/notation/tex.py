r"""Writes a formula as TeX, for math mode with amsmath.

What is reused is wrapped in ``\reused{…}``, which the document defines.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from backprop_tui.export.notation.tex_text import GREEK, tex_text
from backprop_tui.export.notation.tree import (
    Call,
    Cases,
    Derivative,
    Equation,
    Fraction,
    Group,
    Known,
    Mean,
    Name,
    Node,
    Number,
    Power,
    Product,
    Root,
    Sign,
    Sum,
    Summation,
    Where,
    Words,
)

_FUNCTIONS: Mapping[str, str] = MappingProxyType(
    {"tanh": r"\tanh", "max": r"\max", "ln": r"\ln", "Φ": r"\Phi", "φ": r"\varphi"}
)


def tex(node: Node) -> str:
    """A formula as TeX for math mode."""
    match node:
        case Name():
            return _name(node)
        case Derivative(of, by):
            return rf"\frac{{\partial {tex(of)}}}{{\partial {tex(by)}}}"
        case Mean(of):
            return rf"\overline{{{tex(of)}}}"
        case Known(symbol, _, reused):
            return _marked(tex(symbol), reused)
        case Number(_, reused):
            return _marked(_number(node), reused)
        case Words(text):
            return rf"\text{{{tex_text(text)}}}"
        case Sum(terms):
            return _sum(terms)
        case Product(factors, signs):
            dots = {Sign.DOT: r" \cdot ", Sign.HIDDEN: r" \, ", Sign.NONE: r" \, "}
            written = tex(factors[0])
            for sign, factor in zip(signs, factors[1:], strict=True):
                written += dots[sign] + tex(factor)
            return written
        case Fraction(top, bottom):
            return rf"\frac{{{tex(top)}}}{{{tex(bottom)}}}"
        case Power(base, exponent):
            return rf"{_atom(tex(base))}^{{{tex(exponent)}}}"
        case Root(of):
            return rf"\sqrt{{{tex(of)}}}"
        case Call():
            return _call(node)
        case Summation(of):
            return rf"\sum {tex(of)}"
        case Group(inner):
            return rf"\left( {tex(inner)} \right)"
        case Cases(then, left, right, otherwise):
            first = rf"{tex(then)} & \text{{if }} {tex(left)} > {tex(right)}"
            return rf"\begin{{cases}} {first} \\ {tex(otherwise)} & \text{{else}} \end{{cases}}"
        case Where(body, name, meaning):
            return rf"{tex(body)} \quad \text{{with }} {tex(name)} = {tex(meaning)}"
        case Equation(left, right):
            return f"{tex(left)} = {tex(right)}"


def tex_lines(node: Node, width: float) -> list[str]:
    """A formula broken into lines of at most so many digits' widths, where a sum can be broken."""
    if columns(node) <= width:
        return [tex(node)]
    lines: list[str] = []
    room = 0.0
    for piece, size in _pieces(node):
        if lines and size <= room:
            lines[-1] += piece
            room -= size
        else:
            lines.append(piece.lstrip() if size <= width + 4.0 else _small(piece.lstrip(), size / width))
            room = width - size
    return lines


def _small(piece: str, too_wide: float) -> str:
    """What cannot be broken and is too wide for a line, in smaller letters."""
    if too_wide < 1.4:
        return rf"\text{{\scriptsize$\displaystyle {piece}$}}"
    return rf"\resizebox{{0.75\linewidth}}{{!}}{{$\displaystyle {piece}$}}"


def columns(node: Node) -> float:
    """About how wide a formula is, in digits."""
    match node:
        case Name(base, indices, _):
            return len(base) + 0.7 * sum(
                columns(one) if isinstance(one, Name) else len(one) for one in indices
            )
        case Known(symbol, _, _):
            return columns(symbol)
        case Number(text, _):
            return len(text) + (0.6 if text.startswith("−") else 0.0) + (2.5 if "e" in text else 0.0)
        case Words(text):
            return float(len(text))
        case Sum(terms):
            return sum(columns(term) + 3.2 for _, term in terms) - 1.5
        case Product(factors, _):
            return sum(map(columns, factors)) + 1.8 * (len(factors) - 1)
        case Fraction(top, bottom):
            return max(columns(top), columns(bottom)) + 0.5
        case Derivative(of, by):
            return max(columns(of), columns(by)) + 1.5
        case Power(base, exponent):
            return columns(base) + 0.7 * columns(exponent)
        case Mean(of) | Root(of) | Summation(of):
            return columns(of) + 1.5
        case Call(function, arguments, _):
            return len(function) + sum(columns(one) + 1.5 for one in arguments)
        case Group(inner):
            return columns(inner) + 2.6
        case Cases(then, left, right, otherwise):
            return max(columns(then), columns(otherwise)) + columns(left) + columns(right) + 7.0
        case Where(body, name, meaning):
            return columns(body) + columns(name) + columns(meaning) + 9.0
        case Equation(left, right):
            return columns(left) + columns(right) + 2.5


def _pieces(node: Node, before: str = "", after: str = "") -> list[tuple[str, float]]:
    """The pieces of a formula between which a line may end, each with its width."""
    if isinstance(node, Sum):
        found: list[tuple[str, float]] = []
        for index, (sign, term) in enumerate(node.terms):
            lead = (" - " if sign == "−" else " + ") if index or sign == "−" else ""
            last = index == len(node.terms) - 1
            pieces = _pieces(term, (before if index == 0 else "") + lead, after if last else "")
            found += pieces
        return found
    if isinstance(node, Group) and isinstance(node.inner, Sum):
        return _pieces(node.inner, before + "(", ")" + after)
    if isinstance(node, Product) and len(node.factors) == 2:
        first, last_factor = node.factors
        if isinstance(last_factor, Group) and isinstance(last_factor.inner, Sum):
            lead = tex(first) + (r" \cdot " if node.signs[0] is Sign.DOT else r" \, ")
            (piece, size), *rest = _pieces(last_factor, before + lead, after)
            return [(piece, size + columns(first)), *rest]
    return [(before + tex(node) + after, columns(node) + 3.2)]


def _name(name: Name) -> str:
    base = _base(name.base)
    if name.hat:
        base = rf"\hat{{{base}}}"
    if not name.indices:
        return base
    below = ", ".join(one if isinstance(one, str) else _name(one) for one in name.indices)
    return f"{base}_{{{below}}}"


def _base(text: str) -> str:
    if text in GREEK:
        return "\\" + GREEK[text]
    if len(text) == 1 and text.isascii():
        return tex_text(text) if text == "_" else text
    if text.isascii():
        return rf"\mathrm{{{tex_text(text)}}}"
    return rf"\text{{{tex_text(text)}}}"


def _marked(written: str, reused: bool) -> str:
    return rf"\reused{{{written}}}" if reused else written


def _number(number: Number) -> str:
    text = number.text
    if text == "–":
        return r"\text{--}"
    if text.lstrip("−") in ("nan", "inf"):
        sign = "-" if number.negative else ""
        return sign + (r"\infty" if text.endswith("inf") else r"\mathrm{nan}")
    digits, _, power = text.replace("−", "-").partition("e")
    return rf"{digits} \cdot 10^{{{int(power)}}}" if power else digits


def _sum(terms: tuple[tuple[str, Node], ...]) -> str:
    written = ""
    for index, (sign, term) in enumerate(terms):
        if index:
            written += " - " if sign == "−" else " + "
        elif sign == "−":
            written += "-"
        written += tex(term)
    return written


def _call(call: Call) -> str:
    function = _FUNCTIONS.get(call.function) or rf"\operatorname{{{call.function}}}"
    inside = ", ".join(map(tex, call.arguments))
    return f"{function} {inside}" if call.bare else rf"{function}\left( {inside} \right)"


def _atom(base: str) -> str:
    return f"{{{base}}}" if "_" in base or "\\" in base else base
