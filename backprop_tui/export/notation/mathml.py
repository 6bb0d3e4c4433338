"""Writes a formula as MathML (MathML Core, which browsers draw by themselves).

What is reused has the class ``reused``.
"""

from __future__ import annotations

from html import escape

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

_PARTIAL = "<mi>∂</mi>"
_TIMES = '<mo lspace="0.2em" rspace="0.2em">·</mo>'
_INVISIBLE = "<mo>&#x2062;</mo>"
_APPLY = "<mo>&#x2061;</mo>"


def math(node: Node, *, block: bool = False, label: str = "") -> str:
    """A whole ``<math>`` element.

    Args:
        node: the formula.
        block: whether it stands on a line of its own.
        label: what a screen reader says in its place; left out, what it makes of the formula itself.
    """
    display = ' display="block"' if block else ""
    said = f' aria-label="{escape(label, quote=True)}"' if label else ""
    return f"<math{display}{said}>{mathml(node)}</math>"


def mathml(node: Node) -> str:
    """A formula as one element of MathML, to be put into ``<math>``."""
    match node:
        case Name():
            return _name(node)
        case Derivative(of, by):
            return _element("mfrac", _row(_PARTIAL, mathml(of)), _row(_PARTIAL, mathml(by)))
        case Mean(of):
            return _element("mover", mathml(of), '<mo stretchy="true">¯</mo>', accent="true")
        case Known(symbol, _, reused):
            return _marked(mathml(symbol), reused)
        case Number(_, reused):
            return _marked(_number(node), reused)
        case Words(text):
            return _element("mtext", escape(text, quote=False))
        case Sum(terms):
            return _sum(terms)
        case Product(factors, signs):
            parts = [mathml(factors[0])]
            for sign, factor in zip(signs, factors[1:], strict=True):
                parts += [_TIMES if sign is Sign.DOT else _INVISIBLE, mathml(factor)]
            return _row(*parts)
        case Fraction(top, bottom):
            return _element("mfrac", mathml(top), mathml(bottom))
        case Power(base, exponent):
            return _element("msup", mathml(base), mathml(exponent))
        case Root(of):
            return _element("msqrt", mathml(of))
        case Call():
            return _call(node)
        case Summation(of):
            return _row("<mo>∑</mo>", mathml(of))
        case Group(inner):
            return _in_parentheses(mathml(inner))
        case Cases(then, left, right, otherwise):
            condition = _row("<mtext>if </mtext>", mathml(left), "<mo>&gt;</mo>", mathml(right))
            rows = (_cells(mathml(then), condition), _cells(mathml(otherwise), "<mtext>else</mtext>"))
            return _row("<mo>{</mo>", _element("mtable", *rows))
        case Where(body, name, meaning):
            given = (mathml(name), "<mo>=</mo>", mathml(meaning))
            return _row(mathml(body), "<mtext>\u2003with </mtext>", *given)
        case Equation(left, right):
            return _row(mathml(left), "<mo>=</mo>", mathml(right))


def _element(tag: str, *inside: str, **attributes: str) -> str:
    written = "".join(f' {name}="{value}"' for name, value in attributes.items())
    return f"<{tag}{written}>{''.join(inside)}</{tag}>"


def _row(*parts: str) -> str:
    return parts[0] if len(parts) == 1 else _element("mrow", *parts)


def _cells(*cells: str) -> str:
    return _element("mtr", *(_element("mtd", cell) for cell in cells))


def _marked(written: str, reused: bool) -> str:
    return f'<mrow class="reused">{written}</mrow>' if reused else written


def _name(name: Name) -> str:
    """A name; of one letter it is set in italics, as MathML sets ``<mi>``."""
    base = _element("mi", escape(name.base, quote=False))
    if name.hat:
        base = _element("mover", base, "<mo>^</mo>", accent="true")
    if not name.indices:
        return base
    below: list[str] = []
    for index in name.indices:
        if below:
            below.append('<mo separator="true" lspace="0" rspace="0.15em">,</mo>')
        below.append(_element("mn", index) if isinstance(index, str) else _name(index))
    return _element("msub", base, _row(*below))


def _number(number: Number) -> str:
    text = number.text.lstrip("−")
    if text == "–":
        return "<mtext>–</mtext>"
    if text == "inf":
        written = "<mi>∞</mi>"
    elif text == "nan":
        written = "<mtext>nan</mtext>"
    else:
        digits, _, power = text.partition("e")
        written = _element("mn", digits)
        if power:
            exponent = int(power.replace("−", "-"))
            raised = _element("mn", str(abs(exponent)))
            if exponent < 0:
                raised = _row("<mo>−</mo>", raised)
            written = _row(written, _TIMES, _element("msup", "<mn>10</mn>", raised))
    return _row('<mo form="prefix">−</mo>', written) if number.negative else written


def _sum(terms: tuple[tuple[str, Node], ...]) -> str:
    parts: list[str] = []
    for index, (sign, term) in enumerate(terms):
        if index:
            parts.append(f"<mo>{sign}</mo>")
        elif sign == "−":
            parts.append('<mo form="prefix">−</mo>')
        parts.append(mathml(term))
    return _row(*parts)


def _call(call: Call) -> str:
    arguments = "<mo>,</mo>".join(mathml(argument) for argument in call.arguments)
    inside = _element("mrow", arguments) if len(call.arguments) > 1 else arguments
    function = _element("mi", call.function)
    return _row(function, _APPLY, inside if call.bare else _in_parentheses(inside))


def _in_parentheses(inside: str) -> str:
    """Parentheses grow with what is high; around anything else, growing ones would stand too far off."""
    grow = "" if "<mfrac>" in inside or "<mtable>" in inside else ' stretchy="false"'
    return _row(f"<mo{grow}>(</mo>", inside, f"<mo{grow}>)</mo>")
