"""Expressions instead of numbers: what a function of the tables does, found by calling it once.

The equations and the rows of the tables (activations, losses, optimizers) are functions of arrays. Called
with ``Numbers`` or a ``Block`` in an array's place they return the expression that they stand for, from which
the text of a program can be written, for single numbers or for whole arrays. So a rule is written once.

What cannot be followed so (a branch on a value, a function of NumPy that is not known here) raises
``UntraceableError``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, cast

from backprop_tui.network.lazy_numpy import Array, np

Shape = tuple[int, ...]
"""Of an array: () of a single number."""


class UntraceableError(TypeError):
    """A function does something that has no expression here."""


class Node:
    """One operation, a name or a constant. Equal expressions of one graph are the same object."""

    __slots__ = ("args", "op", "shape", "what")

    def __init__(self, op: str, args: tuple[Node, ...], what: Any, shape: Shape) -> None:
        self.op = op
        """``name``, ``constant``, or what NumPy calls the operation."""
        self.args = args
        self.what = what
        """The name, the constant, or what else tells the operation from others of its kind."""
        self.shape = shape


class Graph:
    """The expressions of one program, each kept once."""

    def __init__(self) -> None:
        self._known: dict[tuple[Any, ...], Node] = {}

    def node(self, op: str, args: Sequence[Node] = (), what: Any = None, shape: Shape = ()) -> Node:
        """An operation on *args*."""
        key = (op, *map(id, args), type(what), repr(what) if isinstance(what, float) else what, shape)
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = Node(op, tuple(args), what, shape)
        return found

    def name(self, name: str, shape: Shape = ()) -> Node:
        """A variable."""
        return self.node("name", (), name, shape)

    def constant(self, value: float, shape: Shape = ()) -> Node:
        """A number."""
        return self.node("constant", (), float(value), shape)


def is_constant(node: Node, value: float) -> bool:
    """Whether a node is that very number."""
    return node.op == "constant" and node.what == value


def _operator(ufunc: str) -> Callable[[Traced, Any], Any]:
    return lambda self, other: self.elementwise(ufunc, (self, other))


def _reflected(ufunc: str) -> Callable[[Traced, Any], Any]:
    return lambda self, other: self.elementwise(ufunc, (other, self))


class Traced:
    """Stands for an array. Operators and NumPy's functions give expressions."""

    __slots__ = ("graph", "shape", "truth")
    __hash__ = None  # type: ignore[assignment]

    graph: Graph
    shape: tuple[int, ...]
    truth: bool | None
    """What a branch on it is told; None: no branch may be."""

    def elementwise(self, ufunc: str, operands: Sequence[Any]) -> Any:
        """The result of an operation on each number."""
        raise NotImplementedError

    def reduced(self, ufunc: str, keepdims: bool) -> Any:
        """The sum, the greatest or the least over the last axis."""
        raise NotImplementedError

    def summed(self) -> Any:
        """The sum over the examples, the first axis of two."""
        raise NotImplementedError

    def filled(self, value: Any) -> Any:
        """A constant in the same shape."""
        raise NotImplementedError

    def __matmul__(self, other: Any) -> Any:
        """The product of two matrices."""
        raise NotImplementedError

    @property
    def T(self) -> Any:
        """A matrix with rows and columns exchanged."""
        raise NotImplementedError

    def each(self, function: Callable[[float], float]) -> Any:
        """A function of module ``math``, of each number."""
        if getattr(function, "__module__", "") != "math":
            raise UntraceableError(f"{function} is not in module math")
        return self.elementwise(f"math.{function.__name__}", (self,))

    __add__, __radd__ = _operator("add"), _reflected("add")
    __sub__, __rsub__ = _operator("subtract"), _reflected("subtract")
    __mul__, __rmul__ = _operator("multiply"), _reflected("multiply")
    __truediv__, __rtruediv__ = _operator("divide"), _reflected("divide")
    __pow__, __rpow__ = _operator("power"), _reflected("power")
    __lt__, __le__ = _operator("less"), _operator("less_equal")
    __gt__, __ge__ = _operator("greater"), _operator("greater_equal")
    __eq__, __ne__ = _operator("equal"), _operator("not_equal")

    def __neg__(self) -> Any:
        return self.elementwise("negative", (self,))

    def __pos__(self) -> Any:
        return self

    def __abs__(self) -> Any:
        return self.elementwise("absolute", (self,))

    def copy(self) -> Any:
        """The same numbers."""
        return self

    def __bool__(self) -> bool:
        if self.truth is not None:
            return self.truth
        raise UntraceableError("a branch on a value")

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **options: Any) -> Any:
        if method == "reduce":
            return _reduce(ufunc.__name__, *inputs, **options)
        if method != "__call__" or options:
            raise UntraceableError(f"{ufunc.__name__}.{method}")
        return self.elementwise(ufunc.__name__, inputs)

    def __array_function__(self, function: Any, _: Any, arguments: Any, options: Any) -> Any:
        known = _FUNCTIONS.get(function.__name__)
        if known is None:
            raise UntraceableError(f"np.{function.__name__}")
        return known(*arguments, **options)


def stands_for(traced: Traced) -> Array:
    """The same object, typed as what it is handed to the tables' functions for."""
    return cast("Array", traced)


def plain(value: Any) -> Any:
    """What stands in an array of one object: ``np.asarray`` wraps a ``Traced`` so."""
    if isinstance(value, np.ndarray):
        if value.shape:
            raise UntraceableError("an array among the operands")
        return value.item()
    return value


def _reduce(ufunc: str, values: Any, axis: Any = None, keepdims: Any = False, **others: Any) -> Any:
    values = plain(values)
    if axis == 0 and ufunc == "add" and not (others or keepdims) and len(values.shape) == 2:
        return values.summed()
    if others or axis not in (-1, len(values.shape) - 1) or not isinstance(values, Traced):
        raise UntraceableError(f"np.{ufunc} over such axes")
    return values.reduced(ufunc, bool(keepdims))


def _mean(values: Any, **options: Any) -> Any:
    return _reduce("add", values, **options) / plain(values).shape[-1]


def _where(condition: Any, first: Any, second: Any) -> Any:
    operands = [plain(one) for one in (condition, first, second)]
    return next(one for one in operands if isinstance(one, Traced)).elementwise("where", operands)


def _clip(values: Any, least: Any, most: Any) -> Any:
    return np.minimum(np.maximum(values, least), most)


_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "sum": lambda values, **options: _reduce("add", values, **options),
    "mean": _mean,
    "where": _where,
    "clip": _clip,
    "ones_like": lambda values: values.filled(1.0),
    "zeros_like": lambda values: values.filled(0.0),
    "full_like": lambda values, value: values.filled(value),
    "copy": lambda values: values,
}
for _name, _ufunc in (("max", "maximum"), ("amax", "maximum"), ("min", "minimum"), ("amin", "minimum")):
    _FUNCTIONS[_name] = lambda values, _ufunc=_ufunc, **options: _reduce(_ufunc, values, **options)


ARITHMETIC = frozenset(("add", "subtract", "multiply", "divide", "power", "negative"))
COMPARISONS = frozenset(("less", "less_equal", "greater", "greater_equal", "equal", "not_equal"))


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

_AS_IN_MATH = (
    "exp",
    "expm1",
    "log",
    "log1p",
    "log2",
    "log10",
    "tanh",
    "sinh",
    "cosh",
    "sin",
    "cos",
    "tan",
    "sqrt",
)
MATH = {
    **{name: name for name in _AS_IN_MATH},
    **{f"arc{name}": f"a{name}" for name in ("sin", "cos", "tan", "sinh", "cosh", "tanh")},
    **{f"math.{name}": name for name in ("erf", "erfc", "gamma", "lgamma")},
}
"""Which function of module ``math`` an operation is for a single number."""
SCALAR = ARITHMETIC | COMPARISONS | MATH.keys() | {"where", "or", "absolute"}


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
