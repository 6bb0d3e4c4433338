"""Formulas written with names and with numbers."""

import pytest

from backprop_tui.program.formulas import Expression, Term, expression, joined

Y, A = Term("y", 1.0), Term("a_o", 0.6441732)


def test_names_and_numbers_come_from_one_source():
    right = expression("−({y} − {a})", y=Y, a=A)
    assert right.symbolic() == "−(y − a_o)"
    assert right.numeric() == "−(1.0000 − 0.6442)"
    assert right.numeric(6) == "−(1.000000 − 0.644173)"
    assert right.terms == (Y, A)


def test_a_product_sign_stands_between_numbers_only():
    right = expression("{a}{*}(1 − {a})", a=A)
    assert right.symbolic() == "a_o(1 − a_o)"
    assert right.numeric() == "0.6442·(1 − 0.6442)"
    assert right.terms == (A,)


@pytest.mark.parametrize(
    ("template", "value", "text"),
    [
        ("{a}·2", -0.5, "−0.5000·2"),
        ("2·{a}", -0.5, "2·(−0.5000)"),
        ("1 − {a}", -0.5, "1 − (−0.5000)"),
        ("f({a})", -0.5, "f(−0.5000)"),
        ("1 − {a}", 0.5, "1 − 0.5000"),
        ("1 − {a}", None, "1 − –"),
        ("1 − {a}", 1e-9, "1 − 1.00e−09"),
    ],
)
def test_negative_numbers_are_bracketed_where_a_sign_stands_before_them(template, value, text):
    assert expression(template, a=Term("a", value)).numeric() == text


def test_derivatives_are_shown_as_fractions():
    right = expression("{g}·{d}", g=Term("dL_da_o", -0.3), d=Term("da_o_dz_o", 0.2))
    assert right.symbolic() == "dL/da_o·da_o/dz_o"


def test_expressions_are_joined_and_added():
    parts = [expression("{w}·{x}", w=Term(f"w{n}", float(n)), x=Term("x", 0.5)) for n in (1, 2)]
    total = joined(" + ", parts) + Expression((" + 1",))
    assert total.symbolic() == "w1·x + w2·x + 1"
    assert [term.symbol for term in total.terms] == ["w1", "x", "w2"]
    assert joined(" + ", []).symbolic() == ""


def test_text_may_fill_a_hole():
    assert expression("{a}{more}", a=A, more="·Σy").symbolic() == "a_o·Σy"
