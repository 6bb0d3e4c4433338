"""Answers: a number is right when it agrees to the digits shown; arithmetic is understood, names are not."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lesson_files import TWO_PAGES, written

from backprop_tui.lessons.checking import staged
from backprop_tui.lessons.judging_answers import Verdict, judged, options
from backprop_tui.lessons.lesson import Choice, Question
from backprop_tui.lessons.lesson_files import read_lesson
from backprop_tui.lessons.reader import Reader


@given(st.floats(-50, 50).filter(lambda x: abs(x) > 1e-3), st.sampled_from([4, 6, 9]))
def test_rounded_to_the_digits_shown_is_right_and_the_other_sign_never_is(value, digits):
    assert judged(round(value, digits), value, digits) is Verdict.RIGHT
    assert judged(value, value, digits) is Verdict.RIGHT
    assert judged(-value, value, digits) is Verdict.SIGN


@given(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6), st.sampled_from([4, 6, 9, None]))
def test_right_means_within_a_unit_of_the_last_place(given_, value, digits):
    if judged(given_, value, digits) is Verdict.RIGHT:
        size = max(abs(value), 1e-300)
        places = 9 if digits is None else digits
        unit = (
            10.0**-places
            if size < 1e5 and size >= 0.5 * 10.0**-places
            else 10.0 ** (math.floor(math.log10(size)) - places + 2)
        )
        assert abs(given_ - value) <= 1.01 * unit or given_ == value


def test_two_digits_are_close_and_not_right():
    assert judged(0.25, 0.2461, 4) is Verdict.CLOSE
    assert judged(0.2461, 0.246134, 6) is Verdict.CLOSE
    assert judged(0.23, 0.2461, 4) is Verdict.WRONG
    assert judged(0.0, 0.2461, 4) is Verdict.WRONG
    assert judged(0.0, 0.0, 4) is Verdict.RIGHT
    assert judged(math.nan, 0.5, 4) is Verdict.WRONG
    assert judged(0.5, math.nan, 4) is Verdict.WRONG
    assert judged(math.inf, math.inf, 4) is Verdict.RIGHT


def test_the_choice_with_the_answers_value_is_right():
    question = Question("da", choices=(Choice("a"), Choice("da", "the slope")))
    assert options(question, {"a": 0.5, "da": 0.25}, 4) == (("0.5000", False), ("the slope", True))


@pytest.mark.parametrize("truth", [True, False])
def test_of_a_truth_yes_or_no_is_right(truth):
    found = options(Question("w1 > 0"), {"w1 > 0": truth}, 4)
    assert [(one.label, one.right) for one in found] == [("yes", truth), ("no", not truth)]


def test_a_reader_goes_from_wrong_to_hint_to_right(tmp_path):
    lesson = read_lesson(written(tmp_path, TWO_PAGES))
    stage = staged(lesson, 1)
    for _ in stage.preparing():
        pass
    reader = Reader(lesson, 1, {}, {}).turned(1, stage)
    assert [one.right for one in reader.options(4)] == [False, True, False]
    wrong = reader.chosen(0, 4)
    assert wrong.answer.verdict is Verdict.WRONG
    assert wrong.hinted
    assert not wrong.is_solved
    right = wrong.chosen(1, 4)
    assert right.is_solved
    assert right.solved == {1}
