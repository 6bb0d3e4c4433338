"""The grammar of conditions: recursive descent, a method for each rank of operators."""

from __future__ import annotations

from backprop_tui.network.description import Network
from backprop_tui.network.errors import nearest
from backprop_tui.stops.condition_tree import (
    Call,
    Chain,
    Comparison,
    Flag,
    Joined,
    Negative,
    Node,
    Not,
    Number,
    Power,
    is_truth,
    sources,
)
from backprop_tui.stops.functions import FUNCTIONS
from backprop_tui.stops.parsing.known_names import ALONE, TESTS, KnownNames, Networks
from backprop_tui.stops.parsing.tokens import ConditionError, Token, Tokens

DEEPEST = 50
"""How deep brackets, functions, signs and powers may be nested."""
DEEPEST_IN_TIME = 4
"""How deep ``previous`` and its like may be nested."""
_COMPARISONS = ("<", "<=", ">", ">=", "==", "!=")


class Parser:
    """Reads one text, from ``or``, which binds the least, down to single names and numbers.

    Raises:
        ConditionError: a character of it means nothing.

    """

    def __init__(self, text: str, network: Network, beside: Networks = ALONE) -> None:
        self._tokens = Tokens(text)
        self._known = KnownNames(network, beside)
        self._depth = 0
        self._depth_in_time = 0

    def whole(self) -> Node:
        """The tree that the whole text means.

        Raises:
            ConditionError: it means none.

        """
        if self._tokens.next.sort == "end":
            raise ConditionError("expected a condition, found nothing", 1)
        node = self._disjunction()
        if self._tokens.next.sort != "end":
            raise self._tokens.unexpected("and, or, an operator or the end")
        return node

    def _deeper(self, token: Token) -> None:
        self._depth += 1
        if self._depth > DEEPEST:
            raise ConditionError(f"nested more than {DEEPEST} deep", token.column)

    # Ranks

    def _disjunction(self) -> Node:
        return self._joined("or")

    def _joined(self, operator: str) -> Node:
        start = self._tokens.next.column
        operands = [self._operand_of(operator)]
        while self._tokens.next.is_operator(operator):
            _truth(operands[-1], start)
            self._tokens.take()
            start = self._tokens.next.column
            operands.append(_truth(self._operand_of(operator), start))
        return operands[0] if len(operands) == 1 else Joined(operator, tuple(operands))

    def _operand_of(self, operator: str) -> Node:
        return self._joined("and") if operator == "or" else self._negation()

    def _negation(self) -> Node:
        if token := self._tokens.accept("not"):
            self._deeper(token)
            start = self._tokens.next.column
            node = Not(_truth(self._negation(), start))
            self._depth -= 1
            return node
        return self._comparison()

    def _comparison(self) -> Node:
        start = self._tokens.next.column
        left = self._sum()
        token = self._tokens.accept(*_COMPARISONS)
        if token is None:
            return left
        _number(left, start)
        start = self._tokens.next.column
        node = Comparison(token.text, left, _number(self._sum(), start))
        if again := self._tokens.accept(*_COMPARISONS):
            raise ConditionError(
                "comparisons are not chained", again.column, "write a < b and b < c for a < b < c"
            )
        return node

    def _sum(self) -> Node:
        return self._chain("+", "-")

    def _chain(self, *operators: str) -> Node:
        start = self._tokens.next.column
        first = self._factor(operators)
        rest: list[tuple[str, Node]] = []
        while token := self._tokens.accept(*operators):
            _number(first, start)
            start = self._tokens.next.column
            rest.append((token.text, _number(self._factor(operators), start)))
        return Chain(first, tuple(rest)) if rest else first

    def _factor(self, operators: tuple[str, ...]) -> Node:
        return self._chain("*", "/") if operators == ("+", "-") else self._signed()

    def _signed(self) -> Node:
        if token := self._tokens.accept("-", "+"):
            self._deeper(token)
            start = self._tokens.next.column
            node = _number(self._signed(), start)
            self._depth -= 1
            return Negative(node) if token.text == "-" else node
        return self._power()

    def _power(self) -> Node:
        start = self._tokens.next.column
        base = self._primary()
        token = self._tokens.accept("**")
        if token is None:
            return base
        _number(base, start)
        self._deeper(token)
        start = self._tokens.next.column
        exponent = _number(self._signed(), start)
        self._depth -= 1
        return Power(base, exponent)

    def _primary(self) -> Node:
        token = self._tokens.next
        if token.sort == "number":
            return Number(float(self._tokens.take().text.replace("−", "-")))
        if token.sort == "word":
            self._tokens.take()
            return self._call(token) if self._tokens.accept("(") else self._name(token)
        if self._tokens.accept("("):
            self._deeper(token)
            node = self._disjunction()
            self._tokens.expect(")")
            self._depth -= 1
            return node
        raise self._tokens.unexpected("a number, a name or '('")

    # Names and functions

    def _name(self, token: Token) -> Node:
        if node := self._known.meaning(token):
            return node
        below = self._tokens.after_next if self._tokens.next.is_operator("/") else None
        if below and (node := self._known.fraction(token, below)):
            self._tokens.take()
            self._tokens.take()
            return node
        raise self._known.unknown(token, below)

    def _call(self, token: Token) -> Node:
        self._deeper(token)
        if token.text in TESTS:
            node: Node = self._test(token)
        elif token.text in FUNCTIONS and not token.run:
            node = self._function(token)
        elif token.text in FUNCTIONS:
            raise ConditionError(
                f"{token.text} is a function: the run is named inside it",
                token.column,
                f"as in {token.text}({token.run}.loss)",
            )
        else:
            hint = nearest(token.text, [*FUNCTIONS, *TESTS])
            raise ConditionError(f"no function is called {token.text[:40]}", token.column, hint)
        self._depth -= 1
        return node

    def _function(self, token: Token) -> Node:
        function = FUNCTIONS[token.text]
        self._depth_in_time += function.in_time
        if self._depth_in_time > DEEPEST_IN_TIME:
            raise ConditionError(
                f"previous and the like nested more than {DEEPEST_IN_TIME} deep", token.column
            )
        arguments: list[Node] = []
        while True:
            start = self._tokens.next.column
            arguments.append(_number(self._sum(), start))
            if not self._tokens.accept(","):
                break
        self._tokens.expect(")")
        self._depth_in_time -= function.in_time
        if function.of_several and len(arguments) < 2:
            raise ConditionError(f"{token.text} is of two numbers or more", token.column)
        if not function.of_several and len(arguments) != 1:
            raise ConditionError(f"{token.text} is of one number, not {len(arguments)}", token.column)
        if function.in_time and not sources(arguments[0]):
            raise ConditionError(f"{token.text} is of something that changes: name it", token.column)
        return Call(token.text, tuple(arguments))

    def _test(self, token: Token) -> Flag:
        if self._tokens.next.sort != "word":
            raise self._tokens.unexpected("the name of a unit")
        found = self._known.test(token, self._tokens.take())
        self._tokens.expect(")")
        return found


# Sorts of values


def _truth(node: Node, column: int) -> Node:
    if is_truth(node):
        return node
    raise ConditionError("expected a condition, found a number", column, "compare it with something")


def _number(node: Node, column: int) -> Node:
    if is_truth(node):
        raise ConditionError("expected a number, found a condition", column)
    return node
