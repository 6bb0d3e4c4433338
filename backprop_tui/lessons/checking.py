"""Checking a lesson: whether every page can be shown, with all its numbers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from backprop_tui.lessons.judging_answers import CHOICE_DIGITS, options, value_text
from backprop_tui.lessons.lesson import Lesson, Page
from backprop_tui.lessons.stage import Stage, Value, placed
from backprop_tui.network.errors import MISSING, NetworkError, described, nearest

PICTURES = ("loss", "flow", "activation", "slice", "surface", "boundary", "weights", "auto")
"""The pictures that a page may show."""


def staged(lesson: Lesson, index: int) -> Stage:
    """The stage of a page, nothing run yet.

    Raises:
        NetworkError: the page cannot be shown; the place names it.
    """
    page = lesson.pages[index]
    try:
        _known_picture(page)
        stage = Stage(page)
        _fits_its_choices(page, stage)
    except NetworkError as error:
        raise _of_page(index, error) from None
    return stage


def demand_shown(lesson: Lesson) -> None:
    """Refuse a lesson in which something means nothing: a name, a position, a run beside. Runs nothing.

    Raises:
        NetworkError: a page cannot be shown.
    """
    for index in range(len(lesson.pages)):
        staged(lesson, index)


def faults(lesson: Lesson) -> Iterator[NetworkError | None]:
    """What is wrong with each page, in their order, once the page has been run; None where nothing is.

    Where a page has kept what was wrong on the one before, that is said instead of its reason.
    """
    before = ""
    for index, page in enumerate(lesson.pages):
        fault = None
        try:
            stage = staged(lesson, index)
            for _ in stage.preparing():
                pass
            _demand_values(page, stage.values(), stage.asked())
        except NetworkError as error:
            fault = error if error.place.startswith(f"pages[{index}]") else _of_page(index, error)
        said = str(fault).replace(f"pages[{index}]", "", 1)
        if fault is not None and said == before:
            fault = NetworkError(fault.place, fault.expected, fault.found, hint="as on the page before")
        before = said
        yield fault


def _of_page(index: int, error: NetworkError) -> NetworkError:
    place = f"pages[{index}].{error.place}"
    return NetworkError(place, error.expected, error.found, hint=error.hint)


def _known_picture(page: Page) -> None:
    if page.picture not in PICTURES:
        hint = nearest(page.picture, PICTURES) or "there are " + ", ".join(PICTURES)
        raise NetworkError("picture", "a picture", described(page.picture), hint=hint)


def _fits_its_choices(page: Page, stage: Stage) -> None:
    """Refuse choices of another sort than the answer."""
    question = page.question
    if question is None:
        return
    truth = stage.is_truth(question.answer)
    for place, choice in enumerate(question.choices):
        if stage.is_truth(choice.value) != truth:
            expected = "true or false, as the answer" if truth else "a number, as the answer"
            raise NetworkError(f"question.choices[{place}]", expected, described(choice.value))


def _demand_values(page: Page, values: Mapping[str, Value], asked: Mapping[str, Value]) -> None:
    """Refuse a page with a number that is not known at its position, or a question with no right answer."""
    for one in placed(page):
        if (asked if one.asked else values)[one.text] is None:
            hint = f"{one.text[:40]} has no value yet at {page.position}"
            raise NetworkError(one.place, "a value", MISSING, hint=hint)
    question = page.question
    if question is None or not question.choices:
        return
    right = [option for option in options(question, asked, None) if option.right]
    if len(right) != 1:
        answer = value_text(asked[question.answer], None)
        found = "none" if not right else " and ".join(option.label for option in right)
        hint = f"at {page.position}, to {CHOICE_DIGITS} decimals"
        raise NetworkError(
            "question.choices", f"one choice whose value is the answer's, {answer}", found, hint=hint
        )
