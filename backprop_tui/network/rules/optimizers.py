"""The optimizers: one row each, with options, formulas and the rule that uses them.

A rule maps one parameter array (and the gradient of the batch, of the same shape) to its new value by way of
named intermediate values, in the order in which a person would compute them. The same rule serves a whole
layer and a single number. Definitions, defaults and constants are PyTorch's
(https://docs.pytorch.org/docs/stable/optim.html).

In the formulas ``{p}`` is the parameter, ``{g}`` its gradient; other names are intermediate values, the
optimizer's state (as it was before this update) or its options.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

from msgspec import Struct

from backprop_tui.network.lazy_numpy import Array, np

Options = Mapping[str, float]
NUMBERS = frozenset(("learning_rate", "gradient_scale"))
"""Options that are numbers and nothing else: no rule has other steps where one of them is 0."""
OptimizerState = Mapping[str, Array]
"""What an optimizer keeps of a parameter from one update to the next, by name."""


class Line(Struct, frozen=True, eq=False):
    """One intermediate value of an update: its name, its formula and its value."""

    name: str
    formula: str
    value: Array


Rule = Callable[[Array, Array, OptimizerState, int, Options], list[Line]]
"""(parameter, gradient, state, t, options) → lines; t numbers updates from 1; the last line is ``new``."""


def options_for(options: Options, *, bias: bool) -> Options:
    """The options by which weights are updated, or biases; the latter may be spared from weight decay."""
    if not bias or options.get("decay_biases", 1.0):
        return options
    return {name: value for name, value in options.items() if name != "weight_decay"}


def outcome(lines: Sequence[Line], state: OptimizerState) -> tuple[Array, dict[str, Array]]:
    """The new value that the lines of an update come to, and the new state in the place of *state*."""
    values = {line.name: line.value for line in lines}
    return values["new"], {name: values[name] for name in state}


class Option(Struct, frozen=True, eq=False):
    """One number a person may set."""

    default: float
    least: float = 0.0
    below: float = float("inf")
    flag: bool = False


class Optimizer(Struct, frozen=True, eq=False):
    """One optimizer."""

    name: str
    options: Mapping[str, Option]
    state_names: Callable[[Options], tuple[str, ...]]
    """The names of what it keeps of each parameter from one update to the next."""
    rule: Rule
    remark: str

    def lines(self, p: Array, g: Array, state: OptimizerState, t: int, options: Options) -> list[Line]:
        """The lines of an update: those of the rule; where a schedule scales the gradient, that first."""
        scale = options.get("gradient_scale")
        if scale is None:
            return self.rule(p, g, state, t, options)
        scaled = scale * g
        first = Line("scaled", "gradient_scale·{g}", scaled)
        after = self.rule(p, scaled, state, t, options)
        return [first, *(Line(one.name, one.formula.replace("{g}", "scaled"), one.value) for one in after)]

    def initial_state_of(self, parameter: Array, options: Options) -> dict[str, Array]:
        """The state of a parameter before the first update: zeros in its shape."""
        return {name: np.zeros_like(parameter) for name in self.state_names(options)}


def _decayed(p: Array, g: Array, o: Options, lines: list[Line]) -> tuple[Array, str]:
    """The gradient with weight decay added, where there is any, and its name."""
    if not o.get("weight_decay"):
        return g, "{g}"
    g = g + o["weight_decay"] * p
    lines.append(Line("g", "{g} + weight_decay·{p}", g))
    return g, "g"


def _sgd(p: Array, g: Array, state: OptimizerState, t: int, o: Options) -> list[Line]:
    lines: list[Line] = []
    g, name = _decayed(p, g, o, lines)
    if o["momentum"]:
        if o["dampening"]:
            share = np.where(t > 1, 1.0 - o["dampening"], 1.0)
            lines.append(Line("share", "1 − dampening if t > 1 else 1", np.full_like(p, share)))
            v = o["momentum"] * state["v"] + share * g
            lines.append(Line("v", f"momentum·v + share·{name}", v))
        else:
            v = o["momentum"] * state["v"] + g
            lines.append(Line("v", f"momentum·v + {name}", v))
        if o["nesterov"]:
            g = g + o["momentum"] * v
            lines.append(Line("n", f"{name} + momentum·v", g))
            name = "n"
        else:
            g, name = v, "v"
    lines.append(Line("new", "{p} − η·" + name, p - o["learning_rate"] * g))
    return lines


def _adagrad(p: Array, g: Array, state: OptimizerState, t: int, o: Options) -> list[Line]:
    lines: list[Line] = []
    g, name = _decayed(p, g, o, lines)
    s = state["s"] + g * g
    lines.append(Line("s", f"s + ({name})²", s))
    rate = o["learning_rate"] / (1.0 + (t - 1) * o["lr_decay"])
    step = rate * g / (np.sqrt(s) + o["eps"])
    formula = f"η·{name}/(√s + eps)"
    if o["lr_decay"]:
        lines.append(Line("η_t", "η/(1 + (t − 1)·lr_decay)", np.full_like(p, rate)))
        formula = f"η_t·{name}/(√s + eps)"
    lines.append(Line("step", formula, step))
    lines.append(Line("new", "{p} − step", p - step))
    return lines


def _rmsprop(p: Array, g: Array, state: OptimizerState, t: int, o: Options) -> list[Line]:
    lines: list[Line] = []
    g, name = _decayed(p, g, o, lines)
    v = o["alpha"] * state["v"] + (1.0 - o["alpha"]) * (g * g)
    lines.append(Line("v", f"alpha·v + (1 − alpha)·({name})²", v))
    if o["centered"]:
        mean = o["alpha"] * state["m"] + (1.0 - o["alpha"]) * g
        lines.append(Line("m", f"alpha·m + (1 − alpha)·{name}", mean))
        root, under = np.sqrt(v - mean * mean), "√(v − m²)"
    else:
        root, under = np.sqrt(v), "√v"
    scaled = g / (root + o["eps"])
    lines.append(Line("u", f"{name}/({under} + eps)", scaled))
    if o["momentum"]:
        scaled = o["momentum"] * state["b"] + scaled
        lines.append(Line("b", "momentum·b + u", scaled))
        lines.append(Line("new", "{p} − η·b", p - o["learning_rate"] * scaled))
    else:
        lines.append(Line("new", "{p} − η·u", p - o["learning_rate"] * scaled))
    return lines


def _adam_lines(p: Array, g: Array, name: str, state: OptimizerState, t: int, o: Options) -> list[Line]:
    m = o["beta1"] * state["m"] + (1.0 - o["beta1"]) * g
    v = o["beta2"] * state["v"] + (1.0 - o["beta2"]) * (g * g)
    m_hat = m / (1.0 - o["beta1"] ** t)
    v_hat = v / (1.0 - o["beta2"] ** t)
    step = o["learning_rate"] * m_hat / (np.sqrt(v_hat) + o["eps"])
    return [
        Line("m", f"beta1·m + (1 − beta1)·{name}", m),
        Line("v", f"beta2·v + (1 − beta2)·({name})²", v),
        Line("m_hat", "m/(1 − beta1^t)", m_hat),
        Line("v_hat", "v/(1 − beta2^t)", v_hat),
        Line("step", "η·m_hat/(√v_hat + eps)", step),
    ]


def _adam(p: Array, g: Array, state: OptimizerState, t: int, o: Options) -> list[Line]:
    lines: list[Line] = []
    g, name = _decayed(p, g, o, lines)
    lines += _adam_lines(p, g, name, state, t, o)
    lines.append(Line("new", "{p} − step", p - lines[-1].value))
    return lines


def _adamw(p: Array, g: Array, state: OptimizerState, t: int, o: Options) -> list[Line]:
    lines: list[Line] = []
    name = "{p}"
    if "weight_decay" in o:
        p = p * (1.0 - o["learning_rate"] * o["weight_decay"])
        lines.append(Line("decayed", "{p}·(1 − η·weight_decay)", p))
        name = "decayed"
    lines += _adam_lines(p, g, "{g}", state, t, o)
    lines.append(Line("new", f"{name} − step", p - lines[-1].value))
    return lines


def _options(learning_rate: float, **others: Option) -> Mapping[str, Option]:
    return MappingProxyType({"learning_rate": Option(learning_rate), **others})


def _decay(weight_decay: float = 0.0) -> dict[str, Option]:
    return {"weight_decay": Option(weight_decay), "decay_biases": Option(1.0, flag=True)}


_FLAG = Option(0.0, flag=True)
_BETAS = {
    "beta1": Option(0.9, below=1.0),
    "beta2": Option(0.999, below=1.0),
    "eps": Option(1e-8),
}

_ROWS = (
    Optimizer(
        "sgd",
        _options(0.001, momentum=Option(0.0), dampening=Option(0.0), nesterov=_FLAG, **_decay()),
        state_names=lambda o: ("v",) if o["momentum"] else (),
        rule=_sgd,
        remark="Gradient descent: the step is the gradient times the learning rate, with the sign turned.",
    ),
    Optimizer(
        "adagrad",
        _options(0.01, lr_decay=Option(0.0), **_decay(), eps=Option(1e-10)),
        state_names=lambda o: ("s",),
        rule=_adagrad,
        remark="Adagrad: a parameter's steps get shorter as its squared gradients add up.",
    ),
    Optimizer(
        "rmsprop",
        _options(
            0.01,
            alpha=Option(0.99),
            eps=Option(1e-8),
            **_decay(),
            momentum=Option(0.0),
            centered=_FLAG,
        ),
        state_names=lambda o: ("v", *(("m",) if o["centered"] else ()), *(("b",) if o["momentum"] else ())),
        rule=_rmsprop,
        remark="RMSprop: each gradient is divided by the root of its recent mean square.",
    ),
    Optimizer(
        "adam",
        _options(0.001, **_BETAS, **_decay()),
        state_names=lambda o: ("m", "v"),
        rule=_adam,
        remark="Adam: a running mean of the gradient, divided by the root of a running mean of its square.",
    ),
    Optimizer(
        "adamw",
        _options(0.001, **_BETAS, **_decay(0.01)),
        state_names=lambda o: ("m", "v"),
        rule=_adamw,
        remark="AdamW: Adam, but the weight decay shrinks the parameter itself.",
    ),
)

OPTIMIZERS: Mapping[str, Optimizer] = MappingProxyType({row.name: row for row in _ROWS})
"""Every optimizer by name."""
