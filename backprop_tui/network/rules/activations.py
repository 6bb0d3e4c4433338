"""The activation functions: one row each, with formula, value, derivative and explanation together.

Every function maps float64 arrays elementwise and stays finite and exact where the function saturates.
The definitions are PyTorch's (https://docs.pytorch.org/docs/stable/nn.html#non-linear-activations).
Softmax alone couples the units of its layer; its row says so and gives the whole Jacobian's action.

In the templates ``{z}`` and ``{a}`` stand for the unit's own names and ``{*}`` for a product sign that is
left out between symbols and written between numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import erfc, exp, pi, sqrt
from types import MappingProxyType

from msgspec import Struct

from backprop_tui.network.lazy_numpy import Array, np

LEAKY_SLOPE = 0.01
ELU_ALPHA = 1.0
SATURATED_BELOW = 0.01
"""A unit is saturated where its slope is below this share of the activation's greatest."""


def _each(function: Callable[[float], float], z: Array) -> Array:
    """A function of module ``math``, of each number; an expression in the place of z gives one."""
    if not isinstance(z, (np.ndarray, float)):
        return z.each(function)
    return np.array(list(map(function, np.ravel(z).tolist())), dtype=np.float64).reshape(np.shape(z))


class Activation(Struct, frozen=True, eq=False):
    """One activation function f, with a = f(z)."""

    name: str
    """As written in a network file."""
    formula: str
    """a, in terms of ``{z}``."""
    definition: str
    """The same written out, where the formula is only a name; else empty."""
    value: Callable[[Array], Array]
    """f(z); for a layer z has the shape (examples, units)."""
    derivative_formula: str
    """da/dz, in terms of ``{z}`` and ``{a}``."""
    derivative: Callable[[Array, Array], Array]
    """da/dz from z and a; for softmax the diagonal of its Jacobian."""
    derivation: tuple[str, ...]
    """How the derivative comes about, a line a step."""
    remark: str
    """What a person should know of it, in a sentence or two."""
    greatest_slope: float
    """The greatest da/dz that any z gives."""
    kinks: tuple[float, ...] = ()
    """The z at which f has no derivative; PyTorch's choice is used there."""
    couples: bool = False
    """Whether each a depends on every z of the layer."""
    saturates: bool = False
    """Whether the slope dies away for large |z|, on both sides."""

    @property
    def least_slope(self) -> float:
        """A unit is saturated where the size of its slope is below this: 1 % of the greatest."""
        return SATURATED_BELOW * self.greatest_slope

    def pull_back(self, dL_da: Array, da_dz: Array, a: Array) -> Array:
        """dL/dz of a layer from dL/da: the product with the (transposed) Jacobian of f.

        Arrays have the shape (examples, units).
        """
        if self.couples:
            return np.asarray(a * (dL_da - np.sum(dL_da * a, axis=-1, keepdims=True)))
        return dL_da * da_dz


def _sigmoid(z: Array) -> Array:
    with np.errstate(over="ignore"):  # below −709 e^(−z) overflows and a is 0: right to within 1e-308
        return 1.0 / (1.0 + np.exp(-z))


def _softplus(z: Array) -> Array:
    return np.maximum(z, 0.0) + np.log1p(np.exp(-np.abs(z)))


def _softmax(z: Array) -> Array:
    e = np.exp(z - np.max(z, axis=-1, keepdims=True))
    return np.asarray(e / np.sum(e, axis=-1, keepdims=True))


def _normal_cdf(z: Array) -> Array:
    # ½(1 + erf(z/√2)), without its cancellation far below 0.
    return 0.5 * _each(erfc, -z / sqrt(2.0))


def _normal_pdf(z: Array) -> Array:
    return np.exp(-0.5 * z * z) / sqrt(2.0 * pi)


def _silu_slope(z: Array, a: Array) -> Array:
    s = _sigmoid(z)
    return s * (1.0 + z * (1.0 - s))


_ROWS = (
    Activation(
        "identity",
        formula="{z}",
        definition="",
        value=lambda z: z.copy(),
        derivative_formula="1",
        derivative=lambda z, a: np.ones_like(z),
        derivation=("a = z", "da/dz = 1"),
        remark="No activation at all: however many such layers there are, the network stays a straight line.",
        greatest_slope=1.0,
    ),
    Activation(
        "sigmoid",
        formula="sigmoid({z})",
        definition="1/(1 + e^(−{z}))",
        value=_sigmoid,
        derivative_formula="{a}{*}(1 − {a})",
        derivative=lambda z, a: a * (1.0 - a),
        derivation=(
            "a = (1 + e^(−z))^(−1)",
            "chain rule: da/dz = −(1 + e^(−z))^(−2) · (−e^(−z)) = e^(−z)/(1 + e^(−z))²",
            "1 − a = e^(−z)/(1 + e^(−z))",
            "so da/dz = a · (1 − a)",
        ),
        remark="Squeezes z into (0, 1). Its slope is at most 1/4, and nearly 0 where a is close to 0 or 1.",
        greatest_slope=0.25,
        saturates=True,
    ),
    Activation(
        "tanh",
        formula="tanh({z})",
        definition="(e^({z}) − e^(−{z}))/(e^({z}) + e^(−{z}))",
        value=lambda z: np.tanh(z),
        derivative_formula="1 − {a}²",
        derivative=lambda z, a: 1.0 - a * a,
        derivation=("a = sinh z / cosh z", "quotient rule: da/dz = (cosh² z − sinh² z)/cosh² z", "= 1 − a²"),
        remark="Squeezes z into (−1, 1). Its slope is 1 at z = 0 and nearly 0 far from it.",
        greatest_slope=1.0,
        saturates=True,
    ),
    Activation(
        "relu",
        formula="max(0, {z})",
        definition="",
        value=lambda z: np.maximum(z, 0.0),
        derivative_formula="1 if {z} > 0 else 0",
        derivative=lambda z, a: np.where(z > 0, 1.0, np.where(z == z, 0.0, np.nan)),
        derivation=("a = z where z > 0, else 0", "da/dz = 1 where z > 0, else 0 (0 is chosen at z = 0)"),
        remark="Lets a positive z through unchanged. Where z ≤ 0 its slope is 0: dead for this example.",
        greatest_slope=1.0,
        kinks=(0.0,),
    ),
    Activation(
        "leaky_relu",
        formula="{z} if {z} > 0 else 0.01·{z}",
        definition="",
        value=lambda z: np.where(z > 0, z, LEAKY_SLOPE * z),
        derivative_formula="1 if {z} > 0 else 0.01",
        derivative=lambda z, a: np.where(z > 0, 1.0, np.where(z == z, LEAKY_SLOPE, np.nan)),
        derivation=("a = z where z > 0, else 0.01·z", "da/dz = 1 where z > 0, else 0.01"),
        remark="A ReLU that keeps a slope of 0.01 where z ≤ 0, so that no unit dies.",
        greatest_slope=1.0,
        kinks=(0.0,),
    ),
    Activation(
        "elu",
        formula="{z} if {z} > 0 else e^({z}) − 1",
        definition="",
        value=lambda z: np.where(z > 0, z, ELU_ALPHA * np.expm1(np.minimum(z, 0.0))),
        derivative_formula="1 if {z} > 0 else e^({z})",
        derivative=lambda z, a: np.where(z > 0, 1.0, ELU_ALPHA * np.exp(np.minimum(z, 0.0))),
        derivation=("a = z where z > 0, else e^z − 1", "da/dz = 1 where z > 0, else e^z = a + 1"),
        remark="Like ReLU above 0, smooth below: it levels off at −1 instead of cutting off.",
        greatest_slope=1.0,
    ),
    Activation(
        "gelu",
        formula="{z}·Φ({z})",
        definition="½·{z}·(1 + erf({z}/√2))",
        value=lambda z: z * _normal_cdf(z),
        derivative_formula="Φ({z}) + {z}·φ({z})",
        derivative=lambda z, a: _normal_cdf(z) + z * _normal_pdf(z),
        derivation=(
            "a = z · Φ(z), with Φ the normal distribution function and φ = Φ′ its density",
            "product rule: da/dz = Φ(z) + z · φ(z)",
        ),
        remark="z times the chance that a standard normal number is below z (the exact form, with erf).",
        greatest_slope=0.5 * erfc(-1.0) + exp(-1.0) / sqrt(pi),  # at z = √2
    ),
    Activation(
        "silu",
        formula="{z}·sigmoid({z})",
        definition="{z}/(1 + e^(−{z}))",
        value=lambda z: z * _sigmoid(z),
        derivative_formula="s·(1 + {z}·(1 − s)) with s = sigmoid({z})",
        derivative=_silu_slope,
        derivation=("a = z · s with s = sigmoid(z), s′ = s(1 − s)", "product rule: da/dz = s + z · s(1 − s)"),
        remark="z times its own sigmoid, also called swish: a smooth ReLU that dips slightly below 0.",
        greatest_slope=1.0998393201288668,  # at z = 2.399, where f″ = 0
    ),
    Activation(
        "softplus",
        formula="ln(1 + e^({z}))",
        definition="",
        value=_softplus,
        derivative_formula="sigmoid({z})",
        derivative=lambda z, a: _sigmoid(z),
        derivation=("a = ln(1 + e^z)", "chain rule: da/dz = e^z/(1 + e^z) = sigmoid(z)"),
        remark="A ReLU with its corner rounded; its slope is the sigmoid.",
        greatest_slope=1.0,
    ),
    Activation(
        "softmax",
        formula="softmax({z})",
        definition="e^({z}) / Σ e^z",
        value=_softmax,
        derivative_formula="{a}{*}(1 − {a})",
        derivative=lambda z, a: a * (1.0 - a),
        derivation=(
            "a_i = e^(z_i) / Σ_k e^(z_k)",
            "quotient rule, own z: ∂a_i/∂z_i = a_i(1 − a_i)",
            "quotient rule, another's z: ∂a_j/∂z_i = −a_j · a_i",
        ),
        remark="Turns the layer's z into shares that sum to 1, so each a depends on every z of the layer.",
        greatest_slope=0.25,
        couples=True,
        saturates=True,
    ),
)

ACTIVATIONS: Mapping[str, Activation] = MappingProxyType({row.name: row for row in _ROWS})
"""Every activation function by name."""
