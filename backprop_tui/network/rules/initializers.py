"""How starting weights are drawn: one row each, PyTorch's definitions.

https://docs.pytorch.org/docs/stable/nn.init.html, with a gain of 1 (Xavier) and √2 (He). Every layer draws
from a stream of its own, made from the seed and the layer's number, so that changing one layer leaves
the others' weights alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import sqrt
from types import MappingProxyType

from msgspec import Struct

from backprop_tui.network.lazy_numpy import Array, np

Options = Mapping[str, float]


class Initializer(Struct, frozen=True, eq=False):
    """One way to draw the weights of a layer, of the shape (units, inputs)."""

    name: str
    options: Mapping[str, float]
    """What a person may set, with defaults."""
    draw: Callable[[np.random.Generator, tuple[int, int], Options], Array]
    formula: str


def _uniform(generator: np.random.Generator, shape: tuple[int, int], bound: float) -> Array:
    return generator.uniform(-bound, bound, shape)


_ROWS = (
    Initializer("zeros", {}, lambda g, s, o: np.zeros(s), "0"),
    Initializer("constant", {"value": 0.5}, lambda g, s, o: np.full(s, float(o["value"])), "value"),
    Initializer(
        "uniform",
        {"low": -0.5, "high": 0.5},
        lambda g, s, o: g.uniform(o["low"], o["high"], s),
        "U(low, high)",
    ),
    Initializer(
        "normal",
        {"mean": 0.0, "std": 0.5},
        lambda g, s, o: g.normal(o["mean"], o["std"], s),
        "N(mean, std²)",
    ),
    Initializer(
        "xavier_uniform", {}, lambda g, s, o: _uniform(g, s, sqrt(6.0 / sum(s))), "U(±√(6/(inputs + units)))"
    ),
    Initializer(
        "xavier_normal", {}, lambda g, s, o: g.normal(0.0, sqrt(2.0 / sum(s)), s), "N(0, 2/(inputs + units))"
    ),
    Initializer("he_uniform", {}, lambda g, s, o: _uniform(g, s, sqrt(6.0 / s[1])), "U(±√(6/inputs))"),
    Initializer("he_normal", {}, lambda g, s, o: g.normal(0.0, sqrt(2.0 / s[1]), s), "N(0, 2/inputs)"),
)

INITIALIZERS: Mapping[str, Initializer] = MappingProxyType({row.name: row for row in _ROWS})
"""Every initializer by name."""

LARGEST = 1e100
"""The largest size of an option: what is drawn stays finite."""

DEFAULT_INITIALIZER = "xavier_uniform"
"""What a layer without weights and without an initializer draws from."""


def draw(
    name: str, options: Options, shape: tuple[int, int], seed: int, layer: int
) -> tuple[tuple[float, ...], ...]:
    """The weights of one layer, a row per unit and a column per input."""
    row = INITIALIZERS[name]
    weights = row.draw(np.random.default_rng([seed, layer]), shape, {**row.options, **options})
    return tuple(tuple(of_a_unit.tolist()) for of_a_unit in weights)
