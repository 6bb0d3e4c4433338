"""The language of conditions: ``loss < 1e-3 and changed_sign(dL_dw1)``, read into a small tree.

A condition is arithmetic over everything that the program computes, compared and joined by ``and``, ``or``
and ``not``; it is read by the parser here and can do nothing but be true, false or a number. A name whose
value is not known yet makes a comparison false, and numbers never fail: 1/0 is infinite, 0/0 not a number.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from msgspec import Struct

from backprop_tui.network.description import Network
from backprop_tui.network.errors import BackpropError, nearest
from backprop_tui.network.names import shown
from backprop_tui.program.identifiers import Identifiers, Source, What
from backprop_tui.stops.condition_tree import (
    Call,
    Chain,
    Comparison,
    Flag,
    Joined,
    Name,
    Negative,
    Node,
    Not,
    Number,
    Power,
    is_truth,
    sources,
    written,
)
from backprop_tui.stops.functions import FUNCTIONS
from backprop_tui.stops.words import WORDS

LONGEST = 1000
"""Characters of a condition, at most."""
DEEPEST = 50
"""How deep brackets, functions, signs and powers may be nested."""
DEEPEST_IN_TIME = 4
"""How deep ``previous`` and its like may be nested."""


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


class Condition(Struct, frozen=True):
    """A condition, or any other expression, that has been understood."""

    text: str
    """As it was written."""
    root: Node

    @property
    def is_truth(self) -> bool:
        """Whether it is true or false, not a number."""
        return is_truth(self.root)

    @property
    def sources(self) -> tuple[Source, ...]:
        """All that it depends on, each once."""
        return sources(self.root)

    def __str__(self) -> str:
        return written(self.root)


def parse(text: str, network: Network) -> Condition:
    """The condition that *text* means for *network*.

    Raises:
        ConditionError: it means none.

    """
    condition = parse_expression(text, network)
    if not condition.is_truth:
        raise ConditionError("this is a number: compare it with something", 1, f"as in {text.strip()} > 0")
    return condition


def parse_expression(text: str, network: Network) -> Condition:
    """The condition or number that *text* means for *network*.

    Raises:
        ConditionError: it means none.

    """
    if len(text) > LONGEST:
        raise ConditionError(f"longer than {LONGEST} characters", LONGEST + 1)
    return Condition(text.strip(), _Parser(text, network).whole())


# Reading


class _Token(NamedTuple):
    sort: str
    text: str
    column: int


_TOKEN = re.compile(
    r"(?P<number>(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+\-−]?[0-9]+)?)|(?P<word>[^\W\d]\w*)"
    r"|(?P<operator>\*\*|<=|>=|==|!=|[-+*/^<>(),−·×≤≥≠])"
)
_SAME = {"^": "**", "−": "-", "·": "*", "×": "*", "≤": "<=", "≥": ">=", "≠": "!="}
_INSTEAD = {"=": "==", "&": "and", "|": "or", "!": "not"}
_COMPARISONS = ("<", "<=", ">", ">=", "==", "!=")
_RESERVED = ("and", "or", "not")


def _tokens(text: str) -> list[_Token]:
    found: list[_Token] = []
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
        sort = str(match.lastgroup)
        word = match[0]
        if sort == "word" and word in _RESERVED:
            sort = "operator"
        found.append(_Token(sort, _SAME.get(word, word), place + 1))
        place = match.end()
    found.append(_Token("end", "the end", len(text) + 1))
    return found


class _Parser:
    """Recursive descent, a method for each rank of operators from ``or`` down to a name."""

    def __init__(self, text: str, network: Network) -> None:
        self._network = network
        self._names = Identifiers(network)
        self._tokens = _tokens(text)
        self._place = 0
        self._depth = 0
        self._depth_in_time = 0

    def whole(self) -> Node:
        if self._next.sort == "end":
            raise ConditionError("expected a condition, found nothing", 1)
        node = self._disjunction()
        if self._next.sort != "end":
            raise self._unexpected("and, or, an operator or the end")
        return node

    # Tokens

    @property
    def _next(self) -> _Token:
        return self._tokens[self._place]

    def _take(self) -> _Token:
        self._place += 1
        return self._tokens[self._place - 1]

    def _accept(self, *operators: str) -> _Token | None:
        if self._next.sort == "operator" and self._next.text in operators:
            return self._take()
        return None

    def _expect(self, operator: str) -> None:
        if not self._accept(operator):
            raise self._unexpected(f"'{operator}'")

    def _unexpected(self, expected: str) -> ConditionError:
        found = self._next
        shown = found.text if found.sort == "end" else f"'{found.text[:40]}'"
        return ConditionError(f"expected {expected}, found {shown}", found.column)

    def _deeper(self, token: _Token) -> None:
        self._depth += 1
        if self._depth > DEEPEST:
            raise ConditionError(f"nested more than {DEEPEST} deep", token.column)

    # Ranks

    def _disjunction(self) -> Node:
        return self._joined("or")

    def _joined(self, operator: str) -> Node:
        start = self._next.column
        operands = [self._operand_of(operator)]
        while self._next.sort == "operator" and self._next.text == operator:
            self._truth(operands[-1], start)
            self._take()
            start = self._next.column
            operands.append(self._truth(self._operand_of(operator), start))
        return operands[0] if len(operands) == 1 else Joined(operator, tuple(operands))

    def _operand_of(self, operator: str) -> Node:
        return self._joined("and") if operator == "or" else self._negation()

    def _negation(self) -> Node:
        if token := self._accept("not"):
            self._deeper(token)
            start = self._next.column
            node = Not(self._truth(self._negation(), start))
            self._depth -= 1
            return node
        return self._comparison()

    def _comparison(self) -> Node:
        start = self._next.column
        left = self._chain("+", "-")
        token = self._accept(*_COMPARISONS)
        if token is None:
            return left
        self._number(left, start)
        start = self._next.column
        node = Comparison(token.text, left, self._number(self._chain("+", "-"), start))
        if again := self._accept(*_COMPARISONS):
            raise ConditionError(
                "comparisons are not chained", again.column, "write a < b and b < c for a < b < c"
            )
        return node

    def _chain(self, *operators: str) -> Node:
        start = self._next.column
        first = self._factor(operators)
        rest: list[tuple[str, Node]] = []
        while token := self._accept(*operators):
            self._number(first, start)
            start = self._next.column
            rest.append((token.text, self._number(self._factor(operators), start)))
        return Chain(first, tuple(rest)) if rest else first

    def _factor(self, operators: tuple[str, ...]) -> Node:
        return self._chain("*", "/") if operators == ("+", "-") else self._signed()

    def _signed(self) -> Node:
        if token := self._accept("-", "+"):
            self._deeper(token)
            start = self._next.column
            node = self._number(self._signed(), start)
            self._depth -= 1
            return Negative(node) if token.text == "-" else node
        return self._power()

    def _power(self) -> Node:
        start = self._next.column
        base = self._primary()
        token = self._accept("**")
        if token is None:
            return base
        self._number(base, start)
        self._deeper(token)
        start = self._next.column
        exponent = self._number(self._signed(), start)
        self._depth -= 1
        return Power(base, exponent)

    def _primary(self) -> Node:
        token = self._next
        if token.sort == "number":
            return Number(float(self._take().text.replace("−", "-")))
        if token.sort == "word":
            self._take()
            return self._call(token) if self._accept("(") else self._name(token)
        if self._accept("("):
            self._deeper(token)
            node = self._disjunction()
            self._expect(")")
            self._depth -= 1
            return node
        raise self._unexpected("a number, a name or '('")

    # Names and functions

    def _name(self, token: _Token) -> Node:
        if node := self._known(token.text):
            return node
        if fraction := self._fraction(token):
            return fraction
        word, known = token.text, [*WORDS, *self._names.sample(), *FUNCTIONS]
        below = self._tokens[min(self._place + 1, len(self._tokens) - 1)].text
        if self._next.text == "/" and word[0] == below[0] == "d":
            word, known = f"{word}/{below}", [shown(one) for one in known if shown(one) != one]
        raise ConditionError(f"nothing is called {word[:40]}", token.column, nearest(word, known))

    def _known(self, word: str) -> Node | None:
        if source := self._names.resolve(word):
            return Name(source)
        if word == "η":
            word = "learning_rate"
        if word not in WORDS:
            return None
        source = Source(What.WORD, word)
        if not WORDS[word].truth:
            return Name(source)
        self._can_saturate(word, None, self._tokens[self._place - 1].column)
        return Flag(source)

    def _fraction(self, token: _Token) -> Node | None:
        """``dL/dw1`` as the screen shows a derivative, where neither half is a name of its own."""
        if self._next.text != "/" or self._next.sort != "operator":
            return None
        below = self._tokens[self._place + 1]
        if below.sort != "word" or self._known(below.text):
            return None
        source = self._names.resolve(f"{token.text}_{below.text}")
        if source is None:
            return None
        self._place += 2
        return Name(source)

    def _call(self, token: _Token) -> Node:
        self._deeper(token)
        tests = [word.name for word in WORDS.values() if word.of_unit]
        if token.text in tests:
            node: Node = self._test(token)
        elif token.text not in FUNCTIONS:
            hint = nearest(token.text, [*FUNCTIONS, *tests])
            raise ConditionError(f"no function is called {token.text[:40]}", token.column, hint)
        else:
            node = self._function(token)
        self._depth -= 1
        return node

    def _function(self, token: _Token) -> Node:
        in_time = FUNCTIONS[token.text].of is None
        self._depth_in_time += in_time
        if self._depth_in_time > DEEPEST_IN_TIME:
            raise ConditionError(
                f"previous and the like nested more than {DEEPEST_IN_TIME} deep", token.column
            )
        arguments: list[Node] = []
        while True:
            start = self._next.column
            arguments.append(self._number(self._chain("+", "-"), start))
            if not self._accept(","):
                break
        self._expect(")")
        self._depth_in_time -= in_time
        if token.text in ("min", "max"):
            if len(arguments) < 2:
                raise ConditionError(f"{token.text} is of two numbers or more", token.column)
        elif len(arguments) != 1:
            raise ConditionError(f"{token.text} is of one number, not {len(arguments)}", token.column)
        if in_time and not sources(arguments[0]):
            raise ConditionError(f"{token.text} is of something that changes: name it", token.column)
        return Call(token.text, tuple(arguments))

    def _test(self, token: _Token) -> Node:
        word = self._next
        if word.sort != "word":
            raise self._unexpected("the name of a unit")
        self._take()
        place = self._names.unit(word.text)
        if place is None:
            hint = nearest(word.text, self._names.sample_units())
            raise ConditionError(f"no unit is called {word.text[:40]}", word.column, hint)
        if place[0] == 0:
            raise ConditionError(f"{word.text} is an input, which has no slope", word.column)
        self._can_saturate(token.text, place[0], word.column)
        self._expect(")")
        return Flag(Source(What.WORD, f"{token.text}({word.text})", None, *place))

    def _can_saturate(self, word: str, layer: int | None, column: int) -> None:
        layers = self._network.layers if layer is None else self._network.layers[layer - 1 : layer]
        if word == "saturated" and not any(row.activation.saturates for row in layers):
            names = ", ".join(dict.fromkeys(row.activation_name for row in layers))
            raise ConditionError(f"{names}: no activation here saturates", column)

    # Sorts of values

    def _truth(self, node: Node, column: int) -> Node:
        if is_truth(node):
            return node
        raise ConditionError("expected a condition, found a number", column, "compare it with something")

    def _number(self, node: Node, column: int) -> Node:
        if is_truth(node):
            raise ConditionError("expected a number, found a condition", column)
        return node
