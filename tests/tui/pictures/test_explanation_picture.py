"""The explanation: the five factors of the worked example, flat and upright, and the size of the pane."""

import pytest
from hypothesis import given
from views import SIZES, exact, view_of, views, words, worked

from backprop_tui.network.files.library import find
from backprop_tui.tui.pictures.explanation.picture import chain_rule_picture, explanation_rows
from backprop_tui.tui.pictures.rows import Tone, plain, row_width
from backprop_tui.tui.view import Node


@given(views(), SIZES)
def test_the_explanation_has_the_size_of_its_pane(view, size):
    rows = len(explanation_rows(view, *size))
    for top in (0, 1, rows - 1, rows + 5):
        assert exact(chain_rule_picture(view, size[0], size[1], top), *size)


@given(views(), SIZES)
def test_scrolling_shows_every_row_of_the_explanation(view, size):
    width, height = size
    rows = explanation_rows(view, width, height)
    whole = plain(chain_rule_picture(view, width, len(rows)))
    seen = [plain(chain_rule_picture(view, width, height, top))[0] for top in range(len(rows))]
    if len(explanation_rows(view, width, len(rows))) == len(rows):
        assert seen == whole


def lines(time, width=76, **looks):
    rows = plain(chain_rule_picture(worked(time, **looks), width, 20))
    return [words(row) for row in rows if row.strip()]


def test_after_the_backward_pass_the_five_factors_stand_with_their_numbers():
    names, numbers, equals, error_o, error_h, result, *sentence = lines(15)
    assert names == "dL/db1 = dL/da_o · da_o/dz_o · dz_o/da_h · da_h/dz_h · dz_h/db1"
    assert numbers == "= −0.3558 · 0.2292 · 0.7000 · 0.2461 · 1.0000"
    assert equals == "w2 1"
    assert "dL/dz_o −0.0816 reused" in error_o
    assert "dL/dz_h −0.0141" in error_h
    assert "reused" not in error_h
    assert result == "= −0.0141"
    assert "error signal times 1. Raising b1 a little lowers the loss" in " ".join(sentence)


def test_the_long_chain_of_the_weight():
    names, numbers, equals, _, _, result, *_ = lines(14)
    assert names == "dL/dw1 = dL/da_o · da_o/dz_o · dz_o/da_h · da_h/dz_h · dz_h/dw1"
    assert numbers == "= −0.3558 · 0.2292 · 0.7000 · 0.2461 · 0.5000"
    assert equals == "w2 x"
    assert result == "= −0.0070"


def test_the_short_chain():
    names, numbers, equals, error, result, *_ = lines(9)
    assert names == "dL/dw2 = dL/da_o · da_o/dz_o · dz_o/dw2"
    assert numbers == "= −0.3558 · 0.2292 · 0.5622"
    assert equals == "a_h"
    assert "dL/dz_o −0.0816" in error
    assert "reused" not in error
    assert result == "= −0.0459"


def test_each_number_stands_under_its_factor_and_the_braces_under_theirs():
    names, numbers, _, error_o, error_h = plain(chain_rule_picture(worked(14), 76, 20))[:5]

    def spans(row, things):
        return [(row.index(thing), row.index(thing) + len(thing)) for thing in things]

    factors = spans(names, ["dL/da_o", "da_o/dz_o", "dz_o/da_h", "da_h/dz_h", "dz_h/dw1"])
    figures = spans(numbers, ["−0.3558", "0.2292", "0.7000", "0.2461", "0.5000"])
    assert all(a <= c and d <= b for (a, b), (c, d) in zip(factors, figures, strict=True))
    assert (error_o.index("╰"), error_o.index("╯") + 1) == (factors[0][0], factors[1][1])
    assert (error_h.index("╰"), error_h.index("╯") + 1) == (factors[0][0], factors[3][1])


def test_reused_factors_are_marked():
    names = chain_rule_picture(worked(14), 76, 20)[0]
    marked = [text.strip() for text, tone in names if tone is Tone.REUSED]
    assert marked == ["dL/da_o", "da_o/dz_o"]
    assert not [text for text, tone in chain_rule_picture(worked(9), 76, 20)[0] if tone is Tone.REUSED]


def test_upright_where_it_does_not_fit_flat():
    assert lines(15, 40)[:7] == [
        "dL/db1 =",
        "dL/da_o −0.3558 ╮ reused",
        "· da_o/dz_o 0.2292 ╯ dL/dz_o −0.0816",
        "· dz_o/da_h 0.7000 │ w2",
        "· da_h/dz_h 0.2461 ╯ dL/dz_h −0.0141",
        "· dz_h/db1 1.0000 1",
        "= −0.0141",
    ]


@pytest.mark.parametrize("width", [40, 58, 76, 120])
def test_no_row_of_the_worked_example_is_cut(width):
    for time in range(20):
        assert all(row_width(row) <= width for row in explanation_rows(worked(time), width, 20)), time


@pytest.mark.parametrize(
    ("time", "expected"),
    [
        (1, ["z_h = w1·x + b1", "= 0.3000·0.5000 + 0.1000", "= 0.2500"]),
        (2, ["a_h = sigmoid(z_h)", "= 1/(1 + e^(−z_h))", "= 1/(1 + e^(−0.2500))", "= 0.5622"]),
        (5, ["L = ½(y − a_o)²", "= ½(1.0000 − 0.6442)²", "= 0.0633"]),
        (6, ["dL/da_o = −(y − a_o)", "= −(1.0000 − 0.6442)", "= −0.3558"]),
        (7, ["da_o/dz_o = a_o(1 − a_o)", "= 0.6442·(1 − 0.6442)", "= 0.2292"]),
        (16, ["w2 = w2 − η·dL/dw2", "= 0.7000 − 0.5000·(−0.0459)", "= 0.7229"]),
    ],
)
def test_formula_then_numbers_then_value(time, expected):
    assert lines(time)[: len(expected)] == expected


def test_what_has_not_run_tells_nothing():
    view = worked(2)
    view = view.but(cursor=view.session.program.statement(13))
    text = " ".join(plain(chain_rule_picture(view, 76, 20)))
    assert "0.2461" not in text
    assert "−0.0070" not in text
    assert "0.5622" not in text, "a_h is known but no factor of dL/dw1"
    assert " – " in text


def test_several_paths_are_a_sum_over_them():
    view = view_of(find("1-1-3"))
    for step in range(view.session.program.statements):
        statement = view.session.program.statement(step)
        if view.session.run.symbol(statement.quantity).startswith("dL_dw_h"):
            view.session.jump(step + 1)
            break
    text = plain(chain_rule_picture(view.but(time=view.session.time), 76, 20))
    assert "a sum over 3 paths to the loss" in text[0]
    products = [float(row.split("=")[-1].replace("−", "-")) for row in text[1:7] if "=" in row]
    assert len(products) == 3
    (total,) = [row.split("=")[1] for row in text if row.startswith("   = ")]
    assert float(total.replace("−", "-")) == pytest.approx(sum(products), abs=2e-4)


def test_the_start_says_what_to_do_and_an_input_is_given():
    assert "Nothing has been computed yet." in lines(0)
    assert "x = 0.5000 is given: an input of example 0." in lines(3, spot=Node(0, 0))
