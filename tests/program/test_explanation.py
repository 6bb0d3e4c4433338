"""Explanations: each formula, computed from its terms, gives its value; nothing unknown is told."""

import pytest
from formulas import compute
from hypothesis import given, settings
from hypothesis import strategies as st
from plain import run as plain_run
from strategies import documents, networks

from backprop_tui.engine.quantities import Kind, Phase
from backprop_tui.network.files import library
from backprop_tui.network.files.build import build
from backprop_tui.network.rules.activations import ACTIVATIONS
from backprop_tui.network.rules.losses import LOSSES
from backprop_tui.program.formulas import Expression, Term
from backprop_tui.program.number_text import number
from backprop_tui.session.session import Session

# step, screen's formula, numbers put in, full value, as in the worked example's tables
WORKED = [
    (1, "z_h = w1·x + b1", "0.3000·0.5000 + 0.1000", 0.25, "0.2500"),
    (2, "a_h = sigmoid(z_h)", "sigmoid(0.2500)", 0.5621765008857981, "0.5622"),
    (3, "z_o = w2·a_h + b2", "0.7000·0.5622 + 0.2000", 0.5935235506200587, "0.5935"),
    (4, "a_o = sigmoid(z_o)", "sigmoid(0.5935)", 0.6441732027931297, "0.6442"),
    (5, "L = ½(y − a_o)²", "½(1.0000 − 0.6442)²", 0.06330635480524958, "0.0633"),
    (6, "dL/da_o = −(y − a_o)", "−(1.0000 − 0.6442)", -0.35582679720687027, "−0.3558"),
    (7, "da_o/dz_o = a_o(1 − a_o)", "0.6442·(1 − 0.6442)", 0.2292140875963711, "0.2292"),
    (8, "dL/dz_o = dL/da_o·da_o/dz_o", "−0.3558·0.2292", -0.08156051466411174, "−0.0816"),
    (9, "dL/dw2 = dL/dz_o·a_h", "−0.0816·0.5622", -0.045851404744315157, "−0.0459"),
    (10, "dL/db2 = dL/dz_o·1", "−0.0816·1", -0.08156051466411174, "−0.0816"),
    (11, "dL/da_h = dL/dz_o·w2", "−0.0816·0.7000", -0.05709236026487821, "−0.0571"),
    (12, "da_h/dz_h = a_h(1 − a_h)", "0.5622·(1 − 0.5622)", 0.24613408273759835, "0.2461"),
    (13, "dL/dz_h = dL/da_h·da_h/dz_h", "−0.0571·0.2461", -0.014052375725120306, "−0.0141"),
    (14, "dL/dw1 = dL/dz_h·x", "−0.0141·0.5000", -0.007026187862560153, "−0.0070"),
    (15, "dL/db1 = dL/dz_h·1", "−0.0141·1", -0.014052375725120306, "−0.0141"),
    (16, "w2 = w2 − η·dL/dw2", "0.7000 − 0.5000·(−0.0459)", 0.7229257023721576, "0.7229"),
    (17, "b2 = b2 − η·dL/db2", "0.2000 − 0.5000·(−0.0816)", 0.24078025733205588, "0.2408"),
    (18, "w1 = w1 − η·dL/dw1", "0.3000 − 0.5000·(−0.0070)", 0.30351309393128006, "0.3035"),
    (19, "b1 = b1 − η·dL/db1", "0.1000 − 0.5000·(−0.0141)", 0.10702618786256016, "0.1070"),
]


@pytest.mark.parametrize(("step", "formula", "numbers", "value", "printed"), WORKED)
def test_the_worked_examples_tables_line_by_line(step, formula, numbers, value, printed):
    session = Session(library.find())
    session.jump(step)
    explanation = session.explain()
    assert explanation.formula() == formula
    assert explanation.expression.numeric() == numbers
    assert explanation.value == pytest.approx(value, rel=1e-15, abs=0)
    assert number(explanation.value) == printed
    session.back()
    before = session.explain(session.program.statement(step - 1))
    assert before.value is None
    assert before.formula() == formula


def test_the_sigmoids_derivative_is_derived():
    session = Session(library.find())
    session.jump(7)
    notes = session.explain().notes
    assert any("(1 + e^(−z_o))^(−1)" in line for line in notes)
    assert any("e^(−z_o)/(1 + e^(−z_o))²" in line for line in notes)
    assert notes[-1] == "da_o/dz_o = a_o(1 − a_o)"


def close(value):
    return pytest.approx(value, rel=1e-9, abs=1e-11)


def formula_holds(explanation, targets):
    """Every formula and every line of working, computed from its own terms, gives the value beside it."""
    words = {"Σy": targets}
    for line in explanation.working:
        assert compute(line.expression) == close(line.value), line
    assert compute(explanation.expression, **words) == close(explanation.value), explanation.formula()
    if explanation.also is not None:
        assert compute(explanation.also, **words) == close(explanation.value), explanation.also.symbolic()


@given(networks(layers=2, units=3, examples=3))
def test_every_formula_computed_from_its_terms_gives_its_value(network):
    session = Session(network)
    for time in range(1, 2 * session.program.statements + 1):
        session.jump(time)
        formula_holds(session.explain(), sum(network.data.targets[session.now.example]))


@pytest.mark.parametrize("activation", sorted(ACTIVATIONS))
@pytest.mark.parametrize("loss", sorted(LOSSES))
def test_every_function_of_the_tables_is_explained_truly(activation, loss):
    """Shares as outputs of every loss, so that the logarithms exist; two outputs, so that averages show."""
    output = "softmax" if loss == "cross_entropy" else "sigmoid"
    layers = [
        {"units": 2, "activation": activation, "weights": [[0.5, -1.0], [-0.3, 0.8]], "biases": [0.1, -0.2]},
        {"units": 2, "activation": output, "weights": [[0.7, -0.4], [-0.6, 0.9]]},
    ]
    data = {"inputs": [[1.0, 0.5], [-0.7, 0.9]], "targets": [[1.0, 0.25], [0.0, 1.0]]}
    training = {"loss": loss, "optimizer": {"learning_rate": 0.1}}
    network = build({"network": {"inputs": 2, "layers": layers}, "training": training, "data": data})
    session = Session(network)
    for time in range(1, session.program.statements + 1):
        session.jump(time)
        formula_holds(session.explain(), sum(network.data.targets[session.now.example]))


def wide():
    layers = [
        {"units": 12, "activation": "tanh"},
        {"units": 9, "activation": "softmax"},
        {"units": 7, "activation": "identity"},
    ]
    data = {"inputs": [[n / 10 - 0.4 for n in range(10)]], "targets": [[0.1] * 7]}
    return build({"network": {"inputs": 10, "layers": layers}, "training": {"seed": 3}, "data": data})


SUMS = {Kind.WEIGHTED_SUM, Kind.ACTIVATION_GRADIENT}


def test_a_sum_cut_short_keeps_its_largest_terms_and_its_value():
    session = Session(wide())
    cut = 0
    for time in range(1, session.program.statements + 1):
        session.jump(time)
        short, whole = session.explain(most=3), session.explain()
        assert short.value == whole.value
        if short.statement.kind not in SUMS or short.statement.quantity.layer == 3 == len(whole.terms):
            continue
        assert compute(short.expression) == close(short.value)
        rest = [term for term in short.terms if term.symbol.startswith("Σ")]
        if not rest:
            continue
        cut += 1
        assert len(short.expression.parts) < len(whole.expression.parts)
        products = sorted(abs(a.value * b.value) for a, b in pairs(whole.expression))
        assert sorted(abs(a.value * b.value) for a, b in pairs(short.expression)) == products[-3:]
    assert cut > 20


def pairs(expression: Expression) -> list[tuple[Term, Term]]:
    """The products of a sum of products."""
    parts = expression.parts
    return [
        (parts[i - 1], parts[i + 1])
        for i, part in enumerate(parts)
        if part == "·" and isinstance(parts[i - 1], Term) and isinstance(parts[i + 1], Term)
    ]


def known_by(session, rows, statement, now):
    """Symbol → value for everything a formula of *statement* may name, None where it is not known *now*."""
    this = rows[statement.time - 1]
    known = {}
    network, names = session.network, session.names
    for index, row in enumerate(rows[: statement.time]):
        symbol = session.run.symbol(session.program.statement(index).quantity)
        visible = row.value if index < now else None
        updated = row.slot is None and index < statement.time - 1
        if updated or (row.iteration, row.slot) == (this.iteration, this.slot):
            known[symbol] = visible
    for index, layer in enumerate(network.layers, 1):
        for unit in range(layer.units):
            for below in (None, *range(layer.inputs)):
                value = layer.biases[unit] if below is None else layer.weights[unit][below]
                known.setdefault(names.parameter(index, unit, below), value)
    if this.example is not None:
        for unit, value in enumerate(network.data.inputs[this.example]):
            known[names.a(0, unit)] = value
        for unit, value in enumerate(network.data.targets[this.example]):
            known[names.target(unit)] = value
    known["1"] = 1.0
    return known


def check_terms(session, rows, statement, now):
    explanation = session.explain(statement)
    row = rows[statement.time - 1]
    assert explanation.value == (
        None if statement.time > now else pytest.approx(row.value, rel=1e-6, abs=1e-7)
    )
    if statement.phase is Phase.UPDATE:
        return
    known = known_by(session, rows, statement, now)
    factors = [f.term for p in (explanation.chain.paths if explanation.chain else ()) for f in p.factors]
    for term in (*explanation.terms, *factors):
        expected = known[term.symbol]
        if expected is None:
            assert term.value is None, (session.position, explanation.formula(), term)
        else:
            assert term.value == pytest.approx(expected, rel=1e-6, abs=1e-7), explanation.formula()


@pytest.mark.parametrize("name", ["worked-example", "xor"])
def test_terms_are_known_exactly_when_they_have_been_computed(name):
    session = Session(library.find(name))
    rows = list(plain_run(session.network, 2))
    stride = 1 if name == "worked-example" else 5
    for now in range(0, session.program.statements + 10, stride):
        session.jump(now)
        for index in range(0, len(rows), stride):
            check_terms(session, rows, session.program.statement(index), now)


@given(networks(layers=2, units=3, examples=3), st.data())
@settings(max_examples=50)
def test_terms_of_random_networks_are_known_exactly_when_they_have_been_computed(network, data):
    session = Session(network)
    orders = [session.run.timeline.trainer.order(epoch).tolist() for epoch in range(2)]
    rows = list(plain_run(network, 2, orders))
    for _ in range(12):
        now = data.draw(st.integers(0, len(rows)))
        session.jump(now)
        statement = session.program.statement(data.draw(st.integers(0, len(rows) - 1)))
        check_terms(session, rows, statement, now)


@given(documents(layers=2, units=2, examples=2))
def test_an_update_tells_nothing_before_its_gradient_is_known(document):
    """Also of the optimizer's memory, which an iteration finds only when it starts."""
    session = Session(build(document))
    program = session.program
    for index in range(2 * program.statements):
        statement = program.statement(index)
        if statement.phase is not Phase.UPDATE:
            continue
        start = program.iteration_start(statement.iteration)
        for now in {0, max(0, start - 1), start, index}:
            session.jump(now)
            explanation = session.explain(statement)
            assert explanation.value is None
            kind = Kind.BIAS_GRADIENT if statement.kind is Kind.BIAS_UPDATE else Kind.WEIGHT_GRADIENT
            gradient = statement.quantity._replace(kind=kind)
            ready = program.last_time(gradient, index) <= now
            # the gradient is known once the last example of the batch has it
            assert all((line.value is not None) == ready for line in explanation.working)
            if not ready:
                assert any(term.value is None for term in explanation.terms)


@given(documents(layers=2, units=2, examples=2))
@settings(max_examples=15)
def test_explaining_what_lies_far_ahead_runs_nothing(document):
    """A million epochs on: it is told at once, and no loss of an epoch becomes known by it."""
    session = Session(build(document))
    ahead = session.program.time(10**6, 0)
    for index in range(session.program.statements):
        explanation = session.explain(session.program.statement(ahead + index), most=1)
        assert explanation.value is None
    assert list(session.run.timeline.losses) == []


def test_an_average_is_called_one_and_known_when_the_last_example_is_through():
    session = Session(library.find("xor"))
    program = session.program
    update = next(s for s in map(program.statement, range(200)) if s.phase is Phase.UPDATE)
    last = program.last_time(update.quantity._replace(kind=Kind.WEIGHT_GRADIENT), update.time)
    session.jump(last - 1)
    (mean,) = [t for t in session.explain(update).terms if t.symbol.startswith("mean_")]
    assert mean.value is None
    session.jump(last)
    (mean,) = [t for t in session.explain(update).terms if t.symbol.startswith("mean_")]
    each = [
        session.now.value_of(program.statement(program.last_time(mean.quantity, end) - 1))
        for end in (program.next_time(mean.quantity, time) for time in block_starts(program))
    ]
    assert len(each) == 4
    assert mean.value == pytest.approx(sum(each) / 4, rel=1e-14)


def block_starts(program):
    slots = [(n, program.statement(n).slot) for n in range(program.statements)]
    return [n for n, slot in slots if slot is not None and (n == 0 or slots[n - 1][1] != slot)]


@given(networks(layers=2, units=2, examples=2))
def test_every_explanation_has_words_and_a_formula(network):
    session = Session(network)
    for index in range(session.program.statements):
        statement = session.program.statement(index)
        for now in (0, index, index + 1):
            session.jump(now)
            explanation = session.explain(statement)
            assert explanation.sentence.endswith((".", ")"))
            assert explanation.formula().count(" = ") >= 1
            assert explanation.expression.numeric()
            assert explanation.symbol.isidentifier()


def test_at_the_very_start_there_is_nothing_to_explain():
    assert Session(library.find()).explain() is None


@pytest.mark.parametrize(
    ("step", "words"),
    [
        (6, "Raising a_o a little lowers the loss by 0.3558 times that."),
        (7, "raising z_o a little changes a_o by 0.2292 times that."),
        (9, "o's error signal times its input a_h. Raising w2 a little lowers the loss by 0.0459 times that"),
        (9, "so w2 will go up."),
        (10, "o's error signal times 1."),
        (11, "o's error signal, computed before, goes back to h through the weight w2."),
        (13, "h's error signal. Raising z_h a little lowers the loss by 0.0141 times that."),
        (16, "w2 takes a step against its gradient"),
        (16, "It went up by 0.0229."),
    ],
)
def test_the_sentence_tells_which_way_things_go(step, words):
    session = Session(library.find())
    session.jump(step)
    assert words in session.explain().sentence


@pytest.mark.parametrize("loss", ["binary_cross_entropy", "summed_binary_cross_entropy", "cross_entropy"])
@pytest.mark.parametrize("activation", ["tanh", "sigmoid"])
def test_a_prediction_that_is_no_probability_is_told_where_the_loss_takes_its_logarithm(loss, activation):
    unit = {"units": 1, "activation": activation, "weights": [[-1.0]], "biases": [0.0]}
    network = build(
        {
            "network": {"inputs": 1, "layers": [unit]},
            "training": {"loss": loss, "optimizer": {"name": "sgd"}},
            "data": {"inputs": [[0.5]], "targets": [[1.0]]},
        }
    )
    session = Session(network)
    session.jump(3)
    told = session.explain()
    assert (str(told.value) == "nan") == (activation == "tanh")
    assert ("is no probability" in told.sentence) == (activation == "tanh")
    if activation == "tanh":
        assert "tanh gives others" in told.sentence
    session.jump(2)
    assert "no probability" not in session.explain().sentence
