"""Explanations at 80x24 and 120x40: sentence and result in sight, and what is left out adds up."""

import re
from math import prod

import pytest
from formulas import compute
from hypothesis import given
from hypothesis import strategies as st
from views import SIZES, views, words

from backprop_tui.engine.quantities import Kind
from backprop_tui.network.files.build import build
from backprop_tui.network.files.library import find
from backprop_tui.network.files.shapes import Options
from backprop_tui.network.rules.activations import ACTIVATIONS
from backprop_tui.network.rules.losses import LOSSES
from backprop_tui.network.rules.optimizers import OPTIMIZERS
from backprop_tui.session.session import Session
from backprop_tui.tui.pictures.explanation.page import Page, explanation_page
from backprop_tui.tui.pictures.explanation.picture import chain_rule_picture, explanation_rows
from backprop_tui.tui.pictures.rows import Tone, plain, row_width, wrapped
from backprop_tui.tui.view import View

PANES = [(40, 9), (58, 9)]
"""The chain rule's pane at 80x24 and at 120x40."""
SMALL = [
    *("worked-example", "vanishing", "xor", "exploding", "mazur", "softmax", "hmkcode", "udacity"),
    *("symmetric", "dead-relu", "overshooting", "crawling", "saturated-sigmoid", "straight-line"),
    *("one-linear-neuron", "nielsen-easy", "nielsen-saturated"),
    *("2-6-6-1", "1-1-4", "3-2-2-2", "4-3-2-2-1", "1-1-1-1-1-1-1-1-1-1-1-1-1"),
]


def page_of(view, width, height):
    if view.explanation is None:
        rows = explanation_rows(view, width, height)
        return Page(rows, rows)
    return explanation_page(view, view.explanation, width, height)


def sentence_row(rows, sentence):
    """On which row the sentence begins."""
    return next(n for n in range(len(rows)) if words(" ".join(rows[n:])).startswith(words(sentence)))


def in_sight(view, width, height):
    """Result, sentence and marks are in sight, whole, and no row is cut."""
    page = page_of(view, width, height)
    explanation = view.explanation
    rows = plain(page.front)
    where = f"{width}x{height} {view.session.position} {explanation.formula()}"
    assert len(rows) <= height, where
    assert words(explanation.sentence) in words(" ".join(rows)), where
    result = view.text(explanation.value)
    first = sentence_row(rows, explanation.sentence)
    assert any(row.split()[-1:] == [result] for row in rows[:first]), where
    for row in (*page.front, *page.full):
        assert row_width(row) <= width, (where, row)
    assert plain(chain_rule_picture(view, width, height))[: len(rows)] == [r.ljust(width) for r in rows]


def stepped(network, stride=1, most=4000):
    session = Session(network)
    for time in range(1, min(session.program.statements, most) + 1, stride):
        session.jump(time)
        yield View(session, time)


@pytest.mark.parametrize("name", SMALL)
def test_sentence_and_result_of_every_statement_of_an_epoch_are_in_sight(name):
    for view in stepped(find(name)):
        for size in PANES:
            in_sight(view, *size)


@pytest.mark.parametrize(
    ("name", "options", "stride"),
    [
        ("16-16-16-4", Options(), 7),
        ("3-8-8-2", Options(batch_size=3), 2),
        ("digits", Options(), 61),
        ("2-2-2-2-2-2-2", Options(), 3),
    ],
)
def test_they_are_in_wide_networks(name, options, stride):
    for view in stepped(find(name, options), stride):
        for size in PANES:
            in_sight(view, *size)


@pytest.mark.parametrize("optimizer", sorted(OPTIMIZERS))
@pytest.mark.parametrize("digits", [4, 9])
def test_they_are_with_every_optimizer(optimizer, digits):
    network = find("2-2-1", Options(optimizer=optimizer))
    for view in stepped(network):
        for size in PANES:
            in_sight(view.but(digits=digits), *size)


@pytest.mark.parametrize("activation", sorted(ACTIVATIONS))
@pytest.mark.parametrize("loss", sorted(LOSSES))
def test_they_are_with_every_activation_and_loss(activation, loss):
    output = "softmax" if loss == "cross_entropy" else "sigmoid"
    layers = [{"units": 3, "activation": activation}, {"units": 8, "activation": output}]
    data = {"inputs": [[1.0, 0.5], [-0.7, 0.9]], "targets": [[1.0, *[0.0] * 7], [*[0.0] * 7, 1.0]]}
    network = build({"network": {"inputs": 2, "layers": layers}, "training": {"loss": loss}, "data": data})
    for view in stepped(network):
        for size in PANES:
            in_sight(view, *size)


@pytest.mark.parametrize("name", ["worked-example", "vanishing", "xor", "2-2-2-1", "16-16-16-4"])
def test_they_are_where_a_statement_has_not_run(name):
    session = Session(find(name))
    program = session.program
    for index in range(0, min(program.statements, 2000), 1 if program.statements < 300 else 11):
        for size in PANES:
            in_sight(View(session, 0, cursor=program.statement(index)), *size)


# What is left out


def factor_values(rows):
    """The numbers of a product down the page: of each factor, and of the result."""
    found = [match for row in rows if (match := re.match(r"(   | · | = )(⋮ \d+ factors|\S*) +(\S+)", row))]
    values = [(match[1], match[3].replace("−", "-")) for match in found]
    factors = [float(value) for sign, value in values if sign != " = "]
    (result,) = [float(value) for sign, value in values if sign == " = "]
    return factors, result


def body(view, width, height):
    """The rows above the sentence."""
    rows = plain(page_of(view, width, height).front)
    return rows[: sentence_row(rows, view.explanation.sentence)]


@given(
    st.integers(3, 14),
    st.integers(0, 999),
    st.sampled_from(["sigmoid", "tanh", "silu", "identity"]),
    st.integers(6, 20),
    st.data(),
)
def test_the_factors_of_a_deep_chain_multiply_to_its_result(depth, seed, activation, height, data):
    network = find("-".join(["1"] * depth), Options(seed=seed, activation=activation))
    session = Session(network)
    program = session.program
    backward = range(program.layout.forward, program.layout.block)
    time = 1 + data.draw(st.sampled_from(backward))
    session.jump(time)
    view = View(session, time, digits=None)
    if view.explanation.chain is None or len(view.explanation.chain.paths[0].factors) < 2:
        return
    rows = body(view, 130, height)
    page = page_of(view, 130, height)
    collapsed = [row for row in rows if "⋮" in row]
    if not rows[0].startswith("   d"):  # on a line: a sign for braces that are left out
        assert len(collapsed) == (len(page.front) < len([row for row in page.full if row])), rows
        return
    if not collapsed:
        assert len(page.full) <= height, rows
        return
    factors, result = factor_values(rows)
    assert prod(factors) == pytest.approx(result, rel=1e-12, abs=1e-300)
    assert result == view.explanation.value
    (row,) = collapsed
    left_out = int(re.search(r"⋮ (\d+) factors", row)[1])
    path = view.explanation.chain.paths[0]
    assert left_out + len(factors) - 1 == len(path.factors)
    counts = [int(count) for count in re.findall(r"(\d+) (?:weights?|slopes?|others?)", row)]
    assert sum(counts) == left_out or not counts
    assert "3 ↓" in row


def test_a_brace_that_is_left_out_leaves_a_sign():
    """On 60 × 20 there are seven rows: the brace of dL/dz_o has no room, and then no brace has."""
    session = Session(find())
    session.jump(14)
    view = View(session, 14)
    whole, fewer, least = (body(view, 58, height) for height in (9, 7, 5))
    assert "dL/dz_o −0.0816" in "".join(whole)
    assert "⋮" not in "".join(whole)
    assert [row.strip()[0] for row in fewer if "dL/dz_h −" in row] == ["⋮"]
    assert [row.split() for row in least if "−0.0070" in row] == [["⋮", "=", "−0.0070"]]


@pytest.mark.parametrize("shape", ["2-2-2-1", "1-2-2-1", "3-3-2-2", "2-3-4", "1-1-1-3", "2-2-2-2-1"])
@pytest.mark.parametrize("width", [40, 48, 58])
def test_the_paths_of_a_sum_add_up_to_its_result(shape, width):
    collapsed = 0
    for view in stepped(find(shape, Options(seed=5)), most=200):
        chain = view.explanation.chain
        if chain is None or len(chain.paths) < 2:
            continue
        exact = view.but(digits=9)
        rows = [row.replace("−", "-") for row in body(exact, width, 9)]
        if not any("⋮" in row for row in rows):
            continue
        collapsed += 1
        *terms, result = rows if rows[-1].strip() else rows[:-1]
        found = [
            re.search(r"(?:together|more:|=|through \S+(?:, \S+)*) +(-?[\d.e+-]+)(?: \(3.*)?$", row)
            for row in terms
        ]
        values = [float(match[1]) for match in found if match]
        assert sum(values) == pytest.approx(view.explanation.value, rel=1e-6, abs=3e-9), rows
        assert float(result.split()[-1]) == pytest.approx(view.explanation.value, rel=1e-6, abs=1e-9)
    assert collapsed or width > 40


@pytest.mark.parametrize("most", [1, 2, 4])
def test_a_formula_cut_short_keeps_its_value_for_every_kind_of_sum(most):
    """Softmax's denominator, the loss of many outputs, and softmax's error signal among them."""
    kinds = set()
    for loss in sorted(LOSSES):
        output = "softmax" if loss == "cross_entropy" else "sigmoid"
        layers = [
            {"units": 9, "activation": "tanh"},
            {"units": 7, "activation": "softmax"},
            {"units": 6, "activation": output},
        ]
        data = {"inputs": [[0.3] * 8, [-0.9] * 8], "targets": [[0.1, 0.2, 0.3, 0.1, 0.3, 0.0]] * 2}
        training = {"loss": loss, "seed": 4}
        network = build({"network": {"inputs": 8, "layers": layers}, "training": training, "data": data})
        for view in stepped(network, most=network.parameters + 99):
            short = view.session.explain(most=most)
            targets = sum(network.data.targets[view.session.now.example])
            for right in (short.expression, short.also):
                if right is None or "Σ" not in right.symbolic() or "Σy" in right.symbolic():
                    continue
                kinds.add(short.statement.kind)
                value = compute(right, Σy=targets)
                assert value == pytest.approx(short.value, rel=1e-9, abs=1e-12), short.formula()
    wanted = {Kind.WEIGHTED_SUM, Kind.ACTIVATION, Kind.LOSS, Kind.ACTIVATION_GRADIENT, Kind.DELTA}
    assert kinds == wanted


# Nothing is lost


@given(views(), SIZES)
def test_every_row_can_be_scrolled_to(view, size):
    width, height = size
    page = page_of(view, width, height)
    full = plain(page.full)
    if page.front == page.full:
        told = view.explanation
        no_room = told is not None and len(wrapped(told.sentence, width, Tone.TEXT)) >= height
        assert len(full) <= height or height < 9 or told is None or view.derives or no_room
    assert plain(chain_rule_picture(view, width, len(full), 1))[: len(full) - 1] == [
        plain(chain_rule_picture(view, width, len(full), top))[0] for top in range(1, len(full))
    ]


def test_a_large_pane_leaves_nothing_out():
    for name in ("vanishing", "xor", "2-2-2-1", "16-16-16-4"):
        for view in stepped(find(name), 5, 900):
            page = page_of(view, 118, 36)
            assert page.front == page.full
            assert "⋮" not in "".join(plain(page.full))
            for term in view.explanation.chain.paths[0].factors if view.explanation.chain else ():
                assert term.symbol in "".join(plain(page.full))
