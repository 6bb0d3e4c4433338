"""The text of a condition as tokens, and the error that says at which of its columns it goes wrong."""

from __future__ import annotations

import re
from typing import NamedTuple

from backprop_tui.network.errors import BackpropError


class ConditionError(BackpropError):
    """A condition that cannot be understood: what is wrong, in which column (from 1), and a hint.

    >>> from backprop_tui import ConditionError, Session, load
    >>> try:
    ...     Session(load()).stopping.add("losss < 0.01")
    ... except ConditionError as error:
    ...     print(error)
    column 1: nothing is called losss (did you mean loss?)
    """

    def __init__(self, message: str, column: int, hint: str = "") -> None:
        super().__init__(message, column, hint)
        self.message = message
        self.column = column
        self.hint = hint

    def __str__(self) -> str:
        return f"column {self.column}: {self.message}{f' ({self.hint})' if self.hint else ''}"


class Token(NamedTuple):
    """A number, a word or an operator; after the last one comes ``end``."""

    sort: str
    text: str
    column: int
    run: str = ""
    """Of a name with a run before it, as in ``b.loss``, that run."""

    def is_operator(self, *operators: str) -> bool:
        """Whether it is one of some operators."""
        return self.sort == "operator" and self.text in operators


_TOKEN = re.compile(
    r"(?P<number>(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+\-−]?[0-9]+)?)|(?:(?P<run>[a-z])\.(?=[^\W\d]))?(?P<word>[^\W\d]\w*)"
    r"|(?P<operator>\*\*|<=|>=|==|!=|[-+*/^<>(),−·×≤≥≠])"
)
_SAME = {"^": "**", "−": "-", "·": "*", "×": "*", "≤": "<=", "≥": ">=", "≠": "!="}
_INSTEAD = {"=": "==", "&": "and", "|": "or", "!": "not"}
_RESERVED = ("and", "or", "not")


class Tokens:
    """The tokens of a text, taken one after another.

    Raises:
        ConditionError: a character of it means nothing.

    """

    def __init__(self, text: str) -> None:
        self._tokens = _split(text)
        self._place = 0

    @property
    def next(self) -> Token:
        """The token to be taken next."""
        return self._tokens[self._place]

    @property
    def after_next(self) -> Token:
        """The one after it."""
        return self._tokens[min(self._place + 1, len(self._tokens) - 1)]

    def take(self) -> Token:
        """Take the next token."""
        self._place += 1
        return self._tokens[self._place - 1]

    def accept(self, *operators: str) -> Token | None:
        """Take the next token if it is one of some operators."""
        return self.take() if self.next.is_operator(*operators) else None

    def expect(self, operator: str) -> None:
        """Take an operator.

        Raises:
            ConditionError: something else comes next.

        """
        if not self.accept(operator):
            raise self.unexpected(f"'{operator}'")

    def unexpected(self, expected: str) -> ConditionError:
        """The error that the next token is not what was expected."""
        found = self.next
        shown = found.text if found.sort == "end" else f"'{found.text[:40]}'"
        return ConditionError(f"expected {expected}, found {shown}", found.column)


def _split(text: str) -> list[Token]:
    found: list[Token] = []
    place = 0
    while place < len(text):
        if text[place].isspace():
            place += 1
            continue
        match = _TOKEN.match(text, place)
        if match is None:
            instead = _INSTEAD.get(text[place])
            what = repr(text[place]) if text[place].isprintable() else "this character"
            hint = f"write {instead}" if instead else ""
            raise ConditionError(f"{what} means nothing here", place + 1, hint)
        run = match["run"] or ""
        word = match["word"] if run else match[0]
        sort = "operator" if word in _RESERVED and not run else str(match.lastgroup)
        found.append(Token(sort, _SAME.get(word, word), match.end() - len(word) + 1, run))
        place = match.end()
    found.append(Token("end", "the end", len(text) + 1))
    return found
