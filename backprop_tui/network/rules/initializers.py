"""How starting weights are drawn: one row each, PyTorch's definitions.

https://docs.pytorch.org/docs/stable/nn.init.html, with a gain of 1 (Xavier) and √2 (He). Every layer draws
from a stream of its own, made from the seed and the layer's number, so that changing one layer leaves
the others' weights alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import prod, sqrt
from types import MappingProxyType

from msgspec import Struct

from backprop_tui.network.random_numbers import RandomNumbers, UniformRows

Options = Mapping[str, float]
Shape = tuple[int, int]
"""Units and inputs."""


class Initializer(Struct, frozen=True, eq=False):
    """One way to draw the weights of a layer."""

    name: str
    options: Mapping[str, float]
    """What a person may set, with defaults."""
    formula: str
    draw: Callable[[RandomNumbers, Shape, Options], list[float]] | None = None
    """The weights, row by row."""
    bounds: Callable[[Shape, Options], tuple[float, float]] | None = None
    """Where they are as likely as any other between two numbers: which."""


def _normal(numbers: RandomNumbers, shape: Shape, variance: float) -> list[float]:
    return numbers.normal(0.0, sqrt(variance), prod(shape))


def _within(square: float) -> tuple[float, float]:
    return -sqrt(square), sqrt(square)


_ROWS = (
    Initializer("zeros", {}, "0", lambda r, s, o: [0.0] * prod(s)),
    Initializer("constant", {"value": 0.5}, "value", lambda r, s, o: [float(o["value"])] * prod(s)),
    Initializer(
        "uniform", {"low": -0.5, "high": 0.5}, "U(low, high)", bounds=lambda s, o: (o["low"], o["high"])
    ),
    Initializer(
        "normal",
        {"mean": 0.0, "std": 0.5},
        "N(mean, std²)",
        lambda r, s, o: r.normal(o["mean"], o["std"], prod(s)),
    ),
    Initializer("xavier_uniform", {}, "U(±√(6/(inputs + units)))", bounds=lambda s, o: _within(6.0 / sum(s))),
    Initializer("xavier_normal", {}, "N(0, 2/(inputs + units))", lambda r, s, o: _normal(r, s, 2.0 / sum(s))),
    Initializer("he_uniform", {}, "U(±√(6/inputs))", bounds=lambda s, o: _within(6.0 / s[1])),
    Initializer("he_normal", {}, "N(0, 2/inputs)", lambda r, s, o: _normal(r, s, 2.0 / s[1])),
)

INITIALIZERS: Mapping[str, Initializer] = MappingProxyType({row.name: row for row in _ROWS})
"""Every initializer by name."""

LARGEST = 1e100
"""The largest size of an option: what is drawn stays finite."""

SOON_DRAWN = 1000
"""No more numbers than so many are drawn at once; of others, rows when they are wanted."""

DEFAULT_INITIALIZER = "xavier_uniform"
"""What a layer without weights and without an initializer draws from."""


def draw(name: str, options: Options, shape: Shape, seed: int, layer: int) -> Sequence[tuple[float, ...]]:
    """The weights of one layer, a row per unit and a column per input."""
    row, options = INITIALIZERS[name], {**INITIALIZERS[name].options, **options}
    if row.bounds is not None:
        rows = UniformRows((seed, layer), *row.bounds(shape, options), shape)
        return rows if prod(shape) > SOON_DRAWN else rows.whole
    assert row.draw is not None
    weights = row.draw(RandomNumbers(seed, layer), shape, options)
    return tuple(tuple(weights[at : at + shape[1]]) for at in range(0, prod(shape), shape[1]))
