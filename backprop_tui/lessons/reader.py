"""A person's way through a lesson: the page, what was answered on it, and what has been answered before."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct
from msgspec.structs import replace

from backprop_tui.lessons.judging_answers import Option, Verdict, judged, options, value_text
from backprop_tui.lessons.lesson import Lesson, Page, Question
from backprop_tui.lessons.stage import Stage, Value
from backprop_tui.lessons.typed import number_typed


class Answer(Struct, frozen=True):
    """What a person answered on the page at hand."""

    text: str
    verdict: Verdict


class Reader(Struct, frozen=True, eq=False, dict=True):
    """The page at hand, ready to be shown."""

    lesson: Lesson
    index: int
    """The page's number, from 0."""
    values: Mapping[str, Value]
    """Of each live number of the page."""
    asked: Mapping[str, Value]
    """Of the question's answer and choices."""
    answer: Answer | None = None
    hinted: bool = False
    """Whether the hint is shown."""
    pointed: int = 0
    """The choice that is pointed at."""
    solved: frozenset[int] = frozenset()
    """The pages whose question has been answered rightly, by number."""

    @property
    def page(self) -> Page:
        """The page at hand."""
        return self.lesson.pages[self.index]

    @property
    def question(self) -> Question | None:
        """Its question."""
        return self.page.question

    @property
    def is_solved(self) -> bool:
        """Whether its question has been answered rightly."""
        return self.index in self.solved

    def options(self, digits: int | None) -> tuple[Option, ...]:
        """The answers it offers; none where one is to be typed, or nothing is asked."""
        return options(self.question, self.asked, digits) if self.question else ()

    def turned(self, index: int, stage: Stage) -> Reader:
        """At another page of the lesson, of which this is the stage, run to its position."""
        return Reader(self.lesson, index, stage.values(), stage.asked(), solved=self.solved)

    def with_hint(self) -> Reader:
        """The hint shown."""
        return replace(self, hinted=True)

    def pointing(self, choice: int) -> Reader:
        """Pointing at a choice."""
        return replace(self, pointed=choice)

    def chosen(self, choice: int, digits: int | None) -> Reader:
        """One of the choices taken as the answer."""
        option = self.options(digits)[choice]
        verdict = Verdict.RIGHT if option.right else Verdict.WRONG
        return replace(self._answered(Answer(option.label, verdict)), pointed=choice)

    def typed(self, text: str, stage: Stage, digits: int | None) -> Reader:
        """A number typed as the answer, judged to the digits shown.

        Raises:
            TypedError: it is none.
        """
        assert self.question is not None
        given = number_typed(text, stage.session.run)
        value = self.asked[self.question.answer]
        verdict = judged(given, float("nan") if value is None else float(value), digits)
        return self._answered(Answer(text.strip().replace("-", "−"), verdict))

    def _answered(self, answer: Answer) -> Reader:
        right = answer.verdict is Verdict.RIGHT
        return replace(
            self,
            answer=answer,
            hinted=self.hinted or not right,
            solved=self.solved | {self.index} if right else self.solved,
        )

    def text_of(self, expression: str, digits: int | None) -> str:
        """An expression's value, as the page shows it."""
        return value_text(self.values.get(expression), digits)
