"""Two significant digits: every way to write the right number is right, nothing with another sign is."""

from decimal import ROUND_DOWN, ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal, localcontext

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backprop_tui.lessons.prediction.agreement import agrees

values = st.floats(1e-300, 1e300) | st.floats(1e-5, 1e3)


def written(value, digits, rounding):
    """*value* to so many significant digits."""
    with localcontext() as context:
        context.prec, context.rounding = digits, rounding
        return +Decimal(value)


@given(values, st.integers(2, 9), st.sampled_from([ROUND_HALF_UP, ROUND_HALF_EVEN]), st.booleans())
def test_a_rounded_value_is_right(value, digits, rounding, negative):
    sign = -1.0 if negative else 1.0
    assert agrees(sign * float(written(value, digits, rounding)), sign * value)


@given(values, st.integers(2, 9))
def test_a_value_cut_off_is_right(value, digits):
    assert agrees(float(written(value, digits, ROUND_DOWN)), value)


@given(values, values)
def test_no_other_sign_is_right(said, value):
    assert not agrees(-said, value)
    assert not agrees(said, -value)
    assert not agrees(-value, value)
    assert not agrees(0.0, value)
    assert not agrees(said, 0.0)


@given(values, st.floats(0.1, 10.0), st.integers(2, 6))
def test_what_is_a_unit_of_the_last_digit_away_is_wrong(value, factor, digits):
    said = value * factor
    unit = Decimal(10) ** (Decimal(value).adjusted() - digits + 1)
    assert agrees(said, value, digits) <= (abs(Decimal(said) - Decimal(value)) < unit)


@pytest.mark.parametrize(
    ("said", "value", "right"),
    [
        (0.046, 0.045851, True),
        (0.045, 0.045851, True),
        (0.0459, 0.045851, True),
        (0.044, 0.045851, False),
        (0.047, 0.045851, False),
        (0.05, 0.045851, False),
        (10.0, 9.96, True),
        (9.9, 9.96, True),
        (0.13, 0.125, True),
        (0.12, 0.125, True),
        (1.0, 1.0, True),
        (0.0, 0.0, True),
        (-0.0, 0.0, True),
    ],
)
def test_by_hand(said, value, right):
    assert agrees(said, value) is right
    assert agrees(-said, -value) is right
