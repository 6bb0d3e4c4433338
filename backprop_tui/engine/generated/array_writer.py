"""Expressions of arrays as calls that write into arrays made beforehand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import prod
from types import MappingProxyType

from backprop_tui.engine.generated.line_writer import Writer
from backprop_tui.engine.generated.tracing.assignments import Assignment, uses_of
from backprop_tui.engine.generated.tracing.expressions import (
    COMPARISONS,
    MATH,
    Graph,
    Node,
    Shape,
    UntraceableError,
)
from backprop_tui.network.lazy_numpy import np

GIVEN = ("a0", "y")
"""The variables that are other arrays in each iteration."""
SMALL = 4096
"""Up to so many weights an outer product is quicker by BLAS, above by broadcasting."""


class ArrayWriter:
    """Turns expressions of arrays into calls that write into arrays made beforehand.

    Args:
        graph: where the expressions are.
        uses: how often each is used in all; an array is free for another result after its last use.

    """

    def __init__(self, graph: Graph, uses: Mapping[Node, int] = MappingProxyType({})) -> None:
        self._graph = graph
        self._uses = dict(uses)
        self._place: dict[Node, str] = {}
        self._variables: dict[str, str] = {}
        self._free: dict[Shape, list[str]] = {}
        self._rebound: set[str] = set()
        self._spare: set[Node] = set()
        self._numbers = 0
        self._turned: dict[str, str] = {}
        self._known: set[str] = set()
        self.there: set[str] = set()
        """The variables whose arrays are there already."""
        self.before: list[str] = []
        """Lines before the first iteration."""
        self.lines: list[str] = []
        self.constants: dict[str, float] = {}
        self.options: dict[str, None] = {}
        self.functions: set[str] = {"empty", "array"}
        self.mathematics: set[str] = set()
        self.counts = False
        """Whether the number of the update is used."""

    def call(self, function: str, *arguments: str) -> None:
        """A call of one of NumPy's functions."""
        self.functions.add(function.split(".")[0])
        self.lines.append(f"{function}({', '.join(arguments)})")

    def buffer(self, name: str, shape: Shape) -> str:
        """An array of its own for a quantity."""
        self.before.append(f"{name} = empty({shape!r})")
        return name

    def place(self, name: str) -> str:
        """The variable in which a quantity is to be found."""
        return self._variables.get(name, name)

    def constant(self, value: float) -> str:
        """A number, as an array without axes: NumPy is quicker with those."""
        for name, known in self.constants.items():
            if repr(known) == repr(value):
                return name
        name = f"c{len(self.constants)}"
        self.constants[name] = value
        return name

    def known(self, name: str) -> None:
        """A quantity is in its array already: it need not be computed."""
        self._known.add(name)

    def assign(self, name: str, node: Node, at: str = "") -> None:
        """Compute a quantity, into the array *at* where there is one."""
        if name in self._known:
            return
        if name in self.there:
            self._compute(node, name)
        elif node.op == "name" or node in self._place:
            self._variables[name] = self._operand(node)
        elif self._rebinds(node):
            self._rebound.add(name)
            self._compute(node, name)
        elif at:
            self.before.append(f"{name} = {at}")
            self._compute(node, name)
        else:
            self._compute(node, self.buffer(name, node.shape))

    def update(self, assignments: Sequence[Assignment], there: set[str], spare: Sequence[Node]) -> None:
        """Compute values into arrays that are *there*; those of *spare* are free once they are not needed."""
        self._spare.update(spare)
        for target, node in assignments:
            known = node.op == "name" or node in self._place
            if target in there:
                rebinds = not known and self._rebinds(node)
                place = self._operand(node) if known else self._compute(node, None if rebinds else target)
                if place != target:
                    self.call("copyto", target, place)
            elif known:
                self.call("copyto", self.buffer(target, node.shape), self._operand(node))
            else:
                self._variables[target] = self._compute(node, None)

    @staticmethod
    def _rebinds(node: Node) -> bool:
        """Whether an operation makes an array of its own."""
        return node.op in COMPARISONS or node.op in ("where", "or") or node.op.startswith("math.")

    def _compute(self, node: Node, target: str | None) -> str:
        """The lines for an expression, its parts first; the result goes to *target*, or anywhere."""
        parts = [one.args[0] if one.op == "transpose" else one for one in node.args]
        parts = [one for one in parts if one.shape and one.args]
        for one in parts:
            if one not in self._place:
                shares = one is parts[0] and self._uses.get(one) == 1 and self._may_hold(one, node, target)
                self._compute(one, target if shares else None)
        operands = [self._operand(one) for one in node.args]
        dying = self._last_used(node)
        if node.op == "fill":
            place = target or self.buffer(self._new("u"), node.shape)
            self._fill(node, place, operands[0])
        elif self._rebinds(node):
            place = target or self._new("u")
            self._rebound.add(place)
            self._fresh(node, place, operands)
        else:
            same = [held for one, held in dying.items() if one.shape == node.shape]
            place = target or (same[0] if same else self._temporary(node.shape))
            self._into(node, place, operands)
        for one, held in dying.items():
            self._place.pop(one, None)
            if held != place:
                self._free.setdefault(one.shape, []).append(held)
        self._place[node] = place
        return place

    def _may_hold(self, part: Node, node: Node, target: str | None) -> bool:
        """Whether a part of an expression may be computed in the array of the whole."""
        if target is None or part.shape != node.shape or node.op in ("fill", "matmul", "reduce"):
            return False
        if self._rebinds(node) or self._rebinds(part):
            return False
        return not any(one.what == target for one in uses_of([node]) if one.op == "name")

    def _last_used(self, node: Node) -> dict[Node, str]:
        """The arrays that nothing needs after this operation."""
        for one in node.args:
            self._uses[one] = self._uses.get(one, 0) - 1
        found: dict[Node, str] = {}
        for one in node.args:
            temporary = one in self._spare or (one.args and one.op not in ("fill", "transpose"))
            if one.shape and temporary and self._uses[one] == 0:
                place = self._operand(one)
                if place not in self._rebound:
                    found[one] = place
        return found

    def _fill(self, node: Node, place: str, value: str) -> None:
        if node.args[0].op == "constant":
            self.before.append(f"{place}[...] = {value}")
        else:
            self.call("copyto", place, value)

    def _into(self, node: Node, place: str, operands: list[str]) -> None:
        if node.op == "reduce":
            ufunc, axis, keepdims = node.what
            self.call(f"{ufunc}.reduce", operands[0], str(axis), "None", place, *["True"] * keepdims)
            return
        if node.op == "matmul":
            outer = node.args[0].shape[1] == 1 and prod(node.shape) > SMALL
            self.call("multiply" if outer else "dot", *operands, place)
            return
        ufunc = getattr(np, node.op, None)
        types = getattr(ufunc, "types", ())
        if not any(kind.endswith("->d") for kind in types):
            raise UntraceableError(f"np.{node.op}")
        by_word = node.op in ("maximum", "minimum")  # NumPy takes a third argument of these for a mistake
        self.call(node.op, *operands, f"out={place}" if by_word else place)

    def _fresh(self, node: Node, place: str, operands: list[str]) -> None:
        if node.op.startswith("math."):
            function = MATH[node.op]
            self.mathematics.add(function)
            self.lines.append(f"{place} = each({function}, {operands[0]})")
            return
        function = {"or": "logical_or"}.get(node.op, node.op)
        self.functions.add(function)
        self.lines.append(f"{place} = {function}({', '.join(operands)})")

    def _operand(self, node: Node) -> str:
        if node in self._place:
            return self._place[node]
        if node.op == "transpose":
            return self._transposed(self._operand(node.args[0]))
        if node.shape:
            return self.place(node.what)
        if node.op == "constant":
            return self.constant(node.what)
        return self._number(node)

    def _transposed(self, place: str) -> str:
        if place in self._rebound or place in GIVEN:
            return f"{place}.T"
        if place not in self._turned:
            self._turned[place] = f"{place}_T"
            self.before.append(f"{place}_T = {place}.T")
        return self._turned[place]

    def _number(self, node: Node) -> str:
        """A single number that depends on options or on the number of the update."""
        text, counts = self._scalar(node)
        place = self._place[node] = self._new("k")
        (self.lines if counts else self.before).append(f"{place} = array({text})")
        return place

    def _scalar(self, node: Node) -> tuple[str, bool]:
        if node.op == "name":
            if node.what == "t":
                self.counts = True
            else:
                self.options[node.what] = None
            return str(node.what), node.what == "t"
        if node.op == "constant":
            return f"({node.what!r})", False
        parts = [self._scalar(one) for one in node.args]
        counts = any(part[1] for part in parts)
        if node.op in Writer.signs:
            return f"({parts[0][0]} {Writer.signs[node.op][0]} {parts[1][0]})", counts
        if node.op == "where":
            (condition, _), (first, _), (second, _) = parts
            return f"({first} if {condition} else {second})", counts
        if node.op == "negative":
            return f"(-{parts[0][0]})", counts
        if node.op in MATH:
            self.mathematics.add(MATH[node.op])
            return f"{MATH[node.op]}({parts[0][0]})", counts
        raise UntraceableError(node.op)

    def _temporary(self, shape: Shape) -> str:
        free = self._free.get(shape)
        return free.pop() if free else self.buffer(self._new("u"), shape)

    def _new(self, letter: str) -> str:
        self._numbers += 1
        return f"{letter}{self._numbers}"
