"""Expressions: operations on names and constants, and what each is in Python.

Equal expressions of one graph are the same object, so that what occurs twice can be computed once.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from warnings import warn

from backprop_tui.network.description import Network

Shape = tuple[int, ...]
"""Of an array: () of a single number."""


class UntraceableError(TypeError):
    """A function does something that has no expression here."""


class SlowPathWarning(UserWarning):
    """A network is computed more slowly than it could be: its functions could not be followed."""


def slow_path(network: Network, error: UntraceableError) -> None:
    """Warn that a network has no quick code."""
    functions = ", ".join(sorted({layer.activation.name for layer in network.layers}))
    where = f"{functions}, {network.training.loss.name} or {network.training.optimizer.name}"
    warn(f"no quick code: {where} cannot be followed ({error}); it is run as it is", SlowPathWarning, 2)


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


ARITHMETIC = frozenset(("add", "subtract", "multiply", "divide", "power", "negative"))
COMPARISONS = frozenset(("less", "less_equal", "greater", "greater_equal", "equal", "not_equal"))
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
