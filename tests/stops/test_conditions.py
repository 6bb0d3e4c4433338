"""The language of conditions: what it means, what it refuses, and that nothing written can harm."""

import math

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from naive import Lists
from strategies import networks

from backprop_tui.engine.quantities import Kind
from backprop_tui.history.run import Run
from backprop_tui.network.files import library
from backprop_tui.network.files.build import build
from backprop_tui.network.files.shapes import Options
from backprop_tui.network.names import Names, shown
from backprop_tui.program.identifiers import Identifiers, What
from backprop_tui.program.statements import Program
from backprop_tui.session.session import Session
from backprop_tui.stops.condition_values import value_at
from backprop_tui.stops.conditions import LONGEST, ConditionError, parse, parse_expression
from backprop_tui.stops.functions import FUNCTIONS
from backprop_tui.stops.parsing.parser import DEEPEST
from backprop_tui.stops.words import WORDS

WORKED = library.find(None)
SESSION = Session(WORKED)


def worth(text, time=0):
    return value_at(SESSION.run, parse_expression(text, WORKED), time)


# Meaning


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1 + 2 * 3", 7),
        ("(1 + 2) * 3", 9),
        ("8 - 3 - 2", 3),
        ("8 / 4 / 2", 1),
        ("2 ** 3 ** 2", 512),
        ("2 ^ 3 ^ 2", 512),
        ("(2 ** 3) ** 2", 64),
        ("-2 ** 2", -4),
        ("2 ** -1", 0.5),
        ("--3", 3),
        ("- 3 - -3", 0),
        ("1e-4 + .5 + 1.", 1.5001),
        ("2 − 3 · 4", -10),
        ("abs(-3) + min(3, 1, 2) + max(4, 5)", 9),
        ("sqrt(16) + exp(0) + log(1)", 5),
        ("sign(-7) + sign(0) * 2 + sign(.1) * 4", 3),
        ("1 < 2", True),
        ("2 <= 1 or not 1 >= 2", True),
        ("1 == 1 and 1 != 1", False),
        ("1 ≤ 1 and 1 ≠ 2 and 2 ≥ 1", True),
        ("1 < 2 or 1 < 2 and 1 > 2", True),
        ("not 1 > 2 and 1 > 2", False),
        ("not not 1 < 2", True),
        ("1 + 1 == 2 * 1", True),
        ("(1 < 2) and (3 > 2)", True),
        ("w1 + b1 * 10 - w2 / 0.5", pytest.approx(0.3 + 1.0 - 1.4)),
        ("x + y", 1.5),
        ("learning_rate + η", 1.0),
        ("epoch + step + example + iteration", 0),
    ],
)
def test_operators_have_the_ranks_of_mathematics(text, value):
    assert worth(text) == value
    assert isinstance(worth(text), bool) is isinstance(value, bool)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1 / 0", math.inf),
        ("-1 / 0", -math.inf),
        ("0 / 0", math.nan),
        ("1e999 - 1e999", math.nan),
        ("0 ** -1", math.inf),
        ("(-8) ** 0.5", math.nan),
        ("10 ** 400", math.inf),
        ("(-10) ** 401", -math.inf),
        ("exp(1000)", math.inf),
        ("log(0)", -math.inf),
        ("log(-1)", math.nan),
        ("sqrt(-1)", math.nan),
        ("min(1, 0 / 0)", math.nan),
        ("max(0 / 0, 1)", math.nan),
        ("sign(0 / 0)", math.nan),
        ("1e308 * 10", math.inf),
    ],
)
def test_numbers_never_fail(text, value):
    assert worth(text) == value or (value != value and worth(text) != worth(text))


def test_what_is_not_known_yet_makes_a_comparison_false():
    for text in ("a_h > 0", "a_h < 0", "a_h == a_h", "a_h + 1 != 0", "loss > 0", "changed(w1)"):
        assert worth(text) is False
    assert worth("not a_h > 0") is True
    assert worth("a_h * 0") is None
    assert worth("previous(w1)") is None
    assert worth("w1 > 0") is True


def test_a_derivative_may_be_written_as_the_screen_shows_it():
    time = SESSION.program.statements
    assert worth("dL/dw2", time) == worth("dL_dw2", time) == pytest.approx(-0.045851404744315157)
    assert worth("da_o/dz_o * 2", time) == pytest.approx(2 * 0.2292140875963711)
    assert worth("1 - dL/dz_o ** 2", time) == pytest.approx(1 - 0.08156051466411174**2)
    assert worth("w2 / w1", 0) == pytest.approx(0.7 / 0.3)


def test_change_is_the_step_of_the_update():
    time = SESSION.program.statements
    assert worth("change(w2)", time) == pytest.approx(0.5 * 0.045851404744315157)
    assert worth("previous(w2)", time) == 0.7
    assert worth("changed(w2) and not changed_sign(w2)", time) is True
    assert worth("previous(a_h)", time) is None


# Names

FOREIGN = [
    *("z_x", "a_x", "h", "o", "w3", "w0", "w01", "b_h", "y1", "x1", "da_o_dz_h", "dL_dx", "dL_da_x", "z_h1"),
    *("da_", "da_dz_", "dL_d", "w_", "w_h_x"),
]


def every_identifier(network):
    """Each identifier of a network with the quantity whose name it is."""
    session = Session(network)
    program = Program(network)
    for index in range(program.statements):
        quantity = program.statement(index).quantity
        yield session.run.symbol(quantity), quantity


NAMED = {
    "network": {
        "inputs": ["left_eye", "b"],
        "layers": [
            {
                "units": ["left", "a_b"],
                "activation": "relu",
                "weight_names": [["alpha", "beta"], ["gamma", "z_"]],
                "bias_names": ["k1", "k2"],
            },
            {"units": 3, "activation": "tanh"},
            {"units": ["up_down"], "activation": "sigmoid"},
        ],
    },
    "data": {"inputs": [[0.5, 1.0]], "targets": [[1.0]]},
}


@pytest.mark.parametrize(
    "network",
    [
        *(library.shipped(name) for name in library.names() if name != "digits"),
        library.find("digits", Options(examples=1)),  # every further one has the same names
        build(NAMED),
        library.find("2-11-12-3"),
    ],
    ids=lambda network: network.title,
)
def test_every_identifier_is_understood_in_both_spellings(network):
    names = Identifiers(network)
    for symbol, quantity in every_identifier(network):
        source = names.resolve(symbol)
        assert (source.symbol, source.quantity) == (symbol, quantity)
        expected = What.PARAMETER if quantity.kind.endswith("update") else What.COMPUTED
        assert source.what is expected
        assert parse_expression(shown(symbol), network).sources == (source,)
    own = Names(network)
    for unit in range(network.widths[0]):
        assert names.resolve(own.unit(0, unit)).what is What.INPUT
    for unit in range(network.widths[-1]):
        assert names.resolve(own.target(unit)).what is What.TARGET
    for layer, width in enumerate(network.widths):
        for unit in range(width):
            assert names.unit(own.unit(layer, unit)) == (layer, unit)


def test_given_names_are_listed_once_a_network():
    """Not for each condition: a file may name each of tens of thousands of weights."""
    network = build(NAMED)
    units, parameters = dict(network.named_units), dict(network.named_parameters)
    assert units == {"left_eye": (0, 0), "b": (0, 1), "left": (1, 0), "a_b": (1, 1), "up_down": (3, 0)}
    assert parameters == {
        "alpha": (1, 0, 0),
        "beta": (1, 0, 1),
        "gamma": (1, 1, 0),
        "z_": (1, 1, 1),
        "k1": (1, 0, None),
        "k2": (1, 1, None),
    }
    kept = network.named_parameters
    parse("alpha > 0 and dL_dk2 < 1 and abs(z_left) < 3", network)
    assert network.named_parameters is kept
    renamed = replace(network, layers=(replace(network.layers[0], bias_names=()), *network.layers[1:]))
    assert "k1" not in renamed.named_parameters
    assert Identifiers(renamed).resolve("k1") is None


@pytest.mark.parametrize("word", FOREIGN)
def test_names_that_the_worked_example_has_not_are_none(word):
    assert Identifiers(WORKED).resolve(word) is None


def test_a_name_of_a_large_network_is_understood_without_listing_all(monkeypatch):
    network = library.find("784-128-10")
    calls = []
    original = Names.unit
    monkeypatch.setattr(Names, "unit", lambda self, *place: calls.append(place) or original(self, *place))
    condition = parse("w_h128_x784 > dL/dw_o10_h128 or saturated(o10) or dL_db_h7 < 0", network)
    assert [source.quantity.kind for source in condition.sources if source.quantity] == [
        *(Kind.WEIGHT_UPDATE, Kind.WEIGHT_GRADIENT, Kind.BIAS_GRADIENT)
    ]
    assert len(calls) < 100
    with pytest.raises(ConditionError, match="nothing is called w_h129_x1"):
        parse("w_h129_x1 > 0", network)
    assert len(calls) < 3000


def test_everything_documented_is_understood():
    network = library.find("saturated-sigmoid")
    for name, word in WORDS.items():
        found = parse(name if word.truth else f"{name} > 0", network)
        assert found.sources[0].symbol == name
        assert found.is_truth
    for name in FUNCTIONS:
        assert parse_expression(f"{name}(w_h1_x{', 1' if name in ('min', 'max') else ''})", network).sources


# Refusals


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "column 1: expected a condition, found nothing"),
        ("a_h", "column 1: this is a number: compare it with something (as in a_h > 0)"),
        ("a_h >", "column 6: expected a number, a name or '(', found the end"),
        ("a_hh > 1", "column 1: nothing is called a_hh (did you mean a_h?)"),
        ("1 < los", "column 5: nothing is called los (did you mean loss?)"),
        ("dL/dw3 > 0", "column 1: nothing is called dL/dw3 (did you mean dL/dw2?)"),
        ("sqroot(2) > 1", "column 1: no function is called sqroot (did you mean sqrt?)"),
        (
            "0 < a_h < 1",
            "column 9: comparisons are not chained (write a < b and b < c for a < b < c)",
        ),
        ("a_h = 1", "column 5: '=' means nothing here (write ==)"),
        ("a_h > 0 & a_o > 0", "column 9: '&' means nothing here (write and)"),
        ("a_h > 0 and a_o", "column 13: expected a condition, found a number (compare it with something)"),
        ("a_h and a_o > 1", "column 1: expected a condition, found a number (compare it with something)"),
        ("not a_h", "column 5: expected a condition, found a number (compare it with something)"),
        ("(a_h > 0) + 1 > 0", "column 1: expected a number, found a condition"),
        ("abs(a_h > 0) > 0", "column 9: expected ')', found '>'"),
        ("(a_h > 0", "column 9: expected ')', found the end"),
        ("a_h > 0)", "column 8: expected and, or, an operator or the end, found ')'"),
        ("min(1) > 0", "column 1: min is of two numbers or more"),
        ("abs(1, 2) > 0", "column 1: abs is of one number, not 2"),
        ("previous(3) > 0", "column 1: previous is of something that changes: name it"),
        ("change(change(change(change(change(L))))) > 0",
         "column 29: previous and the like nested more than 4 deep"),
        ("dead(q)", "column 6: no unit is called q"),
        ("dead(x)", "column 6: x is an input, which has no slope"),
        ("dead > 1", "column 1: expected a number, found a condition"),
        ("2 3", "column 3: expected and, or, an operator or the end, found '3'"),
        ("__import__('os')", "column 12: \"'\" means nothing here"),
        ("a_h.real > 0", "column 4: '.' means nothing here"),
        ("1 <\x00 2", "column 4: this character means nothing here"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_with_its_place_and_the_nearest_right_word(text, message):
    with pytest.raises(ConditionError) as error:
        parse(text, WORKED)
    assert str(error.value) == message


def test_a_unit_that_cannot_saturate_is_refused():
    network = library.find("dead-relu")
    with pytest.raises(ConditionError, match="relu: no activation here saturates"):
        parse("saturated(h1)", network)
    with pytest.raises(ConditionError, match="relu, identity: no activation here saturates"):
        parse("saturated", network)


@pytest.mark.parametrize(
    ("opening", "closing"), [("(", ")"), ("-", ""), ("abs(", ")"), ("2 ** ", ""), ("1+2*(1-", ")")]
)
def test_nesting_has_a_limit(opening, closing):
    def nested(depth):
        return opening * depth + "w1" + closing * depth + " > 0"

    condition = parse(nested(DEEPEST), WORKED)
    assert isinstance(value_at(SESSION.run, condition, 100), bool)
    assert parse(str(condition), WORKED).root == condition.root
    with pytest.raises(ConditionError, match=f"nested more than {DEEPEST} deep"):
        parse(nested(DEEPEST + 1), WORKED)


def test_length_has_a_limit():
    long = "w1 > 0" + " or w1>0" * 124
    assert len(long) <= LONGEST
    assert value_at(SESSION.run, parse(long, WORKED), 3) is True
    with pytest.raises(ConditionError, match="longer than 1000 characters"):
        parse(long + " " * 10, WORKED)


PIECES = [
    *("(", ")", "not", "and", "or", "<", "==", "+", "-", "**", "/", ",", "1e5", ".5", "=", "1e", "\n", "é"),
    *("w1", "a_h", "dL", "dL/dw1", "loss", "x", "y", "L", "previous(", "change(", "changed(", "min(", "dead"),
    *("dead(", "h", "saturated(", "not_finite", "η", "z_", "dL_d", "da_", "w_", "_", "w1_", "9" * 30),
]


def refused(text, network):
    """Whether a condition is refused; where it is not, it can be worked out."""
    try:
        condition = parse(text, network)
    except ConditionError as error:
        return 1 <= error.column <= LONGEST + 1 and str(error).isprintable()
    return isinstance(value_at(Run(network), condition, 7), bool)


@given(st.one_of(st.text(), st.lists(st.sampled_from(PIECES), max_size=60).map(" ".join)))
@settings(max_examples=400)
@example("(" * 1000)
@example("-" * 1000)
@example("not " * 250)
@example("2**" * 333)
@example("w_" * 500)
@example("w" + "_" * 990)
@example("h1_" * 300)
@example("9" * 1000 + " > 0")
@example("change(" * 140)
def test_nothing_written_does_more_than_be_refused(text):
    assert refused(text, WORKED)
    assert refused(text, build(NAMED))


@given(networks(layers=2, units=2, examples=2), st.data())
@settings(max_examples=60)
def test_what_is_written_out_reads_as_the_same(network, data):
    text = Lists(network, 1).truth(data, 4).text
    condition = parse(text, network)
    assert parse(str(condition), network).root == condition.root
