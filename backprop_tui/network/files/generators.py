"""Data sets that a network file only has to name: one row each.

A generator draws from a stream of its own, made from the seed, so that the same file gives the same examples
everywhere. The classes take turns: example i is of class i modulo the number of classes. Only ``digits`` is
not made but shipped: images of handwriting, in the order in which they were published.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from zlib import decompress

from msgspec import Struct

from backprop_tui.network.lazy_numpy import Array, Marks, np

STREAM = 2**32 - 1
"""Sets the examples' stream of random numbers apart from those of the layers' weights."""
MOST_NOISE = 1000.0


class Request(Struct, frozen=True):
    """What a generator is asked for."""

    examples: int
    inputs: int
    classes: int

    @property
    def classes_in_turn(self) -> Array:
        """The class of each example."""
        return np.arange(self.examples, dtype=np.float64) % self.classes

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
    points: Callable[[Request, np.random.Generator], Array]
    """Inputs without noise, of the shape (examples, inputs)."""
    remark: str
    """What the examples look like, and what they are good for."""
    labels: Callable[[Request, Array], Array] = lambda request, points: request.classes_in_turn
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


def _corners(request: Request, _: np.random.Generator) -> Array:
    corners = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    return corners[np.arange(request.examples) % 4]


def _logic(function: Callable[[Marks, Marks], Marks]) -> Callable[[Request, Array], Array]:
    return lambda request, points: function(points[:, 0] > 0.5, points[:, 1] > 0.5).astype(np.float64)


def _ring(radius: Array, angle: Array) -> Array:
    return np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1)


def _circles(request: Request, _: np.random.Generator) -> Array:
    """Rings about the origin, class 0 the outermost, of radius 1."""
    rank, last = np.arange(request.examples) // request.classes, -(-request.examples // request.classes)
    return _ring(1.0 - request.classes_in_turn / request.classes, 2.0 * np.pi * rank / last)


def _moons(request: Request, _: np.random.Generator) -> Array:
    """Two half circles of radius 1, the second upside down and moved by (1, 0.5)."""
    upper = _ring(np.ones(request.examples), np.pi * request.places)
    second = request.classes_in_turn[:, None] == 1.0
    return np.where(second, np.array([1.0, 0.5]) - upper, upper)


def _spirals(request: Request, _: np.random.Generator) -> Array:
    """Arms of one turn each, from radius 0.1 to 1."""
    angle = 2.0 * np.pi * (request.places + request.classes_in_turn / request.classes)
    return _ring(0.1 + 0.9 * request.places, angle)


def _blobs(request: Request, _: np.random.Generator) -> Array:
    """The centres of the classes, evenly spaced on a circle of radius 1."""
    return _ring(np.ones(request.examples), 2.0 * np.pi * request.classes_in_turn / request.classes)


def _line(request: Request, _: np.random.Generator) -> Array:
    return np.linspace(-1.0, 1.0, request.examples)[:, None]


DIGITS = 1797
"""How many images of handwritten digits there are."""


@cache
def _images() -> Array:
    """The images of digits: 64 shades from 0 to 16 a row, line by line, and last which digit it is.

    E. Alpaydin and C. Kaynak, Optical Recognition of Handwritten Digits (test set), UCI Machine Learning
    Repository, 1998, https://doi.org/10.24432/C50P49, CC BY 4.0. A byte a number, packed.
    """
    packed = (Path(__file__).parent / "digits.zlib").read_bytes()
    return np.frombuffer(decompress(packed), np.uint8).reshape(DIGITS, 65).astype(np.float64)


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
        labels=lambda request, points: np.sin(np.pi * points[:, 0]),
        inputs=1,
        examples=20,
        regression=True,
    ),
    Generator(
        "random",
        lambda request, generator: generator.uniform(-1.0, 1.0, (request.examples, request.inputs)),
        "Inputs drawn at random, classes that take turns: nothing to learn, but numbers for any shape.",
        inputs=None,
        examples=4,
    ),
    Generator(
        "digits",
        lambda request, _: _images()[: request.examples, :64] / 16.0,
        "Handwritten digits from 0 to 9, images of 8 × 8 shades between 0 and 1 (UCI, CC BY 4.0).",
        labels=lambda request, points: _images()[: request.examples, 64],
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
) -> tuple[Array, Array]:
    """Inputs and targets, of the shapes (examples, inputs) and (examples, outputs).

    One output unit tells class 0 from class 1; several have a 1 at the class and 0 elsewhere (one-hot).
    """
    generator = np.random.default_rng([seed, STREAM])
    request = Request(examples, inputs, 1 if row.regression else max(2, outputs))
    points = row.points(request, generator)
    labels = row.labels(request, points)
    if row.regression:
        return points, (labels + noise * generator.standard_normal(examples))[:, None]
    if noise:
        points = points + noise * generator.standard_normal(points.shape)
    if outputs == 1:
        return points, labels[:, None]
    return points, (labels[:, None] == np.arange(outputs)).astype(np.float64)
