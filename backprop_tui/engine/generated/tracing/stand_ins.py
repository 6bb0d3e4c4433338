"""Stand-ins for arrays: what a function of the tables does, found by calling it once.

The equations and the rows of the tables (activations, losses, optimizers) are functions of arrays. Called
with a stand-in they return the expression of what they would compute, from which the text of a program is
written. ``single_numbers`` stands for an array number by number, ``whole_arrays`` for an array as a whole.
So a rule is written once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, cast

from backprop_tui.engine.generated.tracing.expressions import Graph, UntraceableError
from backprop_tui.network.lazy_numpy import Array, np


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
