"""Predicting: each step forwards first asks what it will compute, and shows afterwards what came of that."""

from __future__ import annotations

from collections.abc import Generator

from backprop_tui.lessons.prediction.judging import SIGNS, Verdict, judged, unanswered
from backprop_tui.lessons.prediction.question import Question, question
from backprop_tui.lessons.prediction.score import Score
from backprop_tui.lessons.typed import TypedError
from backprop_tui.program.boundaries import Grain, next_boundary
from backprop_tui.program.number_text import number
from backprop_tui.session.session import Session
from backprop_tui.tui.background.jobs import Jobs
from backprop_tui.tui.desk.current_view import CurrentView
from backprop_tui.tui.desk.terminal import Terminal
from backprop_tui.tui.desk.travel.moving import Moving

_ARROWS = {"up": "+", "down": "−"}
_BEGINNINGS = "0123456789.("
"""What a number may begin with, other than a sign."""


class Predicting:
    """Asks, judges and keeps the score."""

    def __init__(self, current: CurrentView, jobs: Jobs, moving: Moving, terminal: Terminal) -> None:
        self._current = current
        self._jobs = jobs
        self._moving = moving
        self._terminal = terminal
        self._score = Score()

    @property
    def _session(self) -> Session:
        return self._current.session

    def toggle(self) -> None:
        """Ask before each step from now on; again: no more."""
        if self._moving.asks_first is not None:
            self.end()
            return
        self._score = Score()
        self._moving.asks_first = self.ask
        self._current.update(
            predicting=str(self._score), running=f"each step asks first: try {self._current.view.key('s')}"
        )

    def end(self) -> None:
        """Ask no more."""
        self._moving.asks_first = None
        self._terminal.close_prompt()
        self._current.update(predicting="", verdict=None, running=self._ended)

    @property
    def _ended(self) -> str:
        """What is said at the end."""
        return f"predicted {self._score}" if self._score.asked else "no more questions"

    def ask(self, grain: Grain, start: int) -> None:
        """Ask about the step of *grain* from time *start*, once the answer is computed."""
        session = self._session
        end = next_boundary(session.program, grain, start)

        def work() -> Generator[int, None, Question]:
            yield from session.preparing(end)
            asked = question(session.run, grain, start, end)
            yield from session.preparing(session.time)  # whose values are still shown
            return asked

        words = f"… computing the answer  {self._current.view.key('escape')} stops"
        self._jobs.start(work(), self._put, lambda first, reached, seconds: words)

    def _put(self, asked: Question) -> None:
        """Put a question, unless nobody could answer it: then the step runs."""
        if asked.answerable:
            if self._current.view.reader is not None:  # a page may lie over what is asked about
                self._terminal.bring_into_sight("chain")
            self._terminal.ask_line(QuestionLine(self, self._terminal, asked, self._current.view.key("p")))
            self._current.update(asked=True, running="")
        else:
            value = number(asked.value)
            self._show(asked, None, f"{asked.symbol} is {value}: not asked")

    def put_away(self) -> None:
        """Nothing is asked any more."""
        self._current.update(asked=False)

    def answer(self, asked: Question, text: str) -> None:
        """Judge what a person typed, and run the step.

        Raises:
            TypedError: it is no number.
        """
        verdict = judged(asked, text, self._current.view.digits)
        if asked.run is self._session.run:
            self._score = self._score.after(bool(verdict.right))
        self._show(asked, verdict)

    def show(self, asked: Question) -> None:
        """Run the step without an answer, and show what is right."""
        self._show(asked, unanswered(asked))

    def _show(self, asked: Question, verdict: Verdict | None, words: str = "") -> None:
        self._terminal.close_prompt()
        if asked.run is not self._session.run:  # a value was set meanwhile, or another run is debugged
            self._current.say("the run has changed: ask again")
            return
        pointed = None if asked.statement.time == asked.end else asked.statement
        score = str(self._score)
        if self._moving.asks_first is None:
            score, words = "", self._ended
        showing = {"cursor": pointed, "verdict": verdict, "predicting": score}
        self._moving.step_to(asked.end, words, showing)
        if verdict is not None:
            self._terminal.bring_into_sight("chain")


class QuestionLine:
    """A question in the line in which a person types: a sign, one key, then the size."""

    example = "+ positive    − negative    0 and enter: exactly zero"

    def __init__(self, predicting: Predicting, terminal: Terminal, asked: Question, end: str) -> None:
        self._predicting = predicting
        self._terminal = terminal
        self._asked = asked
        self._end = end
        """The key that ends all questions; a command's name with a colon where it has none."""

    def title(self, text: str) -> str:
        """The sign is asked first, then the size."""
        return f"{self._asked.words}. {'How large?' if text else 'Its sign: + or −?'}"

    def keys(self, text: str) -> str:
        """What keys do."""
        if text:
            return "two significant digits are enough   enter: answer   escape: show me"
        return f"enter: answer   escape: show me   {self._end}: no more questions"

    def press(self, text: str, key: str) -> str | None:
        """A sign is one key; before the size no other keys mean anything."""
        key = _ARROWS.get(key, key)
        if text and text not in SIGNS:
            return None
        if key == self._end:
            self._predicting.end()
            self.leave()
            return ""
        if key in SIGNS:
            sign = key.replace("-", "−")
            if self._asked.value == 0:
                self.answer(sign)
                return ""
            return sign
        return "" if not text and len(key) == 1 and key not in _BEGINNINGS else None

    def answer(self, text: str) -> None:
        """Take a number, or a sign where the value is 0; anything else is to be corrected."""
        if not text:
            return
        if text in SIGNS and self._asked.value != 0:
            self._terminal.warn("Its size as well: two significant digits are enough.", "A sign alone")
            return
        try:
            self._predicting.answer(self._asked, text)
        except TypedError as error:
            self._terminal.warn(str(error), "Not a number")

    def leave(self) -> None:
        """Show the answer, unscored."""
        self._predicting.show(self._asked)

    def closed(self) -> None:
        """It is asked no more."""
        self._predicting.put_away()
