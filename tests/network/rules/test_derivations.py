"""Derivations of slopes: every line holds, by arithmetic and central differences; the last is the formula."""

import math
import re

import pytest
from formulas import compute
from plain import activate

from backprop_tui.network.rules.activations import ACTIVATIONS
from backprop_tui.program.formulas import Term, expression

ALL = sorted(ACTIVATIONS)
POINTS = [-2.5, -0.7, 0.3, 1.9]
OTHERS = [0.3, -1.2]
"""z of the other units of the layer; of the first of them softmax's lines speak as j."""
STEP = 1e-5


def side(name, text, z):
    """One side of a line where the unit's pre-activation is *z*."""
    derived = "{a}" if text == "{d}" else (re.fullmatch(r"d(.+)/d\{z\}", text) or [""])[0][1:-5]
    if derived:
        return (side(name, derived, z + STEP) - side(name, derived, z - STEP)) / (2 * STEP)
    layer = [z, *OTHERS]
    total = sum(map(math.exp, layer))
    words = {"S": total, "z_j": OTHERS[0], "a_j": math.exp(OTHERS[0]) / total}
    for line in ACTIVATIONS[name].derivation:
        if line.left in ("p", "q", "s") and text != line.right:
            words[line.left] = compute(expression(line.right, z=Term("z", z)))
    return compute(expression(text, z=Term("z", z), a=Term("a", activate(name, layer)[0])), **words)


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("z", POINTS)
def test_both_sides_of_every_line_are_equal(name, z):
    left = ""
    for line in ACTIVATIONS[name].derivation:
        left = line.left or left
        assert side(name, line.right, z) == pytest.approx(side(name, left, z), rel=1e-8, abs=1e-9), line


@pytest.mark.parametrize("name", ALL)
def test_a_derivation_goes_from_the_function_to_the_formula_of_its_slope(name):
    row = ACTIVATIONS[name]
    lefts = [line.left for line in row.derivation]
    assert "{a}" in lefts
    assert [left for left in lefts if left][-1] == "{d}"
    assert row.derivation[-1].right == row.derivative_formula
    assert all(line.why for line in row.derivation)


@pytest.mark.parametrize("name", ALL)
def test_a_line_is_written_with_the_units_names(name):
    for line in ACTIVATIONS[name].derivation:
        named = line.named("z_h2", "a_h2", "da_h2/dz_h2")
        assert not re.search(r"[{}]", named.left + named.right + named.why)
        bare = [re.sub(r"d?[az]_h2", "", text) for text in (named.left, named.right)]
        assert not any(re.search(r"\b[az]\b", text) for text in bare)


def test_the_test_of_a_line_can_fail():
    line = ACTIVATIONS["sigmoid"].derivation[2]
    assert side("sigmoid", line.right + "·2", 0.3) != pytest.approx(side("sigmoid", "{d}", 0.3), rel=0.1)
