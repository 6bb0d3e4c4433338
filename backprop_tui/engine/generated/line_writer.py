"""Expressions as lines of Python."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from backprop_tui.engine.generated.safe_names import Identifiers
from backprop_tui.engine.generated.tracing.assignments import Assignment, uses_of
from backprop_tui.engine.generated.tracing.expressions import COMPARISONS, MATH, Graph, Node

_ATOM = 9
_SIGNS = {
    "add": ("+", 4),
    "subtract": ("-", 4),
    "multiply": ("*", 5),
    "divide": ("/", 5),
    "power": ("**", 7),
    "less": ("<", 2),
    "less_equal": ("<=", 2),
    "greater": (">", 2),
    "greater_equal": (">=", 2),
    "equal": ("==", 2),
    "not_equal": ("!=", 2),
    "or": ("or", 1),
}


class Writer:
    """Turns assignments into lines, giving names to what occurs more than once."""

    signs = _SIGNS
    """What Python has an operator for, and how tightly it binds."""

    def __init__(self, graph: Graph, identifiers: Identifiers, invariant: Iterable[str]) -> None:
        self._identifiers = identifiers
        self._invariant = frozenset(invariant)
        self.named: dict[Node, str] = {}
        """The expressions that are in a variable."""
        self._depends: dict[Node, bool] = {}
        self._numbers = 0
        self.hoisted: list[str] = []
        """Lines for what depends on invariant names alone."""
        self.mentioned: set[str] = set()
        self.functions: set[str] = set()

    def lines(self, assignments: Sequence[Assignment], cut: int = 0) -> tuple[list[str], ...]:
        """The lines; where *cut* is given, those of the first so many assignments and the others."""
        uses = uses_of([node for _, node in assignments])
        parts: list[list[str]] = [[]]
        for place, (target, node) in enumerate(assignments):
            if cut and place == cut:
                parts.append([])
            self.write(target, node, uses, parts[-1])
        return tuple(parts)

    def write(self, target: str, node: Node, uses: Mapping[Node, int], lines: list[str]) -> None:
        """Add the lines of one assignment; *uses* tells how often each expression occurs in all."""
        self._name_parts(node, uses, lines)
        lines.append(f"{target} = {self.text(node)[0]}")
        if node.args:
            self.named.setdefault(node, target)

    def _name_parts(self, node: Node, uses: Mapping[Node, int], lines: list[str]) -> None:
        """Lines for the parts of an expression that get names of their own."""
        if not node.args or node in self.named:
            return
        if not self._varies(node):
            self._own(node, self.hoisted)
            return
        for one in node.args:
            self._name_parts(one, uses, lines)
            if one.args and one not in self.named and uses[one] > 1 and one.op not in COMPARISONS:
                self._own(one, lines)

    def _own(self, node: Node, lines: list[str]) -> None:
        self._numbers += 1
        text = self.text(node)[0]
        self.named[node] = name = self._identifiers.unique(f"t{self._numbers}")
        lines.append(f"{name} = {text}")

    def _varies(self, node: Node) -> bool:
        """Whether an expression may differ from one iteration to the next."""
        if node not in self._depends:
            if node.op == "name":
                self._depends[node] = node.what not in self._invariant
            else:
                self._depends[node] = any(self._varies(one) for one in node.args)
        return self._depends[node]

    def text(self, node: Node) -> tuple[str, int]:
        """An expression, and how tightly its outermost operation binds."""
        if node in self.named:
            return self.named[node], _ATOM
        if node.op == "name":
            self.mentioned.add(node.what)
            return node.what, _ATOM
        if node.op == "constant":
            return self._constant(node.what)
        if node.op in _SIGNS:
            sign, tightness = _SIGNS[node.op]
            left, right = node.args
            # a - (b - c) and a + (b + c) keep their brackets: the order of operations decides the last bits
            outer, inner = (tightness + 1, tightness) if node.op == "power" else (tightness, tightness + 1)
            return f"{self._within(left, outer)} {sign} {self._within(right, inner)}", tightness
        if node.op == "negative":
            return f"-{self._within(node.args[0], 6)}", 6
        if node.op == "where":
            condition, first, second = node.args
            return f"{self._within(first, 1)} if {self._within(condition, 1)} else {self.text(second)[0]}", 0
        argument = self.text(node.args[0])[0]
        if node.op == "absolute":
            return f"abs({argument})", _ATOM
        function = MATH[node.op]
        self.functions.add(function)
        return f"{function}({argument})", _ATOM

    def _within(self, node: Node, tightness: int) -> str:
        text, own = self.text(node)
        return text if own >= tightness else f"({text})"

    def _constant(self, value: float) -> tuple[str, int]:
        if value != value or value in (float("inf"), float("-inf")):
            self.functions.add("nan" if value != value else "inf")
        text = repr(value)
        return text, 6 if text.startswith("-") else _ATOM
