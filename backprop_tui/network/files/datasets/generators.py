"""Data sets that a network file only has to name: one row each.

A generator draws from a stream of its own, made from the seed, so that the same file gives the same examples
everywhere. The classes take turns: example i is of class i modulo the number of classes. Only ``digits`` is
not made but shipped: images of handwriting, in the order in which they were published.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from types import MappingProxyType
from zlib import decompress

from msgspec import Struct

from backprop_tui.network.description import Matrix, Vector
from backprop_tui.network.later_rows import LaterRows
from backprop_tui.network.lazy_numpy import Array, np
from backprop_tui.network.random_numbers import RandomNumbers

Rows = Sequence[Sequence[float]]

STREAM = 2**32 - 1
"""Sets the examples' stream of random numbers apart from those of the layers' weights."""
MOST_NOISE = 1000.0


class Request(Struct, frozen=True):
    """What a generator is asked for."""

    examples: int
    inputs: int
    classes: int

    @property
    def classes_in_turn(self) -> list[float]:
        """The class of each example."""
        return [float(example % self.classes) for example in range(self.examples)]

    @property
    def places(self) -> Array:
        """Where each example stands among those of its class, from 0 (first) to 1 (last)."""
        rank = np.arange(self.examples) // self.classes
        others = (self.examples - 1 - np.arange(self.examples) % self.classes) // self.classes
        return rank / np.maximum(others, 1)


class Generator(Struct, frozen=True, eq=False):
    """One way to make examples."""

    name: str
    """As written in a network file."""
    points: Callable[[Request, RandomNumbers], Rows]
    """Inputs without noise, a row an example."""
    remark: str
    """What the examples look like, and what they are good for."""
    labels: Callable[[Request, Rows], list[float]] = lambda request, points: request.classes_in_turn
    """The class of each example; of ``sine`` the target itself."""
    inputs: int | None = 2
    """How many inputs the network must have; None: any number."""
    most_classes: int | None = None
    """How many classes there can be; None: any number."""
    outputs: int | None = None
    """How many output units the network must have; None: any number of those that suit the classes."""
    examples: int = 40
    """How many are made where nothing is said."""
    most_examples: int | None = None
    """How many there are at most; None: any number."""
    noise: float = 0.0
    """The standard deviation of what is added to each input where nothing is said."""
    regression: bool = False
    """Whether the target is a number, not a class."""


def _corners(request: Request, _: RandomNumbers) -> Rows:
    corners = [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]
    return [corners[example % 4] for example in range(request.examples)]


def _logic(function: Callable[[bool, bool], bool]) -> Callable[[Request, Rows], list[float]]:
    return lambda request, points: [float(function(one > 0.5, other > 0.5)) for one, other in points]


def _ring(radius: Array | float, angle: Array) -> Array:
    return np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1)


def _circles(request: Request, _: RandomNumbers) -> Rows:
    """Rings about the origin, class 0 the outermost, of radius 1."""
    rank, last = np.arange(request.examples) // request.classes, -(-request.examples // request.classes)
    radius = 1.0 - np.array(request.classes_in_turn) / request.classes
    return _rows(_ring(radius, 2.0 * np.pi * rank / last))


def _moons(request: Request, _: RandomNumbers) -> Rows:
    """Two half circles of radius 1, the second upside down and moved by (1, 0.5)."""
    upper = _ring(1.0, np.pi * request.places)
    second = np.array(request.classes_in_turn)[:, None] == 1.0
    return _rows(np.where(second, np.array([1.0, 0.5]) - upper, upper))


def _spirals(request: Request, _: RandomNumbers) -> Rows:
    """Arms of one turn each, from radius 0.1 to 1."""
    places = request.places
    angle = 2.0 * np.pi * (places + np.array(request.classes_in_turn) / request.classes)
    return _rows(_ring(0.1 + 0.9 * places, angle))


def _blobs(request: Request, _: RandomNumbers) -> Rows:
    """The centres of the classes, evenly spaced on a circle of radius 1."""
    return _rows(_ring(1.0, 2.0 * np.pi * np.array(request.classes_in_turn) / request.classes))


def _line(request: Request, _: RandomNumbers) -> Rows:
    return _rows(np.linspace(-1.0, 1.0, request.examples)[:, None])


def _sine(request: Request, points: Rows) -> list[float]:
    found: list[float] = np.sin(np.pi * np.array(points)[:, 0]).tolist()
    return found


def _random(request: Request, numbers: RandomNumbers) -> Rows:
    return _in_rows(numbers.uniform(-1.0, 1.0, request.examples * request.inputs), request.inputs)


def _rows(points: Array) -> Rows:
    rows: Rows = points.tolist()
    return rows


def _in_rows(numbers: Sequence[float], length: int) -> Rows:
    return [numbers[at : at + length] for at in range(0, len(numbers), length)]


DIGITS = 1797
"""How many images of handwritten digits there are."""


@cache
def _images() -> bytes:
    """The images of digits: 64 shades from 0 to 16 a row, line by line, and last which digit it is.

    E. Alpaydin and C. Kaynak, Optical Recognition of Handwritten Digits (test set), UCI Machine Learning
    Repository, 1998, https://doi.org/10.24432/C50P49, CC BY 4.0. A byte a number, packed.
    """
    return decompress((Path(__file__).parent / "digits.zlib").read_bytes())


class _Shades(LaterRows):
    """The images' shades between 0 and 1; the first frame wants one image, and waits no 4 ms for 1797."""

    _SHADES = tuple(number / 16.0 for number in range(17))

    def row(self, at: int) -> tuple[float, ...]:
        """One image, line by line."""
        return tuple(map(self._SHADES.__getitem__, _images()[65 * at : 65 * at + 64]))


def _shades(request: Request, _: RandomNumbers) -> Rows:
    return _Shades(request.examples)


def _digits(request: Request, points: Rows) -> list[float]:
    return list(map(float, _images()[64 : request.examples * 65 : 65]))


_ROWS = (
    Generator(
        "and",
        _corners,
        "The four corners of the unit square; 1 where both inputs are 1. One unit can tell them apart.",
        labels=_logic(lambda a, b: a & b),
        most_classes=2,
        examples=4,
    ),
    Generator(
        "or",
        _corners,
        "The four corners of the unit square; 1 where an input is 1. One unit can tell them apart.",
        labels=_logic(lambda a, b: a | b),
        most_classes=2,
        examples=4,
    ),
    Generator(
        "xor",
        _corners,
        "The four corners of the unit square; 1 where the inputs differ. It needs a hidden layer.",
        labels=_logic(lambda a, b: a ^ b),
        most_classes=2,
        examples=4,
    ),
    Generator("circles", _circles, "Rings about one centre, one a class.", noise=0.05),
    Generator("moons", _moons, "Two half moons that reach into each other.", most_classes=2, noise=0.1),
    Generator("spirals", _spirals, "Arms of a spiral, one a class: the hardest of these.", noise=0.02),
    Generator("blobs", _blobs, "Clouds of points, one a class, around evenly spaced centres.", noise=0.25),
    Generator(
        "sine",
        _line,
        "One period, y = sin(πx) for x from −1 to 1; noise is added to y.",
        labels=_sine,
        inputs=1,
        examples=20,
        regression=True,
    ),
    Generator(
        "random",
        _random,
        "Inputs drawn at random, classes that take turns: nothing to learn, but numbers for any shape.",
        inputs=None,
        examples=4,
    ),
    Generator(
        "digits",
        _shades,
        "Handwritten digits from 0 to 9, images of 8 × 8 shades between 0 and 1 (UCI, CC BY 4.0).",
        labels=_digits,
        inputs=64,
        outputs=10,
        examples=DIGITS,
        most_examples=DIGITS,
    ),
)

GENERATORS: Mapping[str, Generator] = MappingProxyType({row.name: row for row in _ROWS})
"""Every generator by name."""


def generate(
    row: Generator, inputs: int, outputs: int, seed: int, examples: int, noise: float
) -> tuple[Sequence[Vector], Matrix]:
    """Inputs and targets, a row an example.

    One output unit tells class 0 from class 1; several have a 1 at the class and 0 elsewhere (one-hot).
    """
    numbers = RandomNumbers(seed, STREAM)
    request = Request(examples, inputs, 1 if row.regression else max(2, outputs))
    points = row.points(request, numbers)
    labels = row.labels(request, points)
    if row.regression:
        labels = _noisy(labels, noise, numbers)
    elif noise:
        points = _in_rows(_noisy([value for point in points for value in point], noise, numbers), inputs)
    if outputs == 1:
        targets: Matrix = tuple((label,) for label in labels)
    else:
        row_of = {label: tuple(float(label == unit) for unit in range(outputs)) for label in set(labels)}
        targets = tuple(map(row_of.__getitem__, labels))
    return points if isinstance(points, LaterRows) else tuple(map(tuple, points)), targets


def _noisy(values: Sequence[float], noise: float, numbers: RandomNumbers) -> list[float]:
    if not noise:
        return list(values)
    added = numbers.normal(0.0, 1.0, len(values))
    return [value + noise * one for value, one in zip(values, added, strict=True)]
