"""The stage of a lesson: runs of its own, in which the numbers of a page are read at the page's position.

Whatever a person does in the debugger beside it, a page says what its file means.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping

from msgspec import Struct

from backprop_tui.engine.quantities import Parameter, Quantity
from backprop_tui.lessons.lesson import Page
from backprop_tui.lessons.page_text import expressions
from backprop_tui.network.description import Network
from backprop_tui.network.errors import BackpropError, NetworkError, described, nearest
from backprop_tui.program.identifiers import Identifiers, What, computes
from backprop_tui.session.session import Session
from backprop_tui.stops.condition_values import value_at
from backprop_tui.stops.conditions import Condition, parse_expression

Value = float | bool | None
"""What an expression gives; None where it has not been computed yet."""
Selection = tuple[int, int] | Parameter | Quantity
"""What a page points at: the layer and number of a unit, a parameter, or what a statement computes."""


class Placed(Struct, frozen=True):
    """An expression of a page, and where in the page it stands."""

    place: str
    text: str
    asked: bool = False
    """Whether it is an answer or a choice."""


def placed(page: Page) -> Iterator[Placed]:
    """All expressions of a page.

    Raises:
        NetworkError: a brace stands alone; the place is within the page.
    """
    for place, text in (("text", page.text), ("question.hint", page.question.hint if page.question else "")):
        try:
            yield from (Placed(place, one) for one in expressions(text))
        except NetworkError as error:
            raise NetworkError(place, error.expected, error.found, hint=error.hint) from None
    if page.question:
        yield Placed("question.answer", page.question.answer, asked=True)
        for number, choice in enumerate(page.question.choices):
            yield Placed(f"question.choices[{number}]", choice.value, asked=True)


class Stage:
    """One page at a time: its network, the runs beside, and its position."""

    def __init__(self, page: Page) -> None:
        """Nothing is run yet.

        Raises:
            NetworkError: something in the page means nothing in its network; the place is within the page.
        """
        self.page = page
        self.session = Session(page.network)
        self._beside()
        self.time = self._time()
        """The time of the page's position."""
        self.selection = _selection(page.network, page.select) if page.select else None
        self._conditions = {one.text: self._condition(one) for one in placed(page)}
        self._asked = {one.text: self._due(self._conditions[one.text]) for one in placed(page) if one.asked}

    def _beside(self) -> None:
        for number, words in enumerate(self.page.compare):
            try:
                self.session.comparing.add(words)
            except NetworkError as error:
                place = f"compare[{number}]"
                raise NetworkError(place, error.expected, error.found, hint=error.hint) from None
            except BackpropError as error:
                raise NetworkError(
                    f"compare[{number}]", "a change", described(words), hint=str(error)
                ) from None

    def _time(self) -> int:
        try:
            return self.session.time_of(self.page.position)
        except BackpropError as error:
            raise NetworkError(
                "position", "a position", described(self.page.position), hint=str(error)
            ) from None

    def _condition(self, one: Placed) -> Condition:
        session = self.session
        try:
            return parse_expression(one.text, session.network, session.comparing.networks)
        except BackpropError as error:
            raise NetworkError(one.place, "an expression", described(one.text), hint=str(error)) from None

    def _due(self, condition: Condition) -> int:
        """The time at which an answer or a choice is read.

        That is the page's position; where a statement that it names has not run yet for this example, as soon
        as it has, and where the epoch's loss is not known yet, the epoch's end.
        """
        program, time = self.session.program, self.time
        scope, due = program.scope_start(time), time
        for source in condition.sources:
            if source.what is What.COMPUTED and source.quantity is not None:
                last = program.last_time(source.quantity, time)
                following = program.next_time(source.quantity, time)
                if (last is None or last <= scope) and following is not None:
                    due = max(due, following)
            elif source.word == "loss" and time <= 0:
                due = max(due, program.statements)
        return due

    def preparing(self) -> Generator[int, None, None]:
        """Run to the page's position, and on to what is asked for, a slice of computation at each step.

        Yields:
            the iteration reached.
        """
        session = self.session
        for time in sorted({self.time, *self._asked.values()}):
            yield from session.preparing(time)
            yield from session.comparing.following(time, time)
        session.arrive(self.time)

    def values(self) -> Mapping[str, Value]:
        """The value of each expression of the page's text; ``preparing`` comes first."""
        return {text: self._value(text, self.time) for text in self._conditions}

    def asked(self) -> Mapping[str, Value]:
        """The value of the answer and of the choices: also of what is computed only after the position."""
        return {text: self._value(text, due) for text, due in self._asked.items()}

    def _value(self, text: str, time: int) -> Value:
        session = self.session
        runs = session.comparing.runs if session.comparing.open else {}
        return value_at(session.run, self._conditions[text], time, runs)

    def is_truth(self, text: str) -> bool:
        """Whether an expression of the page is true or false, not a number."""
        return self._conditions[text].is_truth


def _selection(network: Network, word: str) -> Selection:
    """What a name means that a page points at.

    Raises:
        NetworkError: nothing has that name.
    """
    names = Identifiers(network)
    if (unit := names.unit(word)) is not None:
        return unit
    source = names.resolve(word)
    if source is not None and source.quantity is not None and computes(network, source.quantity):
        parameter = source.quantity.parameter
        return parameter if source.what is What.PARAMETER and parameter else source.quantity
    expected = "a unit, a weight or bias, or what a statement computes"
    raise NetworkError("select", expected, described(word), hint=nearest(word, names.sample()))
