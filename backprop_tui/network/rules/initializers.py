"""How starting weights are drawn: one row each, PyTorch's definitions.

https://docs.pytorch.org/docs/stable/nn.init.html, with a gain of 1 (Xavier) and √2 (He). Every layer draws
from a stream of its own, made from the seed and the layer's number, so that changing one layer leaves
the others' weights alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import prod, sqrt
from types import MappingProxyType

from msgspec import Struct

from backprop_tui.network.random_numbers import RandomNumbers

Options = Mapping[str, float]
Shape = tuple[int, int]
"""Units and inputs."""


class Initializer(Struct, frozen=True, eq=False):
    """One way to draw the weights of a layer."""

    name: str
    options: Mapping[str, float]
    """What a person may set, with defaults."""
    draw: Callable[[RandomNumbers, Shape, Options], list[float]]
    """The weights, row by row."""
    formula: str


def _normal(numbers: RandomNumbers, shape: Shape, variance: float) -> list[float]:
    return numbers.normal(0.0, sqrt(variance), prod(shape))


def _uniform(numbers: RandomNumbers, shape: Shape, bound: float) -> list[float]:
    return numbers.uniform(-bound, bound, prod(shape))


_ROWS = (
    Initializer("zeros", {}, lambda r, s, o: [0.0] * prod(s), "0"),
    Initializer("constant", {"value": 0.5}, lambda r, s, o: [float(o["value"])] * prod(s), "value"),
    Initializer(
        "uniform",
        {"low": -0.5, "high": 0.5},
        lambda r, s, o: r.uniform(o["low"], o["high"], prod(s)),
        "U(low, high)",
    ),
    Initializer(
        "normal",
        {"mean": 0.0, "std": 0.5},
        lambda r, s, o: r.normal(o["mean"], o["std"], prod(s)),
        "N(mean, std²)",
    ),
    Initializer(
        "xavier_uniform", {}, lambda r, s, o: _uniform(r, s, sqrt(6.0 / sum(s))), "U(±√(6/(inputs + units)))"
    ),
    Initializer("xavier_normal", {}, lambda r, s, o: _normal(r, s, 2.0 / sum(s)), "N(0, 2/(inputs + units))"),
    Initializer("he_uniform", {}, lambda r, s, o: _uniform(r, s, sqrt(6.0 / s[1])), "U(±√(6/inputs))"),
    Initializer("he_normal", {}, lambda r, s, o: _normal(r, s, 2.0 / s[1]), "N(0, 2/inputs)"),
)

INITIALIZERS: Mapping[str, Initializer] = MappingProxyType({row.name: row for row in _ROWS})
"""Every initializer by name."""

LARGEST = 1e100
"""The largest size of an option: what is drawn stays finite."""

DEFAULT_INITIALIZER = "xavier_uniform"
"""What a layer without weights and without an initializer draws from."""


def draw(name: str, options: Options, shape: Shape, seed: int, layer: int) -> tuple[tuple[float, ...], ...]:
    """The weights of one layer, a row per unit and a column per input."""
    row = INITIALIZERS[name]
    weights = row.draw(RandomNumbers(seed, layer), shape, {**row.options, **options})
    return tuple(tuple(weights[at : at + shape[1]]) for at in range(0, prod(shape), shape[1]))
