"""An array as single numbers, an expression each: what straight-line code is written from."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from backprop_tui.engine.generated.tracing.expressions import (
    SCALAR,
    Graph,
    Node,
    UntraceableError,
    is_constant,
)
from backprop_tui.engine.generated.tracing.stand_ins import Traced, plain
from backprop_tui.network.lazy_numpy import np


class Numbers(Traced):
    """An array of single numbers, an expression each: a layer's units for one example, or its weights.

    Operations follow IEEE 754 where Python raises nothing: a value that is not a number stays one.

    Args:
        graph: where the expressions are.
        nodes: the expressions, row after row.
        shape: of the array; left out, one row.

    """

    __slots__ = ("nodes", "turned")

    def __init__(self, graph: Graph, nodes: Sequence[Node], shape: tuple[int, ...] | None = None) -> None:
        self.graph = graph
        self.truth = None
        self.nodes = tuple(nodes)
        self.shape = (1, len(self.nodes)) if shape is None else shape
        self.turned = False
        """Whether it is a matrix transposed: in a product its numbers are then written first, as in w·x."""

    @property
    def T(self) -> Numbers:
        """A matrix with rows and columns exchanged."""
        rows, columns = self.shape
        nodes = [self.nodes[row * columns + column] for column in range(columns) for row in range(rows)]
        result = Numbers(self.graph, nodes, (columns, rows))
        result.turned = not self.turned
        return result

    def __matmul__(self, other: Any) -> Numbers:
        """The product of two matrices, each sum from the first product to the last."""
        other = self._operand(other)
        (rows, inner), (others, columns) = self.shape, other.shape
        if inner != others:
            raise UntraceableError("matrices that do not go together")
        nodes = []
        for row in range(rows):
            for column in range(columns):
                ours, theirs = self.nodes[row * inner : (row + 1) * inner], other.nodes[column::columns]
                pairs = zip(*((theirs, ours) if other.turned else (ours, theirs)), strict=True)
                nodes.append(self._sum([self._number("multiply", pair) for pair in pairs]))
        return Numbers(self.graph, nodes, (rows, columns))

    def summed(self) -> Numbers:
        """The sum over the rows."""
        columns = self.shape[1]
        sums = [self._sum(self.nodes[column::columns]) for column in range(columns)]
        return Numbers(self.graph, sums, (columns,))

    def _sum(self, nodes: Sequence[Node]) -> Node:
        total = nodes[0]
        for node in nodes[1:]:
            total = self.graph.node("add", (total, node))
        return total

    def _operand(self, value: Any) -> Numbers:
        value = plain(value)
        if isinstance(value, Numbers):
            return value
        if isinstance(value, (int, float, np.number)):
            return Numbers(self.graph, [self.graph.constant(float(value))], ())
        raise UntraceableError(f"{type(value).__name__} among the operands")

    def elementwise(self, ufunc: str, operands: Sequence[Any]) -> Numbers:
        """The operation on each number; a row of one goes with all."""
        rows = [self._operand(one) for one in operands]
        length = max(len(row.nodes) for row in rows)
        if any(len(row.nodes) not in (1, length) for row in rows):
            raise UntraceableError("rows of different lengths")
        shape = max((row.shape for row in rows), key=lambda shape: (len(shape), shape))
        columns = [row.nodes if len(row.nodes) == length else row.nodes * length for row in rows]
        return Numbers(
            self.graph, [self._number(ufunc, nodes) for nodes in zip(*columns, strict=True)], shape
        )

    def reduced(self, ufunc: str, keepdims: bool) -> Numbers:
        """From the first unit to the last."""
        result = self.nodes[0]
        for node in self.nodes[1:]:
            result = self._number(ufunc, (result, node))
        return Numbers(self.graph, [result], (*self.shape[:-1], 1) if keepdims else self.shape[:-1])

    def filled(self, value: Any) -> Numbers:
        """The value for each unit."""
        (node,) = self._operand(value).nodes
        return Numbers(self.graph, [node] * len(self.nodes), self.shape)

    def _number(self, ufunc: str, args: Sequence[Node]) -> Node:
        graph = self.graph
        if ufunc in _WRITTEN_OUT:
            return _WRITTEN_OUT[ufunc](graph, *args)
        if ufunc == "where" and args[1] is args[2]:
            return args[1]
        if ufunc == "divide" and is_constant(args[1], 1.0):
            return args[0]
        if ufunc == "multiply":
            for one, other in (args, args[::-1]):
                if is_constant(one, 1.0):
                    return other
        if ufunc not in SCALAR:
            raise UntraceableError(f"np.{ufunc}")
        return graph.node(ufunc, args)


def _extreme(comparison: str, to_bound: str) -> Callable[[Graph, Node, Node], Node]:
    def written(graph: Graph, a: Node, b: Node) -> Node:
        """Not a number wherever one of the two is none."""
        for value, bound in ((a, b), (b, a)):
            if bound.op == "constant":
                return graph.node("where", (graph.node(to_bound, (value, bound)), bound, value))
        first = graph.node("or", (graph.node(comparison, (a, b)), graph.node("not_equal", (a, a))))
        return graph.node("where", (first, a, b))

    return written


def _sign(graph: Graph, a: Node) -> Node:
    zero = graph.constant(0.0)
    below = graph.node("where", (graph.node("less", (a, zero)), graph.constant(-1.0), a))
    return graph.node("where", (graph.node("greater", (a, zero)), graph.constant(1.0), below))


_WRITTEN_OUT: dict[str, Callable[..., Node]] = {
    "maximum": _extreme("greater", "less_equal"),
    "minimum": _extreme("less", "greater_equal"),
    "sign": _sign,
    "square": lambda graph, a: graph.node("multiply", (a, a)),
    "reciprocal": lambda graph, a: graph.node("divide", (graph.constant(1.0), a)),
    "positive": lambda graph, a: a,
}
