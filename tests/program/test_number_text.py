"""Numbers as a person reads them."""

import math

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from backprop_tui.program.number_text import ABSENT, DIGITS, number, width


@pytest.mark.parametrize(
    ("value", "digits", "text"),
    [
        (0.25, 4, "0.2500"),
        (-0.35582679720687027, 4, "−0.3558"),
        (0.06330635480524958, 6, "0.063306"),
        (0.06330635480524958, 9, "0.063306355"),
        (0.06330635480524958, None, "0.06330635480524958"),
        (-1.5, None, "−1.5"),
        (1e-20, None, "1e−20"),
        (0.0, 4, "0.0000"),
        (-0.0, 4, "0.0000"),
        (1.0, 4, "1.0000"),
        (12, 4, "12"),
        (-0.0070261878, 4, "−0.0070"),
        (1e-7, 4, "1.00e−07"),
        (-1e-7, 4, "−1.00e−07"),
        (0.00004, 4, "4.00e−05"),
        (0.00006, 4, "0.0001"),
        (0.5, 0, "5e−01"),
        (5e-7, 6, "5.0000e−07"),
        (99999.0, 4, "99999.0000"),
        (123456.0, 4, "1.23e+05"),
        (-1e300, 4, "−1.00e+300"),
        (math.inf, 4, "inf"),
        (-math.inf, 4, "−inf"),
        (math.nan, 4, "nan"),
        (math.inf, None, "inf"),
        (None, 4, ABSENT),
        (None, None, "–"),
    ],
)
def test_known_numbers(value, digits, text):
    assert number(value, digits) == text


def read(text):
    return float(text.replace("−", "-"))


@given(st.floats(-1e300, 1e300), st.sampled_from(DIGITS))
def test_what_is_shown_is_the_number_to_the_digits_asked_for(value, digits):
    text = number(value, digits)
    assert "-" not in text
    if digits is None:
        assert read(text) == value
    elif "e" in text:
        assert read(text) == pytest.approx(value, rel=0.51 * 10.0 ** -(digits - 2))
    else:
        assert read(text) == pytest.approx(value, rel=0, abs=0.51 * 10.0**-digits)


@given(st.floats(allow_nan=False), st.sampled_from((*DIGITS, *range(4))))
def test_only_a_true_zero_reads_as_zero(value, digits):
    assert (read(number(value, digits)) == 0.0) == (value == 0.0)
    assert number(value, digits).startswith("−") == (value < 0.0 or (digits is None and str(value) == "-0.0"))


@given(st.floats(-99.9999, 99.9999), st.sampled_from([4, 6, 9]))
def test_ordinary_numbers_fit_the_width(value, digits):
    """Those that are written without an exponent, that is."""
    assume(value == 0.0 or abs(value) >= 0.5 * 10.0**-digits)
    assert len(number(value, digits)) <= width(digits)
