"""Computes a written formula from the values of its terms, by Python's own arithmetic."""

from __future__ import annotations

import math
import re
from typing import Any

import numpy as np
from plain import sigmoid

from backprop_tui.program.formulas import Expression, Term

_SPELLED = (
    (r" with s = sigmoid\((t\d+)\)", ""),
    (r"e\^\(", "exp("),
    (r"−", "-"),
    (r"/√2", "/sqrt(2.0)"),
    (r"√(\w+)", r"sqrt(\1)"),
    (r"√\(", "sqrt("),
    (r"ln (\w+)", r"log(\1)"),
    (r"ln\(", "log("),
    (r"²", "**2"),
    (r"\^", "**"),
    (r"½·?", "0.5*"),
    (r"·", "*"),
)


def compute(expression: Expression, **words: float) -> float:
    """The value of *expression*; *words* are the names in it that are no terms."""
    names: dict[str, Any] = {
        "exp": np.exp,
        "sqrt": np.sqrt,
        "log": np.log,
        "erf": math.erf,
        "tanh": math.tanh,
        "sigmoid": sigmoid,
        "max": max,
        "π": math.pi,
        "Φ": lambda z: 0.5 * math.erfc(-z / math.sqrt(2.0)),
        "φ": lambda z: math.exp(-0.5 * z * z) / math.sqrt(2.0 * math.pi),
        **words,
    }
    text = ""
    for number, part in enumerate(expression.parts):
        if isinstance(part, Term):
            assert part.value is not None, part.symbol
            names[f"t{number}"] = np.float64(part.value)
            text += f"t{number}"
        else:
            text += part if isinstance(part, str) else "·"
    if found := re.search(_SPELLED[0][0], text):
        names["s"] = sigmoid(float(names[found[1]]))
    for pattern, replacement in _SPELLED:
        text = re.sub(pattern, replacement, text)
    with np.errstate(all="ignore"):
        return float(eval(text, {"__builtins__": {}}, names))  # noqa: S307 - the package's own formulas
