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


class DerivationLine(Struct, frozen=True):
    """One line on the way to a derivative: left = right.

    In the templates ``{d}`` stands for da/dz, beside ``{z}``, ``{a}`` and ``{*}``. Any other derivative is
    written ``dS/d{z}``.
    """

    left: str
    """What is rewritten; empty where the line goes on from the one before."""
    right: str
    why: str = ""
    """What was done, in a few words."""

    def named(self, z: str, a: str, slope: str) -> DerivationLine:
        """The line with a unit's own names."""
        return DerivationLine(*(_named(text, z, a, slope) for text in (self.left, self.right, self.why)))


def _named(text: str, z: str, a: str, slope: str) -> str:
    return text.replace("{z}", z).replace("{a}", a).replace("{d}", slope).replace("{*}", "")


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
    derivation: tuple[DerivationLine, ...]
    """How the derivative comes about, a line a step; the last one is the formula of the derivative."""
    remark: str
    """What it does to z, in a sentence."""
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


_Line = DerivationLine

_ROWS = (
    Activation(
        "identity",
        formula="{z}",
        definition="",
        value=lambda z: z.copy(),
        derivative_formula="1",
        derivative=lambda z, a: np.ones_like(z),
        derivation=(
            _Line("{a}", "{z}", "there is no activation"),
            _Line("{d}", "1", "{a} grows just as {z} does"),
        ),
        remark="There is no activation here: layers without one can only make a straight line.",
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
            _Line("{a}", "1/(1 + e^(−{z}))", "the definition"),
            _Line("", "(1 + e^(−{z}))^(−1)", "written as a power"),
            _Line(
                "{d}", "−(1 + e^(−{z}))^(−2) · (−e^(−{z}))", "chain rule: the power, times what is inside it"
            ),
            _Line("", "e^(−{z})/(1 + e^(−{z}))²", "the two minus signs cancel"),
            _Line("", "1/(1 + e^(−{z})) · e^(−{z})/(1 + e^(−{z}))", "as two factors: the first one is {a}"),
            _Line("1 − {a}", "(1 + e^(−{z}) − 1)/(1 + e^(−{z}))", "1 and {a} over the same denominator"),
            _Line("", "e^(−{z})/(1 + e^(−{z}))", "this is the second factor"),
            _Line("{d}", "{a}{*}(1 − {a})", "both factors put in"),
        ),
        remark="The sigmoid squeezes z into the range from 0 to 1.",
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
        derivation=(
            _Line("p", "e^({z}) − e^(−{z})", "call the numerator p"),
            _Line("q", "e^({z}) + e^(−{z})", "call the denominator q"),
            _Line("{a}", "p/q", "the definition"),
            _Line("dp/d{z}", "q", "e^(−{z}) has the slope −e^(−{z})"),
            _Line("dq/d{z}", "p", "for the same reason"),
            _Line("{d}", "(q·q − p·p)/q²", "quotient rule"),
            _Line("", "1 − (p/q)²", "q·q/q² is 1"),
            _Line("", "1 − {a}²", "p/q is {a}"),
        ),
        remark="The tanh squeezes z into the range from −1 to 1.",
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
        derivation=(
            _Line("{a}", "max(0, {z})", "the definition"),
            _Line("", "{z} if {z} > 0 else 0", "its two straight pieces"),
            _Line(
                "{d}", "1 if {z} > 0 else 0", "the slope of each piece; 0 is chosen at the corner, {z} = 0"
            ),
        ),
        remark="The ReLU lets a positive z through unchanged and turns a negative one into 0.",
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
        derivation=(
            _Line("{a}", "{z} if {z} > 0 else 0.01·{z}", "the definition: two straight pieces"),
            _Line("{d}", "1 if {z} > 0 else 0.01", "the slope of each piece; 0.01 is chosen at {z} = 0"),
        ),
        remark="The leaky ReLU keeps 1 % of a negative z, so that no unit dies.",
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
        derivation=(
            _Line("{a}", "{z} if {z} > 0 else e^({z}) − 1", "the definition: two pieces"),
            _Line(
                "{d}",
                "1 if {z} > 0 else e^({z})",
                "{z} has the slope 1; e^({z}) is its own slope, and the −1 has none",
            ),
        ),
        remark="The ELU lets a positive z through; below 0 it bends smoothly and levels off at −1.",
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
            _Line("{a}", "{z}·Φ({z})", "Φ: the chance that a standard normal number is below {z}"),
            _Line("Φ({z})", "½·(1 + erf({z}/√2))", "the same written out"),
            _Line("dΦ({z})/d{z}", "φ({z})", "the slope of this chance is its density, the bell curve φ"),
            _Line("φ({z})", "e^(−{z}²/2)/√(2·π)", "the same written out"),
            _Line("{d}", "1·Φ({z}) + {z}·φ({z})", "product rule: each factor in turn"),
            _Line("", "Φ({z}) + {z}·φ({z})", "1 times Φ is Φ"),
        ),
        remark="The GELU, a smooth ReLU: z times the chance that a standard normal number is below it.",
        greatest_slope=0.5 * erfc(-1.0) + exp(-1.0) / sqrt(pi),  # at z = √2
    ),
    Activation(
        "silu",
        formula="{z}·sigmoid({z})",
        definition="{z}/(1 + e^(−{z}))",
        value=lambda z: z * _sigmoid(z),
        derivative_formula="s·(1 + {z}·(1 − s)) with s = sigmoid({z})",
        derivative=_silu_slope,
        derivation=(
            _Line("s", "1/(1 + e^(−{z}))", "s is the sigmoid of {z}"),
            _Line("{a}", "{z}·s", "the definition"),
            _Line("ds/d{z}", "s·(1 − s)", "the slope of a sigmoid"),
            _Line("{d}", "1·s + {z}·s·(1 − s)", "product rule: each factor in turn"),
            _Line("", "s·(1 + {z}·(1 − s)) with s = sigmoid({z})", "s taken out"),
        ),
        remark="The SiLU, a smooth ReLU: z times its own sigmoid. It dips a little below 0.",
        greatest_slope=1.0998393201288668,  # at z = 2.399, where f″ = 0
    ),
    Activation(
        "softplus",
        formula="ln(1 + e^({z}))",
        definition="",
        value=_softplus,
        derivative_formula="sigmoid({z})",
        derivative=lambda z, a: _sigmoid(z),
        derivation=(
            _Line("{a}", "ln(1 + e^({z}))", "the definition"),
            _Line(
                "{d}",
                "1/(1 + e^({z})) · e^({z})",
                "chain rule: ln u has the slope 1/u, times what is inside it",
            ),
            _Line("", "e^({z})/(1 + e^({z}))", "as one fraction"),
            _Line("", "1/(1 + e^(−{z}))", "numerator and denominator divided by e^({z})"),
            _Line("", "sigmoid({z})", "this is the sigmoid"),
        ),
        remark="The softplus is a ReLU with a rounded corner.",
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
            _Line("{a}", "e^({z})/S", "the definition; S is the sum of e^z over the layer"),
            _Line("dS/d{z}", "e^({z})", "only one term of the sum has {z} in it"),
            _Line("da_j/d{z}", "(0·S − e^(z_j)·e^({z}))/S²", "quotient rule for another unit j"),
            _Line("", "−a_j·{a}", "its share shrinks; the error signal takes this in"),
            _Line("{d}", "(e^({z})·S − e^({z})·e^({z}))/S²", "quotient rule for the unit itself"),
            _Line("", "e^({z})/S · (S − e^({z}))/S", "as two factors: the first one is {a}"),
            _Line("", "{a}{*}(1 − {a})", "the second one is 1 − {a}"),
        ),
        remark="The softmax turns all z of the layer into shares that add up to 1.",
        greatest_slope=0.25,
        couples=True,
        saturates=True,
    ),
)

ACTIVATIONS: Mapping[str, Activation] = MappingProxyType({row.name: row for row in _ROWS})
"""Every activation function by name."""
