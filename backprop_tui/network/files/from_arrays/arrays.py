"""Arrays that a person gives: what NumPy makes one of, refused in NumPy's own words, shapes and dtypes."""

from __future__ import annotations

from collections.abc import Sequence

from backprop_tui.network.errors import NetworkError, described
from backprop_tui.network.lazy_numpy import Array, np

MOST_NUMBERS = 8_000_000
"""More than any array of a network may have, so that none is copied in vain."""

Shape = Sequence[int | str]
"""A shape that is expected: a word stands for any length, as in (examples, 2)."""


def numbers_of(place: str, value: object) -> Array:
    """An array of float64.

    Args:
        place: the argument, for messages.
        value: an array, a number, lists of numbers, or what NumPy makes an array of.

    Raises:
        NetworkError: it is none of numbers.

    """
    if isinstance(value, np.ma.MaskedArray) and np.ma.is_masked(value):
        raise NetworkError(place, "an array of numbers", "masked ones", hint="fill them")
    try:
        found = np.asarray(value)
    except (
        ValueError,
        TypeError,
        RuntimeError,
    ) as error:  # rows of different lengths; a tensor with gradients
        hint = "".join(c if c.isprintable() else " " for c in str(error)[:200])
        raise NetworkError(place, "an array of numbers", hint=hint) from None
    if found.dtype.kind not in "fiub":
        what = described(value) if isinstance(value, str) else f"one of dtype {found.dtype}"
        raise NetworkError(place, "an array of numbers", what)
    if found.size > MOST_NUMBERS:
        raise NetworkError(place, f"at most {MOST_NUMBERS:,} numbers", f"{found.size:,}")
    with np.errstate(all="ignore"):
        return np.asarray(found, dtype=np.float64)


def require_shape(place: str, shape: Sequence[int], expected: Shape, hint: str = "") -> None:
    """Refuse another shape than the one that is expected.

    Raises:
        NetworkError: with both shapes.

    """
    fits = len(shape) == len(expected) and all(
        isinstance(wanted, str) or wanted == length for length, wanted in zip(shape, expected, strict=True)
    )
    if not fits:
        raise NetworkError(place, f"shape {_written(expected)}", f"shape {_written(shape)}", hint=hint)


def matrix_of(place: str, value: object, units: int | str, inputs: int) -> Array:
    """A layer's weights, of the shape (units, inputs); *units* may be any number, as the word says.

    Raises:
        NetworkError: they are no numbers, or their shape is another.

    """
    found = numbers_of(place, value)
    hint = ""
    if found.ndim == 2 and found.shape[0] == inputs and units in (found.shape[1], "units"):
        hint = "a row a unit, a column an input: transpose it"
    elif found.ndim == 1 and units == "units":
        hint = "of each layer a matrix: a row a unit, a column an input"
    expected: Shape = (units, inputs)
    if found.ndim == 2 and isinstance(units, str) and not hint:
        expected = (found.shape[0], inputs)
    require_shape(place, found.shape, expected, hint)
    return found


def vector_of(place: str, value: object, length: int) -> Array:
    """A layer's biases, of the shape (units,).

    Raises:
        NetworkError: they are no numbers, or their shape is another.

    """
    found = numbers_of(place, value)
    require_shape(place, found.shape, (length,))
    return found


def rows_of(place: str, value: object, width: int) -> Array:
    """Examples, of the shape (examples, *width*); where the width is 1, (examples,) does as well.

    Raises:
        NetworkError: they are no numbers, or their shape is another.

    """
    found = numbers_of(place, value)
    if found.ndim == width == 1:
        found = found[:, None]
    require_shape(place, found.shape, ("examples", width))
    return found


def targets_of(place: str, value: object, outputs: int) -> Array:
    """Targets, of the shape (examples, *outputs*): given as they are, or as labels that become one-hot.

    Raises:
        NetworkError: they are no numbers, their shape is another, or a label is not among the outputs.

    """
    found = numbers_of(place, value)
    if outputs == 1 or found.ndim != 1:
        return rows_of(place, found, outputs)
    for number, label in enumerate(found.tolist()):
        if label not in range(outputs):
            raise NetworkError(
                f"{place}[{number}]",
                f"a label from 0 to {outputs - 1}",
                label,
                hint=f"or targets of shape (examples, {outputs})",
            )
    return np.eye(outputs)[found.astype(np.intp)]


def _written(shape: Shape) -> str:
    return f"({', '.join(map(str, shape))}{',' if len(shape) == 1 else ''})"
