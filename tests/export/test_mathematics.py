"""Formulas as mathematics: what TeX and MathML say is computed by an own reader, and gives the results."""

from __future__ import annotations

import math
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from strategies import networks
from tex_reader import compute, squeezed

from backprop_tui.api import load
from backprop_tui.export import mathematics
from backprop_tui.export.notation.mathml import math as math_element
from backprop_tui.export.notation.tex import columns, tex, tex_lines
from backprop_tui.export.notation.tex_text import tex_text
from backprop_tui.export.notation.tree import Words
from backprop_tui.network.files import library
from backprop_tui.program.formulas import Term, expression
from backprop_tui.session.records.trace import explanations
from backprop_tui.session.session import Session

SHAPES = [
    ("2-2-1", {"activation": "gelu", "optimizer": "adam"}),
    ("2-2-1", {"activation": "silu", "optimizer": "adamw"}),
    ("1-2-2", {"activation": "softplus", "optimizer": "rmsprop", "output": "softmax"}),
    ("2-3-2", {"activation": "softmax", "optimizer": "adagrad", "loss": "binary_cross_entropy"}),
    ("2-2-2", {"activation": "elu", "loss": "mean_squared_error"}),
    ("2-2-2", {"activation": "leaky_relu", "output": "softmax", "loss": "cross_entropy"}),
    ("1-2-2-1", {"activation": "tanh", "output": "identity", "loss": "squared_error"}),
]


def statements(network, epoch):
    """Every statement of an epoch, with the targets of its example."""
    session = Session(network)
    for explanation, example in explanations(session, epoch):
        targets = () if example is None else network.data.targets[example]
        yield explanation, {r"\sum" + "y": sum(targets)}


def same(found, wanted):
    if not math.isfinite(wanted):
        return not math.isfinite(found)
    return found == pytest.approx(wanted, rel=1e-7, abs=1e-12)


def check(explanation, more):
    """Both readings of a formula, in TeX, give what stands beside them."""
    equations = [(line.expression, line.value) for line in explanation.working]
    equations.append((explanation.expression, explanation.value))
    if explanation.also:
        equations.append((explanation.also, explanation.value))
    for right, value in equations:
        names = {squeezed(tex(mathematics.symbol(term.symbol))): term.value for term in right.terms}
        assert len(names) == len(right.terms)
        written = tex(mathematics.formula(right))
        assert same(compute(written, {**names, **more}), value), (written, names, value)
        numbers = mathematics.numbers(right, None)
        for text in (tex(numbers), tex_of_mathml(math_element(numbers))):
            assert same(compute(text, more), value), (text, value)
    if explanation.chain and not explanation.chain.recursive:
        total = sum(compute(tex(mathematics.path_numbers(path, None))) for path in explanation.chain.paths)
        assert same(total, explanation.value)


@pytest.mark.parametrize("name", [name for name in library.names() if name != "digits"])
def test_every_formula_of_every_shipped_network(name):
    for epoch in (0, 2):
        for explanation, more in statements(load(name), epoch):
            check(explanation, more)


@pytest.mark.parametrize(("shape", "options"), SHAPES, ids=str)
def test_every_activation_loss_and_optimizer(shape, options):
    for explanation, more in statements(load(shape, seed=1, examples=3, **options), 1):
        check(explanation, more)


@settings(max_examples=20, deadline=None)
@given(networks(layers=2, units=3, examples=2))
def test_any_network(network):
    for explanation, more in statements(network, 1):
        if math.isfinite(explanation.value) and abs(explanation.value) < 1e6:
            check(explanation, more)


@pytest.mark.parametrize(
    ("identifier", "written"),
    [
        ("x", "x"),
        ("w1", "w_{1}"),
        ("z_h", "z_{h}"),
        ("a_h2_1", "a_{h_{2, 1}}"),
        ("w_h1_x2", "w_{h_{1}, x_{2}}"),
        ("w_h2_1_h1_3", "w_{h_{2, 1}, h_{1, 3}}"),
        ("dL_dw_h1_x2", r"\frac{\partial L}{\partial w_{h_{1}, x_{2}}}"),
        ("da_o_dz_o", r"\frac{\partial a_{o}}{\partial z_{o}}"),
        ("dz_o/da_h", r"\frac{\partial z_{o}}{\partial a_{h}}"),
        ("mean_dL_db_o", r"\overline{\frac{\partial L}{\partial b_{o}}}"),
        ("learning_rate", r"\eta"),
        ("beta1", r"\beta_{1}"),
        ("m_hat", r"\hat{m}"),
        ("v_old", r"v_{\mathrm{old}}"),
        ("speed", r"\mathrm{speed}"),
        ("größe", r"\text{gr\"{o}\ss{}e}"),
        ("Σ 9 more", r"\sum \text{9 more}"),
    ],
)
def test_identifiers(identifier, written):
    assert tex(mathematics.symbol(identifier)) == written


@pytest.mark.parametrize(
    ("template", "value", "written"),
    [
        ("2·{a}", -0.5, r"2 \cdot \left( -0.5000 \right)"),
        ("{a}²", -0.5, r"{\left( -0.5000 \right)}^{2}"),
        ("{a}²", 1e-9, r"{\left( 1.00 \cdot 10^{-9} \right)}^{2}"),
        ("1 − {a}", None, r"1 - \text{--}"),
        ("1 + {a}", math.inf, r"1 + \infty"),
        ("1 + {a}", -math.inf, r"1 + \left( -\infty \right)"),
        ("{a}/2", math.nan, r"\frac{\mathrm{nan}}{2}"),
        ("e^(−{a})", -0.5, r"e^{-\left( -0.5000 \right)}"),
        ("ln {a}", 1e-9, r"\ln \left( 1.00 \cdot 10^{-9} \right)"),
        ("ln {a}", -0.5, r"\ln \left( -0.5000 \right)"),
    ],
)
def test_numbers_put_in(template, value, written):
    assert tex(mathematics.numbers(expression(template, a=Term("a_h", value)))) == written


def test_names_in_sentences_become_mathematics():
    pieces = list(
        mathematics.in_sentence("Raising w1 a little lowers L; dL/dw1 is small, da_h/dz_h is 4.40e−05.")
    )
    texts = [piece if isinstance(piece, str) else tex(piece) for piece in pieces]
    assert texts == [
        "Raising ",
        "w_{1}",
        " a little lowers L; ",
        r"\frac{\partial L}{\partial w_{1}}",
        " is small, ",
        r"\frac{\partial a_{h}}{\partial z_{h}}",
        " is ",
        r"4.40 \cdot 10^{-5}",
        ".",
    ]


@pytest.mark.parametrize("name", ["mazur", "xor", "vanishing", "softmax"])
def test_derivations_are_read_to_the_last_sign(name):
    for explanation, _ in statements(load(name), 0):
        for line in explanation.derivation:
            node = mathematics.derivation_line(line)
            assert "[U+" not in tex(node)
            assert not any(isinstance(part, Words) for part in walk(node)), line


def test_every_line_of_every_derivation_of_one_number_holds():
    """Left and right of each line that has no derivative in it, at z = 0.3, come to the same."""
    for activation in ("sigmoid", "tanh", "gelu", "silu", "softplus"):
        network = load("1-1", output=activation, seed=4)
        explanation = next(e for e, _ in statements(network, 0) if e.derivation)
        z = next(e.value for e, _ in statements(network, 0) if e.symbol == "z_o")
        values = {"z_{o}": z, "q": math.exp(z) + math.exp(-z), "p": math.exp(z) - math.exp(-z)}
        values["s"] = 1 / (1 + math.exp(-z))
        values["a_{o}"] = next(e.value for e, _ in statements(network, 0) if e.symbol == "a_o")
        values[r"\frac{\partiala_{o}}{\partialz_{o}}"] = explanation.value
        held = 0
        left = ""
        for line in explanation.derivation:
            text = tex(mathematics.derivation_line(line))
            left, right = text.split(" = ", 1) if line.left else (left, text)
            if r"\partial" in left and r"\partial a" not in left:
                continue
            held += 1
            assert compute(right, values) == pytest.approx(compute(left, values), rel=1e-9), (left, right)
        assert held >= 2


def walk(node):
    yield node
    for name in getattr(node, "__struct_fields__", ()):
        value = getattr(node, name)
        for one in value if isinstance(value, tuple) else (value,):
            for part in one if isinstance(one, tuple) else (one,):
                yield from walk(part)


def test_long_sums_are_broken_between_their_terms():
    letters = "abcdefghijkl"
    terms = " + ".join(f"{{w{n}}}·{{x{n}}}" for n in letters)
    values = {f"{kind}{n}": Term(f"{kind}_{n}", float(i)) for i, n in enumerate(letters) for kind in "wx"}
    for right in (expression(terms, **values), expression(f"−({terms})", **values)):
        node = mathematics.numbers(right)
        lines = tex_lines(node, 40)
        assert len(lines) > 2
        assert compute(" ".join(lines)) == compute(tex(node)) == (-506 if right.parts[0] == "−(" else 506)
        assert columns(node) > 80


def test_text_is_safe_in_tex():
    assert tex_text("a_b & 50 % of {x} #1 ~ ½·√2 \\ Ω ö 漢") == (
        r"a\_b \& 50 \% of \{x\} \#1 \textasciitilde{} $\frac{1}{2}$$\cdot$$\surd$2 \textbackslash{} "
        r"$\Omega$ \"{o} [U+6F22]"
    )


CORE = set("math mrow mi mn mo mtext mfrac msup msub msqrt mover mtable mtr mtd".split())  # noqa: SIM905
"""Elements of MathML Core: what every browser draws."""


def tex_of_mathml(text):
    """MathML as the TeX that an own reader computes."""
    return _tex_of(ElementTree.fromstring(text))


def _tex_of(element):
    assert element.tag in CORE
    parts = [_tex_of(child) for child in element]
    text = element.text or ""
    match element.tag:
        case "mfrac":
            return rf"\frac{{{parts[0]}}}{{{parts[1]}}}"
        case "msup":
            return f"{{{parts[0]}}}^{{{parts[1]}}}"
        case "msub":
            return f"{parts[0]}_{{{parts[1]}}}"
        case "msqrt":
            return rf"\sqrt{{{''.join(parts)}}}"
        case "mover":
            return rf"\hat{{{parts[0]}}}"
        case "mi":
            named = {"tanh": r"\tanh", "ln": r"\ln", "max": r"\max", "Φ": r"\Phi", "φ": r"\varphi"}
            named |= {"π": r"\pi", "∞": r"\infty"}
            if text in ("sigmoid", "erf"):
                return rf"\operatorname{{{text}}}"
            return named.get(text, text)
        case "mo":
            signs = {"−": " - ", "·": r" \cdot ", "\u2062": r" \, ", "\u2061": " ", "{": "", "∑": r"\sum "}
            return signs.get(text, text)
        case "mtext":
            if "with" in text:
                return r" \quad \text{with }"
            return {"nan": r"\mathrm{nan}", "if ": r" & \text{if }", "else": r" & \text{else}"}.get(
                text, rf"\text{{{text}}}"
            )
        case "mtr":
            return " ".join(parts) + r" \\ "
        case "mtable":
            inner = " ".join(parts).removesuffix(r"\\ ").strip()
            return rf"\begin{{cases}} {inner} \end{{cases}}"
    return text + "".join(parts)


def test_mathml_says_what_tex_says():
    right = expression("{g}·{a}", g=Term("dL_dz_o", -1e-9, None, True), a=Term("a_h2_1", 0.5))
    text = math_element(mathematics.formula(right), block=True, label="a < b")
    root = ElementTree.fromstring(text)
    assert root.attrib == {"display": "block", "aria-label": "a < b"}
    assert root.find(".//mrow[@class='reused']") is not None
    assert "".join(root.itertext()).replace("\u2062", "") == "∂L∂zo·ah2,1"
    assert compute(tex_of_mathml(math_element(mathematics.numbers(right)))) == -5e-10
