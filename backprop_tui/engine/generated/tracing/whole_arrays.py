"""An array as a whole, one expression: what NumPy code is written from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from backprop_tui.engine.generated.tracing.expressions import (
    MATH,
    SCALAR,
    Graph,
    Node,
    UntraceableError,
    is_constant,
)
from backprop_tui.engine.generated.tracing.stand_ins import Traced, plain
from backprop_tui.network.lazy_numpy import np


class Block(Traced):
    """A whole array: of all examples and units of a layer, of its weights or of its biases."""

    __slots__ = ("lengths", "node")

    def __init__(self, graph: Graph, node: Node, lengths: tuple[int, ...]) -> None:
        self.graph = graph
        self.truth = None
        self.node = node
        self.shape = lengths

    def elementwise(self, ufunc: str, operands: Sequence[Any]) -> Block:
        """The operation on whole arrays of shapes that NumPy broadcasts."""
        blocks = [self._operand(one) for one in operands]
        widest = max(blocks, key=lambda block: (len(block.shape), block.shape))
        if not all(_broadcasts(block.shape, widest.shape) for block in blocks):
            raise UntraceableError("arrays of shapes that do not go together")
        nodes = [block.node for block in blocks]
        if ufunc == "divide" and is_constant(nodes[1], 1.0):
            return blocks[0]
        if ufunc == "multiply":
            for one, other in (blocks, blocks[::-1]):
                ones = is_constant(one.node, 1.0) or (
                    one.node.op == "fill" and is_constant(one.node.args[0], 1.0)
                )
                if ones and other.shape == widest.shape:
                    return other
        if not widest.shape and ufunc not in SCALAR:
            raise UntraceableError(f"np.{ufunc} of a single number")
        if ufunc.startswith("math.") and ufunc not in MATH:
            raise UntraceableError(ufunc)
        return Block(self.graph, self.graph.node(ufunc, nodes, None, widest.node.shape), widest.shape)

    def _operand(self, value: Any) -> Block:
        value = plain(value)
        if isinstance(value, Block):
            return value
        if isinstance(value, (int, float, np.number)):
            return Block(self.graph, self.graph.constant(float(value)), ())
        raise UntraceableError(f"{type(value).__name__} among the operands")

    def reduced(self, ufunc: str, keepdims: bool) -> Block:
        """Over the units."""
        shape = (*self.shape[:-1], 1) if keepdims else self.shape[:-1]
        return self._reduced((ufunc, -1, keepdims), shape)

    def summed(self) -> Block:
        """The sum over the examples."""
        return self._reduced(("add", 0, False), self.shape[1:])

    def _reduced(self, how: tuple[str, int, bool], shape: tuple[int, ...]) -> Block:
        return Block(self.graph, self.graph.node("reduce", (self.node,), how, shape), shape)

    @property
    def T(self) -> Block:
        """A matrix with rows and columns exchanged."""
        shape = self.shape[::-1]
        return Block(self.graph, self.graph.node("transpose", (self.node,), None, shape), shape)

    def __matmul__(self, other: Any) -> Block:
        """The product of two matrices."""
        other = self._operand(other)
        if len(self.shape) != 2 or len(other.shape) != 2 or self.shape[1] != other.shape[0]:
            raise UntraceableError("matrices that do not go together")
        shape = (self.shape[0], other.shape[1])
        return Block(self.graph, self.graph.node("matmul", (self.node, other.node), None, shape), shape)

    def filled(self, value: Any) -> Block:
        """An array of the value."""
        node = self.graph.node("fill", (self._operand(value).node,), None, self.node.shape)
        return Block(self.graph, node, self.shape)


def _broadcasts(shape: tuple[int, ...], to: tuple[int, ...]) -> bool:
    """Whether NumPy repeats an array of *shape* to fill one of shape *to*."""
    return len(shape) <= len(to) and all(
        one in (1, other) for one, other in zip(reversed(shape), reversed(to), strict=False)
    )
